/** Runs one prompt: what its outputs need, node by node, with ComfyUI's events in ComfyUI's order. */
import type { Clock } from "@/core/ports.ts";
import { keyNodes, type KeyRules, type NodeCache } from "./cache.ts";
import { Blocked, type NodeContext, type NodeKind, type NodeResult } from "./contract.ts";
import { describeFailure, describeInputs, Interrupted, OOM_MESSAGE, OOM_TYPE } from "./failure.ts";
import { type Faults, findFault, type PromptFault, readMs } from "./faults.ts";
import type { Ending } from "./history.ts";
import { finaliseInputs } from "./inputs.ts";
import { readLink, RunOrder } from "./order.ts";
import { ProgressBoard } from "./progress.ts";
import { type Json, PythonError } from "./python.ts";
import type { Prompt, PromptGraph, PromptNode } from "./queue.ts";
import { NodeFailure } from "./contract.ts";
import type { NodeDefinition } from "@/core/template.ts";
import type { Sockets } from "./socket.ts";

export interface ExecutorPorts {
  clock: Clock;
  cache: NodeCache;
  sockets: Sockets;
  faults: Faults;
  kind: (name: string) => NodeKind | undefined;
  definition: (name: string) => NodeDefinition | undefined;
  context: Pick<NodeContext, "folders" | "media" | "stepMs">;
  /** Waits until the models of a graph would be in memory. */
  load: (graph: PromptGraph, signal: AbortSignal) => Promise<void>;
  /** Cached outputs go to history even when the prompt has no client. */
  keepsCachedOutputs: boolean;
  /** The node that runs now; null when none does. */
  onNode: (nodeId: string | null) => void;
  /** Removes the files that a prompt just made: for the fault of that name. */
  removeFiles: (outputs: Ending["outputs"]) => Promise<void>;
}

/** Faults that strike when a node starts. */
const STRIKES = ["oom", "error", "interrupt", "hang", "blocked", "success_with_error"];

/** Raised to end the prompt in the odd state "success with an error message". */
class StrangeEnd extends Error {}

export class Execution {
  readonly #prompt: Prompt;
  readonly #ports: ExecutorPorts;
  readonly #clientId: string | null;
  readonly #board: ProgressBoard;
  readonly #results = new Map<string, NodeResult>();
  readonly #cached = new Set<string>();
  readonly #executed: string[] = [];
  readonly #messages: [string, Json][] = [];
  readonly #outputs: Ending["outputs"] = {};
  readonly #meta: Ending["meta"] = {};
  readonly #abort = new AbortController();
  #keys = new Map<string, string | null>();
  #order: RunOrder;
  #inputs: Json = {};
  #node: string | null = null;
  #strikes: PromptFault[];
  /** Over for the outside: a restarted server says nothing about its former life. */
  #silent = false;

