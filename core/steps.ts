/** Clocks that step: how far one was set ahead, for as long as nobody should believe it. */
import type { Clock } from "./ports.ts";

/** A clock that was set ahead is believed once it has stood so for this long. */
const BELIEVED_AFTER_MS = 86_400_000;
/** Less than this between two looks is no step. */
const SLACK_MS = 1000;

/**
 * Watches the wall clock by the one that only rises. Each call returns by how much the wall clock stands ahead of what is
 * believed: whatever is judged by its age counts as so much younger, so that a wrong clock deletes nothing.
 */
export function watchAhead(clock: Pick<Clock, "now" | "monotonic">): () => number {
  const offsetNow = () => clock.now() - clock.monotonic();
  let believed = offsetNow();
  let ahead: { offset: number; since: number } | null = null;
  return () => {
    const offset = offsetNow();
    if (offset <= believed + SLACK_MS) {
      believed = offset;
      ahead = null;
      return 0;
    }
    if (ahead === null || Math.abs(offset - ahead.offset) > SLACK_MS) {
      ahead = { offset, since: clock.monotonic() };
    }
    if (clock.monotonic() - ahead.since >= BELIEVED_AFTER_MS) {
      believed = offset;
      ahead = null;
      return 0;
    }
    return offset - believed;
  };
}
