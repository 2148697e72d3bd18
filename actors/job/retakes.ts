/** Taking a step again: the new take, what becomes stale, and the person's choice of what follows; and going on with a take. */
import { downstream } from "@/core/plan.ts";
import type { StepRow } from "@/core/store.ts";
import { stages } from "@/core/words/stages.ts";
import { type JobMessage, newStepRow } from "./messages.ts";
import { haltRow } from "./halt.ts";
import { lastOfTake, newTake, remadeAnyway, sameTake, settleRetake } from "./following.ts";
import { turnDown, waitingTake } from "./gates.ts";
import { beginRun } from "./runs.ts";
import { goOn, proceed } from "./steps.ts";
import { addWeight, countShare } from "./weight.ts";
import { ACTIVE, STARTED, type Work } from "./work.ts";

/** Takes a started step again with the given plan revision; what was made from the old take becomes stale. */
export function retake(work: Work, message: Extract<JobMessage, { type: "retake" }>): void {
  const old = work.newest(message.step);
  const next = work.plans.get(message.rev);
  const refused = message.rev <= work.state.rev || !old || !next || !STARTED.includes(old.state) ||
    work.state.cancelling ||
    !next.steps.some((step) => step.id === message.step);
  if (refused) {
    return work.event("retake.refused", { step: message.step });
  }
  if (ACTIVE.includes(old.state)) haltRow(work, old, "cancelled");
  work.state.rev = message.rev;
  work.state.filesLost = {};
  if (old.state === "done") addWeight(work, work.step(old.id), -1);
  else if (old.state === "waiting_for_person") turnDown(work, old);
  const take = old.take + 1;
  work.put(newStepRow(message.step, { take, run: work.state.run, rev: message.rev }));
  const anyway = remadeAnyway(work.plan, message.step);
  const same = sameTake(work.plan, message.step);
  for (const id of downstream(work.plan, message.step)) {
    for (const row of work.takes(id)) {
      if (STARTED.includes(row.state)) work.change(row, { stale: true });
      else if (row.state === "ready") work.change(row, { state: "pending" });
    }
    if (same.includes(id)) remakeNow(work, id);
    else if (message.follow === "rerun" || anyway.has(id)) remakeLater(work, id);
  }
  const others = work.state.retakes.filter((open) => open.step !== message.step);
  work.state.retakes = [...others, { step: message.step, take, follow: message.follow, done: false }];
  work.event("retake", { step: message.step, take, rev: message.rev, title: work.title(message.step) });
  if (work.state.phase !== "open") {
    beginRun(work);
    countShare(work);
  } else work.state.problem = work.ids().map((id) => work.newest(id)).find(isFailed)?.problem ?? null;
  proceed(work, work.ids());
}

/** Goes on with the take that waits; after a retake that asked, this is the answer. Another take is old news. */
export function approve(work: Work, message: Extract<JobMessage, { type: "approve" }>): void {
  const row = waitingTake(work, message.step);
  if (row?.take !== message.take || work.state.phase !== "open" || work.state.cancelling) return;
  for (const open of work.state.retakes) {
    if (open.step === row.id && open.follow === "ask") open.follow = "rerun";
  }
  work.event("step.approved", { step: row.id, take: row.take, title: work.title(row.id) });
  work.state.stage = stages.goesOn;
  goOn(work, row);
}

/** The person decides what happens to the steps that follow a new take. */
export function follow(work: Work, message: Extract<JobMessage, { type: "follow" }>): void {
  const open = work.state.retakes.find((retake) => retake.step === message.step && retake.follow === "ask");
  if (!open) return;
  open.follow = message.choice;
  const row = work.newest(lastOfTake(work.plan, open.step));
  if (open.done && row) proceed(work, [...settleRetake(work, row), ...work.ids()]);
}

/** What is certain to be made again waits as a new take from the start, so that the share tells what is left. */
function remakeLater(work: Work, id: string): void {
  const newest = work.newest(id);
  const isMade = newest?.state === "done" || newest?.state === "waiting_for_person";
  if (isMade) newTake(work, newest);
}

/** What is one take with the step goes along with it: what is under way of it stops. */
function remakeNow(work: Work, id: string): void {
  const old = work.newest(id);
  if (!old || !STARTED.includes(old.state)) return;
  if (ACTIVE.includes(old.state)) haltRow(work, old, "cancelled");
  newTake(work, work.newest(id) ?? old);
}

function isFailed(row: StepRow | undefined): boolean {
  return row?.state === "failed";
}
