/** What the effect pool asks of whoever does the work of one kind of effect. */
import type { Clock, Log } from "@/core/ports.ts";
import type { Problem } from "@/core/problem.ts";
import type { Claim, Finish, Mail } from "@/core/store.ts";

/** Over with a reply, or given back to be claimed again after a while. */
export type EffectEnd = { finish: Finish } | { putOffMs: number };

export interface EffectContext {
  /** Aborts when the lease is lost, the effect was revoked, or the studio shuts down. Nothing is written afterwards. */
  signal: AbortSignal;
  /**
   * Call right before every request to the outside: throws LeaseLost when the lease may be over before the reply comes.
   * A request then takes at most 0.3 · LEASE.
   */
  fence(): void;
  /** Stores a word for whoever runs this effect next. Throws LeaseLost. */
  note(text: string): Promise<void>;
  /** Posts mail while the effect still runs, and wakes who gets it. */
  tell(mail: Mail[]): Promise<void>;
  clock: Clock;
  log: Log;
  /** Claims of this effect so far, this one included. */
  tries: number;
}

export interface EffectHandler {
  kind: string;
  /** Idempotent by the effect's id: runs again after a crash at any moment. Failures are thrown as StudioError. */
  run(effect: Claim, context: EffectContext): Promise<EffectEnd>;
  /** The reply that tells the actor of a failure; `back_off`, also the default, tries again, later with each try. */
  fail?(effect: Claim, problem: Problem): EffectEnd | "back_off";
}

/** The effect belongs to another runner now, or to nobody. Not a failure: the runner just leaves. */
export class LeaseLost extends Error {
  constructor(why: string) {
    super(why);
    this.name = "LeaseLost";
  }
}
