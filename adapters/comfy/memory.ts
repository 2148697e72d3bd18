/** What the client remembers of a server: its epoch, the prompts it had, and when it last showed life. */
import type { Comfy, PromptState } from "@/core/ports.ts";
import type { Limits } from "./limits.ts";
import type { Parts, RestartSigns } from "./parts.ts";

/** Counts epochs by what it notices itself, from where it is told that others are. */
export interface CountingComfy extends Comfy {
  catchUp(epoch: number): void;
}

export interface MemoryOptions {
  /** Epoch to count on from, as stored by the caller. */
  epoch: number;
  limits: Limits;
  parts: Pick<Parts, "sawRestart" | "isStuck">;
  monotonic: () => number;
  /** Everything known of the server is void. */
  onRestart: (epoch: number) => void;
}

interface Seen {
  /** Connection count when the server last had this prompt. */
  link: number;
  stopped: boolean;
  /** Client id that its events go to. */
  clientId: string | null;
}

/** An unknown prompt shortly before the connection drops is the same news as one shortly after. */
const SUSPECT_MS = 10_000;

export class ServerMemory {
  readonly #options: MemoryOptions;
  #epoch: number;
  #seen = new Map<string, Seen>();
  /** Rises with every dropped connection. */
  #link = 0;
  #refused = false;
  #number: number | null = null;
  #suspectAt = -Infinity;
  #restartAt = -Infinity;
  /** A prompt was seen since the last restart. */
  #learnt = false;
  #aliveAt: number;
  #queueKey = "";
  #deaf = 0;

  constructor(options: MemoryOptions) {
    this.#options = options;
    this.#epoch = options.epoch;
    this.#aliveAt = options.monotonic();
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Another client of the same server noticed restarts that this one slept through. */
  catchUp(epoch: number): void {
    this.#epoch = Math.max(this.#epoch, epoch);
  }

  /** Events of the server, or a queue that moved. */
  showLife(): void {
    this.#aliveAt = this.#options.monotonic();
  }

  linkDropped(): void {
    this.#link += 1;
    if (this.#options.monotonic() - this.#suspectAt < SUSPECT_MS) this.#sign({ forgotten: true });
  }

  refused(): void {
    this.#refused = true;
  }

  answered(): void {
    if (this.#refused) this.#sign({ refused: true });
  }

  /** The counter of a POST reply. */
  counted(number: number): void {
    this.#sign({ number, numberBefore: this.#number });
    this.#number = number;
  }

  posted(promptId: string, clientId: string | null): void {
    this.#remember(promptId, { link: this.#link, stopped: false, clientId });
  }

  /** We asked for its end, so its absence or interruption is no news of a restart or of somebody else. */
  stopped(promptId: string): void {
    const known = this.#seen.get(promptId) ?? { link: this.#link, clientId: null };
    this.#remember(promptId, { ...known, stopped: true });
  }

  wasStopped(promptId: string): boolean {
    return this.#seen.get(promptId)?.stopped === true;
  }

  /** Compares what the server says with what it had. */
  looked(promptId: string, state: PromptState): void {
    const known = this.#seen.get(promptId);
    if (state.state !== "unknown") {
      const link = this.#link;
      this.#remember(promptId, known ? { ...known, link } : { link, stopped: false, clientId: null });
      return;
    }
    if (known === undefined || known.stopped) return;
    // With the connection unbroken it was deleted or evicted: no restart, unless the drop is only not noticed yet.
    if (known.link === this.#link) this.#suspectAt = this.#options.monotonic();
    else this.#sign({ forgotten: true });
  }

  /**
   * An ended prompt whose events should have come to this connection and did not. True when it happened twice: the
   * connection is open and deaf.
   */
  missedEnd(promptId: string, link: { clientId: string | null; heardEnd: boolean }): boolean {
    const posted = this.#seen.get(promptId)?.clientId ?? null;
    if (posted === null || posted !== link.clientId) return false;
    this.#remember(promptId, { link: this.#link, stopped: this.wasStopped(promptId), clientId: null });
    this.#deaf = link.heardEnd ? 0 : this.#deaf + 1;
    if (this.#deaf < 2) return false;
    this.#deaf = 0;
    return true;
  }

  isStuck(queue: { running: string[]; pending: string[] }): boolean {
    const key = [...queue.running, "|", ...queue.pending].join(" ");
    const idle = queue.running.length + queue.pending.length === 0;
    if (key !== this.#queueKey || idle) this.showLife();
    this.#queueKey = key;
    return this.#options.parts.isStuck({
      pending: queue.pending.length,
      running: queue.running.length,
      oursRuns: queue.running.some((id) => this.#seen.has(id)),
      silentMs: this.#options.monotonic() - this.#aliveAt,
    }, this.#options.limits);
  }

  #remember(promptId: string, seen: Seen): void {
    this.#learnt ||= !seen.stopped;
    this.#seen.delete(promptId);
    this.#seen.set(promptId, seen);
    if (this.#seen.size <= this.#options.limits.remembered) return;
    const oldest = this.#seen.keys().next().value;
    if (oldest !== undefined) this.#seen.delete(oldest);
  }

  #sign(signs: RestartSigns): void {
    if (!this.#options.parts.sawRestart(signs)) return;
    this.#number = null;
    this.#refused = false;
    this.#suspectAt = -Infinity;
    // One restart shows in several ways, one after the other: it is counted once.
    const now = this.#options.monotonic();
    if (!this.#learnt && now - this.#restartAt < SUSPECT_MS) return;
    this.#epoch += 1;
    this.#restartAt = now;
    this.#learnt = false;
    for (const [promptId, seen] of this.#seen) if (!seen.stopped) this.#seen.delete(promptId);
    this.#options.onRestart(this.#epoch);
  }
}
