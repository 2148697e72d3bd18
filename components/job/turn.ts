/** A waiting job's turn: its place among everybody's, and when it will start. Pure. */
import type { ShownJob, ShownQueue, ShownQueuedJob } from "@/core/shown.ts";
import { job as words } from "@/core/words/job.ts";

export type Turn = Pick<ShownQueuedJob, "place" | "starts">;

/** Nothing of it is under way, and it is up to the render servers to go on. */
export function isWaiting({ status, paused, cancelling, retakes, approvals, parts }: ShownJob): boolean {
  return (status === "queued" || status === "executing") && !paused && !cancelling && retakes.length === 0 &&
    approvals.length === 0 && parts.done < parts.total && !parts.states.includes("now");
}

export function turnOf({ running, waiting }: ShownQueue, id: string): Turn | null {
  const found = [...running, ...waiting].find(({ job }) => job.id === id);
  return found ? { place: found.place, starts: found.starts } : null;
}

/** As far as it is known: the place, and otherwise what it waits for. */
export function turnWords(turn: Turn | null, waits: string): string {
  return `${turn?.place ? words.place(turn.place) : waits} ${words.leave}`;
}
