/** Virtual time for tests: nothing passes until somebody advances it. */
import type { Clock } from "@/core/ports.ts";

export class ManualClock implements Clock {
  #now = 0;
  readonly #start: number;
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();

  constructor(start = 1_800_000_000_000) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { at: this.#now + ms, wake: () => end(resolve) };
      const cancel = () => end(() => reject(signal?.reason));
      const end = (settle: () => void) => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", cancel);
        settle();
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", cancel);
    });
  }

  /** Wakes every sleeper whose time comes, in order, and lets each one's continuation run. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    for (;;) {
      await flush();
      const next = [...this.#sleepers].filter(({ at }) => at <= target).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = target;
    await flush();
  }
}

/** Runs what is ready without letting time pass. */
async function flush(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
