/** The ComfyUI client: the only code that speaks to one. HTTP is the truth, the WebSocket a hint. */
import type { Secret } from "@/core/config.ts";
import type { RawMeta } from "@/core/comfy/outputs.ts";
import type {
  Clock,
  ComfyFile,
  ComfyStatus,
  Ids,
  Log,
  PromptNews,
  PromptState,
  Random,
} from "@/core/ports.ts";
import { fail, problem } from "@/core/problem.ts";
import type { Definitions, Graph } from "@/core/template.ts";
import { DefinitionCache } from "./definitions.ts";
import { downloadFile, type DownloadOptions, sizeOf } from "./download.ts";
import { readFrame } from "./frames.ts";
import { wireGraph } from "./graph_text.ts";
import { type Endpoint, Http, parseReply, readEndpoint, socketAddress } from "./http.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { type CountingComfy, ServerMemory } from "./memory.ts";
import { NewsDesk } from "./news.ts";
import { PARTS, type Parts } from "./parts.ts";
import { readJson, rejection, type Reply, replyProblem, tooLarge, unreachable } from "./problems.ts";
import {
  CancelReply,
  Features,
  History,
  Job,
  JobMissing,
  PromptReply,
  Queue,
  RejectReply,
  SystemStats,
} from "./schemas.ts";
import { Link } from "./socket.ts";
import { needsMeta, pendingInOrder, stateInQueue, stateOfHistory, stateOfJob } from "./state.ts";
import { fits, type UploadFile, uploadFile } from "./upload.ts";

export interface ComfyOptions {
  /** Names the server in logs. */
  id: string;
  /** Base address; path prefixes and https work. */
  url: string;
  /** `Name: value`, sent with every request and on the WebSocket. */
  authHeader: Secret | null;
  clock: Clock;
  ids: Ids;
  random: Random;
  log: Log;
  limits?: Partial<Limits>;
  /** Epoch to count on from; 1 without it. */
  epoch?: number;
  fetch?: typeof fetch;
  connect?: (address: { hostname: string; port: number }) => Promise<{ close(): void }>;
  /** Tests replace parts to prove that they are needed. */
  parts?: Partial<Parts>;
}

/** Opens nothing yet: the socket is connected with the first prompt. Throws studio.config for a bad address. */
export function openComfy(options: ComfyOptions): CountingComfy {
  return new ComfyClient(options);
}

const PROMPT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

class ComfyClient implements CountingComfy {
  readonly #options: ComfyOptions;
  readonly #limits: Limits;
  readonly #parts: Parts;
  readonly #endpoint: Endpoint;
  readonly #http: Http;
  readonly #link: Link;
  readonly #desk: NewsDesk;
  readonly #memory: ServerMemory;
  readonly #closed = new AbortController();
  /** Waits under way, woken when the connection drops. */
  readonly #waits = new Set<AbortController>();
  readonly #definitions: DefinitionCache;
  #uploadMax: number | null | undefined;
  /** Null until the first answer tells. */
  #hasJobs: boolean | null = null;
  #canCancel: boolean | null = null;

