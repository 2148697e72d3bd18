/**
 * The rules of a job: (state, steps, message) → what changes and what is to be done. Pure, synchronous, total.
 * new → checking → open → done | failed | cancelled; retry and retake lead from an end back to open.
 */
import { isWorthAnother } from "@/core/faring.ts";
import { problem, type ProblemCode } from "@/core/problem.ts";
import type { Hash } from "@/core/ports.ts";
import type { StepRow } from "@/core/store.ts";
import { closer } from "@/core/words/problems.ts";
import { stages } from "@/core/words/stages.ts";
import type { Outcome, View } from "../runtime/kind.ts";
import { cancel, edit, pause, reprioritise, resume, retry, start } from "./commands.ts";
import { cut } from "./cuts.ts";
import { stopPrompt } from "./halt.ts";
import type { JobMessage, JobState } from "./messages.ts";
import { approve, follow, retake } from "./retakes.ts";
import { advance } from "./status.ts";
import { end, failStep, finishStep, proceed, remake, repeatStep } from "./steps.ts";
import { keyOf, Work } from "./work.ts";

type Message<Type extends JobMessage["type"]> = Extract<JobMessage, { type: Type }>;

export function receive(
  view: View<JobState>,
  message: JobMessage,
  tools: { at: number; hash: Hash },
): Outcome<JobState> {
  const work = new Work(view, tools);
  apply(work, message);
  return work.outcome();
}

function apply(work: Work, message: JobMessage): void {
  switch (message.type) {
    case "start":
      return start(work);
    case "cancel":
      return cancel(work);
    case "pause":
      return pause(work, message);
    case "resume":
      return resume(work, message);
    case "edit":
      return edit(work, message);
    case "cut":
      return cut(work, message);
    case "reprioritise":
      return reprioritise(work, message.priority);
    case "retry":
      return retry(work, message.rev);
    case "retake":
      return retake(work, message);
    case "approve":
      return approve(work, message);
    case "follow":
      return follow(work, message);
    case "inputs.checked":
      return whenChecked(work, message);
    case "grant":
      return whenGranted(work, message);
    case "step.reused":
      return whenReused(work, message);
    case "prompt.started":
      return whenStarted(work, message);
    case "prompt.finished":
      return whenFinished(work, message);
    case "prompt.failed":
      return whenFailed(work, message);
    case "prompt.lost":
      return whenLost(work, message);
    case "prompt.unreachable":
      return whenUnreachable(work, message);
    case "prompt.stopped":
      return whenStopped(work, message);
    case "outputs.collected":
      return whenCollected(work, message);
    case "outputs.failed":
      return whenCollectFailed(work, message);
    case "local.done":
      return whenLocalDone(work, message);
    case "local.failed":
      return whenLocalFailed(work, message);
    case "files.missing":
      return whenFilesMissing(work, message);
    case "retry.due":
      return whenRetryDue(work, message);
    case "cancel.due":
      return whenCancelDue(work, message);
  }
}

function whenChecked(work: Work, message: Message<"inputs.checked">): void {
  if (work.state.phase !== "checking" || message.run !== work.state.run || work.state.cancelling) return;
  if (message.problem) return end(work, "failed", message.problem);
  work.state.phase = "open";
  advance(work, "uploading_assets");
  work.effect(`${work.id}:ahead:${work.state.run}`, { kind: "send_ahead", run: work.state.run });
  proceed(work, work.ids());
}

/** The slot is held for this row: make sure that its prompt runs. */
function whenGranted(work: Work, message: Message<"grant">): void {
  const row = work.answered(message);
  if (row?.state !== "granted" || row.promptId !== message.promptId) return;
  work.state.firstPromptId ??= message.promptId;
  work.effect(message.promptId, {
    kind: "ensure_prompt",
    step: row.id,
    take: row.take,
    attempt: row.attempt,
    rev: row.rev,
    backendId: message.backendId,
    promptId: message.promptId,
  });
  work.state.stage = stages.sent(work.title(row.id));
}

