/** How steps begin, end, fail and lead on: the walk along the plan. */
import { causeOf } from "@/core/history.ts";
import { downstream, type Step, type StepFile } from "@/core/plan.ts";
import { stepDigest } from "@/core/planners/digest.ts";
import { type Problem, problem } from "@/core/problem.ts";
import { retryDelay } from "@/core/retry.ts";
import type { StepRow } from "@/core/store.ts";
import { stages } from "@/core/words/stages.ts";
import { sameTake, settleRetake } from "./following.ts";
import { mustWait, tellWait, waitForPerson } from "./gates.ts";
import { addWeight } from "./weight.ts";
import { advance } from "./status.ts";
import { ACTIVE, keyOf, type Work } from "./work.ts";

/** States of takes that nothing makes again by itself. */
const LEFT: readonly StepRow["state"][] = ["failed", "cancelled", "skipped"];

/** Lost so often in one run, the files of a take are not made again before a person says so. */
export const FILES_LOST_MAX = 3;

/** Starts every pending step of these whose needs are met. Called after each change, so an edited plan simply continues. */
export function proceed(work: Work, candidates: Iterable<string>): void {
  if (work.state.phase !== "open" || work.state.cancelling) return;
  if (work.state.problem !== null) return endAsFailed(work);
  if (!work.state.paused) beginAll(work, candidates);
  else if (work.active().length === 0) work.state.stage = stages.paused;
  tellWait(work);
  finishIfDone(work);
}

function beginAll(work: Work, candidates: Iterable<string>): void {
  const held = heldByRetakes(work);
  for (const id of candidates) {
    const step = work.step(id);
    if (!step || held.has(id) || work.takes(id).some((take) => ACTIVE.includes(take.state))) continue;
    const row = work.takes(id).find((take) => mayBegin(work, { row: take, step }));
    if (!row) continue;
    if (isMadeFromSame(work, row)) beginAgain(work, { row, step });
    else begin(work, { row, step });
  }
}

/** The newest take begins, and an older one that lost its files while others are made again from it. */
function mayBegin(work: Work, { row, step }: { row: StepRow; step: Step }): boolean {
  if (row.state !== "pending" || isWaiting(row)) return false;
  if (isMadeFromSame(work, row)) return usedTakes(work, row).every((take) => take?.state === "done");
  return row === work.newest(row.id) && step.needs.every((need) => isReady(work.newest(need)));
}

/**
 * Was done and lost its files: it is made again from the very takes that it was made from. `endedAt` says so, also
 * through pauses and failures; a new run forgets it.
 */
export function isRemade(row: StepRow): boolean {
  return row.state === "pending" && row.endedAt !== null;
}

/** Where one of the takes that it was made from is not made again by itself, it is made from the newest ones. */
function isMadeFromSame(work: Work, row: StepRow): boolean {
  return isRemade(row) && usedTakes(work, row).every((take) => take && !LEFT.includes(take.state));
}

function usedTakes(work: Work, row: StepRow): (StepRow | undefined)[] {
  return Object.entries(row.uses).map(([need, take]) => work.takes(need).find((made) => made.take === take));
}

/** A pending row with a problem waits for its `retry.due`. */
function isWaiting(row: StepRow): boolean {
  return row.problem !== null;
}

/** A need is met by its newest take alone: while a new take is under way, what follows waits. */
function isReady(row: StepRow | undefined): boolean {
  return row?.state === "done" && row.chosen;
}

function heldByRetakes(work: Work): Set<string> {
  const open = work.state.retakes.filter((retake) => !retake.done || retake.follow === "ask");
  return new Set(open.flatMap(({ step, done }) => {
    const same = done ? [] : sameTake(work.plan, step);
    return downstream(work.plan, step).filter((id) => !same.includes(id));
  }));
}

function begin(work: Work, { row, step }: { row: StepRow; step: Step }): void {
  const needDigests = step.needs.map((need) => work.newest(need)?.digest ?? "");
  const digest = stepDigest({ step, take: row.take, engine: work.plan.engine, needDigests, hash: work.hash });
  const uses = Object.fromEntries(step.needs.map((need) => [need, work.newest(need)?.take ?? 0]));
  if (row.digest !== null && row.digest !== digest) outdate(work, row);
  beginAgain(work, { row: { ...row, digest, uses, rev: work.state.rev }, step });
}