  constructor(prompt: Prompt, ports: ExecutorPorts) {
    this.#prompt = prompt;
    this.#ports = ports;
    this.#clientId = typeof prompt.extra.client_id === "string" ? prompt.extra.client_id : null;
    this.#board = new ProgressBoard({
      promptId: prompt.id,
      clientId: this.#clientId,
      sockets: ports.sockets,
    });
    this.#strikes = prompt.faults.filter((entry) => STRIKES.includes(entry.fault));
    this.#order = new RunOrder({}, [], { isCached: () => false, isOutput: () => false, isLazy: () => false });
  }

  get clientId(): string | null {
    return this.#clientId;
  }

  /** Takes effect where a node looks: at its start, at a sampler's step, in a wait. */
  interrupt(): void {
    if (findFault(this.#prompt.faults, "cancel_race") === undefined) this.#abort.abort(new Interrupted());
  }

  /** Ends at once and without a word. */
  abandon(): void {
    this.#silent = true;
    this.#board.close();
    this.#abort.abort(new Interrupted());
  }

  async run(): Promise<Ending> {
    this.#say("execution_start", {});
    try {
      await this.#ports.load(this.#prompt.graph, this.#abort.signal);
      await this.#runNodes();
      if (findFault(this.#prompt.faults, "missing_output")) await this.#ports.removeFiles(this.#outputs);
      this.#say("execution_success", {});
      return this.#end("success");
    } catch (problem) {
      return this.#fail(problem);
    } finally {
      this.#board.close();
      this.#ports.onNode(null);
    }
  }

  async #runNodes(): Promise<void> {
    const { graph, outputs } = this.#prompt;
    this.#keys = await keyNodes(graph, this.#keyRules());
    for (const [id, key] of this.#keys) {
      const result = key === null ? undefined : this.#ports.cache.get(key);
      if (result === undefined) continue;
      this.#results.set(id, result);
      this.#cached.add(id);
    }
    this.#say("execution_cached", { nodes: [...this.#cached] });
    const isOutput = (id: string): boolean => this.#definition(id)?.output_node === true;
    this.#order = new RunOrder(graph, outputs, {
      isCached: (id) => this.#cached.has(id),
      isOutput,
      isLazy: (id, input) => this.#isLazy(id, input),
    });
    for (let id = this.#order.next(); id !== undefined; id = this.#order.next()) {
      if (await this.#runNode(id)) this.#order.complete(id);
    }
  }

  #keyRules(): KeyRules {
    const { graph } = this.#prompt;
    return {
      fingerprint: async (id) => {
        const node = graph[id];
        const kind = node && this.#ports.kind(node.class_type);
        if (!node || !kind?.fingerprint) return "";
        const values = Object.entries(node.inputs).filter(([, value]) => readLink(value) === null);
        return await kind.fingerprint(Object.fromEntries(values), this.#ports.context.folders);
      },
      usesId: (id) => JSON.stringify(this.#definition(id)?.input.hidden ?? {}).includes('"UNIQUE_ID"'),
    };
  }

  /** False when the node waits for lazy inputs and must be started again. */
  async #runNode(id: string): Promise<boolean> {
    const node = this.#prompt.graph[id];
    if (node === undefined) throw new PythonError("KeyError", `'${id}'`);
    const strike = this.#takeStrike(id, node);
    const cached = strike === undefined && this.#cached.has(id) ? this.#results.get(id) : undefined;
    if (cached !== undefined) {
      this.#tellCached(id, cached);
      return true;
    }
    this.#node = id;
    this.#inputs = {};
    this.#board.start(id);
    this.#ports.onNode(id);
    this.#tell("executing", { node: id, display_node: id });
    if (this.#ports.faults.settings.unknownMessages && !this.#silent) {
      this.#ports.sockets.send("draft.unknown", { node: id }, null);
    }
    if (strike !== undefined && (await this.#strike(strike, id, node))) return true;
    if (this.#waitsForLazy(id, node)) return false;
    const result = await this.#compute(id, node);
    this.#keep(id, result);
    return true;
  }

  async #compute(id: string, node: PromptNode): Promise<NodeResult> {
    this.#inputs = this.#resolve(node.inputs);
    const blocker = Object.values(this.#inputs).find((value) => value instanceof Blocked);
    if (blocker instanceof Blocked) return this.#block(id, node, blocker);
    const kind = this.#ports.kind(node.class_type);
    if (kind === undefined) throw new NodeFailure(`'${node.class_type}'`, "KeyError");
    this.#checkArguments(id, node);
    this.#checkInterrupted();
    const result = await kind.run(this.#inputs, this.#makeContext(id));
    const key = this.#keys.get(id);
    if (key !== null && key !== undefined) this.#ports.cache.set(key, result);
    return result;
  }

  #keep(id: string, result: NodeResult): void {
    this.#results.set(id, result);
    this.#executed.unshift(id);
    this.#board.flush();
    if (result.ui !== undefined && Object.keys(result.ui).length > 0) {
      this.#show(id, result.ui);
      this.#tell("executed", { node: id, display_node: id, output: result.ui });
    }
    this.#board.finish(id);
  }

  #tellCached(id: string, result: NodeResult): void {
    this.#tell("executed", { node: id, display_node: id, output: result.ui ?? null });
    const isKept = this.#clientId !== null || this.#ports.keepsCachedOutputs;
    if (result.ui !== undefined && isKept) this.#show(id, result.ui);
    this.#board.finish(id);
  }

  #show(id: string, ui: Record<string, unknown[]>): void {
    this.#outputs[id] = ui;
    this.#meta[id] = { node_id: id, display_node: id, parent_node: null, real_node_id: id };
  }

  /** Required dynamic combos without a known option pass validation and are missed by the call. */
  #checkArguments(id: string, node: PromptNode): void {
    const definition = this.#definition(id);
    const [missing] = definition ? finaliseInputs(definition, node.inputs).missingArguments : [];
    if (missing === undefined) return;
    const message = `${node.class_type}.execute() missing 1 required positional argument: '${missing}'`;
    throw new PythonError("TypeError", message);
  }

  #resolve(inputs: Json): Json {
    const resolved: Json = {};
    for (const [name, value] of Object.entries(inputs)) {
      const link = readLink(value);
      const source = link === null ? undefined : this.#results.get(link[0]);
      if (link === null || !Object.hasOwn(this.#prompt.graph, link[0])) resolved[name] = value;
      else if (source !== undefined) resolved[name] = source.outputs.at(link[1]);
    }
    return resolved;
  }

  #waitsForLazy(id: string, node: PromptNode): boolean {
    const lazy = Object.keys(node.inputs).filter((name) => this.#isLazy(id, name));
    if (lazy.length === 0) return false;
    const needs = this.#ports.kind(node.class_type)?.needs?.(this.#resolve(node.inputs)) ?? lazy;
    return this.#order.demand(id, needs);
  }

  /** A verbose blocker sends an error that is not stored; the prompt still succeeds. */
  #block(id: string, node: PromptNode, blocker: Blocked): NodeResult {
    if (blocker.message !== null) {
      this.#tell("execution_error", {
        node_id: id,
        node_type: node.class_type,
        executed: [...this.#executed],
        exception_message: `Execution Blocked: ${blocker.message}`,
        exception_type: "ExecutionBlocked",
        traceback: [],
        current_inputs: [],
        current_outputs: [],
      });
    }
    const slots = this.#definition(id)?.output.length ?? 0;
    return { outputs: Array.from({ length: slots }, () => new Blocked(null)) };
  }

  #takeStrike(id: string, node: PromptNode): PromptFault | undefined {
    const at = this.#strikes.findIndex((entry) => {
      const target = entry.fault === "slow" ? undefined : entry.value;
      if (target !== undefined) return String(target) === id || target === node.class_type;
      return entry.fault !== "blocked" || this.#definition(id)?.output_node === true;
    });
    return at < 0 ? undefined : this.#strikes.splice(at, 1)[0];
  }

  /** True when the node is done with. */
  async #strike(strike: PromptFault, id: string, node: PromptNode): Promise<boolean> {
    if (strike.fault === "oom") throw new NodeFailure(OOM_MESSAGE, OOM_TYPE);
    if (strike.fault === "error") {
      throw new NodeFailure("a failure was ordered for this prompt", "RuntimeError");
    }
    if (strike.fault === "interrupt") throw new Interrupted();
    if (strike.fault === "success_with_error") throw new StrangeEnd("Dependency cycle detected");
    if (strike.fault === "hang") await this.#ports.faults.hang();
    if (strike.fault !== "blocked") return false;
    this.#keep(id, this.#block(id, node, new Blocked("Blocked Execution")));
    return true;
  }

  #makeContext(id: string): NodeContext {
    const slow = findFault(this.#prompt.faults, "slow");
    const { clock, context } = this.#ports;
    return {
      ...context,
      promptId: this.#prompt.id,
      nodeId: id,
      signal: this.#abort.signal,
      stepMs: slow === undefined ? context.stepMs : readMs(slow, 200),
      progress: (value, max) => {
        this.#checkInterrupted();
        this.#board.step(id, { value, max });
      },
      preview: (bytes, type) => this.#board.preview(id, { bytes, type }),
      text: (text) => this.#board.text(id, text),
      drift: () => this.#ports.faults.drift(),
      now: () => clock.now(),
      sleep: (ms) => clock.sleep(ms, this.#abort.signal),
    };
  }

  #checkInterrupted(): void {
    if (this.#abort.signal.aborted) throw new Interrupted();
  }

  #fail(problem: unknown): Ending {
    const id = this.#node ?? "";
    const where = {
      node_id: id,
      node_type: this.#prompt.graph[id]?.class_type ?? "",
      executed: [...this.#executed],
    };
    this.#board.flush();
    // A wait inside a node may reject with any error once the signal fired: what counts is the signal.
    if (problem instanceof Interrupted || this.#abort.signal.aborted) {
      this.#say("execution_interrupted", where);
      return this.#end("error");
    }
    if (problem instanceof StrangeEnd) {
      const error = new NodeFailure(problem.message, "graph.DependencyCycleError");
      this.#say("execution_error", {
        ...where,
        ...describeFailure(error, where.node_type),
        ...this.#current(),
      });
      return this.#end("success");
    }
    this.#say("execution_error", {
      ...where,
      ...describeFailure(problem, where.node_type),
      ...this.#current(),
    });
    return this.#end("error");
  }

  #current(): Json {
    return { current_inputs: describeInputs(this.#inputs), current_outputs: Object.keys(this.#prompt.graph) };
  }

  #end(status: "success" | "error"): Ending {
    return {
      outputs: this.#outputs,
      status: { status_str: status, completed: status === "success", messages: this.#messages },
      meta: this.#meta,
    };
  }

  /** Stored in history, and sent to the owner; only an interruption is told to everybody when there is no owner. */
  #say(event: string, fields: Json): void {
    const data = { prompt_id: this.#prompt.id, ...fields, timestamp: this.#ports.clock.now() };
    this.#messages.push([event, data]);
    const isBroadcast = event === "execution_interrupted";
    if (!this.#silent && (this.#clientId !== null || isBroadcast)) {
      this.#ports.sockets.send(event, data, this.#clientId);
    }
  }

  /** Sent to the owner alone and not stored. */
  #tell(event: string, fields: Json): void {
    if (this.#silent || this.#clientId === null) return;
    this.#ports.sockets.send(event, { ...fields, prompt_id: this.#prompt.id }, this.#clientId);
  }

  #isLazy(id: string, input: string): boolean {
    const definition = this.#definition(id);
    const entry = definition?.input.required?.[input] ?? definition?.input.optional?.[input];
    return Array.isArray(entry) && Boolean(entry[1]?.lazy);
  }

  #definition(id: string): NodeDefinition | undefined {
    const node = this.#prompt.graph[id];
    return node === undefined ? undefined : this.#ports.definition(node.class_type);
  }
}
