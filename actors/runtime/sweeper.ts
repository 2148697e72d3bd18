/** Finds what nobody was told of: due mail, expired leases, stray slots. The start of the studio is one sweep and no more. */
import type { Clock, Log, Random } from "@/core/ports.ts";
import type { ActorRow, Mail, SlotRow, Store } from "@/core/store.ts";
import { Bell } from "./bell.ts";
import type { PostOffice } from "./post_office.ts";

const ACTORS_PER_SWEEP_MAX = 500;
const STRAYS_EVERY_MS = 30_000;
/** A timer that falls due sooner than this waits for it, so that a row nobody can take does not make the sweeper spin. */
const WAIT_MIN_MS = 20;

export interface SweeperParts {
  store: Pick<Store, "dueActors" | "nextDueIn" | "slots" | "actor" | "post">;
  clock: Clock;
  random: Random;
  log: Log;
  office: PostOffice;
  /** 0: one sweep at the start and none after it. */
  sweepMs: number;
  /** Straight to the pump, so that the sweeper needs no bus. */
  wakeActor(actorId: string): void;
  wakePool(): void;
  wakeSupervisor(): void;
  /** Mail that asks for the end of a prompt whose job has ended; none when the slot is as it should be. */
  stopStray?(slot: SlotRow, actor: ActorRow | null): Mail[];
  /** Puts right what waits too long because the clock was set back; returns by how many milliseconds it was. */
  mend?(): Promise<number>;
  /** Removes what is old; called every `retainEveryMs`, never twice at once. */
  retain?(): Promise<void>;
  retainEveryMs: number;
}

export class Sweeper {
  readonly #parts: SweeperParts;
  readonly #bell: Bell;
  #straysAt = 0;
  #retainAt = 0;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    this.#bell = new Bell(parts.clock);
    this.#retainAt = parts.clock.monotonic() + parts.retainEveryMs;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { sweepMs, random, store } = this.#parts;
    while (!signal.aborted) {
      await this.#sweep();
      if (sweepMs === 0) return await this.#bell.wait(signal);
      const plainMs = sweepMs * (0.8 + 0.4 * random());
      const dueMs = await store.nextDueIn();
      const soonMs = dueMs === null || dueMs <= 0 ? plainMs : Math.max(WAIT_MIN_MS, dueMs);
      await this.#bell.wait(signal, Math.min(plainMs, soonMs));
    }
  }

  async #sweep(): Promise<void> {
    const { store, clock, log, wakeActor, wakePool, wakeSupervisor, mend, retain, retainEveryMs } =
      this.#parts;
    const back = await mend?.() ?? 0;
    if (back > 0) log.warn("the clock was set back; what waited was brought back with it", { ms: back });
    for (const actorId of await store.dueActors(ACTORS_PER_SWEEP_MAX)) wakeActor(actorId);
    wakePool();
    wakeSupervisor();
    const now = clock.monotonic();
    if (now >= this.#straysAt) {
      this.#straysAt = now + STRAYS_EVERY_MS;
      await this.#stopStrays();
    }
    if (retain && now >= this.#retainAt) {
      this.#retainAt = now + retainEveryMs;
      await retain();
    }
  }

  /** Must find nothing; what it finds is a fault of ours, told to the log and to the job, and never freed from here. */
  async #stopStrays(): Promise<void> {
    const { store, stopStray, office, log } = this.#parts;
    if (!stopStray) return;
    for (const slot of await store.slots()) {
      const mail = stopStray(slot, await store.actor(slot.jobId));
      if (mail.length === 0) continue;
      log.error("slot of an ended job", {
        job: slot.jobId,
        backend: slot.backendId,
        promptId: slot.promptId,
      });
      await store.post(mail);
      office.announce(mail);
    }
  }
}
