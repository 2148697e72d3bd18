/** How far a job is, by the weights of its steps. */
import type { Step } from "@/core/plan.ts";
import { indexOf, type Work } from "./work.ts";

/** Adds or takes back the weight of a step; the share shown never falls within a run. */
export function addWeight(work: Work, step: Step | undefined, sign: 1 | -1): void {
  const total = indexOf(work.plan).weight;
  work.state.doneWeight = Math.max(0, work.state.doneWeight + sign * (step?.weight ?? 0));
  if (total > 0) work.state.share = Math.min(1, Math.max(work.state.share, work.state.doneWeight / total));
}

/** The share of a run that begins now: what is done already and stays. */
export function countShare(work: Work): void {
  const total = indexOf(work.plan).weight;
  work.state.share = total > 0 ? Math.min(1, work.state.doneWeight / total) : 0;
}
