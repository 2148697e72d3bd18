/** The server behind the fake ComfyUI: queue, history, files and faults, in virtual time and without IO. */
import type {
  Clock,
  Comfy,
  ComfyOutput,
  ComfyStatus,
  Hash,
  PromptNews,
  PromptState,
  Random,
} from "@/core/ports.ts";
import { fail, type Problem, problem } from "@/core/problem.ts";
import type { Definitions, Graph } from "@/core/template.ts";
import { keyOf, makeOutputs, unresolvedLoaders } from "./fake_outputs.ts";

/** One port call, as the fault hook sees it. */
export interface FakeCall {
  client: string;
  method: keyof Comfy;
  promptId?: string;
  file?: string;
}

/**
 * What the network does to a call: `before` loses the request, `after` loses the reply once the server has acted,
 * `cut` ends a download half-way. The hook may also throw, for a crash of the caller, or wait on a virtual clock.
 */
export type Fate = "ok" | "before" | "after" | "cut";

export interface FakeServerOptions {
  clock: Clock;
  random: Random;
  hash: Hash;
  id?: string;
  hook?: (call: FakeCall) => Fate | Promise<Fate>;
  /** Milliseconds that one prompt runs; 500 to 3,000 by chance without it. */
  durationMs?: (graph: Graph, promptId: string) => number;
  /** How long a running prompt goes on after an interrupt. */
  interruptLagMs?: number;
  /** Interval of `wait` while no end event comes. */
  pollMs?: number;
  /** Without it every class is known and takes anything. */
  definitions?: Definitions;
}

interface Entry {
  promptId: string;
  graph: Graph;
  startedAt: number;
  endsAt: number;
  /** Decided when it starts. */
  end: PromptState | null;
}

/** The server itself. It outlives every client; its faults are methods, never chance. */
export class FakeModel {
  readonly id: string;
  /** POSTs that reached the server, by prompt id: more than one is a double submission. */
  readonly posts = new Map<string, number>();
  /** Prompts that one life of the server got more than once. */
  readonly doubles: { promptId: string; posts: number }[] = [];
  /** Executions begun, by prompt id. */
  readonly runs = new Map<string, number>();
  /** Graphs as submitted, kept through restarts for checkers. */
  readonly graphs = new Map<string, Graph>();
  /** Most prompts that were executing and waiting at one moment. */
  peak = 0;
  /** Broken promises that the model saw, for instance an upload whose bytes do not match its name. */
  readonly violations: string[] = [];
  /** Files by place, `type/subfolder/name`. They survive a restart, except temp. */
  readonly files = new Map<string, Uint8Array>();
  epoch = 1;
  /** No end events and no progress from now on: clients learn the end by polling alone. */
  muted = false;
  ramFree = 48 * 1024 ** 3;

  readonly options: FakeServerOptions;
  /** POSTs of this life. */
  #posts = new Map<string, number>();
  #queue: Entry[] = [];
  #running: Entry | null = null;
  #history = new Map<string, PromptState>();
  #cache = new Map<string, ComfyOutput[]>();
  #listeners = new Set<(news: PromptNews) => void>();
  #dead = false;
  #workerDead = false;
  #unreachableUntil = -Infinity;
  #next: ("oom" | "error" | "reject" | "interrupt")[] = [];
  #freed = 0;

  constructor(options: FakeServerOptions) {
    this.options = options;
    this.id = options.id ?? "fake";
  }

