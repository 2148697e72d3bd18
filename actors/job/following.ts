/** What happens to later steps when a new take of an earlier one is there. */
import { downstream, goesOnFrom, isJoining, type Plan } from "@/core/plan.ts";
import type { StepRow } from "@/core/store.ts";
import { stages } from "@/core/words/stages.ts";
import { turnDown } from "./gates.ts";
import { newStepRow } from "./messages.ts";
import { addWeight } from "./weight.ts";
import type { Work } from "./work.ts";

/**
 * The new take is there. `rerun` makes new takes of everything that follows and had begun; `keep` uses the new take as
 * it is and only joins again; `ask` waits for the person. Returns the steps that may begin now.
 */
export function settleRetake(work: Work, row: StepRow): string[] {
  const open = work.state.retakes.find((retake) =>
    lastOfTake(work.plan, retake.step) === row.id && work.newest(retake.step)?.take === retake.take
  );
  if (!open) return [];
  open.done = true;
  if (open.follow === "ask") {
    work.state.stage = stages.choice;
    work.event("retake.ready", { step: open.step, take: open.take });
    return [];
  }
  work.state.retakes = work.state.retakes.filter((retake) => retake !== open);
  const made = sameTake(work.plan, open.step);
  const following = downstream(work.plan, open.step).filter((id) => !made.includes(id));
  const anyway = remadeAnyway(work.plan, open.step);
  for (const id of following) {
    const step = work.step(id);
    const newest = work.newest(id);
    if (!step || !newest || newest.state === "pending" || newest.state === "ready") continue;
    if (open.follow === "rerun" || anyway.has(id)) newTake(work, newest);
  }
  return following;
}

/**
 * What is made again after a new take of a step, whatever the person chooses: joining, the second pass of which it is the
 * first, and our own look at what these made. Without them the new take would not be in the film.
 */
export function remadeAnyway(plan: Plan, after: string): Set<string> {
  const others = plan.steps.filter((step) =>
    isJoining(step) || (step.kind === "local" && step.needs.includes(after))
  );
  return new Set([...sameTake(plan, after), ...others.map(({ id }) => id)]);
}

/**
 * The second pass that goes on from a first one, and our look at what came of it, in order. To people they are one take
 * with the first pass: before the last of them is there is nothing to be seen, and nothing to choose.
 */
export function sameTake({ steps }: Plan, first: string): string[] {
  const same: string[] = [];
  for (const step of steps) {
    const isSecond = [first, ...same].some((id) => goesOnFrom(step, id));
    const isLook = step.kind === "local" && step.phase !== "finish" &&
      step.needs.some((need) => same.includes(need));
    if (isSecond || isLook) same.push(step.id);
  }
  return same;
}

/** The step with which a take of this one is there. */
export function lastOfTake(plan: Plan, step: string): string {
  return sameTake(plan, step).at(-1) ?? step;
}

/** A further take of a step, of the current plan. */
export function newTake(work: Work, newest: StepRow): void {
  if (newest.state === "done") addWeight(work, work.step(newest.id), -1);
  else if (newest.state === "waiting_for_person") turnDown(work, newest);
  const take = newest.take + 1;
  work.put(newStepRow(newest.id, { take, run: work.state.run, rev: work.state.rev }));
  // A retake of that step which is still open is answered by this newer take.
  for (const open of work.state.retakes) {
    if (open.step === newest.id) Object.assign(open, { take, done: false });
  }
}
