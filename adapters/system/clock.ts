/** The real clock. */
import type { Clock } from "@/core/ports.ts";

/** The longest delay that a timer takes; longer sleeps are made of several. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    async sleep(ms, signal) {
      const until = performance.now() + ms;
      do {
        signal?.throwIfAborted();
        await pause(Math.min(TIMER_MAX_MS, Math.max(0, until - performance.now())), signal);
      } while (until - performance.now() > 1);
    },
  };
}

/** Waits for work, but not longer than this. True when it is done. */
export async function atMost(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  const late = clock.sleep(limitMs, over.signal).then(() => false, () => false);
  const isDone = await Promise.race([work.then(() => true), late]);
  over.abort();
  return isDone;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    // A sleeping loop must not keep a process alive that is otherwise done.
    Deno.unrefTimer(timer);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
