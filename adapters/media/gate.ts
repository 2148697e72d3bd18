/** Lets a bounded number of ffmpeg runs work at a time; the rest wait in order. */
import { fail } from "@/core/problem.ts";

/** Runs `work` when there is room. A wait that is aborted throws media.cancelled. */
export type Gate = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function createGate(width: number): Gate {
  let free = width;
  const waiting: (() => void)[] = [];
  const enter = async (signal: AbortSignal | undefined) => {
    if (signal?.aborted) throw fail("media.cancelled");
    if (free > 0) {
      free--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(fail("media.cancelled"));
      };
      const go = () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      waiting.push(go);
    });
  };
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return async (work, signal) => {
    await enter(signal);
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
