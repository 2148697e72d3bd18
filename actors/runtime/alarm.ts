/** Rings at the times this process knows of (delayed mail, effects put off), so that nothing waits for the sweeper. */
import type { Clock } from "@/core/ports.ts";
import { Bell } from "./bell.ts";

/** The database counts in its own clock: whoever looks a little early finds nothing. */
const LATE_MS = 2;
/** Timers kept in memory at most; those beyond are found by the sweeper. */
const TIMERS_MAX = 10_000;

interface Timer {
  at: number;
  ring: () => void;
}

export class Alarm {
  readonly #clock: Clock;
  readonly #bell: Bell;
  /** Sorted, the latest first, so that the next one is popped from the end. */
  readonly #timers: Timer[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#bell = new Bell(clock);
  }

  set(delayMs: number, ring: () => void): void {
    if (this.#timers.length >= TIMERS_MAX) return;
    const at = this.#clock.monotonic() + Math.max(0, delayMs) + LATE_MS;
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle]?.at ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, { at, ring });
    if (low === this.#timers.length - 1) this.#bell.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const next = this.#timers.at(-1);
      const waitMs = next ? next.at - this.#clock.monotonic() : null;
      if (next && waitMs !== null && waitMs <= 0) {
        this.#timers.pop();
        next.ring();
      } else await this.#bell.wait(signal, waitMs);
    }
  }
}
