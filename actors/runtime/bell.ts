/** Lets a loop wait until somebody rings, or until a time has passed. A ring before the wait is not lost. */
import type { Clock } from "@/core/ports.ts";

export class Bell {
  readonly #clock: Clock;
  #rung = false;
  #answer: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#answer?.();
  }

  /** Resolves at the next ring, after `ms`, or when the signal ends the loop; never rejects. One waiter at a time. */
  async wait(signal: AbortSignal, ms: number | null = null): Promise<void> {
    if (!this.#rung && !signal.aborted) await this.#pause(signal, ms);
    this.#rung = false;
  }

  #pause(signal: AbortSignal, ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const over = new AbortController();
      const end = () => {
        this.#answer = null;
        signal.removeEventListener("abort", end);
        over.abort();
        resolve();
      };
      this.#answer = end;
      signal.addEventListener("abort", end, { once: true });
      if (ms !== null) this.#clock.sleep(ms, over.signal).then(end, () => {});
    });
  }
}