function whenReused(work: Work, message: Message<"step.reused">): void {
  const row = work.answered(message);
  if (row?.state !== "ready") return;
  const reading = work.change(row, { state: "collecting", startedAt: work.at });
  const title = work.title(row.id);
  work.event("step.reused", { step: row.id, take: row.take, title });
  work.state.stage = stages.partVerifies(title);
  const { step, take, attempt } = message;
  work.effect(`${work.id}:verify:${keyOf(reading)}`, {
    kind: "verify_files",
    step,
    take,
    attempt,
    outputs: message.outputs,
  });
}

/** The row whose prompt a reply is about, while that prompt holds a slot. */
function onServer(
  work: Work,
  reply: { step: string; take: number; attempt: number; promptId: string },
): StepRow | undefined {
  const row = work.answered(reply);
  const there = row?.state === "granted" || row?.state === "running";
  return there && row.promptId === reply.promptId ? row : undefined;
}

function whenStarted(work: Work, message: Message<"prompt.started">): void {
  const row = onServer(work, message);
  if (row?.state === "granted") began(work, row, work.at);
}

function began(work: Work, row: StepRow, startedAt: number): StepRow {
  advance(work, "executing");
  const title = work.title(row.id);
  work.state.stage = title;
  work.event("step.started", { step: row.id, take: row.take, attempt: row.attempt, title });
  return work.change(row, { state: "running", startedAt });
}

/** The slot is free as soon as the server is done; fetching the files needs none. */
function whenFinished(work: Work, message: Message<"prompt.finished">): void {
  const found = onServer(work, message);
  if (!found) return;
  // How long it took is the server's word, when it was is ours: its clock may be wrong.
  const took = message.startedAt === null || message.endedAt === null
    ? null
    : Math.max(0, message.endedAt - message.startedAt);
  const startedAt = took === null ? found.startedAt ?? work.at : work.at - took;
  // What ended between two looks began all the same.
  const row = found.state === "granted" ? began(work, found, startedAt) : found;
  if (row.backendId !== null) work.server({ backendId: row.backendId, word: "done" });
  work.slot(message.promptId, "free");
  const collecting = work.change(row, { state: "collecting", startedAt });
  work.state.stage = stages.partFetches(work.title(row.id));
  const { step, take, attempt, promptId, files } = message;
  work.effect(`${work.id}:collect:${keyOf(collecting)}`, {
    kind: "collect_outputs",
    step,
    take,
    attempt,
    rev: row.rev,
    backendId: row.backendId ?? "",
    promptId,
    files,
  });
}

/** What only a prompt that runs ends with. */
const ENDED_THERE: ProblemCode[] = [
  "comfy.execution",
  "comfy.out_of_memory",
  "comfy.interrupted",
  "comfy.timeout",
];

function whenFailed(work: Work, message: Message<"prompt.failed">): void {
  const found = onServer(work, message);
  if (!found) return;
  // What failed between two looks began all the same.
  const hasBegun = found.state === "running" || !ENDED_THERE.includes(message.problem.code);
  const row = hasBegun ? found : began(work, found, work.at);
  // What took too long may still be running there: its slot waits until it is gone.
  if (message.problem.code === "comfy.timeout") stopPrompt(work, row);
  else work.slot(message.promptId, "free");
  if (!isWorthAnother(message.problem.code)) return failStep(work, row, message.problem);
  whenBroken(work, row, message);
}

/** The film or the server is at fault; another server tells which. */
function whenBroken(
  work: Work,
  row: StepRow,
  { promptId, problem, elsewhere }: Message<"prompt.failed">,
): void {
  const { backendId, avoid = null } = row;
  const isSecond = avoid !== null && avoid !== backendId;
  if (isSecond) work.server({ backendId: avoid, word: "shared", jobId: work.id });
  // What refuses a prompt runs well enough for others.
  if (backendId !== null && problem.code === "comfy.execution") {
    const cause = problem.operator ?? problem.message;
    const failure = { at: work.at, jobId: work.id, stepId: row.id, promptId, cause };
    work.server({ backendId, word: "failed", shared: isSecond, failure });
  }
  if (avoid !== null || elsewhere !== true) return failStep(work, row, problem);
  work.event("step.elsewhere", { step: row.id, take: row.take, title: work.title(row.id) });
  repeatStep(work, row, { avoid: backendId });
  proceed(work, [row.id]);
}

