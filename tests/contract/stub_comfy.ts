/** A small ComfyUI in memory for contract tests: HTTP and WebSocket as recorded, with every fault on a switch. */
import { z } from "zod";
import { Graph } from "@/core/template.ts";
import { judgeGraph, stubDefinitions } from "./stub_nodes.ts";
import { type StubEnd, type StubFaults, type StubItem, StubWorker } from "./stub_worker.ts";

/** One request as the server saw it. */
export interface Seen {
  method: string;
  path: string;
  query: string;
  origin: string | null;
  auth: string | null;
  body: unknown;
}

export interface StubSetup {
  version?: string;
  prefix?: string;
  /** Value that the authorization header must have, on HTTP and WebSocket. */
  auth?: string;
}

const PromptBody = z.looseObject({
  prompt: Graph,
  prompt_id: z.string(),
  client_id: z.string().optional(),
});
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const OOPS = "500 Internal Server Error\n\nServer got itself in trouble";

export class StubComfy {
  readonly files = new Map<string, Uint8Array>();
  readonly seen: Seen[] = [];
  /** Client ids in the order of their connections. */
  readonly connected: string[] = [];
  readonly faults: StubFaults = {
    historyGapMs: 0,
    noise: false,
    ends: [],
    stepMs: 1,
    outputBytes: 1000,
    hasState: true,
  };
  readonly worker: StubWorker;
  models = ["sd_xl_base_1.0.safetensors"];
  uploadMax: number | null = 104_857_600;
  muted = false;
  refusesSockets = false;
  repliesLate = false;
  #setup: StubSetup;
  #server: Deno.HttpServer<Deno.NetAddr> | null = null;
  #sockets = new Map<string, WebSocket>();
  #all = new Set<WebSocket>();
  #once: { path: string; act: "lose" | "hang" | Response }[] = [];
  #partial: Record<string, unknown>[] = [];
  #cuts: number[] = [];
  #hung: (() => void)[] = [];
  #port = 0;

