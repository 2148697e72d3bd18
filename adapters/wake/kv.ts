/** Wakes actors over the Deno KV queue: a message carries an actor's id and nothing that must not be lost. */
import { z } from "zod";
import type { Clock, Log, WakeBus } from "@/core/ports.ts";

const Message = z.strictObject({ actor: z.string() });

/**
 * How long a message may be on its way before it counts as lost and the actor is hinted anew. The queue delivers within
 * 100 ms, and within about a minute when its handler's process died.
 */
const OUTSTANDING_MS = 10_000;
/** Messages on their way at most, since taking one from the queue costs a scan over all of them; the rest wait here. */
const OUTSTANDING_MAX = 500;

/** The part of Deno.Kv that is used here. */
export interface Queue {
  enqueue(message: unknown): Promise<unknown>;
  listenQueue(handle: (message: unknown) => void): Promise<void>;
  close(): void;
}

export interface KvWakeOptions {
  /** A file that no other process opens, or ":memory:". A file that was deleted is made anew. */
  path: string;
  clock: Clock;
  log: Log;
}

/** Null when this Deno has no KV: hints then go another way, or the sweeper finds the mail. */
export async function openKvWake(options: KvWakeOptions): Promise<WakeBus | null> {
  const kv = await openKv(options);
  return kv ? new KvWake(kv, options) : null;
}

export class KvWake implements WakeBus {
  readonly #kv: Queue;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listeners: ((actor: string) => void)[] = [];
  /** Since when each actor's one message is on its way, oldest first. */
  readonly #outstanding = new Map<string, number>();
  readonly #waiting = new Set<string>();
  readonly #sends = new Set<Promise<void>>();
  readonly #listening: Promise<void>;
  #closed = false;

  constructor(kv: Queue, { clock, log }: { clock: Clock; log: Log }) {
    this.#kv = kv;
    this.#clock = clock;
    this.#log = log;
    this.#listening = kv.listenQueue((message) => this.#hear(message)).catch((thrown) => {
      if (!this.#closed) log.error("queue is not heard any more", { error: String(thrown) });
    });
  }

  hint(actors: string[]): void {
    if (this.#closed) return;
    for (const actor of actors) this.#waiting.add(actor);
    this.#sendWaiting();
  }

  onHint(wake: (actor: string) => void): void {
    this.#listeners.push(wake);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#sends);
    this.#kv.close();
    await this.#listening;
  }

  /** Only wakes. KV delivers again while a handler runs, so it must return at once and never await the work. */
  #hear(message: unknown): void {
    const parsed = Message.safeParse(message);
    if (!parsed.success) return this.#log.warn("queue message is not ours");
    // Forgotten before waking: a hint that the wake itself causes needs a message of its own.
    this.#outstanding.delete(parsed.data.actor);
    if (this.#closed) return;
    for (const wake of this.#listeners) wake(parsed.data.actor);
    this.#sendWaiting();
  }

  /** An actor whose message is on its way needs no second one: the mail is read when it arrives. */
  #sendWaiting(): void {
    const now = this.#clock.monotonic();
    for (const [actor, sentAt] of this.#outstanding) {
      if (now - sentAt < OUTSTANDING_MS) break;
      this.#outstanding.delete(actor);
    }
    for (const actor of this.#waiting) {
      if (this.#outstanding.size >= OUTSTANDING_MAX) return;
      this.#waiting.delete(actor);
      if (!this.#outstanding.has(actor)) this.#send(actor);
    }
  }

  #send(actor: string): void {
    this.#outstanding.set(actor, this.#clock.monotonic());
    const send = this.#kv.enqueue({ actor }).then(
      () => {},
      (thrown) => {
        this.#outstanding.delete(actor);
        this.#log.warn("hint was not queued", { actor, error: String(thrown) });
      },
    ).finally(() => this.#sends.delete(send));
    this.#sends.add(send);
  }
}

async function openKv({ path, log }: KvWakeOptions): Promise<Deno.Kv | null> {
  if (typeof Deno.openKv !== "function") {
    log.warn("this Deno has no KV; actors are woken without it");
    return null;
  }
  try {
    return await Deno.openKv(path);
  } catch (thrown) {
    // Nothing in it must be kept, so a damaged file is no reason not to start.
    log.warn("queue file cannot be opened; the queue is kept in memory", { error: String(thrown) });
    return await Deno.openKv(":memory:").catch(() => null);
  }
}