/** The take will hold something else than before: what was made from it is stale. */
function outdate(work: Work, row: StepRow): void {
  for (const id of work.after(row.id)) {
    for (const made of work.takes(id)) {
      if (made.state === "done" && made.uses[row.id] === row.take) work.change(made, { stale: true });
    }
  }
}

/** Starts a row whose takes to use are fixed. */
function beginAgain(work: Work, { row, step }: { row: StepRow; step: Step }): void {
  const { run } = work.state;
  const started = { ...row, run, attempt: row.attempt + 1, promptId: null, backendId: null };
  if (step.phase === "finish") advance(work, "collecting_outputs");
  else if (step.phase === "render") advance(work, "queued");
  if (step.kind === "prompt") {
    work.put({ ...started, state: "ready" });
    work.state.stage = stages.partWaits(step.title);
    return;
  }
  if (step.phase === "render") advance(work, "executing");
  const running = work.put({ ...started, state: "running", startedAt: work.at });
  const reply = { step: running.id, take: running.take, attempt: running.attempt };
  work.effect(`${work.id}:local:${keyOf(running)}`, { kind: "run_local", ...reply, rev: running.rev });
  work.state.stage = step.title;
}

/** A step's take is there: it is chosen if it is the newest, and what follows begins, unless a person is asked first. */
export function finishStep(
  work: Work,
  row: StepRow,
  outputs: StepFile[],
  facts: Record<string, unknown> = {},
): void {
  const newest = work.newest(row.id)?.take === row.take;
  const made = { ...row, outputs, problem: null, endedAt: work.at };
  if (newest) addWeight(work, work.step(row.id), 1);
  if (row.id === work.plan.result.step && newest) work.state.facts = facts;
  work.event("step.done", { step: row.id, take: row.take, title: work.title(row.id) });
  if (!mustWait(work, row)) return goOn(work, made);
  waitForPerson(work, made);
  proceed(work, []);
}

/** What follows the take begins. */
export function goOn(work: Work, row: StepRow): void {
  const newest = work.newest(row.id)?.take === row.take;
  // An older take that ends late is used only while there is no other.
  const chosen = newest || !work.takes(row.id).some((take) => take.chosen && take.state === "done");
  for (const take of work.takes(row.id)) {
    if (chosen && take.take !== row.take && take.chosen) work.change(take, { chosen: false });
  }
  work.change(row, { state: "done", chosen });
  if (chosen) spendNeeds(work, row.id);
  const also = newest ? settleRetake(work, row) : [];
  proceed(work, [row.id, ...work.after(row.id), ...also]);
}

/** What a step was made from goes, where the plan says so and all that is made from it is there. */
function spendNeeds(work: Work, id: string): void {
  if (!work.plan.spends) return;
  for (const need of work.step(id)?.needs ?? []) {
    const made = work.newest(need);
    if (made?.state !== "done" || !work.after(need).every((other) => isReady(work.newest(other)))) continue;
    const { take, rev } = made;
    // That these are gone is no fault of the storage.
    countLoss(work, made, -1);
    work.effect(`${work.id}:spend:${keyOf(made)}`, { kind: "spend_files", step: need, take, rev });
  }
}

/** Returns how often the files of this take were lost by now. */
function countLoss(work: Work, { id, take }: StepRow, by: number): number {
  const { filesLost } = work.state;
  const key = `${id}:${take}`;
  return filesLost[key] = (filesLost[key] ?? 0) + by;
}

/** Stored files of the takes that a row is made from are gone: these are made again, unless they are lost every time. */
export function remake(work: Work, row: StepRow, steps: string[]): void {
  repeatStep(work, row);
  const lost = steps.flatMap((id) => {
    const maker = work.takes(id).find(({ take }) => take === row.uses[id]);
    return maker?.state === "done" ? [repeatStep(work, maker)] : [];
  });
  const hopeless = lost.filter((maker) => countLoss(work, maker, 1) >= FILES_LOST_MAX);
  if (hopeless[0]) return failStep(work, hopeless[0], problem("storage.lost"));
  proceed(work, [row.id, ...steps]);
}

