/** Stands between the client and a ComfyUI that runs elsewhere: notes every request, and breaks what it is told to. */
import type { Seen } from "./stub_comfy.ts";

type Act = "lose" | "hang" | { status: number; type: string; text: string };

/** Passes HTTP and the socket on, without changing a byte unless a fault is set. */
export class Relay {
  readonly seen: Seen[] = [];
  /** Client ids in the order of their connections. */
  readonly connected: string[] = [];
  muted = false;
  refusesSockets = false;
  /** Waits this long with the reply to a POST of a prompt. */
  replyDelayMs = 0;
  /** The body of the next download ends after this many bytes, once per entry. */
  readonly cuts: number[] = [];
  readonly #target: string;
  readonly #prefix: string;
  readonly #once: { path: string; act: Act }[] = [];
  readonly #sockets = new Map<WebSocket, Promise<unknown>>();
  readonly #hung = new Set<() => void>();
  #server: Deno.HttpServer<Deno.NetAddr> | null = null;
  #port = 0;

  constructor(target: string, prefix = "/") {
    this.#target = target.replace(/\/$/, "");
    this.#prefix = prefix;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}${this.#prefix}`;
  }

  start(): void {
    const options = { port: this.#port, hostname: "127.0.0.1", onListen: () => undefined };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
    this.#port = this.#server.addr.port;
  }

  async stop(): Promise<void> {
    for (const end of this.#hung) end();
    this.dropSockets();
    await Promise.all(this.#sockets.values());
    await this.#server?.shutdown();
    this.#server = null;
  }

  dropSockets(): void {
    for (const socket of this.#sockets.keys()) socket.close();
  }

  once(path: string, act: Act): void {
    this.#once.push({ path, act });
  }

  /** What a client never sends on its own: straight to the server, unnoted. */
  async post(path: string): Promise<void> {
    const response = await fetch(`${this.#target}/${path}`, { method: "POST" });
    await response.body?.cancel();
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const inside = url.pathname.startsWith(this.#prefix);
    const path = inside ? url.pathname.slice(this.#prefix.length) : `outside:${url.pathname}`;
    const [origin, auth] = [request.headers.get("origin"), request.headers.get("authorization")];
    const seen: Seen = { method: request.method, path, query: url.search, origin, auth, body: null };
    this.seen.push(seen);
    if (path === "ws") return this.#connect(request, url);
    const at = this.#once.findIndex((fault) => fault.path === path);
    const act = at < 0 ? null : this.#once.splice(at, 1)[0]?.act ?? null;
    if (act === "hang") await new Promise<void>((resolve) => this.#hung.add(resolve));
    const reply = act === null || act === "lose" ? await this.#pass(request, url, seen) : null;
    if (act !== null && act !== "lose" && act !== "hang") {
      await request.body?.cancel();
      return new Response(act.text, { status: act.status, headers: { "content-type": act.type } });
    }
    if (act === null && reply !== null) return reply;
    await reply?.body?.cancel();
    return broken();
  }

  async #pass(request: Request, url: URL, seen: Seen): Promise<Response> {
    const bytes = request.method === "POST" ? new Uint8Array(await request.arrayBuffer()) : undefined;
    const headers = new Headers();
    for (const name of ["content-type", "range", "if-range"]) {
      const value = request.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    if (bytes !== undefined && !/^multipart/.test(headers.get("content-type") ?? "")) {
      seen.body = bytes.length === 0 ? null : JSON.parse(new TextDecoder().decode(bytes));
    }
    const { method } = request;
    const reply = await fetch(`${this.#target}/${seen.path}${url.search}`, { method, headers, body: bytes });
    if (seen.path === "prompt") await new Promise((resolve) => setTimeout(resolve, this.replyDelayMs));
    const cut = seen.path === "view" && method === "GET" ? this.cuts.shift() : undefined;
    if (cut === undefined) return reply;
    const whole = new Uint8Array(await reply.arrayBuffer());
    return new Response(ReadableStream.from([whole.subarray(0, cut)]), reply);
  }

  #connect(request: Request, url: URL): Response {
    if (this.refusesSockets) return new Response(null, { status: 503 });
    this.connected.push(url.searchParams.get("clientId") ?? "");
    const { socket: near, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    const far = new WebSocket(`${this.#target.replace(/^http/, "ws")}/ws${url.search}`);
    far.binaryType = "arraybuffer";
    const early: string[] = [];
    this.#sockets.set(near, Promise.all([closed(near), closed(far)]));
    far.onopen = () => early.forEach((text) => far.send(text));
    let heard = false;
    far.onmessage = ({ data }) => {
      // A deaf socket has said who it is.
      if (near.readyState === WebSocket.OPEN && !(this.muted && heard)) near.send(data);
      heard = true;
    };
    near.onmessage = ({ data }) => {
      if (far.readyState === WebSocket.OPEN) far.send(data);
      else early.push(data);
    };
    return response;

    function closed(socket: WebSocket): Promise<void> {
      return new Promise((resolve) =>
        socket.onclose = () => {
          far.close();
          near.close();
          resolve();
        }
      );
    }
  }
}

/** Promises a byte that never comes. */
function broken(): Response {
  return new Response(ReadableStream.from([]), { headers: { "content-length": "1" } });
}
