/** An earlier end of a long take, whenever it is asked for: what lies beyond is left, what was made before it stays. */
import { newTake } from "./following.ts";
import { haltRow } from "./halt.ts";
import type { JobMessage } from "./messages.ts";
import { newStepRow } from "./messages.ts";
import { beginRun } from "./runs.ts";
import { proceed } from "./steps.ts";
import { countShare } from "./weight.ts";
import { ACTIVE, STARTED, type Work } from "./work.ts";

/** Takes over the shorter plan. Steps that are not in it any more count for nothing; those that differ are made again. */
export function cut(work: Work, message: Extract<JobMessage, { type: "cut" }>): void {
  const { state } = work;
  const next = work.plans.get(message.rev);
  if (!next || message.rev <= state.rev || state.cancelling) {
    return work.event("edit.refused", { rev: message.rev });
  }
  const others = changedSteps(work, next.steps);
  state.rev = message.rev;
  for (const id of work.ids()) if (!work.step(id)) leave(work, id);
  state.retakes = state.retakes.filter(({ step }) => work.step(step));
  for (const { id } of next.steps) {
    if (!work.newest(id)) work.put(newStepRow(id, { take: 0, run: state.run, rev: message.rev }));
  }
  state.doneWeight = next.steps.reduce(
    (sum, { id, weight }) => sum + (work.newest(id)?.state === "done" ? weight : 0),
    0,
  );
  for (const id of others) makeAnew(work, id);
  work.event("cut", { rev: message.rev });
  if (["done", "failed", "cancelled"].includes(state.phase)) {
    beginRun(work);
    countShare(work);
  } else if (state.phase === "open") {
    const rows = next.steps.flatMap(({ id }) => work.newest(id) ?? []);
    state.problem = rows.find((row) => row.state === "failed")?.problem ?? null;
  }
  proceed(work, work.ids());
}

/** Steps of the new plan that are others than before, with all that follows from them. */
function changedSteps(work: Work, steps: Work["plan"]["steps"]): string[] {
  const changed = new Set<string>();
  for (const { id, form, needs } of steps) {
    const isOther = work.step(id)?.form !== form;
    if (isOther || needs.some((need) => changed.has(need))) changed.add(id);
  }
  return [...changed];
}

function leave(work: Work, id: string): void {
  for (const row of work.takes(id)) {
    const left = ACTIVE.includes(row.state) && row.state !== "ready" ? haltRow(work, row, "cancelled") : row;
    if (row === work.newest(id) || ACTIVE.includes(row.state)) work.change(left, { state: "skipped" });
  }
}

function makeAnew(work: Work, id: string): void {
  const row = work.newest(id);
  if (!row) return;
  if (row.state === "ready") work.change(row, { state: "pending" });
  if (!STARTED.includes(row.state)) return;
  if (ACTIVE.includes(row.state)) haltRow(work, row, "cancelled");
  newTake(work, work.newest(id) ?? row);
}
