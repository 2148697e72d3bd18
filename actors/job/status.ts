/** The one place that maps a job's state to the words people see. */
import { isTerminal, type Status, STATUSES } from "@/core/status.ts";
import type { Shown } from "@/core/store.ts";
import type { JobState } from "./messages.ts";
import type { Work } from "./work.ts";

/** Which status follows which on the way to `completed`; `quality_check` is entered only by jobs that ask for it. */
const WAY = STATUSES.filter((status) => !isTerminal(status) && status !== "quality_check");

/** Moves the shown status forward, naming each status that is passed. Never back: that is for a new run. */
export function advance(work: Work, to: Status): void {
  if (isTerminal(work.state.reached)) return;
  const from = WAY.indexOf(work.state.reached);
  const passed = isTerminal(to) && to !== "completed"
    ? []
    : WAY.slice(from + 1, isTerminal(to) ? undefined : WAY.indexOf(to) + 1);
  for (const status of [...passed, ...(isTerminal(to) ? [to] : [])]) {
    work.state.reached = status;
    work.event("status", { status, run: work.state.run });
  }
}

/** The status as shown: the furthest of this run, `cancelling` and `paused` being overlays. */
export function statusOf(state: JobState): Status {
  return state.reached;
}

/** What lists and pages show, from the state alone. */
export function shownOf(state: JobState): Shown {
  return {
    status: statusOf(state),
    stage: state.stage,
    paused: state.paused,
    cancelling: state.cancelling,
    run: state.run,
    rev: state.rev,
    share: state.phase === "done" ? 1 : state.share,
    problem: state.problem,
    promptId: state.firstPromptId,
    endedAt: state.endedAt,
  };
}
