/** A run is one way from the queue to a terminal state; retry and retake begin the next one. */
import { stages } from "@/core/words/stages.ts";
import type { StepRow } from "@/core/store.ts";
import { ACTIVE, type Work } from "./work.ts";

/** What was made and not turned down needs no second try. */
const STAYS: readonly StepRow["state"][] = ["done", "waiting_for_person", "skipped"];

/** Begins the next run of a job that had ended: failed and cancelled steps may be made again, done steps stay. */
export function beginRun(work: Work): void {
  const { state } = work;
  state.run += 1;
  state.phase = "open";
  state.reached = "queued";
  state.problem = null;
  state.endedAt = null;
  state.filesLost = {};
  state.share = 0;
  state.stage = stages.waits;
  work.event("run", { run: state.run });
  work.event("status", { status: "queued", run: state.run });
  for (const id of work.ids()) {
    const row = work.newest(id);
    // Older takes that were being made again are not waited for any more.
    for (const older of work.takes(id)) {
      if (older !== row && older.state === "pending") work.change(older, { state: "cancelled" });
    }
    if (!row || ACTIVE.includes(row.state) || STAYS.includes(row.state)) continue;
    work.change(row, {
      state: "pending",
      failures: 0,
      losses: 0,
      avoid: null,
      problem: null,
      outputs: [],
      run: state.run,
      endedAt: null,
    });
  }
}
