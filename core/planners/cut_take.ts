/** Ends a long take after an earlier piece: what was made before the join stays as it is, and only the join is another. */
import {
  type FileRef,
  fileRefs,
  isJoining,
  type LocalStep,
  type Plan,
  type Step,
  type Value,
} from "../plan.ts";
import type { Hash } from "../ports.ts";
import type { StepRow } from "../store.ts";
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

/**
 * The pieces after which a take may end without any being made again that was there: all that its join, and the steps
 * that are still to be made for it, take in stands or is not made yet. Files of the job that stand are given by name.
 */
export function openEnds(plan: Plan, rows: StepRow[], files: ReadonlySet<string>): number[] {
  const newest = new Map<string, StepRow>();
  for (const row of rows) if (row.take >= (newest.get(row.id)?.take ?? 0)) newest.set(row.id, row);
  const canBeMade = new Map<string, boolean>();
  const stands = (ref: FileRef) => {
    if (ref.from === "asset") return true;
    const row = newest.get(ref.step);
    if (row?.state !== "done") return canBeMade.get(ref.step) ?? false;
    const made = row.outputs.find(({ role, ord }) => role === ref.role && ord === (ref.ord ?? 0));
    return made !== undefined && files.has(`${made.sha256}.${made.ext}`);
  };
  // What a step needs comes before it.
  for (const { id, values } of plan.steps) canBeMade.set(id, fileRefs(values).every(stands));
  const ends = takeEnds(plan).slice(0, -1).map(({ piece }) => piece);
  const combines = plan.steps.filter((step) => step.kind === "prompt" && isJoining(step));
  if (combines.length > 0) {
    const film = (piece: number): FileRef => ({
      from: "step",
      step: combines[piece - 1]?.id ?? "",
      role: "film",
    });
    return ends.filter((piece) => stands(film(piece)));
  }
  const join = plan.steps.find(({ id }) => id === "join")?.values ?? {};
  const gone = ends.findIndex((piece) => !readsOf(join, piece).every(stands));
  return gone < 0 ? ends : ends.slice(0, gone);
}

/** What the join takes in of a piece. */
function readsOf(join: Record<string, Value>, piece: number): FileRef[] {
  return LENGTHS.flatMap((name) => {
    const value = join[name];
    return typeof value === "object" && "files" in value ? value.files.slice(piece - 1, piece) : [];
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
