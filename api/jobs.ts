/** Jobs: create, list, look at, with their steps, events and files. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail } from "@/core/problem.ts";
import { unplanned } from "@/core/quota.ts";
import { STATUSES, TERMINAL } from "@/core/status.ts";
import { checkLimits, checkProject, letIn, newJob, planDraft } from "./admission.ts";
import type { Api, Call } from "./env.ts";
import { OnceHeader, runOnce } from "./idempotency.ts";
import { showFinishing } from "./finishing_views.ts";
import { withoutGone } from "./let_go.ts";
import { NewJobBody, ShownEvent, ShownJob, ShownJobDetail } from "./job_schemas.ts";
import {
  showEvent,
  showJob,
  showLighter,
  showLoop,
  showOutput,
  showRelative,
  showSize,
  showStages,
  showSteps,
  type Viewer,
} from "./job_views.ts";
import { refusalOfPromotion } from "./promote.ts";
import { refusals } from "./problems.ts";
import { idOf, IdParam, ModeFilter, modeFilter, pageOf, Paging, readCursor } from "./schemas.ts";
import { noteJobs } from "./requests.ts";
import { requireUser } from "./session.ts";
import { showTake } from "./take_views.ts";
import { draftsOf, takesOf } from "./takes.ts";
import type { Account, JobRecord } from "./studio.ts";

const Created = z.object({ items: z.array(ShownJob), batchId: z.string().nullable() }).openapi("CreatedJobs");
const Page = z.object({ items: z.array(ShownJob), next: z.string().nullable() });
const ListQuery = z.strictObject({
  ...Paging,
  mode: ModeFilter.optional(),
  status: z.enum([...STATUSES, "live", "ended"]).optional(),
  batch: z.uuid().optional(),
  project: z.uuid().optional(),
  trash: z.enum(["true", "false"]).default("false"),
});

export function addJobs(api: Api): void {
  const create = createRoute({
    method: "post",
    path: "/jobs",
    tags: ["jobs"],
    summary: "Make one job, or a batch of them; the files are named by asset id.",
    request: {
      headers: OnceHeader,
      body: { required: true, content: { "application/json": { schema: NewJobBody } } },
    },
    responses: {
      202: { description: "Accepted.", content: { "application/json": { schema: Created } } },
      ...refusals(409),
    },
  });
  api.openapi(create, async (c) => {
    const jobs = await createJobs(c, c.req.valid("json"));
    const first = jobs[0];
    if (first) c.header("location", `/api/jobs/${first.id}`);
    const items = jobs.map((job) => showJob(job, viewerOf(c)));
    return c.json({ items, batchId: first?.batchId ?? null }, 202);
  });

  const list = createRoute({
    method: "get",
    path: "/jobs",
    tags: ["jobs"],
    summary: "Own jobs, newest first.",
    request: { query: ListQuery },
    responses: {
      200: { description: "A page.", content: { "application/json": { schema: Page } } },
    },
  });
  api.openapi(list, async (c) => {
    const user = requireUser(c);
    const { cursor, limit, mode, status, batch, project, trash } = c.req.valid("query");
    const rows = await c.env.studio.jobs.list(user.id, {
      ...modeFilter(mode),
      statuses: statusesOf(status),
      batchId: batch ?? null,
      projectId: project ?? null,
      trashed: trash === "true",
      before: readCursor(cursor),
      limit: limit + 1,
    });
    return c.json(pageOf(rows, limit, (job) => showJob(job, viewerOf(c))), 200);
  });

  addJobReads(api);
}

function addJobReads(api: Api): void {
  const detail = createRoute({
    method: "get",
    path: "/jobs/{id}",
    tags: ["jobs"],
    summary: "Everything about a job: steps, takes, outputs, the newest events.",
    request: { params: IdParam },
    responses: {
      200: { description: "The job.", content: { "application/json": { schema: ShownJobDetail } } },
    },
  });
  api.openapi(detail, async (c) => {
    const job = await ownJob(c, c.req.valid("param").id);
    return c.json(await showDetail(c, job), 200);
  });

  const events = createRoute({
    method: "get",
    path: "/jobs/{id}/events",
    tags: ["jobs"],
    summary: "The job's history in order.",
    request: {
      params: IdParam,
      query: z.strictObject({
        after: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    },
    responses: {
      200: {
        description: "Events after a sequence number.",
        content: { "application/json": { schema: z.object({ items: z.array(ShownEvent) }) } },
      },
    },
  });
  api.openapi(events, async (c) => {
    const job = await ownJob(c, c.req.valid("param").id);
    const rows = await c.env.studio.jobs.events(job.id, c.req.valid("query"));
    return c.json({ items: rows.map((event) => showEvent(event, viewerOf(c))) }, 200);
  });
}

export function viewerOf(c: Call): Viewer {
  const { progress } = c.env.studio;
  return {
    operator: c.get("user")?.role === "operator",
    closed: c.get("maintenance") !== null,
    progress: (jobId) => progress.latest(jobId),
  };
}

/** The job if it is the caller's, else "not found". */
export async function ownJob(c: Call, id: string): Promise<JobRecord> {
  const job = await c.env.studio.jobs.find(requireUser(c).id, idOf(id));
  if (job === null) throw fail("request.not_found");
  return job;
}

