/** An earlier end for a long take: of what is made or under way as of what is finished. */
import { z } from "@hono/zod-openapi";
import { cutWords, takeEnds } from "@/core/planners/mod.ts";
import type { Plan } from "@/core/plan.ts";
import { fail } from "@/core/problem.ts";
import type { StepRow } from "@/core/store.ts";
import { checkServers, lookForInputs, readDraft } from "./admission.ts";
import type { Call } from "./env.ts";
import { type Asked, revise } from "./job_revision.ts";
import { failField, joinProblems } from "./problems.ts";
import type { JobDraft, JobRecord } from "./studio.ts";

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
  if (job.mode !== "take" || before === null || !hasPieces(job, draft) || !canChange(job)) {
    throw fail("job.not_possible");
  }
  const ends = takeEnds(before);
  const end = ends.find(({ piece }) => piece === body.after);
  if (!end) throw failField("after", `must be from 1 to ${ends.length}`);
  const shorter = shortenDraft(draft, {
    prompt: cutWords(draft.prompt, end, rateOf(before)),
    frames: end.frames,
  });
  const { assets } = await lookForInputs(studio, job.userId, shorter);
  const cut = await studio.planCut(before, { draft: shorter, assets });
  if (!cut.ok) throw joinProblems(cut.problem);
  const left = leftToMake(cut.value, await studio.jobs.steps(job.id));
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

/** What a finished take was made from is dropped after a while, where nobody wished to keep it. */
function hasPieces({ status }: JobRecord, { take }: JobDraft): boolean {
  return status !== "completed" || take?.keep !== false;
}

function shortenDraft(draft: JobDraft, { prompt, frames }: { prompt: string; frames: number }): JobDraft {
  const { seconds: _, ...settings } = draft.settings;
  return { ...draft, prompt, settings: { ...settings, frames } };
}

function rateOf({ steps }: Plan): number {
  const { rateNum, rateDen } =
    steps.find((step) => step.kind === "local" && step.op === "look_at_piece")?.values ??
      {};
  return Number(rateNum ?? 16) / Number(rateDen ?? 1);
}

/** Steps for a render server that are not there yet. */
function leftToMake(plan: Plan, rows: StepRow[]): Plan["steps"] {
  const done = new Set(rows.flatMap(({ id, state }) => state === "done" ? [id] : []));
  return plan.steps.filter(({ kind, id }) => kind === "prompt" && !done.has(id));
}
