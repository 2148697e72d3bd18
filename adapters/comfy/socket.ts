/** Keeps one WebSocket to a ComfyUI alive: a fresh client id per connection, pings, and re-connecting with back-off. */
// @ts-types="./ws_types.d.ts"
import WebSocket from "ws";
import type { Clock, Log, Random } from "@/core/ports.ts";
import type { Limits } from "./limits.ts";

export interface LinkOptions {
  /** Address for a client id. */
  address: (clientId: string) => string;
  headers: Record<string, string>;
  clock: Clock;
  random: Random;
  log: Log;
  limits: Limits;
  /** Rule 5: must differ from the previous id, or a late close of the old socket removes the new one (#16010). */
  nextId: (previous: string | null) => string;
  onFrame: (frame: string | Uint8Array) => void;
  onUp: (clientId: string) => void;
  onDown: () => void;
  /** Nothing listens at the address: the server is down, not merely slow. */
  onRefused: () => void;
}

export class Link {
  readonly #options: LinkOptions;
  readonly #closed = new AbortController();
  #running: Promise<void> | null = null;
  #socket: WebSocket | null = null;
  #clientId: string | null = null;
  #previous: string | null = null;
  #waiting: (() => void)[] = [];
  #fails = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Id of the open connection, or null. */
  get clientId(): string | null {
    return this.#clientId;
  }

  /** Starts the connection at first use. Resolves when it is up, or when the try under way failed or took too long. */
  async ready(signal?: AbortSignal): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#running ??= this.#run();
    // One failure may be a blip; after two the work goes on without a socket.
    if (this.#clientId !== null || this.#fails > 1) return;
    const done = new AbortController();
    const up = new Promise<void>((resolve) => this.#waiting.push(resolve));
    const late = this.#options.clock.sleep(
      this.#options.limits.connectMs,
      AbortSignal.any([done.signal, this.#closed.signal, ...(signal ? [signal] : [])]),
    ).catch(() => undefined);
    await Promise.race([up, late]);
    done.abort();
  }

  /** Drops a connection that is open and tells nothing. */
  renew(reason: string): void {
    this.#options.log.warn("comfy socket renewed", { reason });
    this.#socket?.terminate();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#socket?.terminate();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, limits, random } = this.#options;
    while (!this.#closed.signal.aborted) {
      const lasted = await this.#connect();
      this.#fails = lasted ? 1 : this.#fails + 1;
      for (const resolve of this.#waiting.splice(0)) resolve();
      const delayMs = backoff(this.#fails, limits.backoffMs, random);
      await clock.sleep(delayMs, this.#closed.signal).catch(() => undefined);
    }
  }

  /** One connection from opening to its end. True when it was up. */
  async #connect(): Promise<boolean> {
    const { address, headers, limits, log, nextId, onFrame, onDown, onRefused } = this.#options;
    const clientId = this.#previous = nextId(this.#previous);
    const socket = new WebSocket(address(clientId), {
      headers,
      handshakeTimeout: limits.connectMs,
      perMessageDeflate: false,
      maxPayload: limits.jsonBytesMax,
    });
    this.#socket = socket;
    const over = new AbortController();
    let heard = true;
    let up = false;
    await new Promise<void>((resolve) => {
      // The first text frame decides about preview metadata; any other would forfeit it for this socket.
      socket.on("open", () => {
        socket.send(JSON.stringify({ type: "feature_flags", data: { supports_preview_metadata: true } }));
        if (this.#closed.signal.aborted) socket.terminate();
      });
      socket.on("message", (data, binary) => {
        heard = true;
        if (!up) this.#up(clientId);
        up = true;
        onFrame(frameOf(data, binary));
      });
      socket.on("pong", () => heard = true);
      socket.on("error", (error) => {
        if (/ECONNREFUSED/.test(error.message)) onRefused();
        log.debug("comfy socket failed", { error: error.message });
      });
      socket.on("close", () => resolve());
      void this.#ping(socket, over.signal, () => {
        const alive = heard;
        heard = false;
        return alive;
      });
    });
    over.abort();
    this.#socket = null;
    this.#clientId = null;
    if (up) onDown();
    return up;
  }

  /** The server's first message makes the connection usable: from then on it routes our events. */
  #up(clientId: string): void {
    this.#clientId = clientId;
    this.#fails = 0;
    this.#options.onUp(clientId);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** The server never pings: only an unanswered ping of ours shows a dead link. */
  async #ping(socket: WebSocket, over: AbortSignal, wasAlive: () => boolean): Promise<void> {
    const { clock, limits } = this.#options;
    for (;;) {
      try {
        await clock.sleep(limits.pingMs, over);
      } catch {
        return;
      }
      if (!wasAlive()) {
        this.renew("no answer to a ping");
        return;
      }
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    }
  }
}

/** Doubles per failure up to the most, with 30 % jitter so that many clients do not come back at once. */
export function backoff(fails: number, limit: { first: number; most: number }, random: Random): number {
  const plain = Math.min(limit.most, limit.first * 2 ** Math.min(20, Math.max(0, fails - 1)));
  return Math.round(plain * (0.7 + 0.6 * random()));
}

/** Received buffers are views into larger memory, and only views of their own part may be kept. */
function frameOf(data: Uint8Array | ArrayBuffer | Uint8Array[], binary: boolean): string | Uint8Array {
  const bytes = Array.isArray(data)
    ? Uint8Array.from(data.flatMap((part) => [...part]))
    : data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : Uint8Array.from(data);
  return binary ? bytes : new TextDecoder().decode(bytes);
}
