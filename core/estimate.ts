/** How long a film takes: the seconds of its plan, corrected by how fast this studio was lately. Pure. */
import { type Pace, paceOf, type Paces, type Work } from "./paces.ts";
import type { Plan, Step } from "./plan.ts";
import type { Range } from "./queue.ts";

/** Preset, size and frames: work of one shape takes one time. Plans that were stored earlier say the preset alone. */
export function shapeOf(step: Step): string {
  if (step.kind === "local") return step.op;
  const { preset, renders } = step;
  return renders ? `${preset} ${renders.width}x${renders.height} ${renders.frames}` : preset;
}

export function workOf(step: Step, of: { engine: Plan["engine"]; backendId: string | null }): Work {
  return { ...of, template: step.kind === "prompt" ? step.template.id : "", shape: shapeOf(step) };
}

/** Seconds of these steps one after another, without any wait. `backendId`: who would render them, where it is known. */
export function estimate(
  { steps, engine }: Pick<Plan, "steps" | "engine">,
  paces: Paces,
  backendId: string | null = null,
): Range {
  const sum = (which: keyof Omit<Pace, "known">) =>
    steps.reduce(
      (total, step) => total + step.weight * paceOf(paces, workOf(step, { engine, backendId }))[which],
      0,
    );
  return { likelyS: sum("likely"), lowS: sum("low"), highS: sum("high") };
}

/** A prompt that takes longer than this many times what its like took at most is stuck. */
const STUCK = 2;

/** Seconds after which a prompt is stopped: the plan's own bound, or twice the upper end of what was learned. A second try has twice the time. */
export function limitOf(
  step: Extract<Step, { kind: "prompt" }>,
  { pace, failures }: { pace: Pace; failures: number },
): number {
  const learned = pace.known ? STUCK * step.weight * pace.high : 0;
  return Math.max(step.timeLimitS, learned) * (failures > 0 ? 2 : 1);
}
