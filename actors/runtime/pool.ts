/** The effect pool: claims effects lane by lane, keeps their leases, runs their handlers and stores what came of it. */
import type { Clock, Hash, Log } from "@/core/ports.ts";
import { type Problem, problemOf } from "@/core/problem.ts";
import { fraction } from "@/core/retry.ts";
import type { Claim, Mail, Store } from "@/core/store.ts";
import type { Tracing } from "@/core/tracing.ts";
import type { Alarm } from "./alarm.ts";
import { Bell } from "./bell.ts";
import { type EffectContext, type EffectEnd, type EffectHandler, LeaseLost } from "./handler.ts";
import { Lease } from "./lease.ts";
import type { EngineWatch } from "./watch.ts";

export type { EffectContext, EffectEnd, EffectHandler } from "./handler.ts";

const BACK_OFF_FIRST_MS = 1000;
const BACK_OFF_MAX_MS = 5 * 60_000;
/** An effect of a kind that this build does not know waits for one that does. */
const UNKNOWN_KIND_MS = 60_000;

export interface PoolParts {
  store: Pick<Store, "claim" | "beat" | "note" | "finish" | "putOff" | "release" | "post">;
  clock: Clock;
  hash: Hash;
  log: Log;
  alarm: Alarm;
  /** Names this process in leases; unique per start. */
  owner: string;
  leaseMs: number;
  /** Effects at once per lane; read before each claim, so it may change. */
  lanes: Readonly<Record<string, number>>;
  handlers: EffectHandler[];
  /** Told after the commit that posted this mail. */
  onMail(mail: Mail[]): void;
  watch?: EngineWatch;
  /** Absent: nothing is traced. */
  tracing?: Tracing;
}

interface Run {
  lane: string;
  lease: Lease;
  done: Promise<void>;
}

export class Pool {
  readonly #parts: PoolParts;
  readonly #bell: Bell;
  readonly #handlers: Map<string, EffectHandler>;
  readonly #runs = new Map<string, Run>();

  constructor(parts: PoolParts) {
    this.#parts = parts;
    this.#bell = new Bell(parts.clock);
    this.#handlers = new Map(parts.handlers.map((handler) => [handler.kind, handler]));
  }

  /** There may be something to claim. */
  wake(): void {
    this.#bell.ring();
  }

  /** Stops effects of this process at once that a turn revoked; elsewhere the next beat finds out. */
  revoked(ids: string[]): void {
    for (const id of ids) this.#runs.get(id)?.lease.lose("The effect was revoked");
  }

  /** Effects under way by lane. */
  busy(): Record<string, number> {
    const busy: Record<string, number> = {};
    for (const { lane } of this.#runs.values()) busy[lane] = (busy[lane] ?? 0) + 1;
    return busy;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, owner, leaseMs } = this.#parts;
    while (!signal.aborted) {
      const lanes = this.#openLanes();
      const askedAt = clock.monotonic();
      const claim = lanes.length > 0 ? await store.claim(owner, lanes, leaseMs) : null;
      // A claim that came back after the end began is released with all others.
      if (claim && !signal.aborted) this.#begin(claim, askedAt);
      else await this.#bell.wait(signal);
    }
  }

  /** Aborts what runs, waits at most `graceMs` for it to end, and gives all leases back. Slots stay as they are. */
  async stop(graceMs: number): Promise<void> {
    for (const { lease } of this.#runs.values()) lease.lose("The studio shuts down");
    const ended = Promise.all([...this.#runs.values()].map((run) => run.done));
    const grace = new AbortController();
    const late = this.#parts.clock.sleep(graceMs, grace.signal).catch(() => {});
    await Promise.race([ended, late]);
    grace.abort();
    await this.#parts.store.release(this.#parts.owner);
  }

  #openLanes(): string[] {
    const busy = this.busy();
    return Object.entries(this.#parts.lanes).filter(([lane, width]) => (busy[lane] ?? 0) < width).map((
      [lane],
    ) => lane);
  }

  #begin(claim: Claim, askedAt: number): void {
    if (claim.lapsed) {
      const { id: effect, kind, actorId: job, lapsed: owner, tries } = claim;
      this.#parts.log.warn("lease ran out, and the effect runs again", { effect, kind, job, owner, tries });
      this.#parts.watch?.lapsed?.(claim);
    }
    // The lease of an earlier run of ours ended without our notice: that run must not act any more.
    this.#runs.get(claim.id)?.lease.lose("The effect was claimed again");
    const lease = new Lease(claim, askedAt, this.#parts);
    const run: Run = { lane: claim.lane, lease, done: Promise.resolve() };
    this.#runs.set(claim.id, run);
    run.done = this.#work(claim, lease).finally(() => {
      lease.end();
      if (this.#runs.get(claim.id) === run) this.#runs.delete(claim.id);
      this.#bell.ring();
    });
  }