  constructor(setup: StubSetup = {}) {
    this.#setup = setup;
    this.worker = new StubWorker(this.files, this.faults, (message, to) => this.#emit(message, to));
    this.setVersion(setup.version ?? "0.33.0");
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}${this.#setup.prefix ?? "/"}`;
  }

  start(): void {
    const onError = () => new Response(OOPS, { status: 500 });
    const options = { port: this.#port, hostname: "127.0.0.1", onListen() {}, onError };
    this.#server = Deno.serve(options, (request) => this.#handle(request));
    this.#port = this.#server.addr.port;
  }

  /** Nothing listens until `start` is called again; the port stays. */
  async down(): Promise<void> {
    this.dropSockets();
    for (const release of this.#hung.splice(0)) release();
    await this.#server?.shutdown();
    this.#server = null;
  }

  async close(): Promise<void> {
    await this.down();
    await this.worker.end();
  }

  setVersion(version: string): void {
    this.#setup = { ...this.#setup, version };
    this.faults.hasState = this.#atLeast("0.3.60");
  }

  restart(): void {
    this.worker.forget();
    for (const place of [...this.files.keys()]) if (place.startsWith("temp/")) this.files.delete(place);
    this.dropSockets();
  }

  dropSockets(): void {
    for (const socket of this.#all) socket.close();
    this.#all.clear();
    this.#sockets.clear();
  }

  /** The next request to this path: its reply is lost after the effect, never comes, or is this one. */
  once(path: string, act: "lose" | "hang" | Response): void {
    this.#once.push({ path, act });
  }

  nextNodeErrors200(): void {
    const error = {
      type: "value_smaller_than_min",
      message: "Value 0 smaller than min of 1",
      details: "width",
    };
    this.#partial.push({ "3": { errors: [error], dependent_outputs: ["4"], class_type: "EmptyImage" } });
  }

  nextEnd(end: StubEnd): void {
    this.faults.ends.push(end);
  }

  /** The next download breaks off after so many bytes. */
  cutDownload(bytes: number): void {
    this.#cuts.push(bytes);
  }

  #atLeast(version: string): boolean {
    const parts = (text: string) => text.split(".").map(Number);
    const [have, want] = [parts(this.#setup.version ?? "0.33.0"), parts(version)];
    for (let at = 0; at < 3; at++) {
      if ((have[at] ?? 0) !== (want[at] ?? 0)) return (have[at] ?? 0) > (want[at] ?? 0);
    }
    return true;
  }

  async #handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const prefix = this.#setup.prefix ?? "/";
    const path = url.pathname.startsWith(prefix)
      ? url.pathname.slice(prefix.length)
      : `outside:${url.pathname}`;
    const [origin, auth] = [request.headers.get("origin"), request.headers.get("authorization")];
    const seen: Seen = { method: request.method, path, query: url.search, origin, auth, body: null };
    this.seen.push(seen);
    const allowed = this.#setup.auth === undefined || auth === this.#setup.auth;
    if (!allowed) return new Response("<html>Sign in</html>", html(401));
    if (origin !== null) return new Response(null, { status: 403 });
    if (path === "ws") return this.#connect(request, url.searchParams.get("clientId") ?? crypto.randomUUID());
    const at = this.#once.findIndex((fault) => fault.path === path);
    const fault = at < 0 ? null : this.#once.splice(at, 1)[0]?.act ?? null;
    if (fault instanceof Response) {
      await request.body?.cancel();
      return fault;
    }
    if (fault === "hang") await new Promise<void>((resolve) => this.#hung.push(resolve));
    const response = await this.#route(request, url, seen);
    if (fault === "lose") return new Response(ReadableStream.from(breakOff(new Uint8Array(1))));
    return response;
  }

  async #route(request: Request, url: URL, seen: Seen): Promise<Response> {
    const { path } = seen;
    if (path.startsWith("api/jobs")) return this.#jobs(request, path.slice("api/jobs/".length), seen);
    if (path.startsWith("history")) return this.#historyOf(path.slice("history/".length));
    if (path.startsWith("object_info/")) {
      const name = decodeURIComponent(path.slice("object_info/".length));
      const definition = Object.entries(stubDefinitions(this.models)).filter(([known]) => known === name);
      return Response.json(Object.fromEntries(definition));
    }
    if (request.method === "POST" && path !== "upload/image") {
      const text = await request.text();
      if (this.uploadMax !== null && text.length > this.uploadMax) return tooBig(this.uploadMax);
      seen.body = text === "" ? null : JSON.parse(text);
    }
    switch (path) {
      case "prompt":
        return await this.#prompt(seen.body);
      case "queue":
        return this.#queue(seen.body);
      case "interrupt":
        return this.#interrupt(seen.body);
      case "free":
        return empty();
      case "upload/image":
        return await this.#upload(request);
      case "view":
        return this.#view(request, url);
      case "features":
        if (!this.#atLeast("0.7.0")) break;
        return Response.json({ supports_preview_metadata: true, max_upload_size: this.uploadMax });
      case "system_stats":
        return Response.json({
          system: { os: "posix", ram_total: 2, ram_free: 1, comfyui_version: this.#setup.version, argv: [] },
          devices: [{ name: "stub", type: "cpu", index: 0, vram_total: 8, vram_free: 4 }],
        });
    }
    return new Response(null, { status: 404 });
  }

  async #prompt(body: unknown): Promise<Response> {
    const read = PromptBody.safeParse(body);
    if (!read.success) return new Response(OOPS, { status: 500 });
    const { prompt: graph, prompt_id: promptId, client_id: clientId } = read.data;
    const number = this.worker.counter++;
    if (this.#atLeast("0.25.0") && !UUID.test(promptId)) {
      return refused({ type: "invalid_prompt_id", message: "prompt_id must be a valid UUID", details: "" });
    }
    const isOld = !this.#atLeast("0.25.0");
    const verdict = judgeGraph(graph, { models: this.models, files: this.files, isOld });
    if (verdict !== null) return Response.json(verdict, { status: 400 });
    this.worker.put({ number, promptId, graph, clientId: clientId ?? null });
    const node_errors = this.#partial.shift() ?? {};
    while (this.repliesLate && !this.worker.history.has(promptId)) await pause(1);
    return Response.json({ prompt_id: promptId, number, node_errors });
  }

  #jobs(request: Request, rest: string, seen: Seen): Response {
    const [id = "", action] = rest.split("/");
    if (!this.#atLeast("0.7.0") || (action === "cancel" && !this.#atLeast("0.25.0"))) {
      return new Response(null, { status: 404 });
    }
    if (action === "cancel" && request.method === "POST") {
      seen.body = id;
      const known = this.worker.running?.promptId === id || this.#pending(id) !== undefined;
      this.#takeOut([id]);
      if (this.worker.running?.promptId === id) this.worker.interrupt();
      return Response.json({ cancelled: known });
    }
    const status = this.#statusOf(id);
    if (status === null) return Response.json({ error: "Job not found" }, { status: 404 });
    const entry = this.worker.history.get(id);
    if (entry === undefined) return Response.json({ id, status, priority: 0, outputs_count: 0 });
    const error = entry.status.messages.find(([event]) => event === "execution_error")?.[1];
    return Response.json({
      id,
      status,
      outputs: entry.outputs,
      execution_status: entry.status,
      ...(error === undefined ? {} : { execution_error: error }),
      workflow: { prompt: entry.prompt[2], extra_data: entry.prompt[3] },
    });
  }

  #statusOf(id: string): string | null {
    if (this.worker.running?.promptId === id) return "in_progress";
    if (this.#pending(id) !== undefined) return "pending";
    const entry = this.worker.history.get(id);
    if (entry === undefined) return null;
    if (entry.status.status_str === "success") return "completed";
    return entry.status.messages.some(([event]) => event === "execution_interrupted")
      ? "cancelled"
      : "failed";
  }

  #historyOf(id: string): Response {
    if (id === "") return Response.json(Object.fromEntries(this.worker.history));
    const entry = this.worker.history.get(id);
    return Response.json(entry === undefined ? {} : { [id]: entry });
  }

  #queue(body: unknown): Response {
    const deletion = z.looseObject({ delete: z.array(z.string()) }).safeParse(body);
    if (deletion.success) {
      this.#takeOut(deletion.data.delete);
      return empty();
    }
    const row = (
      item: StubItem,
    ) => [item.number, item.promptId, item.graph, { client_id: item.clientId }, ["9"]];
    const { running, queue } = this.worker;
    // A heap is not sorted: the reverse of the order is as good as any.
    return Response.json({
      queue_running: running === null ? [] : [row(running)],
      queue_pending: queue.map(row).reverse(),
    });
  }

  #interrupt(body: unknown): Response {
    const target = z.looseObject({ prompt_id: z.string() }).safeParse(body);
    if (!target.success || target.data.prompt_id === this.worker.running?.promptId) this.worker.interrupt();
    return empty();
  }

  #pending(id: string): StubItem | undefined {
    return this.worker.queue.find((item) => item.promptId === id);
  }

