/** A run is one way from the queue to a terminal state; retry and retake begin the next one. */
import type { Work } from "./work.ts";

/** Begins the next run of a job that had ended. */
export function beginRun(work: Work): void {
  const { state } = work;
  state.run += 1;
  state.phase = "open";
  state.reached = "queued";
  state.problem = null;
  state.endedAt = null;
  state.share = 0;
  state.stage = "Waits for a render server";
  work.event("run", `Run ${state.run} begins.`, { run: state.run });
  work.event("status", "The job waits for a render server.", { status: "queued", run: state.run });
}
