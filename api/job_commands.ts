/** What people tell a job: every command is one POST and becomes one mail to its actor. */
import { createRoute, z } from "@hono/zod-openapi";
import { JobMessage } from "@/actors/job/messages.ts";
import type { AuditEntry, By } from "@/core/audit.ts";
import { canonical } from "@/core/canonical.ts";
import { StepId } from "@/core/ids.ts";
import type { Plan } from "@/core/plan.ts";
import { fail } from "@/core/problem.ts";
import { unplanned } from "@/core/quota.ts";
import { isTerminal } from "@/core/status.ts";
import { checkLimits, checkServers, letIn, newJob, planDraft, readDraft, startMail } from "./admission.ts";
import type { Api, Call } from "./env.ts";
import { OnceHeader, runOnce } from "./idempotency.ts";
import { ChangedSettings, NegativePrompt, Priority, Prompt, Seed, ShownJob, Title } from "./job_schemas.ts";
import { showJob } from "./job_views.ts";
import { ownJob, viewerOf } from "./jobs.ts";
import { Cut, cutTake } from "./cut_take.ts";
import { type Asked, mailOf, refuseUnless, revise } from "./job_revision.ts";
import { promoteDraft } from "./promote.ts";
import { failField, joinProblems, refusals } from "./problems.ts";
import { IdParam } from "./schemas.ts";
import { noteJobs } from "./requests.ts";
import { requireUser } from "./session.ts";
import type { StepRow } from "@/core/store.ts";
import type { JobDraft, JobRecord } from "./studio.ts";

const Nothing = z.strictObject({});
const Pause = z.strictObject({ now: z.boolean().default(false) }).openapi("Pause");
const Reprioritise = z.strictObject({ priority: Priority }).openapi("Reprioritise");
export const Edit = z.strictObject({
  title: Title.optional(),
  prompt: Prompt.optional(),
  negativePrompt: NegativePrompt.optional(),
  settings: ChangedSettings.optional(),
}).refine((given) => Object.keys(given).length > 0, "must change something").openapi("Edit");
const Retake = z.strictObject({
  step: StepId,
  changes: z.strictObject({
    prompt: Prompt.optional(),
    negativePrompt: NegativePrompt.optional(),
    seed: Seed.optional(),
    preset: z.string().min(1).max(64).optional(),
    sameLook: z.boolean().optional().openapi({
      description: "Of a piece of a long take with other words: it keeps to the colours of those before it.",
    }),
  }).default({}),
  follow: z.enum(["ask", "rerun", "keep"]).default("ask").openapi({
    description:
      "What happens to later steps when the new take is there: ask then, make them again, or keep them.",
  }),
}).openapi("Retake");
const Approve = z.strictObject({ step: StepId, take: z.int().min(0) }).openapi("Approve");
const Retry = z.strictObject({ preset: z.string().min(1).max(64).optional() }).openapi("Retry");
const Follow = z.strictObject({ step: StepId, choice: z.enum(["rerun", "keep"]) }).openapi("Follow");

interface Command<Schema extends z.ZodType> {
  name: string;
  summary: string;
  schema: Schema;
  /** Whatever state the job is in. */
  isAlwaysPossible?: true;
  act: (c: Call, asked: Asked<z.output<Schema>>) => Promise<JobRecord | void>;
}

/** Adds one command. A body may be left out where every field has a default. */
function addCommand<Schema extends z.ZodType>(api: Api, command: Command<Schema>): void {
  const bare = command.schema.safeParse({}).success;
  const route = createRoute({
    method: "post",
    path: `/jobs/{id}/${command.name}`,
    tags: ["jobs"],
    summary: command.summary,
    request: {
      params: IdParam,
      headers: OnceHeader,
      body: { required: !bare, content: { "application/json": { schema: command.schema } } },
    },
    responses: {
      202: { description: "Told.", content: { "application/json": { schema: ShownJob } } },
      ...refusals(...(command.isAlwaysPossible ? [] : [409 as const])),
    },
  });
  api.openapi(route, async (c) => {
    const call: Call = c;
    const user = requireUser(call);
    const job = await ownJob(call, call.req.param("id") ?? "");
    const body = command.schema.parse(await readBody(call));
    const shown = await runOnce(call, { userId: user.id, body, count: 1 }, async ([id = ""], first) => {
      const made = await command.act(call, { job, body, id, first });
      return made ?? await ownJob(call, job.id);
    });
    return c.json(showJob(shown, viewerOf(call)), 202);
  });
}

/** The body was judged by the route's schema already; without one it is an empty object. */
async function readBody(c: Call): Promise<unknown> {
  const text = await c.req.text();
  return text === "" ? {} : JSON.parse(text);
}