function statusesOf(asked: z.infer<typeof ListQuery>["status"]) {
  if (asked === undefined) return null;
  if (asked === "live") return STATUSES.filter((status) => !TERMINAL.includes(status));
  return asked === "ended" ? [...TERMINAL] : [asked];
}

async function showDetail(c: Call, job: JobRecord): Promise<z.infer<typeof ShownJobDetail>> {
  const { jobs, templates } = c.env.studio;
  const viewer = viewerOf(c);
  const [plan, rows, outputs, events, statuses, draft, finals] = await Promise.all([
    jobs.plan(job.id, job.rev),
    jobs.steps(job.id),
    jobs.outputs(job.id),
    jobs.events(job.id, { after: null, limit: 100 }),
    jobs.events(job.id, { after: null, limit: 100, kind: "status" }),
    job.draftId === null ? null : jobs.find(job.userId, job.draftId),
    job.engine === "draft" ? jobs.finals(job.userId, job.id) : [],
  ]);
  const { rows: there, letGo } = await withoutGone(c.env.studio, job.id, rows);
  return {
    ...showJob(job, viewer),
    film: plan?.film ?? null,
    notes: plan?.notes ?? [],
    newerTemplate: templates.newer(job.template),
    size: showSize(job, plan),
    kin: { draft: draft && showRelative(draft), finals: finals.map(showRelative) },
    promotable: refusalOfPromotion(job, c.env.studio) === null,
    lighter: showLighter(job, c.env.studio),
    loop: showLoop(outputs),
    letGo,
    take: await showTake(c.env.studio, { job, plan, rows }),
    finishing: showFinishing(outputs),
    stages: showStages(job, statuses),
    steps: plan === null ? [] : showSteps(job, plan, there, viewer),
    outputs: outputs.map((output) => showOutput(job, output)),
    events: events.map((event) => showEvent(event, viewer)),
  };
}

async function createJobs(c: Call, body: NewJobBody): Promise<JobRecord[]> {
  const user = requireUser(c);
  const { studio } = c.env;
  const takes = takesOf(body);
  const { length: count } = takes;
  return await runOnce(c, { userId: user.id, body, count: count + 1 }, async (ids, first) => {
    const jobIds = ids.slice(0, count);
    const known = first ? [] : await findJobs(c, user, jobIds);
    if (known.length > 0) return known;
    await checkProject(studio, user.id, body.projectId);
    await checkLimits(studio, user.id, unplanned(count));
    const batchId = count > 1 ? ids.at(-1) ?? null : null;
    const jobs = [];
    for (const [index, draft] of draftsOf(studio, body, takes).entries()) {
      const id = jobIds[index] ?? "";
      const planned = await planDraft(studio, user.id, draft);
      const { start } = body;
      const { retries } = studio.settings;
      jobs.push(
        newJob({
          id,
          userId: user.id,
          draft,
          planned,
          start,
          batchId,
          parentId: null,
          projectId: body.projectId ?? null,
          retries,
        }),
      );
    }
    await letIn(studio, user.id, jobs);
    noteJobs(c, jobs.map(({ id }) => id));
    return await findJobs(c, user, jobIds);
  });
}

async function findJobs(c: Call, user: Account, ids: string[]): Promise<JobRecord[]> {
  const found = await Promise.all(ids.map((id) => c.env.studio.jobs.find(user.id, id)));
  return found.filter((job) => job !== null);
}
