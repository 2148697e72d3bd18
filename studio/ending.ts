/** How requests meet the end of the studio: streams end at once, the others have a while, and what still hangs is cut. */
import { atMost } from "@/adapters/system/clock.ts";
import type { Clock } from "@/core/ports.ts";

export interface Ending {
  /** Aborted at the beginning of the end. */
  closing: AbortSignal;
  /** Aborted when what is still under way has to give up. */
  cut: AbortSignal;
  /** Resolves when the requests have ended, of themselves or cut, or when even that takes too long. */
  endRequests(underWay: Promise<unknown>): Promise<void>;
}

const REQUESTS_GRACE_MS = 3000;
const CUT_GRACE_MS = 1000;

export function openEnding(clock: Clock): Ending {
  const closing = new AbortController();
  const cut = new AbortController();
  return {
    closing: closing.signal,
    cut: cut.signal,
    async endRequests(underWay) {
      closing.abort();
      if (await atMost(clock, REQUESTS_GRACE_MS, underWay)) return;
      cut.abort();
      await atMost(clock, CUT_GRACE_MS, underWay);
    },
  };
}