  constructor(options: ComfyOptions) {
    const { clock, random, log, ids } = options;
    const limits = this.#limits = { ...LIMITS, ...options.limits };
    const parts = this.#parts = { ...PARTS, ...options.parts };
    this.#options = options;
    this.#endpoint = readEndpoint(options.url, options.authHeader);
    this.#memory = new ServerMemory({
      epoch: options.epoch ?? 1,
      limits,
      parts,
      monotonic: () => clock.monotonic(),
      onRestart: (epoch) => this.#restarted(epoch),
    });
    this.#http = new Http({
      endpoint: this.#endpoint,
      clock,
      limits,
      addressOf: parts.addressOf,
      fetch: options.fetch ?? fetch,
      connect: options.connect ?? ((address) => Deno.connect(address)),
      onReach: (reach) => {
        if (reach === "refused") this.#memory.refused();
        if (reach === "answered") this.#memory.answered();
      },
    });
    this.#definitions = new DefinitionCache(this.#http, clock);
    const { newsMs, remembered } = limits;
    this.#desk = new NewsDesk({ monotonic: () => clock.monotonic(), newsMs, remembered, parts });
    this.#link = new Link({
      address: (clientId) => socketAddress(this.#endpoint.base, clientId),
      headers: this.#endpoint.headers,
      clock,
      random,
      log,
      limits,
      nextId: (previous) => parts.nextClientId(previous, () => ids.uuid4().replaceAll("-", "")),
      onFrame: (frame) => this.#hear(frame),
      onUp: () => this.#memory.answered(),
      onDown: () => this.#dropped(),
      onRefused: () => this.#memory.refused(),
    });
  }

  catchUp(epoch: number): void {
    this.#memory.catchUp(epoch);
  }

  async find(promptId: string, signal?: AbortSignal): Promise<PromptState> {
    const state = await this.#look(promptId, signal);
    this.#memory.looked(promptId, state);
    if (state.state === "unknown" || state.state === "pending" || state.state === "running") return state;
    const heardEnd = this.#desk.endedAt(promptId) !== null;
    if (this.#memory.missedEnd(promptId, { clientId: this.#link.clientId, heardEnd })) {
      this.#link.renew("two prompts ended without a word");
    }
    if (state.state !== "cancelled" || this.#memory.wasStopped(promptId)) return state;
    return { state: "failed", problem: problem("comfy.interrupted") };
  }

  async submit(promptId: string, graph: Graph, signal?: AbortSignal): Promise<void> {
    const wire = this.#checkGraph(promptId, graph);
    await this.#link.ready(signal);
    const clientId = this.#link.clientId ?? this.#options.ids.uuid4().replaceAll("-", "");
    const json = this.#parts.promptBody(wire, { promptId, clientId });
    await this.#checkSize(json, signal);
    if (!this.#parts.needsPost(await this.#look(promptId, signal))) return;
    this.#parts.expectPrompt(this.#desk, promptId, graph);
    const reply = await this.#http.text("prompt", { method: "POST", json, signal, allow: [400] });
    if (!this.#parts.staysKnown(reply.status)) this.#definitions.clear();
    if (reply.status === 400) throw this.#refusal(reply, wire);
    const accepted = parseReply(reply, PromptReply);
    this.#memory.posted(promptId, clientId);
    if (typeof accepted.number === "number") this.#memory.counted(accepted.number);
    if (accepted.prompt_id !== promptId) {
      await this.stop(accepted.prompt_id, signal);
      throw fail("comfy.protocol", { operator: "The server does not take prompt ids; it is too old." });
    }
    if (!this.#parts.hasNodeErrors(accepted.node_errors)) return;
    await this.stop(promptId, signal);
    throw rejection({ node_errors: accepted.node_errors }, wire);
  }

  async stop(promptId: string, signal?: AbortSignal): Promise<boolean> {
    this.#memory.stopped(promptId);
    if (this.#canCancel !== false) {
      const [call] = this.#parts.stopCalls(promptId, { canCancel: true, runsNow: false });
      if (call !== undefined) await this.#cancel(call, signal);
    }
    if (this.#canCancel === false) {
      const runsNow = (await this.queue(signal)).running.includes(promptId);
      for (const { path, json } of this.#parts.stopCalls(promptId, { canCancel: false, runsNow })) {
        await this.#http.text(path, { method: "POST", json, signal });
      }
    }
    const { state } = await this.#look(promptId, signal);
    return state !== "pending" && state !== "running";
  }

  async wait(
    promptId: string,
    options: { signal: AbortSignal; onNews?: (news: PromptNews) => void },
  ): Promise<void> {
    const { clock, random } = this.#options;
    options.signal.throwIfAborted();
    void this.#link.ready();
    this.#desk.expect(promptId, null);
    const wake = new AbortController();
    this.#waits.add(wake);
    const endListening = this.#desk.listen(promptId, (news) => {
      options.onNews?.(news);
      if (this.#parts.isWorthALook(news.kind)) wake.abort();
    });
    try {
      const endedAt = this.#desk.endedAt(promptId);
      const endedAgoMs = endedAt === null ? null : clock.monotonic() - endedAt;
      const connected = this.#link.clientId !== null;
      const delayMs = this.#parts.pollDelayMs({ connected, endedAgoMs }, { limits: this.#limits, random });
      await clock.sleep(delayMs, AbortSignal.any([wake.signal, options.signal, this.#closed.signal]));
    } catch (reason) {
      if (!wake.signal.aborted) throw reason;
    } finally {
      this.#desk.takeEnd(promptId);
      this.#waits.delete(wake);
      endListening();
    }
  }

  async upload(file: UploadFile, signal?: AbortSignal): Promise<string> {
    const bytesMax = await this.#uploadLimit(signal);
    const { ids } = this.#options;
    return await uploadFile(file, {
      http: this.#http,
      limits: this.#limits,
      parts: this.#parts,
      bytesMax,
      isThere: async (place, bytes) => await sizeOf(place, this.#transfer(signal)) === bytes,
      boundary: `animatrix-${ids.uuid4()}`,
      signal,
    });
  }

  async download(file: ComfyFile, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return await downloadFile(file, this.#transfer(signal));
  }

  async exists(file: ComfyFile, signal?: AbortSignal): Promise<boolean> {
    return await sizeOf(file, this.#transfer(signal)) !== null;
  }

  async definitions(
    classes: string[],
    options: { fresh?: boolean; signal?: AbortSignal } = {},
  ): Promise<Definitions> {
    return await this.#definitions.read(classes, options);
  }

  async status(signal?: AbortSignal): Promise<ComfyStatus> {
    const [stats, queue, uploadMaxBytes] = await Promise.all([
      this.#http.json("system_stats", { schema: SystemStats, signal }),
      this.queue(signal),
      this.#uploadLimit(signal),
    ]);
    return {
      version: stats.system.comfyui_version ?? "unknown",
      epoch: this.#memory.epoch,
      ...this.#parts.memoryOf(stats),
      queueRunning: queue.running.length,
      queuePending: queue.pending.length,
      uploadMaxBytes,
      stuck: this.#memory.isStuck(queue),
    };
  }

  /** 200 means that the flag is set: an idle worker acts at once, a busy one after its prompt. */
  async free(signal?: AbortSignal): Promise<void> {
    await this.#http.text("free", { method: "POST", json: this.#parts.freeBody(), signal });
  }

  async queue(signal?: AbortSignal): Promise<{ running: string[]; pending: string[] }> {
    const queue = await this.#http.json("queue", { schema: Queue, signal });
    return { running: queue.queue_running.map(([, id]) => id), pending: pendingInOrder(queue) };
  }

  async close(): Promise<void> {
    this.#closed.abort(unreachable("The client was closed."));
    this.#http.close();
    await this.#link.close();
  }

  // ------------------------------------------------------------------------------------------- Looking

  async #look(promptId: string, signal?: AbortSignal): Promise<PromptState> {
    if (this.#hasJobs !== false) {
      const state = await this.#lookJobs(promptId, signal);
      if (state !== null) return state;
    }
    return await this.#lookHistory(promptId, signal);
  }

  /** Null when the server has no jobs routes (before 0.7.0). */
  async #lookJobs(promptId: string, signal?: AbortSignal): Promise<PromptState | null> {
    const reply = await this.#http.text(`api/jobs/${promptId}`, { allow: [404, 405], signal });
    if (reply.status === 200) {
      this.#hasJobs = true;
      const job = parseReply(reply, Job);
      const meta = needsMeta(job) ? await this.#metaOf(promptId, signal) : null;
      return stateOfJob(job, { meta, parts: this.#parts });
    }
    if (JobMissing.safeParse(readJson(reply.text)).success) {
      this.#hasJobs = true;
      return { state: "unknown" };
    }
    // A server that had the routes a moment ago has not lost them: something else answered.
    if (this.#hasJobs === true || reply.type === "text/html") {
      throw replyProblem({ ...reply, status: 502 });
    }
    this.#hasJobs = false;
    return null;
  }

  /** Between a look at history and one at the queue the prompt may end, so history is asked twice. */
  async #lookHistory(promptId: string, signal?: AbortSignal): Promise<PromptState> {
    const inHistory = async () => {
      const path = this.#parts.historyPath(promptId);
      const entry = (await this.#http.json(path, { schema: History, signal }))[promptId];
      return entry === undefined ? null : stateOfHistory(entry, this.#parts);
    };
    const first = await inHistory();
    if (first !== null) return first;
    const queued = stateInQueue(await this.#http.json("queue", { schema: Queue, signal }), promptId);
    return queued ?? await inHistory() ?? { state: "unknown" };
  }

  async #metaOf(promptId: string, signal?: AbortSignal): Promise<RawMeta | null> {
    const history = await this.#http.json(this.#parts.historyPath(promptId), { schema: History, signal });
    return history[promptId]?.meta ?? null;
  }

  // ------------------------------------------------------------------------------------------- Sending

  #checkGraph(promptId: string, graph: Graph): Graph {
    if (!PROMPT_ID.test(promptId)) {
      throw fail("comfy.rejected", { operator: `"${promptId}" is no canonical lower-case UUID.` });
    }
    const foreign = this.#parts.foreignPrefixes(graph, promptId);
    if (foreign.length > 0) {
      const operator = `The prompt id is missing in filename_prefix of node ${foreign.join(", ")}.`;
      throw fail("template.bind_failed", { operator });
    }
    return wireGraph(graph);
  }

  /** The limit for uploads holds for prompts as well. */
  async #checkSize(json: unknown, signal?: AbortSignal): Promise<void> {
    const bytesMax = await this.#uploadLimit(signal);
    const bytes = new TextEncoder().encode(JSON.stringify(json)).byteLength;
    if (!fits(bytes, bytesMax)) throw tooLarge(`size ${bytesMax} exceeded`, `The graph has ${bytes} bytes.`);
  }

  #refusal(reply: Reply, graph: Graph) {
    const refused = RejectReply.safeParse(readJson(reply.text));
    return refused.success ? rejection(refused.data, graph) : replyProblem(reply);
  }

  async #cancel(call: { path: string; json: unknown }, signal?: AbortSignal): Promise<void> {
    const reply = await this.#http.text(call.path, {
      method: "POST",
      json: call.json,
      signal,
      allow: [404, 405],
    });
    this.#canCancel = reply.status === 200 && CancelReply.safeParse(readJson(reply.text)).success;
  }

  /** Null where the server has no `/features` (old) or no limit. */
  async #uploadLimit(signal?: AbortSignal): Promise<number | null> {
    if (this.#uploadMax !== undefined) return this.#uploadMax;
    const reply = await this.#http.text("features", { allow: [404, 405], signal });
    const features = Features.safeParse(readJson(reply.text));
    this.#uploadMax = features.success ? Math.floor(features.data.max_upload_size ?? 0) || null : null;
    return this.#uploadMax;
  }

  #transfer(signal?: AbortSignal): DownloadOptions {
    return { http: this.#http, limits: this.#limits, parts: this.#parts, signal };
  }

  // ------------------------------------------------------------------------------------------- Hearing

  #hear(frame: string | Uint8Array): void {
    this.#memory.showLife();
    const event = readFrame(frame);
    if (event !== null) this.#desk.take(event);
  }

  /** Whoever waits looks again by HTTP: events of the lost connection do not come back. */
  #dropped(): void {
    this.#memory.linkDropped();
    this.#desk.forgetCurrent();
    for (const wake of this.#waits) wake.abort();
  }

  /** Another version may run now, with other models, limits and routes. */
  #restarted(epoch: number): void {
    this.#options.log.warn("comfy restarted", { backend: this.#options.id, epoch });
    this.#definitions.clear();
    this.#uploadMax = undefined;
    this.#hasJobs = null;
    this.#canCancel = null;
  }
}
