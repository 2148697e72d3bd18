/** One life of the server, from start to restart: queue, history, node cache, counter and the worker. */
import type { Clock, Log } from "@/core/ports.ts";
import { NodeCache } from "./cache.ts";
import { Execution, type ExecutorPorts } from "./executor.ts";
import { History } from "./history.ts";
import { Loaded } from "./loaded.ts";
import { type Prompt, PromptQueue } from "./queue.ts";
import type { Json } from "./python.ts";
import type { Sockets } from "./socket.ts";
import type { Faults } from "./faults.ts";

export interface LifePorts {
  clock: Clock;
  log: Log;
  sockets: Sockets;
  faults: Faults;
  /** Milliseconds that loading other models takes. */
  loadMs: number;
  executor: Omit<ExecutorPorts, "cache" | "clock" | "sockets" | "faults" | "onNode" | "load">;
}

export class Life {
  readonly queue: PromptQueue;
  readonly history = new History();
  readonly #cache = new NodeCache();
  readonly #loaded: Loaded;
  readonly #ports: LifePorts;
  readonly #worker: Promise<void>;
  #counter = 0;
  #wake: () => void = () => {};
  #execution: Execution | null = null;
  /** As ComfyUI: the client of the last started prompt. */
  #clientId: string | null = null;
  #node: string | null = null;
  #freeAfterwards = false;
  readonly #over = new AbortController();
  #workerDead = false;

  constructor(ports: LifePorts) {
    this.#ports = ports;
    this.#loaded = new Loaded({ ...ports, definition: ports.executor.definition });
    this.queue = new PromptQueue({ changed: () => this.#tellStatus(), filled: () => this.#wake() });
    this.#worker = this.#work();
  }

  get isWorkerDead(): boolean {
    return this.#workerDead;
  }

  status(): Json {
    return { exec_info: { queue_remaining: this.queue.remaining } };
  }

  /** The next automatic number. It rises also for prompts that are refused later. */
  takeNumber(): number {
    return this.#counter++;
  }

  /** The node that runs now for this client. */
  runningNode(clientId: string): string | null {
    return clientId === this.#clientId ? this.#node : null;
  }

  /** Interrupts what runs; with an id only that prompt. False when it does not run. */
  interrupt(promptId?: string): boolean {
    const running = this.queue.running;
    if (running === null || (promptId !== undefined && running.id !== promptId)) return false;
    this.#execution?.interrupt();
    return true;
  }

  /** Removes a waiting prompt or interrupts the running one. */
  cancel(promptId: string): boolean {
    return this.interrupt(promptId) || this.queue.remove(promptId);
  }

  /** Forgets node results: at once when idle, else after the running prompt. */
  free(): void {
    if (this.queue.running === null) this.#forget();
    else this.#freeAfterwards = true;
  }

  /** The worker takes nothing any more; what waits stays, and HTTP goes on. */
  killWorker(): void {
    this.#workerDead = true;
    this.#wake();
  }

  /** Ends without a word to anybody. Resolves when no node runs any more. */
  async end(): Promise<void> {
    this.#over.abort();
    this.#execution?.abandon();
    this.#wake();
    await this.#worker;
  }

  async #work(): Promise<void> {
    while (!this.#over.signal.aborted && !this.#workerDead) {
      const prompt = this.#take();
      if (prompt === null) continue;
      if (prompt === undefined) await new Promise<void>((resolve) => this.#wake = resolve);
      else await this.#serve(prompt);
    }
  }

  /** Undefined when nothing waits, null when the worker died of a comparison. */
  #take(): Prompt | undefined | null {
    try {
      return this.queue.take();
    } catch (problem) {
      this.#workerDead = true;
      this.#ports.log.error("worker died", { reason: String(problem) });
      return null;
    }
  }

  async #serve(prompt: Prompt): Promise<void> {
    const execution = new Execution(prompt, {
      ...this.#ports.executor,
      clock: this.#ports.clock,
      sockets: this.#ports.sockets,
      faults: this.#ports.faults,
      cache: this.#cache,
      load: (graph, signal) => this.#loaded.load(graph, signal),
      onNode: (node) => this.#node = node,
    });
    this.#execution = execution;
    this.#clientId = execution.clientId;
    const ending = await execution.run();
    this.#execution = null;
    const gapMs = this.#ports.faults.settings.historyGapMs;
    if (gapMs > 0) await this.#ports.clock.sleep(gapMs, this.#over.signal).catch(() => {});
    if (this.#over.signal.aborted) return;
    this.queue.finish(() => this.history.record(prompt, ending));
    if (this.#clientId !== null) {
      this.#ports.sockets.send("executing", { node: null, prompt_id: prompt.id }, this.#clientId);
    }
    if (this.#freeAfterwards) this.#forget();
    this.#freeAfterwards = false;
    this.#ports.log.debug("prompt ended", { prompt: prompt.id, status: ending.status.status_str });
  }

  #forget(): void {
    this.#cache.clear();
    this.#loaded.forget();
  }

  #tellStatus(): void {
    if (!this.#over.signal.aborted) this.#ports.sockets.send("status", { status: this.status() }, null);
  }
}
