/** English: films as cards and strips: what they are, how they stand, what was kept. */
import type { StageShown } from "../../comfy/stages.ts";
import type { Status } from "../../status.ts";

export const films = {
  untitled: "Untitled",
  submodes: { move: "Move", mix: "Mix" } as Record<string, string>,
  draft: "Draft",
  /** What a job is at, in a word or two. */
  statuses: {
    created: "Not started",
    validating: "Checking",
    uploading_assets: "Preparing",
    queued: "Waiting",
    executing: "Rendering",
    collecting_outputs: "Joining",
    quality_check: "Measuring",
    completed: "Ready",
    failed: "Failed",
    cancelled: "Cancelled",
  } satisfies Record<Status, string>,
  paused: "Paused",
  pausing: "Pausing",
  cancelling: "Stopping",
  choice: "Your choice",
  approval: "Waits for you",
  live: "Live",
  /** Under a failure: what was kept. */
  kept: (done: number, total: number) =>
    done === 0 ? "Open it to try again." : `${done} of ${total} parts are kept. Open it to go on.`,
  stopped: (done: number, total: number) =>
    done === 0 ? "Cancelled before anything was made." : `Cancelled. ${done} of ${total} parts are kept.`,
  part: (now: number, total: number) => `part ${now} of ${total}`,
  /** Where a render is: the stage, and the step of what counts steps. */
  at: ({ title, number, of, step }: StageShown) =>
    `Stage ${number} of ${of}: ${title}${step ? `, step ${step.value} of ${step.max}` : ""}`,
  parts: (total: number) => total === 1 ? "1 part" : `${total} parts`,
  ready: "ready in",
  watch: "Watch it",
  soon: "any moment now",
  strip: (done: number, total: number) => `${done} of ${total} parts done`,
  percent: "Progress",
};
