/** A ComfyUI in memory for the simulation: the port over one deterministic server model that several clients share. */
import type { Comfy, ComfyFile, ComfyStatus, PromptNews, PromptState } from "@/core/ports.ts";
import { fail, problem } from "@/core/problem.ts";
import type { Definitions, Graph } from "@/core/template.ts";
import { FakeModel, type Fate } from "./fake_model.ts";
import { placeOf } from "./fake_outputs.ts";

export type { FakeCall, FakeServerOptions, Fate } from "./fake_model.ts";

/** The server itself. It outlives every client; its faults are methods, never chance. */
export class FakeServer extends FakeModel {
  /** A client of its own, as another process would open one. */
  client(name = "client"): Comfy {
    return new FakeComfy(this, name);
  }
}

/** One client of the fake server: the port, with one await of the hook per call. */
class FakeComfy implements Comfy {
  readonly #server: FakeModel;
  readonly #name: string;
  readonly #closed = new AbortController();
  /** Starts and ends heard and not yet acted on: a wait that begins after one must not sleep. */
  readonly #unheard = new Map<string, PromptNews[]>();
  /** Only the client that asked for the end knows that nobody else did, as with a real server. */
  readonly #stopped = new Set<string>();
  readonly #unlisten: () => void;

  constructor(server: FakeModel, name: string) {
    this.#server = server;
    this.#name = name;
    this.#unlisten = server.listen((news) => {
      if (news.kind !== "started" && news.kind !== "ended") return;
      this.#unheard.set(news.promptId, [...this.#unheard.get(news.promptId) ?? [], news]);
    });
  }

  find(promptId: string, signal?: AbortSignal): Promise<PromptState> {
    return this.#call({ method: "find", promptId, signal }, () => {
      const state = this.#server.find(promptId);
      if (state.state !== "cancelled" || this.#stopped.has(promptId)) return state;
      return { state: "failed", problem: problem("comfy.interrupted") };
    });
  }

  /** Asks first like the real client, but the answer is as old as the call's latency: two callers at once do post twice. */
  submit(promptId: string, graph: Graph, signal?: AbortSignal): Promise<void> {
    this.#server.pump();
    const known = this.#server.find(promptId).state !== "unknown";
    return this.#call({ method: "submit", promptId, signal }, () => {
      if (!known) this.#server.post(promptId, structuredClone(graph));
    });
  }

  stop(promptId: string, signal?: AbortSignal): Promise<boolean> {
    this.#stopped.add(promptId);
    return this.#call({ method: "stop", promptId, signal }, () => this.#server.stop(promptId));
  }

  async wait(
    promptId: string,
    options: { signal: AbortSignal; onNews?: (news: PromptNews) => void },
  ): Promise<void> {
    const { clock, pollMs } = this.#server.options;
    const call = { client: this.#name, method: "wait" as const, promptId };
    await this.#server.options.hook?.(call);
    options.signal.throwIfAborted();
    this.#server.pump();
    const missed = this.#unheard.get(promptId) ?? [];
    this.#unheard.delete(promptId);
    for (const news of missed) options.onNews?.(news);
    if (missed.length > 0) return;
    const awake = new AbortController();
    const unlisten = this.#server.listen((news) => {
      if (news.promptId !== promptId) return;
      options.onNews?.(news);
      if (news.kind === "started" || news.kind === "ended") awake.abort();
    });
    try {
      await clock.sleep(pollMs ?? 2000, AbortSignal.any([awake.signal, options.signal, this.#closed.signal]));
    } catch (reason) {
      if (!awake.signal.aborted) throw reason;
    } finally {
      unlisten();
    }
    this.#unheard.delete(promptId);
    if (!this.#server.reachable || this.#server.muted) return;
    const share = this.#server.share(promptId);
    if (share > 0) options.onNews?.({ promptId, kind: "progress", share });
  }

  async upload(
    file: { name: string; bytes: number; open: () => Promise<ReadableStream<Uint8Array>> },
    signal?: AbortSignal,
  ): Promise<string> {
    const content = new Uint8Array(await new Response(await file.open()).arrayBuffer());
    return await this.#call({ method: "upload", file: file.name, signal }, () => {
      const { hash } = this.#server.options;
      if (content.byteLength !== file.bytes) throw fail("asset.truncated", { operator: file.name });
      if (!file.name.startsWith(`${hash(content)}.`)) {
        this.#server.violations.push(`${file.name} does not hold what its name says`);
      }
      this.#server.files.set(
        placeOf({ filename: file.name, subfolder: "animatrix", type: "input" }),
        content,
      );
      return `animatrix/${file.name}`;
    });
  }

  async download(file: ComfyFile, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const fate = await this.#fate({ method: "download", file: file.filename, signal });
    const content = this.#server.files.get(placeOf(file));
    if (content === undefined) throw fail("comfy.output_missing", { operator: placeOf(file) });
    if (fate === "after") throw unreachable();
    const cut = fate === "cut";
    return new ReadableStream({
      start(controller) {
        controller.enqueue(cut ? content.slice(0, content.byteLength >> 1) : content.slice());
        if (cut) controller.error(unreachable());
        else controller.close();
      },
    });
  }

  exists(file: ComfyFile, signal?: AbortSignal): Promise<boolean> {
    return this.#call(
      { method: "exists", file: file.filename, signal },
      () => this.#server.files.has(placeOf(file)),
    );
  }

  definitions(
    classes: string[],
    options: { fresh?: boolean; signal?: AbortSignal } = {},
  ): Promise<Definitions> {
    return this.#call({ method: "definitions", signal: options.signal }, () => {
      const known = this.#server.options.definitions;
      const found = classes.map((name) => {
        const definition = known === undefined ? { input: {}, output: [] } : known[name];
        return [name, definition] as const;
      });
      return Object.fromEntries(
        found.flatMap(([name, definition]) => definition ? [[name, definition]] : []),
      );
    });
  }

  status(signal?: AbortSignal): Promise<ComfyStatus> {
    return this.#call({ method: "status", signal }, () => this.#server.status());
  }

  free(signal?: AbortSignal): Promise<void> {
    return this.#call({ method: "free", signal }, () => this.#server.free());
  }

  queue(signal?: AbortSignal): Promise<{ running: string[]; pending: string[] }> {
    return this.#call({ method: "queue", signal }, () => this.#server.queue());
  }

  close(): Promise<void> {
    this.#unlisten();
    this.#closed.abort(unreachable());
    return Promise.resolve();
  }

  async #fate(
    call: { method: keyof Comfy; promptId?: string; file?: string; signal?: AbortSignal },
  ): Promise<Fate> {
    const { signal, ...rest } = call;
    const fate = await this.#server.options.hook?.({ client: this.#name, ...rest }) ?? "ok";
    signal?.throwIfAborted();
    this.#closed.signal.throwIfAborted();
    if (fate === "before" || !this.#server.reachable) throw unreachable();
    this.#server.pump();
    return fate;
  }

  async #call<T>(
    call: { method: keyof Comfy; promptId?: string; file?: string; signal?: AbortSignal },
    act: () => T,
  ): Promise<T> {
    const fate = await this.#fate(call);
    const result = act();
    if (fate === "after") throw unreachable();
    return result;
  }
}

function unreachable() {
  return fail("comfy.unreachable", { operator: "The fake server did not answer." });
}