/** A server that restarted forgets its prompts: run it once more, then give up. */
function whenLost(work: Work, message: Message<"prompt.lost">): void {
  const row = onServer(work, message);
  if (!row) return;
  work.slot(message.promptId, "free");
  const losses = row.losses + 1;
  if (losses > 1) {
    const found = problem("comfy.lost", { retry: "never", message: closer.lostTwice });
    return failStep(work, { ...row, losses }, found);
  }
  work.event("step.lost", { step: row.id, take: row.take, title: work.title(row.id) });
  repeatStep(work, row, { losses });
  proceed(work, [row.id]);
}

/** Silence for too long: another server may take the step while the old prompt is stopped for as long as it takes. */
function whenUnreachable(work: Work, message: Message<"prompt.unreachable">): void {
  const row = onServer(work, message);
  if (!row) return;
  stopPrompt(work, row);
  work.event("step.moved", { step: row.id });
  repeatStep(work, row);
  proceed(work, [row.id]);
}

/** The one message that every state listens to: a slot may be freed once its prompt is gone. */
function whenStopped(work: Work, message: Message<"prompt.stopped">): void {
  work.slot(message.promptId, "free");
  work.state.stopping = work.state.stopping.filter((stop) => stop.promptId !== message.promptId);
  if (work.state.cancelling && work.state.stopping.length === 0) end(work, "cancelled", null);
}

function whenCollected(work: Work, message: Message<"outputs.collected">): void {
  const row = work.answered(message);
  if (row?.state === "collecting") finishStep(work, row, message.outputs);
}

function whenCollectFailed(work: Work, message: Message<"outputs.failed">): void {
  const row = work.answered(message);
  if (row?.state !== "collecting") return;
  if (message.problem.code === "storage.missing") {
    return repeat(work, row, "damaged");
  }
  if (message.problem.code !== "comfy.unreachable") return failStep(work, row, message.problem);
  repeat(work, row, "gone");
}

function repeat(work: Work, row: StepRow, reason: "damaged" | "gone"): void {
  work.event("step.again", { step: row.id, reason });
  repeatStep(work, row);
  proceed(work, [row.id]);
}

function whenLocalDone(work: Work, message: Message<"local.done">): void {
  const row = work.answered(message);
  if (row?.state === "running") finishStep(work, row, message.outputs, message.facts);
}

function whenLocalFailed(work: Work, message: Message<"local.failed">): void {
  const row = work.answered(message);
  if (row?.state === "running") failStep(work, row, message.problem);
}

/** Stored files of earlier steps are gone or damaged: the very takes that were used are made again, then this one. */
function whenFilesMissing(work: Work, message: Message<"files.missing">): void {
  const row = work.answered(message);
  if (!row || !["granted", "running", "collecting"].includes(row.state)) return;
  if (row.promptId && row.state !== "collecting") work.slot(row.promptId, "free");
  work.event("files.missing", { step: row.id });
  remake(work, row, message.steps);
}

function whenRetryDue(work: Work, message: Message<"retry.due">): void {
  const row = work.answered(message);
  if (row?.state !== "pending" || row.problem === null) return;
  work.change(row, { problem: null });
  proceed(work, [row.id]);
}

/** The backend did not confirm in time: the job is cancelled, its slots stay until the prompts are gone. */
function whenCancelDue(work: Work, message: Message<"cancel.due">): void {
  if (work.state.cancelling && message.run === work.state.run) end(work, "cancelled", null);
}