export function addJobCommands(api: Api): void {
  addSimple(api);
  addCommand(api, {
    name: "edit",
    summary: "Change what has not started.",
    schema: Edit,
    act: editJob,
  });
  addCommand(api, {
    name: "cut",
    summary: "End a long take after an earlier piece, also when it has ended; nothing is rendered again.",
    schema: Cut,
    act: cutTake,
  });
  addCommand(api, {
    name: "retake",
    summary: "Make one step again, with changes if wanted; the old take stays.",
    schema: Retake,
    act: retakeStep,
  });
  addCommand(api, {
    name: "duplicate",
    summary: "Make a new job from the same request.",
    schema: Nothing,
    act: duplicateJob,
  });
  addCommand(api, {
    name: "promote",
    summary: "Make a complete draft for good: the same plan, seed and files on a render server.",
    schema: Nothing,
    act: (c, { job, id, first }) => promoteDraft(c, { job, id, first }),
  });
  addCommand(api, {
    name: "delete",
    summary: "Put the job into the trash; a running one is cancelled.",
    schema: Nothing,
    isAlwaysPossible: true,
    act: trashJob,
  });
}

function addSimple(api: Api): void {
  addCommand(api, {
    name: "start",
    summary: "Start a job that was made to wait.",
    schema: Nothing,
    act: async (c, { job }) => {
      refuseUnless(job.status === "created" || isUnderWay(job));
      await c.env.studio.tell([startMail(job.id)]);
    },
  });
  addCommand(api, {
    name: "cancel",
    summary: "Stop the job; what is finished stays.",
    schema: Nothing,
    act: async (c, { job, id }) => {
      refuseUnless(!isTerminal(job.status));
      await tell(c, { job, id, message: { type: "cancel" } });
    },
  });
  addCommand(api, {
    name: "pause",
    summary: "Start nothing new; with `now`, stop what runs as well.",
    schema: Pause,
    act: async (c, { job, id, body }) => {
      refuseUnless(isUnderWay(job) && !job.cancelling);
      await tell(c, { job, id, message: { type: "pause", now: body.now } });
    },
  });
  addCommand(api, {
    name: "resume",
    summary: "Go on after a pause.",
    schema: Nothing,
    act: async (c, { job, id }) => {
      refuseUnless(!isTerminal(job.status) && !job.cancelling);
      await tell(c, { job, id, message: { type: "resume" } });
    },
  });
  addCommand(api, {
    name: "reprioritise",
    summary: "Move the job in the queue.",
    schema: Reprioritise,
    act: async (c, { job, id, body }) => {
      refuseUnless(!isTerminal(job.status));
      await tell(c, { job, id, message: { type: "reprioritise", priority: body.priority } });
    },
  });
  addCommand(api, {
    name: "retry",
    summary: "Try the failed steps again, with another preset if wanted; done ones stay.",
    schema: Retry,
    act: retryJob,
  });
  addCommand(api, {
    name: "approve",
    summary: "Go on with the take of a step that waits for a person.",
    schema: Approve,
    act: async (c, { job, id, body: { step, take } }) => {
      refuseUnless(job.approvals.some((one) => one.step === step && one.take === take));
      await tell(c, { job, id, message: { type: "approve", step, take } });
    },
  });
  addCommand(api, {
    name: "follow",
    summary: "Decide what happens to the steps after a new take.",
    schema: Follow,
    act: async (c, { job, id, body }) => {
      refuseUnless(job.retakes.includes(body.step));
      await tell(c, { job, id, message: { type: "follow", step: body.step, choice: body.choice } });
    },
  });
}

function isUnderWay(job: JobRecord): boolean {
  return !isTerminal(job.status) && job.status !== "created" && job.status !== "validating";
}

async function tell(c: Call, asked: { job: JobRecord; id: string; message: JobMessage }): Promise<void> {
  await c.env.studio.tell([mailOf(asked)]);
}

/** What has started stays as it was planned, where the film keeps its parts; the rest is as the new request has it. */
function keepStarted(next: Plan, before: Plan | null, started: Set<string>): Plan {
  const same = before !== null && canonical(before.film) === canonical(next.film) &&
    before.steps.length === next.steps.length &&
    before.steps.every((step, at) => step.id === next.steps[at]?.id);
  if (!same) return next;
  return {
    ...next,
    steps: next.steps.map((step, at) => (started.has(step.id) ? before.steps[at] : step) ?? step),
  };
}

/** Plans the changed request anew; a revision that would touch a started step is refused before it is stored. */
export async function editJob(
  c: Call,
  { job, body, id, first }: Asked<z.output<typeof Edit>>,
  /** An operator, not its owner; what was and what is asked for goes into the audit log. */
  operator?: By,
): Promise<void> {
  refuseUnless(!isTerminal(job.status) && !job.cancelling);
  const before = { ...readDraft(job), title: job.title };
  const draft = editedDraft(before, body);
  const plan = await planAgain(c, { job, draft, isOpen: ({ state }) => OPEN.includes(state) });
  const byOperator = operator && { byOperator: true as const };
  await revise(c, {
    job,
    id,
    first,
    plan,
    draft,
    message: (rev) => ({ type: "edit", rev, ...byOperator }),
    ...(operator && { told: { entry: editEntry(job, before, draft), by: operator } }),
  });
}

