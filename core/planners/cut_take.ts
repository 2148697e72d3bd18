/** Ends a long take after an earlier piece: what was made before the join stays as it is, and only the join is another. */
import type { LocalStep, Plan, Step, Value } from "../plan.ts";
import type { Hash } from "../ports.ts";
import { localForm } from "./steps.ts";

export interface TakeEnd {
  /** The piece that would be the last, from 1. */
  piece: number;
  /** Frames of the take, if it ends there. */
  frames: number;
}

/** Where a take may end: after each of its pieces. The last of these is where it ends now. */
export function takeEnds({ steps }: Plan): TakeEnd[] {
  let total = 0;
  return steps.filter(isLook).map(({ values: { frames, repeats } }, at) => {
    total += Number(frames) - Number(repeats);
    return { piece: at + 1, frames: total };
  });
}

function isLook(step: Step): boolean {
  return step.kind === "local" && step.op === "look_at_piece";
}

/**
 * `next` is the shorter take as its request plans it today. Of the plan that was carried out stay the pieces with all
 * retakes of them, the renderer, and the anchors; `next` gives their new titles and what follows the join.
 */
export function cutTake(before: Plan, next: Plan, hash: Hash): Plan {
  const old = new Map(before.steps.map((step) => [step.id, step]));
  const steps = next.steps.map((step): Step => {
    const known = old.get(step.id);
    if (!known) return step;
    if (step.kind === "local" && known.kind === "local" && step.id === "join") {
      return cutJoin(known, step, hash);
    }
    return step.phase === "finish" ? step : { ...known, title: step.title };
  });
  return { ...next, engine: before.engine, inputs: before.inputs, steps };
}

/** What says how long the take is; all else of its join stays. */
const LENGTHS = ["clips", "measures", "previews", "frames", "film"];

function cutJoin(before: LocalStep, next: LocalStep, hash: Hash): LocalStep {
  const values: Record<string, Value> = { ...before.values };
  for (const name of LENGTHS) if (next.values[name] !== undefined) values[name] = next.values[name];
  if (typeof values.cuts === "string") values.cuts = firstCuts(values.cuts, next.values.clips);
  return { ...next, values, form: localForm({ op: next.op, values }, hash) };
}

function firstCuts(cuts: string, clips: Value | undefined): string {
  const count = typeof clips === "object" && "files" in clips ? clips.files.length : 0;
  return JSON.stringify(JSON.parse(cuts).slice(0, count));
}
