/** HTTP to one ComfyUI: base address with path prefix, auth header, time limits, and errors as problems. */
import type { z } from "zod";
import type { Secret } from "@/core/config.ts";
import type { Clock } from "@/core/ports.ts";
import { fail, StudioError } from "@/core/problem.ts";
import type { Limits } from "./limits.ts";
import { readJson, type Reply, replyProblem, unreachable } from "./problems.ts";

export interface Endpoint {
  /** Ends with a slash. */
  base: string;
  headers: Record<string, string>;
}

/**
 * Rule 25. Keeps a path prefix as in `https://host/comfy/`; credentials in the address become a header, because fetch
 * refuses them. `authHeader` is `Name: value`. Throws studio.config.
 */
export function readEndpoint(url: string, authHeader: Secret | null): Endpoint {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw fail("studio.config", { operator: "A ComfyUI address must begin with http:// or https://." });
  }
  const headers: Record<string, string> = {};
  if (parsed.username !== "") {
    const pair = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
    headers.authorization = `Basic ${btoa(pair)}`;
  }
  if (authHeader !== null) {
    const [, name, value] = /^([A-Za-z0-9-]+):\s*(.+)$/.exec(authHeader.reveal()) ?? [];
    if (name === undefined || value === undefined) {
      throw fail("studio.config", { operator: "The auth header of ComfyUI must read `Name: value`." });
    }
    headers[name.toLowerCase()] = value;
  }
  const path = parsed.pathname.endsWith("/") ? parsed.pathname : `${parsed.pathname}/`;
  return { base: `${parsed.protocol}//${parsed.host}${path}`, headers };
}

