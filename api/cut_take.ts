/** An earlier end for a long take: of what is made or under way as of what is finished. */
import { z } from "@hono/zod-openapi";
import { cutWords, openEnds, takeEnds } from "@/core/planners/mod.ts";
import type { Plan } from "@/core/plan.ts";
import type { FrameRate } from "@/core/media.ts";
import { fail } from "@/core/problem.ts";
import { TakeWishes } from "@/core/request.ts";
import type { StepRow } from "@/core/store.ts";
import { checkServers, lookForInputs, readDraft } from "./admission.ts";
import type { Call } from "./env.ts";
import { type Asked, revise } from "./job_revision.ts";
import { failField, joinProblems } from "./problems.ts";
import type { JobDraft, JobRecord, Studio } from "./studio.ts";

export const Cut = z.strictObject({
  after: z.int().min(1).openapi({ description: "The piece that is to be the last, from 1." }),
}).openapi("Cut");

export async function cutTake(
  c: Call,
  { job, body, id, first }: Asked<z.output<typeof Cut>>,
): Promise<void> {
  const { studio } = c.env;
  const draft = readDraft(job);
  const before = await studio.jobs.plan(job.id, job.rev);
  if (job.mode !== "take" || before === null || !canChange(job)) throw fail("job.not_possible");
  const ends = takeEnds(before);
  const [end, last] = [ends[body.after - 1], ends.at(-1)];
  if (!end || !last || end === last) throw failField("after", `must be from 1 to ${ends.length - 1}`);
  const rows = await studio.jobs.steps(job.id);
  const open = await listEnds(studio, { job, plan: before, rows });
  if (!open.includes(end.piece)) throw fail("job.not_possible");
  const rule = draft.take ?? TakeWishes.parse({});
  const of = { after: end.piece, total: last.frames, rate: rateOf(before), rule };
  const shorter = shortenDraft(draft, { prompt: cutWords(draft.prompt, of), frames: end.frames });
  const { assets } = await lookForInputs(studio, job.userId, shorter);
  const cut = await studio.planCut(before, { draft: shorter, assets });
  if (!cut.ok) throw joinProblems(cut.problem);
  const left = leftToMake(cut.value, rows);
  if (left.length > 0) await checkServers(studio, { plan: { ...cut.value, steps: left } });
  await revise(c, {
    job,
    id,
    first,
    plan: cut.value,
    draft: shorter,
    message: (rev) => ({ type: "cut", rev }),
  });
}

function canChange({ cancelling, trashedAt }: JobRecord): boolean {
  return !cancelling && trashedAt === null;
}

/** The pieces after which a take may end with what is there: what nobody wished to keep is let go on the way. */
export async function listEnds(
  { jobs }: Pick<Studio, "jobs">,
  { job, plan, rows }: { job: JobRecord; plan: Plan; rows: StepRow[] },
): Promise<number[]> {
  if (readDraft(job).take?.keep !== false) return takeEnds(plan).slice(0, -1).map(({ piece }) => piece);
  return job.status === "completed" ? [] : openEnds(plan, rows, await jobs.files(job.id));
}

function shortenDraft(draft: JobDraft, { prompt, frames }: { prompt: string; frames: number }): JobDraft {
  const { seconds: _, ...settings } = draft.settings;
  return { ...draft, prompt, settings: { ...settings, frames } };
}

function rateOf({ steps }: Plan): FrameRate {
  const look = steps.find((step) => step.kind === "local" && step.op === "look_at_piece");
  const { rateNum = 16, rateDen = 1 } = look?.values ?? {};
  return { num: Number(rateNum), den: Number(rateDen) };
}

/** Steps for a render server that are not there yet. */
function leftToMake(plan: Plan, rows: StepRow[]): Plan["steps"] {
  const done = new Set(rows.flatMap(({ id, state }) => state === "done" ? [id] : []));
  return plan.steps.filter(({ kind, id }) => kind === "prompt" && !done.has(id));
}