  async #work(claim: Claim, lease: Lease): Promise<void> {
    const { end, failed } = await this.#attempt(claim, lease);
    if (end && !lease.isLost) await this.#store(claim, lease, end);
    const outcome = !end || lease.isLost ? "lost" : !("finish" in end) ? "later" : failed ? "failed" : "done";
    this.#parts.watch?.ended(claim, outcome, end);
  }

  #traced(claim: Claim, work: () => Promise<EffectEnd>): Promise<EffectEnd> {
    const { tracing } = this.#parts;
    if (!tracing) return work();
    const { kind, id, actorId, tries, trace = null } = claim;
    const facts = { "animatrix.effect": id, "animatrix.job": actorId, "animatrix.tries": tries };
    return tracing.span({ name: `effect ${kind}`, parent: trace, facts }, work);
  }

  /** The one place where what an adapter throws becomes a fact for the actor. Null when the lease is lost. */
  async #attempt(claim: Claim, lease: Lease): Promise<{ end: EffectEnd | null; failed: boolean }> {
    const { clock, log, store, onMail } = this.#parts;
    const handler = this.#handlers.get(claim.kind);
    if (!handler) {
      log.error("effect of an unknown kind", { effect: claim.id, kind: claim.kind });
      return { end: { putOffMs: UNKNOWN_KIND_MS }, failed: true };
    }
    try {
      const context: EffectContext = {
        signal: lease.signal,
        fence: () => lease.fence(),
        note: (text) => lease.note(text),
        tell: async (mail) => {
          await store.post(mail);
          onMail(mail);
        },
        clock,
        log,
        tries: claim.tries,
      };
      return { end: await this.#traced(claim, () => handler.run(claim, context)), failed: false };
    } catch (thrown) {
      if (lease.isLost || thrown instanceof LeaseLost) return { end: null, failed: true };
      const found = problemOf(thrown);
      const { id, kind, tries } = claim;
      log.warn("effect failed", { effect: id, kind, tries, code: found.code, error: found.operator });
      return { end: this.#afterFailure(handler, claim, found), failed: true };
    }
  }

  #afterFailure(handler: EffectHandler, claim: Claim, found: Problem): EffectEnd {
    const backOff = {
      putOffMs: backOffMs(found, { tries: claim.tries, key: claim.id, hash: this.#parts.hash }),
    };
    try {
      const end = handler.fail?.(claim, found) ?? "back_off";
      return end === "back_off" ? backOff : end;
    } catch (thrown) {
      this.#parts.log.error("effect cannot tell its failure", {
        effect: claim.id,
        error: problemOf(thrown).operator,
      });
      return backOff;
    }
  }

  /** Tries until it is stored or the lease is over; after that the effect runs again, which costs time and nothing else. */
  async #store(claim: Claim, lease: Lease, end: EffectEnd): Promise<void> {
    for (let tries = 0; !lease.isLost; tries++) {
      try {
        return await this.#write(claim, end);
      } catch (thrown) {
        const { clock, log } = this.#parts;
        log.warn("effect cannot be stored", { effect: claim.id, error: problemOf(thrown).operator });
        await clock.sleep(Math.min(2000, 100 * 2 ** tries), lease.signal).catch(() => {});
      }
    }
  }

  async #write(claim: Claim, end: EffectEnd): Promise<void> {
    const { store, alarm, onMail } = this.#parts;
    if ("finish" in end) {
      if (await store.finish(claim.id, claim.token, end.finish)) onMail(end.finish.mail);
    } else if (await store.putOff(claim.id, claim.token, end.putOffMs)) {
      alarm.set(end.putOffMs, () => this.wake());
    }
  }
}

/**
 * Milliseconds before the next try of an effect: 1, 2, 4 … 300 s ± 20 %, never less than what the far side asked for.
 * The jitter depends on `key` and the number of tries alone.
 */
export function backOffMs(found: Problem, of: { tries: number; key: string; hash: Hash }): number {
  const plainMs = Math.min(BACK_OFF_MAX_MS, BACK_OFF_FIRST_MS * 2 ** Math.min(of.tries - 1, 20));
  const jitteredMs = plainMs * (0.8 + 0.4 * fraction(`${of.key}:${of.tries}`, of.hash));
  return Math.round(Math.max(jitteredMs, found.retryAfterMs ?? 0));
}
