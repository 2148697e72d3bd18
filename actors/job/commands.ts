/** What people may ask of a job, at any time. */
import type { StepRow } from "@/core/store.ts";
import { stages } from "@/core/words/stages.ts";
import { newTake } from "./following.ts";
import { haltRow } from "./halt.ts";
import { newStepRow } from "./messages.ts";
import { beginRun } from "./runs.ts";
import { advance } from "./status.ts";
import { end, isComplete, proceed } from "./steps.ts";
import { countShare } from "./weight.ts";
import type { Work } from "./work.ts";

const CANCEL_FORCED_AFTER_MS = 30_000;

export function start(work: Work): void {
  if (work.state.phase !== "new") return;
  check(work);
}

function check(work: Work): void {
  work.state.phase = "checking";
  work.state.stage = stages.checking;
  advance(work, "validating");
  work.effect(`${work.id}:check:${work.state.run}`, { kind: "check_inputs", run: work.state.run });
}

/** Shown at once; confirmed by the backends, or forced after 30 s. Finished steps stay, so a retry continues. */
export function cancel(work: Work): void {
  const { state } = work;
  if (["done", "failed", "cancelled"].includes(state.phase) || state.cancelling) return;
  work.revoke(`${work.id}:check:${state.run}`);
  work.revoke(`${work.id}:ahead:${state.run}`);
  state.cancelling = true;
  state.stage = stages.stops;
  state.retakes = [];
  work.event("cancelling", { run: state.run });
  for (const row of work.active()) haltRow(work, row, "cancelled");
  if (state.stopping.length === 0) return end(work, "cancelled", null);
  work.timer(`cancel:${state.run}`, CANCEL_FORCED_AFTER_MS, { type: "cancel.due", run: state.run });
}

/** Starts nothing new. What runs finishes and is kept, unless it is to stop now: then it is ready again later. */
export function pause(work: Work, { now, byOperator }: { now: boolean; byOperator?: true }): void {
  const { state } = work;
  if (state.phase !== "open" || state.cancelling) return;
  for (const row of work.active()) {
    if (row.state === "ready") work.change(row, { state: "pending" });
    else if (now && row.state !== "collecting") haltRow(work, row, "pending");
  }
  const under = work.active().length > 0;
  if (!state.paused) {
    work.event("paused", { now, ...(byOperator && { byOperator }) });
    if (byOperator) state.byOperator = true;
  }
  state.paused = true;
  state.stage = under ? stages.pauses : stages.paused;
}

export function resume(work: Work, { onlyOperators }: { onlyOperators?: true } = {}): void {
  const { state } = work;
  if (!state.paused || state.cancelling || (onlyOperators && !state.byOperator)) return;
  state.paused = false;
  delete state.byOperator;
  state.stage = stages.goesOn;
  work.event("resumed", {});
  proceed(work, work.ids());
}

/** Takes over a plan revision if it changes nothing that has started. */
export function edit(work: Work, { rev, byOperator }: { rev: number; byOperator?: true }): void {
  if (work.state.cancelling || !takeOver(work, rev, isUnstarted)) return refuse(work, rev);
  work.event("edited", { rev, ...(byOperator && { byOperator }) });
  proceed(work, work.ids());
}

/** False, and nothing changed, where the plan revision would change a step that is not open. */
function takeOver(work: Work, rev: number, isOpen: (row: StepRow) => boolean): boolean {
  const next = work.plans.get(rev);
  if (!next || rev <= work.state.rev) return false;
  const forms = new Map(next.steps.map((step) => [step.id, step.form]));
  const rows = work.ids().flatMap((id) => work.newest(id) ?? []);
  if (rows.some((row) => !isOpen(row) && forms.get(row.id) !== work.step(row.id)?.form)) return false;
  work.state.rev = rev;
  for (const row of rows.filter(isOpen)) {
    if (!forms.has(row.id)) work.change(row, { state: "skipped" });
    else if (row.state === "ready") work.change(row, { state: "pending" });
    // What an earlier plan left out is wanted again.
    else if (row.state === "skipped") work.change(row, { state: "pending", outputs: [], endedAt: null });
  }
  for (const step of next.steps) {
    if (!work.newest(step.id)) work.put(newStepRow(step.id, { take: 0, run: work.state.run, rev }));
  }
  return true;
}

function isUnstarted(row: StepRow): boolean {
  return row.state === "pending" || row.state === "ready" || row.state === "skipped";
}

function isNotDone(row: StepRow): boolean {
  return row.state !== "done" && row.state !== "waiting_for_person";
}

function refuse(work: Work, rev: number): void {
  work.event("edit.refused", { rev });
}

export function reprioritise(work: Work, priority: number): void {
  if (work.priority === priority) return;
  work.priority = priority;
  work.event("priority", { priority });
}

/** Tries failed and cancelled steps again in a new run, by another plan revision if one is named; done steps stay. */
export function retry(work: Work, rev?: number): void {
  const { state } = work;
  const hasEnded = state.phase === "failed" || state.phase === "cancelled";
  if (rev !== undefined && !(hasEnded && takeOver(work, rev, isNotDone))) return refuse(work, rev);
  if (!hasEnded) return;
  if (rev !== undefined) work.event("edited", { rev });
  const unchecked = neverOpened(work);
  beginRun(work);
  if (unchecked) return check(work);
  const last = work.newest(work.plan.result.step);
  // A film from takes that are no longer chosen, or without all its parts, is joined anew.
  if (last?.state === "done" && (last.stale || !isComplete(work))) newTake(work, last);
  countShare(work);
  proceed(work, work.ids());
}

/** A job that failed at its inputs has no step that ever began. */
function neverOpened(work: Work): boolean {
  return work.ids().every((id) => work.takes(id).every((row) => row.attempt === 0));
}
