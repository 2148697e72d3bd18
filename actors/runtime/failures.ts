/** Restart intensity in Erlang's sense: how many failures one name may have within a period. */

export interface Intensity {
  max: number;
  withinMs: number;
}

/** Names that failed lately, at most; the oldest are forgotten first. */
const NAMES_MAX = 1000;

/**
 * Remembers recent failures by name and cause. The same cause told twice counts once, because a turn that the database
 * rolled back is decided again. A restarted process starts counting anew: the limit on tries per message still holds.
 */
export class FailureWindow {
  readonly #intensity: Intensity;
  readonly #failures = new Map<string, Map<string, number>>();

  constructor(intensity: Intensity = { max: 5, withinMs: 60_000 }) {
    this.#intensity = intensity;
  }

  /** True when this failure passes the intensity, and for every further one until the period is over. */
  add(name: string, cause: string, at: number): boolean {
    const recent = new Map(
      [...this.#failures.get(name) ?? []].filter(([, since]) => at - since < this.#intensity.withinMs),
    );
    if (!recent.has(cause)) recent.set(cause, at);
    this.#failures.delete(name);
    this.#failures.set(name, recent);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > NAMES_MAX && oldest !== undefined) this.#failures.delete(oldest);
    return recent.size > this.#intensity.max;
  }
}
