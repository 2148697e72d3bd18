/** A draft made for good: the same plan, seed and files on a render server, as a job of its own that both ends know. */
import type { Plan, Step } from "@/core/plan.ts";
import { fail } from "@/core/problem.ts";
import { unplanned } from "@/core/quota.ts";
import { kin as words } from "@/core/words/kin.ts";
import { checkLimits, checkServers, letIn, newJob, planDraft, readDraft } from "./admission.ts";
import type { Call } from "./env.ts";
import type { JobDraft, JobRecord, Studio } from "./studio.ts";
import { noteJobs } from "./requests.ts";

/** Why a job cannot be made for good now, in a sentence; null when it can. */
export function refusalOfPromotion(job: JobRecord, { offer }: Pick<Studio, "offer">): string | null {
  if (job.engine !== "draft") return words.notDraft;
  if (offer.engine === "draft") return words.noServer;
  return job.status === "completed" && job.trashedAt === null ? null : words.notReady;
}

/** Asked again, the answer is the final film that is there already, unless it failed or was cancelled. */
export async function promoteDraft(
  c: Call,
  { job, id, first }: { job: JobRecord; id: string; first: boolean },
): Promise<JobRecord> {
  const { studio } = c.env;
  const known = first ? null : await studio.jobs.find(job.userId, id);
  if (known) return known;
  const message = refusalOfPromotion(job, studio);
  if (message !== null) throw fail("job.not_possible", { message });
  const made = (await studio.jobs.finals(job.userId, job.id))
    .find(({ status }) => status !== "failed" && status !== "cancelled");
  if (made) return made;
  await checkLimits(studio, job.userId, unplanned(1));
  const before = await studio.jobs.plan(job.id, job.rev);
  if (before === null) throw fail("job.not_possible");
  const draft = finalDraft(readDraft(job), before);
  const planned = await planDraft(studio, job.userId, draft);
  const plan = withPrompts(planned.plan, before);
  await checkServers(studio, { plan });
  await letIn(studio, job.userId, [newJob({
    id,
    userId: job.userId,
    draft,
    planned: { ...planned, plan },
    start: true,
    batchId: null,
    parentId: job.id,
    draftId: job.id,
    projectId: job.projectId,
    retries: studio.settings.retries,
  })]);
  noteJobs(c, [id]);
  const final = await studio.jobs.find(job.userId, id);
  if (final === null) throw fail("request.not_found");
  return final;
}

/** The same request for a render server; the preset is named, so that a small server does not choose another one. */
function finalDraft(draft: JobDraft, plan: Plan): JobDraft {
  const preset = plan.steps.find((step) => step.kind === "prompt")?.preset;
  const settings = { ...draft.settings, engine: "auto" as const };
  return { ...draft, settings: preset === undefined ? settings : { ...settings, preset } };
}

/** What is rendered is what the draft rendered, retakes with it; what the studio does around it is planned for a final film. */
function withPrompts(next: Plan, before: Plan): Plan {
  const drawn = new Map(before.steps.map((step) => [step.id, step]));
  const isAlike = next.steps.length === before.steps.length && next.steps.every((step) => {
    const draft = drawn.get(step.id);
    return draft !== undefined && templateOf(draft) === templateOf(step);
  });
  if (!isAlike) throw fail("job.not_possible", { message: words.changed });
  return {
    ...next,
    steps: next.steps.map((step) => step.kind === "prompt" ? drawn.get(step.id) ?? step : step),
  };
}

function templateOf(step: Step): string {
  return step.kind === "prompt" ? `${step.template.id} ${step.template.version}` : step.op;
}