/** The film of a run is the newest one that there is when it completes. */
function deliver(work: Work): void {
  const { step, main, poster, metadata } = work.plan.result;
  const outputs = work.newest(step)?.outputs;
  const file = (role: string) => outputs?.find((output) => output.role === role);
  const [film, picture, record] = [file(main), file(poster), file(metadata)];
  if (!film || !picture || !record) return;
  const name = (of: StepFile) => `${of.sha256}.${of.ext}`;
  const { run, facts } = work.state;
  work.output({
    run,
    ord: 0,
    type: main,
    file: name(film),
    poster: name(picture),
    metadata: { ...facts, record: name(record), run, draft: work.plan.engine === "draft" },
  });
}

/** A step failed: it is tried again after a while, or it has failed and nothing new starts. */
export function failStep(work: Work, row: StepRow, found: Problem): void {
  const failures = row.failures + 1;
  const title = work.title(row.id);
  const delayMs = retryDelay(found, {
    failures,
    policy: work.state.policy,
    key: `${work.id}:${keyOf(row)}`,
    hash: work.hash,
  });
  if (delayMs === null) {
    work.change(row, { state: "failed", failures, problem: found, endedAt: work.at });
    work.event("step.failed", { step: row.id, take: row.take, title, ...causeOf(found) });
    work.state.problem = found;
    return proceed(work, []);
  }
  const again = work.change(row, { state: "pending", failures, problem: found, outputs: [] });
  work.event("step.retry", {
    step: row.id,
    take: row.take,
    title,
    ...causeOf(found),
    failures,
    delayMs,
  });
  work.state.stage = stages.partAgain(title, found.message);
  const reply = { step: again.id, take: again.take, attempt: again.attempt };
  work.timer(`retry:${keyOf(again)}`, delayMs, { type: "retry.due", ...reply });
  proceed(work, []);
}

/** Makes a step pending again at once, for a reason that is no failure of its own. */
export function repeatStep(work: Work, row: StepRow, change: Partial<StepRow> = {}): StepRow {
  if (row.state === "done" && work.newest(row.id)?.take === row.take) addWeight(work, work.step(row.id), -1);
  return work.change(row, {
    state: "pending",
    problem: null,
    outputs: [],
    promptId: null,
    backendId: null,
    ...change,
  });
}

/** What runs is let finish and is kept; the job ends when nothing is under way any more. */
function endAsFailed(work: Work): void {
  const under = work.active();
  for (const row of under) if (row.state === "ready") work.change(row, { state: "pending" });
  if (under.some((row) => row.state !== "ready")) {
    work.state.stage = stages.failing;
    return;
  }
  end(work, "failed", work.state.problem);
}

function finishIfDone(work: Work): void {
  if (work.state.retakes.length > 0) return;
  const last = work.plan.steps.filter((step) => work.after(step.id).length === 0);
  if (!last.every((step) => isReady(work.newest(step.id)))) return;
  if (work.active().length > 0) return;
  if (isComplete(work)) return end(work, "completed", null);
  end(work, "failed", problem("job.result_incomplete"));
}

/** Whether main output, poster and metadata are there. */
export function isComplete(work: Work): boolean {
  const { step, main, poster, metadata } = work.plan.result;
  const roles = new Set(work.newest(step)?.outputs.map((output) => output.role));
  return [main, poster, metadata].every((role) => roles.has(role));
}

/** Enters the one terminal state of this run. */
export function end(work: Work, as: "completed" | "failed" | "cancelled", found: Problem | null): void {
  const { state } = work;
  state.phase = as === "completed" ? "done" : as;
  state.problem = found;
  state.cancelling = false;
  state.paused = false;
  state.endedAt = work.at;
  state.stage = found?.message ?? "";
  if (as === "completed") {
    state.share = 1;
    deliver(work);
  }
  advance(work, as);
}