  /** Moves the model to this moment: ends what is over, starts what waits. Every port call does it as well. */
  pump(now = this.options.clock.monotonic()): void {
    if (this.#dead || this.#workerDead) return;
    let at = this.#running?.startedAt ?? now;
    for (;;) {
      if (this.#running !== null) {
        if (this.#running.endsAt > now) return;
        at = this.#running.endsAt;
        this.#end(this.#running);
      }
      const entry = this.#queue.shift();
      if (entry === undefined) return;
      this.#start(entry, Math.max(at, entry.startedAt));
    }
  }

  /** When the running prompt will end, or null while idle: lets a simulation jump there. */
  nextEndAt(): number | null {
    return this.#dead || this.#workerDead ? null : this.#running?.endsAt ?? null;
  }

  // ------------------------------------------------------------------------------------------- Faults

  /** Queue, history, cache and the running prompt are gone; input and output files stay. */
  restart(): void {
    this.pump();
    this.epoch += 1;
    this.#posts.clear();
    this.#queue = [];
    this.#running = null;
    this.#history.clear();
    this.#cache.clear();
    this.#workerDead = false;
    for (const place of [...this.files.keys()]) if (place.startsWith("temp/")) this.files.delete(place);
  }

  /** The machine is replaced: a restart that loses the files as well. */
  wipe(): void {
    this.restart();
    this.files.clear();
  }

  /** Never answers again. */
  die(): void {
    this.#dead = true;
  }

  /** No call gets through for this long; the server works on behind it. */
  cutOff(forMs: number): void {
    this.#unreachableUntil = this.options.clock.monotonic() + forMs;
  }

  /** HTTP stays up, prompts are accepted, nothing runs until a restart. */
  killWorker(): void {
    this.pump();
    this.#workerDead = true;
    // What ran is lost: it may be sent again.
    if (this.#running !== null) this.#posts.delete(this.#running.promptId);
    this.#running = null;
  }

  /** The next prompts to start end this way, in this order; `reject` answers the next submission. */
  plan(...ends: ("oom" | "error" | "reject" | "interrupt")[]): void {
    this.#next.push(...ends);
  }

  /** Somebody else stops what runs now. */
  interruptRunning(): void {
    this.pump();
    if (this.#running !== null) this.#interrupt(this.#running, "comfy.interrupted");
  }

  /** Takes output files of a prompt, or all of them, off the disk. Returns how many there were. */
  deleteOutputs(promptId?: string): number {
    const gone = [...this.files.keys()].filter((place) =>
      place.startsWith("output/") && (promptId === undefined || place.includes(promptId))
    );
    for (const place of gone) this.files.delete(place);
    return gone.length;
  }

  get reachable(): boolean {
    return !this.#dead && this.options.clock.monotonic() >= this.#unreachableUntil;
  }

  // ------------------------------------------------------------------------------------------- Calls

  find(promptId: string): PromptState {
    if (this.#running?.promptId === promptId) return { state: "running" };
    if (this.#queue.some((entry) => entry.promptId === promptId)) return { state: "pending" };
    return this.#history.get(promptId) ?? { state: "unknown" };
  }

  post(promptId: string, graph: Graph): void {
    this.posts.set(promptId, (this.posts.get(promptId) ?? 0) + 1);
    this.graphs.set(promptId, graph);
    const missing = unresolvedLoaders(graph, this.files);
    if (missing.length > 0) {
      this.violations.push(`${promptId} names ${missing[0]}, which is not on ${this.id}`);
    }
    if (missing.length > 0) throw fail("comfy.rejected", { operator: `Invalid file: ${missing.join(", ")}` });
    if (this.#next[0] === "reject") {
      this.#next.shift();
      throw fail("comfy.rejected", { operator: "Rejected by plan." });
    }
    // What was refused is not there: whoever does not know the refusal asks and sends it again.
    const posts = (this.#posts.get(promptId) ?? 0) + 1;
    this.#posts.set(promptId, posts);
    if (posts > 1) this.doubles.push({ promptId, posts });
    const now = this.options.clock.monotonic();
    this.#queue.push({ promptId, graph, startedAt: now, endsAt: Infinity, end: null });
    this.pump(now);
    this.peak = Math.max(this.peak, this.#queue.length + (this.#running === null ? 0 : 1));
  }

  /** True when the prompt is gone or over. */
  stop(promptId: string): boolean {
    this.#queue = this.#queue.filter((entry) => entry.promptId !== promptId);
    if (this.#running?.promptId === promptId) this.#interrupt(this.#running, null);
    return this.#running?.promptId !== promptId;
  }

  status(): ComfyStatus {
    return {
      version: "0.33.0",
      epoch: this.epoch,
      vramTotal: null,
      vramFree: null,
      ramFree: this.ramFree,
      device: "fake",
      queueRunning: this.#running === null ? 0 : 1,
      queuePending: this.#queue.length,
      uploadMaxBytes: 100 * 1024 ** 2,
      stuck: this.#workerDead && this.#queue.length > 0,
    };
  }

  queue(): { running: string[]; pending: string[] } {
    return {
      running: this.#running === null ? [] : [this.#running.promptId],
      pending: this.#queue.map((entry) => entry.promptId),
    };
  }

  free(): void {
    this.#freed += 1;
  }

  /** How often memory was freed. */
  get freed(): number {
    return this.#freed;
  }

  listen(hear: (news: PromptNews) => void): () => void {
    this.#listeners.add(hear);
    return () => this.#listeners.delete(hear);
  }

  /** Share of a running prompt by time, for news. */
  share(promptId: string): number {
    const entry = this.#running;
    if (entry === null || entry.promptId !== promptId) return 0;
    const length = entry.endsAt - entry.startedAt;
    return length <= 0 ? 1 : Math.min(1, (this.options.clock.monotonic() - entry.startedAt) / length);
  }

  // ------------------------------------------------------------------------------------------- The worker

  #start(entry: Entry, at: number): void {
    this.runs.set(entry.promptId, (this.runs.get(entry.promptId) ?? 0) + 1);
    const fate = this.#next[0] === "reject" ? undefined : this.#next.shift();
    const { random, durationMs } = this.options;
    const cached = fate === undefined && this.#cache.has(keyOf(entry.graph));
    const runMs = cached ? 0 : durationMs?.(entry.graph, entry.promptId) ?? 500 + Math.floor(random() * 2500);
    entry.startedAt = at;
    entry.endsAt = at + (fate === undefined ? runMs : Math.ceil(runMs / 2));
    entry.end = endOf(fate);
    this.#running = entry;
    this.#tell({ promptId: entry.promptId, kind: "started", share: 0 });
  }

  #end(entry: Entry): void {
    this.#running = null;
    this.#history.set(entry.promptId, entry.end ?? this.#finish(entry));
    this.#tell({ promptId: entry.promptId, kind: "ended" });
  }

  #finish(entry: Entry): PromptState {
    const key = keyOf(entry.graph);
    const cached = this.#cache.get(key);
    const outputs = cached ?? makeOutputs(entry.graph, this.files, this.options.hash);
    this.#cache.set(key, outputs);
    const wall = this.options.clock.now() - this.options.clock.monotonic();
    return { state: "finished", outputs, startedAt: wall + entry.startedAt, endedAt: wall + entry.endsAt };
  }

  #interrupt(entry: Entry, code: "comfy.interrupted" | null): void {
    const now = this.options.clock.monotonic();
    entry.end ??= code === null ? { state: "cancelled" } : failed(problem(code));
    entry.endsAt = Math.min(entry.endsAt, now + (this.options.interruptLagMs ?? 0));
    this.pump(now);
  }

  #tell(news: PromptNews): void {
    if (this.muted || !this.reachable) return;
    for (const hear of [...this.#listeners]) hear(news);
  }
}

function failed(what: Problem): PromptState {
  return { state: "failed", problem: what };
}

function endOf(fate: "oom" | "error" | "reject" | "interrupt" | undefined): PromptState | null {
  if (fate === "oom") {
    return failed(problem("comfy.out_of_memory", { operator: "Node 1: torch.OutOfMemoryError" }));
  }
  if (fate === "error") {
    return failed(problem("comfy.execution", { operator: "Node 1: RuntimeError: planned" }));
  }
  if (fate === "interrupt") return failed(problem("comfy.interrupted"));
  return null;
}
