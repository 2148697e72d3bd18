/** The worker of the stub ComfyUI: one prompt at a time, with the events, cache, history and faults of the recordings. */
import type { Graph } from "@/core/template.ts";
import { cacheKey, inOrder, SAVES } from "./stub_nodes.ts";

export interface StubItem {
  number: number;
  promptId: string;
  graph: Graph;
  clientId: string | null;
}

export interface StubEntry {
  prompt: unknown[];
  outputs: Record<string, Record<string, unknown>>;
  status: { status_str: string; completed: boolean; messages: [string, Record<string, unknown>][] };
  meta: Record<string, unknown>;
}

export type StubEnd = "oom" | "error" | "interrupted" | "success_with_error" | "blocked";

export interface StubFaults {
  historyGapMs: number;
  noise: boolean;
  /** How the next prompts end. */
  ends: StubEnd[];
  stepMs: number;
  outputBytes: number;
  hasState: boolean;
}

type Emit = (message: { type: string; data: unknown } | Uint8Array, to: string | null | "all") => void;

export class StubWorker {
  queue: StubItem[] = [];
  running: StubItem | null = null;
  history = new Map<string, StubEntry>();
  counter = 0;
  /** Executions by prompt id. */
  readonly runs = new Map<string, number>();
  isDead = false;
  readonly #files: Map<string, Uint8Array>;
  readonly #faults: StubFaults;
  readonly #emit: Emit;
  #cache = new Map<string, Record<string, unknown>>();
  #interrupted = false;
  /** Rises with a restart: work of an older life stops. */
  #life = 0;
  #work: Promise<void> = Promise.resolve();
  #isWorking = false;

  constructor(files: Map<string, Uint8Array>, faults: StubFaults, emit: Emit) {
    this.#files = files;
    this.#faults = faults;
    this.#emit = emit;
  }

