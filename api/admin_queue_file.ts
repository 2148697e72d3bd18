/** The queue as a file: every live job as it was asked for, to be taken into this studio or another one, each once. */
import { createRoute, z } from "@hono/zod-openapi";
import { fail, type FieldNote, problemOf } from "@/core/problem.ts";
import { overLimitOf, type Standing, withFilm } from "@/core/quota.ts";
import type { NewJob } from "@/core/store.ts";
import { queueFile as words } from "@/core/words/queue_file.ts";
import { newJob, planDraft, readDraft, StoredDraft } from "./admission.ts";
import type { Api, Call } from "./env.ts";
import { Priority } from "./job_schemas.ts";
import { disposition } from "./range.ts";
import { noteJobs } from "./requests.ts";
import { iso, Time } from "./schemas.ts";
import { byOf, requireOperator } from "./session.ts";
import type { Studio } from "./studio.ts";

const FORMAT = "animatrix-queue/1";
const JOBS_MAX = 20_000;
/** A request that cannot be planned says so; after so many the rest is not tried. */
const FAULTS_MAX = 50;

const Job = z.strictObject({
  id: z.uuid(),
  owner: z.string().max(320).openapi({ description: "E-mail address." }),
  priority: Priority,
  starts: z.boolean().openapi({ description: "False for one that its owner starts, or that was paused." }),
  batchId: z.string().max(100).nullable(),
  projectId: z.uuid().nullable(),
  request: StoredDraft.openapi({ description: "As the studio keeps it, with its seed drawn." }),
});
type Job = z.output<typeof Job>;
const QueueFile = z.strictObject({
  format: z.literal(FORMAT),
  at: Time,
  jobs: z.array(Job).max(JOBS_MAX).openapi({ description: "In the order in which they are served." }),
}).openapi("QueueFile");
const Taken = z.object({
  made: z.int(),
  known: z.int().openapi({ description: "Those that are here already: they stay as they are." }),
}).openapi("TakenQueue");

export function addQueueFile(api: Api): void {
  const give = createRoute({
    method: "get",
    path: "/admin/queue/export",
    tags: ["admin"],
    summary: "Every live job as it was asked for, with its owner: a file that can be taken in again.",
    responses: {
      200: { description: "The file.", content: { "application/json": { schema: QueueFile } } },
    },
  });
  api.openapi(give, async (c) => {
    requireOperator(c);
    const { studio } = c.env;
    const rows = await studio.admin.liveRequests();
    const jobs = rows.map(({ settings, status, paused, ...row }): Job => {
      const request = readDraft({ settings });
      return { ...row, starts: status !== "created" && !paused, request };
    });
    const facts = {
      action: "queue.export" as const,
      subject: "queue",
      before: null,
      after: { jobs: jobs.length },
    };
    await studio.audit.note(facts, byOf(c));
    c.header(
      "content-disposition",
      disposition(`Animatrix queue ${iso(studio.clock.now()).slice(0, 10)}.json`),
    );
    return c.json({ format: FORMAT, at: iso(studio.clock.now()), jobs } as const, 200);
  });

  const take = createRoute({
    method: "post",
    path: "/admin/queue/import",
    tags: ["admin"],
    summary:
      "Take in what was exported: all of it or nothing. Jobs that are here already stay as they are, so the same file twice changes nothing.",
    request: { body: { required: true, content: { "application/json": { schema: QueueFile } } } },
    responses: {
      200: { description: "Taken in.", content: { "application/json": { schema: Taken } } },
    },
  });
  api.openapi(take, async (c) => {
    requireOperator(c);
    return c.json(await takeIn(c, c.req.valid("json").jobs), 200);
  });
}

async function takeIn(c: Call, jobs: Job[]): Promise<z.infer<typeof Taken>> {
  const { studio } = c.env;
  const known = await studio.admin.known(jobs.map(({ id }) => id));
  const faults: FieldNote[] = [];
  const made: NewJob[] = [];
  const limits = openLimits(studio);
  for (const [n, job] of jobs.entries()) {
    if (known.has(job.id) || faults.length >= FAULTS_MAX) continue;
    const judged = await judge(studio, job);
    const refused = "faults" in judged ? null : await limits.refusalOf(job.owner, judged.job);
    if (refused !== null) faults.push({ path: `jobs.${n}.owner`, message: refused });
    else if ("faults" in judged) {
      faults.push(...judged.faults.map(({ path, message }) => ({ path: `jobs.${n}.${path}`, message })));
    } else made.push(judged.job);
  }
  if (faults.length > 0) throw fail("request.invalid", { fields: faults });
  if (made.length > 0) {
    const facts = {
      action: "queue.import" as const,
      subject: "queue",
      before: null,
      after: { jobs: made.length, owners: ownersOf(jobs, made), ids: made.map(({ id }) => id).join(" ") },
    };
    await studio.admin.admit(made, facts, byOf(c));
    noteJobs(c, made.map(({ id }) => id));
  }
  return { made: made.length, known: jobs.length - made.length };
}

/** In whose names how many were made: `mika@example.org 3, noa@example.org 1`. */
function ownersOf(jobs: readonly { id: string; owner: string }[], made: readonly NewJob[]): string {
  const ids = new Set(made.map(({ id }) => id));
  const owners = Map.groupBy(jobs.filter(({ id }) => ids.has(id)), ({ owner }) => owner);
  return [...owners].map(([owner, films]) => `${owner} ${films.length}`).join(", ");
}

/** Limits of the owners as the file fills them, film after film. */
function openLimits(studio: Studio) {
  const standings = new Map<string, Standing>();
  return {
    /** Why the next film of this owner is refused; null where it is taken, which then counts. */
    async refusalOf(email: string, { userId, plan }: NewJob): Promise<string | null> {
      const standing = standings.get(userId) ?? await studio.quotas.of(userId);
      const refused = overLimitOf(email, standing, studio.clock.now());
      standings.set(
        userId,
        refused === null ? withFilm(standing, await studio.quotas.expect(plan)) : standing,
      );
      return refused;
    },
  };
}

/** A job that can be admitted, or what is wrong with it by its place. */
async function judge(studio: Studio, job: Job): Promise<{ job: NewJob } | { faults: FieldNote[] }> {
  const owner = await studio.accounts.findByEmail(job.owner);
  if (owner === null) return { faults: [{ path: "owner", message: words.noOwner }] };
  if (job.projectId !== null && await studio.projects.find(owner.id, job.projectId) === null) {
    return { faults: [{ path: "projectId", message: words.noProject }] };
  }
  const draft = { ...job.request, settings: { ...job.request.settings, priority: job.priority } };
  try {
    const planned = await planDraft(studio, owner.id, draft);
    const { id, starts: start, batchId, projectId } = job;
    const { retries } = studio.settings;
    return {
      job: newJob({
        id,
        userId: owner.id,
        draft,
        planned,
        start,
        batchId,
        parentId: null,
        projectId,
        retries,
      }),
    };
  } catch (thrown) {
    const { code, fields, message } = problemOf(thrown);
    if (code === "studio.bug") throw thrown;
    const faults = fields ?? [{ path: "", message }];
    return {
      faults: faults.map((one) => ({ path: `request.${one.path}`.replace(/\.$/, ""), message: one.message })),
    };
  }
}