/** Joins below the base, never at the root of the host; values of the query are percent-encoded. */
export function addressOf(base: string, path: string, query: Record<string, string> = {}): string {
  const pairs = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return `${base}${path}${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
}

/** `wss` for `https`, at the same prefix. */
export function socketAddress(base: string, clientId: string): string {
  return addressOf(base.replace(/^http/, "ws"), "ws", { clientId });
}

export interface Ask {
  method?: "GET" | "HEAD" | "POST";
  query?: Record<string, string>;
  json?: unknown;
  body?: ReadableStream<Uint8Array>;
  headers?: Record<string, string>;
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface HttpOptions {
  endpoint: Endpoint;
  clock: Clock;
  limits: Limits;
  addressOf: typeof addressOf;
  fetch: typeof fetch;
  /** Opens a TCP connection: tells a dead host in seconds. */
  connect: (address: { hostname: string; port: number }) => Promise<{ close(): void }>;
  /** Hears whether the last call got through; `refused` means that nothing listens there. */
  onReach: (reach: "answered" | "refused" | "silent") => void;
}

/** How long a success spares the next call the TCP check. */
const FRESH_MS = 10_000;

export class Http {
  readonly #options: HttpOptions;
  readonly #closed = new AbortController();
  #answeredAt = -Infinity;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  close(): void {
    this.#closed.abort(unreachable("The client was closed."));
  }

  /** A break between two tries, ended by the caller or by closing the client. */
  async pause(ms: number, signal?: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(ms, AbortSignal.any([this.#closed.signal, ...(signal ? [signal] : [])]));
  }

  /** A checked JSON reply. A status that `allow` lists is handed over unread. */
  async json<T>(path: string, ask: Ask & { schema: z.ZodType<T> }): Promise<T> {
    return parseReply(await this.text(path, ask), ask.schema);
  }

  /** The whole reply as text; throws for every status but 2xx and those in `allow`. */
  async text(path: string, ask: Ask & { allow?: number[] } = {}): Promise<Reply> {
    const { timeoutMs = this.#options.limits.jsonMs } = ask;
    return await this.within(timeoutMs, { signal: ask.signal }, async (signal) => {
      const response = await this.#send(path, ask, signal);
      const text = await readText(response, this.#options.limits.jsonBytesMax);
      const reply: Reply = { ...headOf(response), text, path };
      if (response.ok || ask.allow?.includes(response.status) === true) return reply;
      throw replyProblem(reply);
    });
  }

  /** The bare response: the caller reads or cancels its body. `signal` must end the whole exchange. */
  async open(path: string, ask: Ask & { signal: AbortSignal }): Promise<Response> {
    return await this.#guard(ask.signal, () => this.#send(path, ask, ask.signal));
  }

  /** Runs something against this server with one deadline; what the network throws becomes comfy.unreachable. */
  async within<T>(
    timeoutMs: number,
    options: { signal?: AbortSignal },
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    options.signal?.throwIfAborted();
    const deadline = new AbortController();
    const done = new AbortController();
    const signals = [deadline.signal, this.#closed.signal, ...(options.signal ? [options.signal] : [])];
    const timer = this.#options.clock.sleep(timeoutMs, done.signal)
      .then(() => deadline.abort(unreachable(`No answer within ${timeoutMs} ms.`)), () => undefined);
    try {
      const signal = AbortSignal.any(signals);
      return await this.#guard(signal, () => run(signal));
    } finally {
      done.abort();
      await timer;
    }
  }

  async #guard<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    try {
      const result = await run();
      this.#answeredAt = this.#options.clock.monotonic();
      this.#options.onReach("answered");
      return result;
    } catch (thrown) {
      if (thrown instanceof StudioError) {
        if (thrown.problem.code !== "comfy.unreachable") this.#answeredAt = this.#options.clock.monotonic();
        throw thrown;
      }
      if (signal.aborted) throw this.#reasonOf(signal);
      const text = textOf(thrown);
      this.#options.onReach(/refused/i.test(text) ? "refused" : "silent");
      throw unreachable(text, thrown);
    }
  }

  #reasonOf(signal: AbortSignal): unknown {
    if (signal.reason instanceof StudioError) this.#options.onReach("silent");
    return signal.reason;
  }

  /** Sends no Origin: fetch outside a browser adds none, and ComfyUI refuses foreign ones. */
  async #send(path: string, ask: Ask, signal: AbortSignal): Promise<Response> {
    const { endpoint } = this.#options;
    await this.#knock(signal);
    const headers: Record<string, string> = { ...endpoint.headers, ...ask.headers };
    if (ask.json !== undefined) headers["content-type"] = "application/json";
    return await this.#options.fetch(this.#options.addressOf(endpoint.base, path, ask.query), {
      method: ask.method ?? "GET",
      headers,
      body: ask.json === undefined ? ask.body : JSON.stringify(ask.json),
      redirect: "manual",
      signal,
    });
  }

  /** fetch has no time limit of its own for connecting, and the one for replies is six times as long. */
  async #knock(signal: AbortSignal): Promise<void> {
    const { clock, limits, endpoint, connect } = this.#options;
    if (clock.monotonic() - this.#answeredAt < FRESH_MS) return;
    const { hostname, port, protocol } = new URL(endpoint.base);
    const address = {
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
    };
    const opened = connect(address).then((connection) => connection.close(), () => undefined);
    const done = new AbortController();
    const late = clock.sleep(limits.connectMs, AbortSignal.any([done.signal, signal]))
      .then(() => "late" as const, () => "done" as const);
    // Only silence counts here: what a refusal means is read from fetch itself, which may go through a proxy.
    const first = await Promise.race([opened, late]);
    done.abort();
    signal.throwIfAborted();
    if (first === "late") throw unreachable(`No connection within ${limits.connectMs} ms.`);
  }
}

/** A reply that fails its schema says so, with the first fault; HTML under a good status comes from a proxy. */
export function parseReply<T>(reply: Reply, schema: z.ZodType<T>): T {
  const value = readJson(reply.text);
  if (value === undefined) {
    const code = reply.type === "text/html" || /^\s*</.test(reply.text) ? "comfy.proxy" : "comfy.protocol";
    throw fail(code, { operator: `No JSON from ${reply.path}: ${reply.text.slice(0, 200)}` });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined ? "" : `${issue.path.join(".")}: ${issue.message}`;
  throw fail("comfy.protocol", { operator: `Unexpected reply from ${reply.path}: ${where}` });
}

export function headOf(response: Response): { status: number; type: string; retryAfter: string | null } {
  return {
    status: response.status,
    type: (response.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "",
    retryAfter: response.headers.get("retry-after"),
  };
}

/** fetch says no more than "fetch failed"; the cause says why. */
function textOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause === undefined ? thrown.message : `${thrown.message}: ${textOf(thrown.cause)}`;
}

/** Reads to the end, or gives up past the limit: a runaway reply must not fill the memory. */
async function readText(response: Response, bytesMax: number): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw fail("comfy.protocol", { operator: `Reply over ${bytesMax} bytes.` });
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
