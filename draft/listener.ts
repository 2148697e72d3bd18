/** The open port: it can break every connection at once and stay closed for a while, as a dying server does. */
import type { Clock } from "@/core/ports.ts";

/** Tries to get the port back after a cut; the system frees it within moments. */
const TRIES_MAX = 200;
const TRY_PAUSE_MS = 5;
const HOLD_MS = 60_000;

export class Listener {
  readonly #clock: Clock;
  readonly #handler: (request: Request) => Promise<Response> | Response;
  readonly #hostname: string;
  #port: number;
  #abort = new AbortController();
  #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(
    options: {
      port: number;
      hostname: string;
      clock: Clock;
      handler: (request: Request) => Promise<Response> | Response;
    },
  ) {
    this.#clock = options.clock;
    this.#handler = options.handler;
    this.#hostname = options.hostname;
    this.#port = options.port;
    this.#server = this.#serve();
    this.#port = this.#server.addr.port;
  }

  get port(): number {
    return this.#port;
  }

  /** Breaks all connections (sockets see 1006) and refuses new ones for that long. */
  async cut(downMs: number, signal: AbortSignal): Promise<void> {
    // While nothing listens only this timer keeps the process alive: a clock's timers need not.
    const hold = setInterval(() => {}, HOLD_MS);
    try {
      await this.#reopen(downMs, signal);
    } finally {
      clearInterval(hold);
    }
  }

  async #reopen(downMs: number, signal: AbortSignal): Promise<void> {
    this.#abort.abort();
    if (downMs > 0) await this.#clock.sleep(downMs, signal).catch(() => {});
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        this.#abort = new AbortController();
        this.#server = this.#serve();
        return;
      } catch (problem) {
        if (!(problem instanceof Deno.errors.AddrInUse) || tries >= TRIES_MAX) throw problem;
        await this.#clock.sleep(TRY_PAUSE_MS);
      }
    }
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#server.finished;
  }

  #serve(): Deno.HttpServer<Deno.NetAddr> {
    return Deno.serve(
      { port: this.#port, hostname: this.#hostname, signal: this.#abort.signal, onListen: () => {} },
      this.#handler,
    );
  }
}