/** What differs, setting by setting. */
function editEntry({ id, title }: JobRecord, before: JobDraft, after: JobDraft): AuditEntry {
  const [was, is] = [before, after].map(({ title, prompt, negativePrompt, settings }) =>
    Object.fromEntries(
      Object.entries({ title, prompt, negativePrompt, ...settings })
        .map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : value]),
    )
  );
  const names = [...new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])]
    .filter((name) => was?.[name] !== is?.[name]);
  const facts = (of: typeof was) => Object.fromEntries(names.map((name) => [name, of?.[name] ?? null]));
  const film: Record<string, string> = names.includes("title") ? {} : { film: title };
  return {
    action: "job.edit",
    subject: id,
    before: { ...film, ...facts(was) },
    after: { ...film, ...facts(is) },
  };
}

/** The plan of a changed request, where it leaves every step as it was that is not open any more. */
async function planAgain(
  c: Call,
  { job, draft, isOpen }: { job: JobRecord; draft: JobDraft; isOpen: (row: StepRow) => boolean },
): Promise<Plan> {
  const { studio } = c.env;
  const planned = await planDraft(studio, job.userId, draft);
  const before = await studio.jobs.plan(job.id, job.rev);
  const fixed = new Set((await studio.jobs.steps(job.id)).flatMap((row) => isOpen(row) ? [] : [row.id]));
  const plan = keepStarted(planned.plan, before, fixed);
  const forms = new Map(plan.steps.map((step) => [step.id, step.form]));
  const touched = before?.steps.find((step) => fixed.has(step.id) && forms.get(step.id) !== step.form);
  if (touched) throw fail("job.step_started", { detail: { step: touched.id, title: touched.title } });
  return plan;
}

/** Tries again, where a preset is named with that one for all that is not done. */
async function retryJob(c: Call, { job, body, id, first }: Asked<z.output<typeof Retry>>): Promise<void> {
  refuseUnless((job.status === "failed" || job.status === "cancelled") && job.trashedAt === null);
  const { preset } = body;
  if (preset === undefined) {
    const plan = await c.env.studio.jobs.plan(job.id, job.rev);
    if (plan !== null) await checkServers(c.env.studio, { plan });
    return await tell(c, { job, id, message: { type: "retry" } });
  }
  const { settings, ...rest } = readDraft(job);
  const draft = { ...rest, title: job.title, settings: { ...settings, preset } };
  const plan = await planAgain(c, { job, draft, isOpen: ({ state }) => !KEPT.includes(state) });
  await revise(c, { job, id, first, plan, draft, message: (rev) => ({ type: "retry", rev }) });
}

/** States of steps that an edit may change, and of those that a retry keeps. */
const OPEN: StepRow["state"][] = ["pending", "ready", "skipped"];
const KEPT: StepRow["state"][] = ["done", "waiting_for_person"];

function editedDraft(draft: JobDraft, body: z.output<typeof Edit>): JobDraft {
  const { settings, ...words } = body;
  const kept = { ...draft.settings };
  if (settings?.seconds !== undefined) delete kept.frames;
  if (settings?.frames !== undefined) delete kept.seconds;
  return { ...draft, ...words, settings: { ...kept, ...settings, seed: settings?.seed ?? kept.seed } };
}

async function retakeStep(c: Call, { job, body, id, first }: Asked<z.output<typeof Retake>>): Promise<void> {
  const { studio } = c.env;
  refuseUnless(!job.cancelling && job.trashedAt === null);
  const plan = await studio.jobs.plan(job.id, job.rev);
  if (plan === null || !plan.steps.some((step) => step.id === body.step)) {
    throw failField("step", "This job has no such step.");
  }
  const rows = (await studio.jobs.steps(job.id)).filter((row) => row.id === body.step);
  refuseUnless(rows.some((row) => !OPEN.includes(row.state)));
  const changed = await studio.planRetake(plan, body.step, body.changes);
  if (!changed.ok) throw joinProblems(changed.problem);
  await checkServers(studio, { plan: { ...changed.value, steps: stepsOf(changed.value, body.step) } });
  const { step, follow } = body;
  await revise(c, {
    job,
    id,
    first,
    plan: changed.value,
    message: (rev) => ({ type: "retake", rev, step, follow }),
  });
}

const stepsOf = ({ steps }: Plan, id: string) => steps.filter((step) => step.id === id);

async function duplicateJob(c: Call, { job, id, first }: Asked<unknown>): Promise<JobRecord> {
  const { studio } = c.env;
  const known = first ? null : await studio.jobs.find(job.userId, id);
  if (known) return known;
  await checkLimits(studio, job.userId, unplanned(1));
  const draft = readDraft(job);
  const planned = await planDraft(studio, job.userId, draft);
  const { retries } = studio.settings;
  await letIn(studio, job.userId, [newJob({
    id,
    userId: job.userId,
    draft,
    planned,
    start: true,
    batchId: null,
    parentId: job.id,
    projectId: job.projectId,
    retries,
  })]);
  noteJobs(c, [id]);
  return await ownJob(c, id);
}

export async function trashJob(c: Call, { job, id }: Pick<Asked<unknown>, "job" | "id">): Promise<void> {
  if (!isTerminal(job.status)) await tell(c, { job, id, message: { type: "cancel" } });
  if (job.trashedAt === null) await c.env.studio.jobs.trash(job.id, c.env.studio.clock.now());
}
