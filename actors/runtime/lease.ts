/** The right to run one effect: kept alive by beats, given up in time when the database cannot be reached. */
import type { Clock } from "@/core/ports.ts";
import type { Claim, Store } from "@/core/store.ts";
import { LeaseLost } from "./handler.ts";

/** No request begins later than this share of the lease after the last good beat … */
const FENCE = 0.6;
/** … and nothing runs on at all after this one, shortly before another runner may take over. */
const END = 0.9;

export interface LeaseParts {
  store: Pick<Store, "beat" | "note">;
  clock: Clock;
  leaseMs: number;
}

export class Lease {
  readonly #parts: LeaseParts;
  readonly #claim: Claim;
  readonly #run = new AbortController();
  readonly #over = new AbortController();
  /** Monotonic time before the last query that confirmed the lease: the lease lasts at least from then. */
  #good: number;
  #asking = false;

  /** `askedAt`: monotonic time before the claim was sent. */
  constructor(claim: Claim, askedAt: number, parts: LeaseParts) {
    this.#claim = claim;
    this.#good = askedAt;
    this.#parts = parts;
    void this.#beat();
  }

  get signal(): AbortSignal {
    return this.#run.signal;
  }

  get isLost(): boolean {
    return this.#run.signal.aborted;
  }

  fence(): void {
    this.#run.signal.throwIfAborted();
    if (this.#age() > FENCE * this.#parts.leaseMs) throw new LeaseLost("No beat got through in time");
  }

  async note(text: string): Promise<void> {
    const { id, token } = this.#claim;
    if (await this.#parts.store.note(id, token, text)) return;
    this.lose("The lease is lost or the effect was revoked");
    this.#run.signal.throwIfAborted();
  }

  lose(why: string): void {
    if (!this.isLost) this.#run.abort(new LeaseLost(why));
    this.end();
  }

  /** Stops the beats; the effect is finished or left to others. */
  end(): void {
    this.#over.abort();
  }

  async #beat(): Promise<void> {
    const { clock, leaseMs } = this.#parts;
    while (!this.#over.signal.aborted) {
      const slept = await clock.sleep(leaseMs / 4, this.#over.signal).then(() => true, () => false);
      if (!slept || this.#over.signal.aborted) return;
      if (this.#age() > END * leaseMs) return this.lose("No beat got through before the lease was over");
      // A query that hangs must not stop the loop that watches the time.
      if (!this.#asking) void this.#ask();
    }
  }

  async #ask(): Promise<void> {
    const { store, clock, leaseMs } = this.#parts;
    const askedAt = clock.monotonic();
    this.#asking = true;
    try {
      if (await store.beat(this.#claim.id, this.#claim.token, leaseMs)) this.#good = askedAt;
      else this.lose("The lease is lost or the effect was revoked");
    } catch {
      // The database cannot be reached: the fence decides how long the runner may go on.
    } finally {
      this.#asking = false;
    }
  }

  #age(): number {
    return this.#parts.clock.monotonic() - this.#good;
  }
}