  put(item: StubItem): void {
    this.queue.push(item);
    this.#tellStatus();
    if (!this.#isWorking && !this.isDead) this.#work = this.#loop(this.#life);
  }

  interrupt(): void {
    this.#interrupted = true;
  }

  tellQueue(): void {
    this.#tellStatus();
  }

  forget(): void {
    this.#life += 1;
    this.queue = [];
    this.running = null;
    this.history.clear();
    this.#cache.clear();
    this.counter = 0;
    this.isDead = false;
    this.#isWorking = false;
  }

  /** The thread dies: HTTP stays up, prompts are accepted, nothing runs. */
  kill(): void {
    this.#life += 1;
    this.isDead = true;
    this.running = null;
    this.#isWorking = false;
  }

  async end(): Promise<void> {
    this.#life += 1;
    await this.#work;
  }

  get remaining(): number {
    return this.queue.length + (this.running === null ? 0 : 1);
  }

  async #loop(life: number): Promise<void> {
    this.#isWorking = true;
    for (;;) {
      await pause(0);
      if (life !== this.#life) return;
      this.queue.sort((a, b) => a.number - b.number);
      const item = this.isDead ? undefined : this.queue.shift();
      if (item === undefined) break;
      this.running = item;
      this.runs.set(item.promptId, (this.runs.get(item.promptId) ?? 0) + 1);
      this.#interrupted = false;
      this.#tellStatus();
      await this.#run(item, () => life === this.#life);
    }
    this.#isWorking = false;
  }

  async #run(item: StubItem, isAlive: () => boolean): Promise<void> {
    const { promptId, graph, clientId } = item;
    const messages: StubEntry["status"]["messages"] = [];
    const tell = (type: string, data: Record<string, unknown>, stored = false) => {
      const whole = { ...data, prompt_id: promptId, ...(stored ? { timestamp: Date.now() } : {}) };
      if (stored) messages.push([type, whole]);
      if (clientId !== null && isAlive()) this.#emit({ type, data: whole }, clientId);
    };
    if (this.#faults.noise) this.#makeNoise(clientId);
    const order = inOrder(graph);
    const cached = order.filter((id) => this.#cache.has(cacheKey(graph, id)));
    tell("execution_start", {}, true);
    tell("execution_cached", { nodes: cached }, true);
    const outputs: StubEntry["outputs"] = {};
    let failure: string | null = null;
    try {
      const end = this.#faults.ends.shift();
      for (const id of order) {
        if (!isAlive()) return;
        if (end !== undefined && !cached.includes(id)) await this.#breakNode(id, item, { end, tell });
        const ui = this.#cache.get(cacheKey(graph, id)) ?? await this.#runNode(id, item, tell, isAlive);
        this.#cache.set(cacheKey(graph, id), ui);
        if (Object.keys(ui).length === 0) continue;
        outputs[id] = ui;
        tell("executed", { node: id, display_node: id, output: ui });
      }
      tell("execution_success", {}, true);
      if (end === "success_with_error") {
        messages.push(["execution_error", { exception_type: "Exception", exception_message: "Cycle" }]);
      }
    } catch (thrown) {
      failure = String(thrown);
    }
    await pause(this.#faults.historyGapMs);
    if (!isAlive()) return;
    const status = {
      status_str: failure === null ? "success" : "error",
      completed: failure === null,
      messages,
    };
    const stored = [item.number, promptId, graph, { client_id: clientId }, Object.keys(outputs)];
    this.history.set(promptId, { prompt: stored, outputs, status, meta: {} });
    this.running = null;
    this.#tellStatus();
    tell("executing", { node: null });
  }

  async #breakNode(
    id: string,
    item: StubItem,
    options: { end: StubEnd; tell: (type: string, data: Record<string, unknown>, stored?: boolean) => void },
  ): Promise<void> {
    const { end, tell } = options;
    await Promise.resolve();
    const node = { node_id: id, node_type: item.graph[id]?.class_type, executed: [] };
    const error = { ...node, traceback: ['  File "ComfyUI/execution.py", line 545, in execute'] };
    const current_inputs = { image: ["tensor([[0.0]])"] };
    if (end === "oom" || end === "error") {
      const oom = end === "oom";
      tell("execution_error", {
        ...error,
        current_inputs,
        exception_type: oom ? "torch.OutOfMemoryError" : "RuntimeError",
        exception_message: oom
          ? "Allocation on device 0 would exceed allowed memory. (out of memory)\n\nTIPS: a smaller batch."
          : "mat1 and mat2 shapes cannot be multiplied\n",
      }, true);
      throw new Error(end);
    }
    if (end === "interrupted") {
      tell("execution_interrupted", node, true);
      throw new Error(end);
    }
    if (end === "blocked") tell("execution_error", { ...error, exception_type: "ExecutionBlocked" });
  }

  async #runNode(
    id: string,
    item: StubItem,
    tell: (type: string, data: Record<string, unknown>, stored?: boolean) => void,
    isAlive: () => boolean,
  ): Promise<Record<string, unknown>> {
    const node = item.graph[id];
    if (node === undefined) return {};
    const nodeOf = (value: number, max: number, state: string) => ({
      [id]: { value, max, state, node_id: id, display_node_id: id, parent_node_id: null, real_node_id: id },
    });
    if (this.#faults.hasState) tell("progress_state", { nodes: nodeOf(0, 1, "running") });
    tell("executing", { node: id, display_node: id });
    const steps = node.class_type === "KSampler" ? Number(node.inputs.steps) : 0;
    for (let step = 1; step <= steps && isAlive(); step++) {
      await pause(this.#faults.stepMs);
      if (this.#interrupted) {
        tell("execution_interrupted", { node_id: id, node_type: node.class_type, executed: [] }, true);
        throw new Error("interrupted");
      }
      if (this.#faults.hasState) tell("progress_state", { nodes: nodeOf(step, steps, "running") });
      tell("progress", { value: step, max: steps, node: id });
      if (item.clientId !== null) {
        this.#emit(previewOf(item.promptId, id, this.#faults.hasState), item.clientId);
      }
    }
    if (this.#faults.hasState) tell("progress_state", { nodes: nodeOf(1, 1, "finished") });
    return this.#save(node.class_type, node.inputs, item.promptId);
  }

  #save(className: string, inputs: Record<string, unknown>, promptId: string): Record<string, unknown> {
    const save = SAVES[className];
    if (save === undefined) return {};
    const prefix = save.type === "temp" ? "ComfyUI_temp_abcde" : String(inputs.filename_prefix);
    const cut = prefix.lastIndexOf("/");
    const subfolder = prefix.slice(0, Math.max(0, cut));
    for (let count = 1;; count++) {
      const filename = `${prefix.slice(cut + 1)}_${String(count).padStart(5, "0")}${save.tail}.${save.ext}`;
      const place = [save.type, subfolder, filename].filter((part) => part !== "").join("/");
      if (this.#files.has(place)) continue;
      const text = `${promptId} `.repeat(Math.ceil(this.#faults.outputBytes / 37)).slice(
        0,
        this.#faults.outputBytes,
      );
      this.#files.set(place, new TextEncoder().encode(text));
      const item = { filename, subfolder, type: save.type };
      if (className === "SaveText") return { text: ["hello"], files: [item] };
      if (className === "VHS_VideoCombine") {
        return {
          gifs: [{ ...item, format: "video/h264-mp4", frame_rate: 16, fullpath: `ComfyUI/${filename}` }],
        };
      }
      return { [save.key]: [item], ...(className === "SaveVideo" ? { animated: [true] } : {}) };
    }
  }

  /** Messages that a client must survive: unknown, damaged, out of range, and ends that name no prompt. */
  #makeNoise(to: string | null): void {
    const running = this.running?.promptId;
    for (
      const message of [
        { type: "crystools.monitor", data: { cpu: 1 } },
        { type: "progress", data: { value: 7, max: 0, node: "2", prompt_id: running } },
        { type: "progress", data: { value: 9, max: 2, node: "1", prompt_id: running } },
        { type: "progress", data: { value: -1.5, max: 2.5, node: "1", prompt_id: running } },
        { type: "progress", data: "nothing" },
        { type: "executing", data: { node: null } },
        { type: "execution_success", data: {} },
        { type: "execution_error", data: { exception_type: "ExecutionBlocked", prompt_id: running } },
        new Uint8Array([0, 0, 0, 99, 1, 2, 3, 4, 5, 6]),
        new Uint8Array([0, 0, 0, 4, 255, 255, 255, 255, 5, 6]),
        new Uint8Array([1]),
      ]
    ) this.#emit(message, to);
  }

  #tellStatus(): void {
    const data = { status: { exec_info: { queue_remaining: this.remaining } } };
    this.#emit({ type: "status", data }, "all");
  }
}

/** Event 4 with metadata, or event 1 without, around a few bytes. */
function previewOf(promptId: string, node: string, withMeta: boolean): Uint8Array {
  const image = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
  const meta = new TextEncoder().encode(JSON.stringify({
    prompt_id: promptId,
    node_id: node,
    display_node_id: node,
    image_type: "image/jpeg",
  }));
  const frame = new Uint8Array(8 + (withMeta ? meta.byteLength : 0) + image.byteLength);
  const view = new DataView(frame.buffer);
  view.setUint32(0, withMeta ? 4 : 1);
  view.setUint32(4, withMeta ? meta.byteLength : 1);
  if (withMeta) frame.set(meta, 8);
  frame.set(image, frame.byteLength - image.byteLength);
  return frame;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
