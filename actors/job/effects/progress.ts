/** From a server's news about one prompt to the progress of the whole job. Nothing here is stored. */
import type { StageShown } from "@/core/comfy/stages.ts";
import { estimate, workOf } from "@/core/estimate.ts";
import { paceOf, type Paces } from "@/core/paces.ts";
import type { Plan, Step } from "@/core/plan.ts";
import type { PromptNews } from "@/core/ports.ts";
import type { Claim, StepRow } from "@/core/store.ts";
import type { JobPorts } from "./ports.ts";

interface Running {
  claim: Claim;
  ports: JobPorts;
  plan: Plan;
  step: Step;
  row: StepRow;
  rows: StepRow[];
  paces: Paces;
  /** Who renders this step. */
  backendId: string | null;
}

/** Tells how far a step is, and what it does now: where it is in its graph, or other words. */
export type Report = (
  news: Pick<PromptNews, "share" | "preview">,
  now?: { at?: StageShown | null; stage?: string },
) => void;

/** Less than this says nothing about the pace. */
const GAIN_MIN = 0.02;

/** Reports shares of this step as progress of its job, with the time that is left at the pace since the first report. */
export function progressOf(run: Running): Report {
  const { claim, ports, plan, step, row, rows } = run;
  const total = plan.steps.reduce((sum, step) => sum + step.weight, 0) || 1;
  const ended = doneSteps(rows, step.id);
  const done = plan.steps.reduce((sum, { id, weight }) => sum + (ended.has(id) ? weight : 0), 0);
  const learned = leftByHistory(run, ended);
  let first: { at: number; share: number } | null = null;
  let stageNow = step.title;
  let shareNow = 0;
  let revision = 0;
  return (news, { at: place = null, stage = place?.title } = {}) => {
    if (stage) stageNow = `${step.title}: ${stage}`;
    if (news.share !== undefined) shareNow = Math.min(1, Math.max(shareNow, news.share));
    const at = ports.clock.monotonic();
    first ??= { at, share: shareNow };
    const gained = shareNow - first.share;
    const share = Math.min(1, (done + step.weight * shareNow) / total);
    // The pace of preparing says nothing about rendering, which is nearly all there is.
    const perWeightS = step.phase !== "prepare" && gained > GAIN_MIN
      ? (at - first.at) / 1000 / (step.weight * gained)
      : null;
    ports.progress.publish({
      jobId: claim.actorId,
      userId: claim.userId,
      run: row.run,
      share,
      stage: stageNow,
      step: { id: step.id, title: step.title, share: shareNow },
      at: place,
      etaS: perWeightS === null
        ? learned && learned.laterS + learned.nowS * (1 - shareNow)
        : perWeightS * (total - done - step.weight * shareNow),
      ...(news.preview ? { preview: { ...news.preview, revision: ++revision } } : {}),
    });
  };
}

/** Seconds by what such work took here, of this step and of those after it; null before the first such film. */
function leftByHistory(
  { plan, step, paces, backendId }: Running,
  ended: ReadonlySet<string>,
): { nowS: number; laterS: number } | null {
  const of = { engine: plan.engine, backendId };
  const later = plan.steps.filter(({ id }) => id !== step.id && !ended.has(id));
  const prompts = [step, ...later].filter(({ kind }) => kind === "prompt");
  if (prompts.length === 0 || prompts.some((prompt) => !paceOf(paces, workOf(prompt, of)).known)) return null;
  const seconds = (steps: Step[]) => estimate({ steps, engine: plan.engine }, paces, backendId).likelyS;
  return { nowS: seconds([step]), laterS: seconds(later) };
}

/** Steps whose newest take is done, the given step left out. */
function doneSteps(rows: StepRow[], without: string): Set<string> {
  const newest = new Map<string, StepRow>();
  for (const row of rows) if ((newest.get(row.id)?.take ?? -1) < row.take) newest.set(row.id, row);
  return new Set(
    [...newest.values()].flatMap(({ id, state }) => id !== without && state === "done" ? [id] : []),
  );
}