  #takeOut(ids: string[]): void {
    this.worker.queue = this.worker.queue.filter((item) => !ids.includes(item.promptId));
    this.worker.tellQueue();
  }

  async #upload(request: Request): Promise<Response> {
    const form = await request.formData();
    const image = form.get("image");
    const [subfolder, type] = [String(form.get("subfolder") ?? ""), String(form.get("type") ?? "input")];
    if (!(image instanceof File)) return new Response(null, { status: 400 });
    const bytes = await image.bytes();
    if (this.uploadMax !== null && bytes.byteLength > this.uploadMax) return tooBig(this.uploadMax);
    const dot = image.name.lastIndexOf(".");
    for (let count = 0;; count++) {
      const name = count === 0
        ? image.name
        : `${image.name.slice(0, dot)} (${count})${image.name.slice(dot)}`;
      const place = [type, subfolder, name].filter((part) => part !== "").join("/");
      const there = this.files.get(place);
      if (there !== undefined && there.join() !== bytes.join()) continue;
      this.files.set(place, bytes);
      return Response.json({ name, subfolder, type });
    }
  }

  #view(request: Request, url: URL): Response {
    const query = (key: string, fallback: string) => url.searchParams.get(key) ?? fallback;
    const parts = [query("type", "output"), query("subfolder", ""), query("filename", "")];
    const bytes = this.files.get(parts.filter((part) => part !== "").join("/"));
    if (bytes === undefined) return new Response(null, { status: 404 });
    const headers = new Headers({ "content-type": "image/png", etag: `"${bytes.byteLength}"` });
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
    if (start > 0) headers.set("content-range", `bytes ${start}-${bytes.byteLength - 1}/${bytes.byteLength}`);
    headers.set("content-length", String(bytes.byteLength - start));
    const status = start > 0 ? 206 : 200;
    if (request.method === "HEAD") return new Response(null, { status, headers });
    const cut = this.#cuts.shift();
    const body = cut === undefined
      ? bytes.slice(start)
      : ReadableStream.from(breakOff(bytes.slice(start, start + cut)));
    return new Response(body, { status, headers });
  }

  #connect(request: Request, clientId: string): Response {
    if (this.refusesSockets) return new Response(null, { status: 502 });
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.connected.push(clientId);
      this.#sockets.set(clientId, socket);
      this.#all.add(socket);
      const status = { exec_info: { queue_remaining: this.worker.remaining } };
      socket.send(JSON.stringify({ type: "status", data: { status, sid: clientId } }));
    };
    // The defect of #16010: the close of an old socket removes whichever socket has its id now.
    socket.onclose = () => {
      this.#sockets.delete(clientId);
      this.#all.delete(socket);
    };
    return response;
  }

  #emit(message: { type: string; data: unknown } | Uint8Array, to: string | null | "all"): void {
    if (this.muted || to === null) return;
    const one = this.#sockets.get(to);
    const targets = to === "all" ? this.#sockets.values() : one === undefined ? [] : [one];
    for (const socket of targets) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      socket.send(message instanceof Uint8Array ? message.slice().buffer : JSON.stringify(message));
    }
  }
}

function html(status: number): ResponseInit {
  return { status, headers: { "content-type": "text/html" } };
}

function empty(): Response {
  return new Response(new Uint8Array(), { headers: { "content-type": "application/octet-stream" } });
}

function tooBig(limit: number): Response {
  return new Response(`Maximum request body size ${limit} exceeded.`, { status: 413 });
}

function refused(error: { type: string; message: string; details: string }): Response {
  return Response.json({ error: { ...error, extra_info: {} }, node_errors: {} }, { status: 400 });
}

/** Sends some bytes and then breaks the connection. */
async function* breakOff(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
  await pause(5);
  throw new Error("cut");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
