/** Turns wake-ups into turns: one at a time per actor in this process, fairly interleaved, a bounded number at once. */
import type { Clock, Log } from "@/core/ports.ts";
import { problemOf } from "@/core/problem.ts";
import type { Behaviour, Store, TurnInput, TurnReport } from "@/core/store.ts";
import { Bell } from "./bell.ts";
import type { Alarm } from "./alarm.ts";
import type { PostOffice } from "./post_office.ts";
import type { EngineWatch } from "./watch.ts";

/** Actors that wait for a turn in memory at most; those beyond are found by the sweeper. */
const WAITING_MAX = 10_000;
const PAUSE_MAX_MS = 30_000;

export interface PumpParts {
  store: Pick<Store, "turn">;
  clock: Clock;
  log: Log;
  behaviour: Behaviour;
  office: PostOffice;
  alarm: Alarm;
  /** Turns at once. A database with one writer gains nothing from many. */
  width: number;
  /** Told after each commit that handled mail. */
  onTurn(actorId: string, report: TurnReport): void;
  /** Told after the commit which open effects were revoked. */
  onRevoked(ids: string[]): void;
  watch?: EngineWatch;
}

export class Pump {
  readonly #parts: PumpParts;
  readonly #bell: Bell;
  /** Since when each waits, in order of arrival: an actor waits once however often it is hinted. */
  readonly #waiting = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, number>();

  constructor(parts: PumpParts) {
    this.#parts = parts;
    this.#bell = new Bell(parts.clock);
  }

  wake(actorId: string): void {
    if (this.#running.has(actorId)) this.#again.add(actorId);
    else if (this.#waiting.size < WAITING_MAX) this.#queue(actorId);
    this.#bell.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const [actorId, since] of this.#waiting) {
        if (this.#running.size >= this.#parts.width) break;
        this.#waiting.delete(actorId);
        this.#running.set(actorId, this.#take(actorId, since));
      }
      await this.#bell.wait(signal);
    }
  }

  /** Resolves when the turns under way are committed or rolled back. */
  async settle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #queue(actorId: string): void {
    if (!this.#waiting.has(actorId)) this.#waiting.set(actorId, this.#parts.clock.monotonic());
  }

  async #take(actorId: string, since: number): Promise<void> {
    const { clock, watch } = this.#parts;
    let more = false;
    try {
      const from = clock.monotonic();
      more = await this.#turn(actorId);
      watch?.turned(from - since, clock.monotonic() - from);
      this.#failures.delete(actorId);
    } catch (thrown) {
      this.#pause(actorId, thrown);
    }
    this.#running.delete(actorId);
    if (this.#again.delete(actorId) || more) this.#queue(actorId);
    this.#bell.ring();
  }

  async #turn(actorId: string): Promise<boolean> {
    const { store, behaviour, office, onTurn, onRevoked } = this.#parts;
    let told: { to: string; delayMs?: number }[] = [];
    let revoked: string[] = [];
    const decide = (input: TurnInput) => {
      const write = behaviour.decide(input);
      const retried = write.fates.flatMap((fate) =>
        fate.fate === "later" ? [{ to: actorId, delayMs: fate.delayMs }] : []
      );
      told = [...write.mail.filter((mail) => (mail.delayMs ?? 0) > 0), ...retried];
      revoked = write.revoke;
      return write;
    };
    const report = await store.turn(actorId, { wants: behaviour.wants, decide });
    if (!report) return false;
    office.announce([...report.told.map((to) => ({ to })), ...told]);
    if (revoked.length > 0) onRevoked(revoked);
    if (report.handled > 0) onTurn(actorId, report);
    return report.more;
  }

  /** The database refused this turn. One actor's trouble must not stop the others, so it alone waits. */
  #pause(actorId: string, thrown: unknown): void {
    const { alarm, log } = this.#parts;
    const failures = (this.#failures.get(actorId) ?? 0) + 1;
    this.#failures.set(actorId, failures);
    const delayMs = Math.min(PAUSE_MAX_MS, 250 * 2 ** Math.min(failures, 10));
    const found = problemOf(thrown);
    log.error("turn failed", {
      actor: actorId,
      failures,
      delayMs,
      code: found.code,
      error: found.operator ?? found.message,
    });
    alarm.set(delayMs, () => this.wake(actorId));
  }
}
