/** What a server with one card has in its memory: loading other models takes time, and using the same ones none. */
import type { Clock, Log } from "@/core/ports.ts";
import type { NodeDefinition } from "@/core/template.ts";
import { readLink } from "./order.ts";
import type { PromptGraph } from "./queue.ts";

export interface LoadedParts {
  /** Milliseconds that loading takes; 0 loads nothing. */
  loadMs: number;
  clock: Clock;
  log: Log;
  definition: (name: string) => NodeDefinition | undefined;
}

export class Loaded {
  readonly #parts: LoadedParts;
  #models = "";

  constructor(parts: LoadedParts) {
    this.#parts = parts;
  }

  forget(): void {
    this.#models = "";
  }

  /** Waits until the models of this graph would be there. */
  async load(graph: PromptGraph, signal: AbortSignal): Promise<void> {
    const { loadMs, clock, log } = this.#parts;
    const models = this.#modelsOf(graph);
    if (loadMs === 0 || models === "" || models === this.#models) return;
    this.#models = "";
    await clock.sleep(loadMs, signal);
    this.#models = models;
    log.debug("models loaded", { models });
  }

  #modelsOf(graph: PromptGraph): string {
    return Object.values(graph).filter(({ class_type, inputs }) => {
      const loads = this.#parts.definition(class_type)?.output.includes("MODEL") ?? false;
      return loads && Object.values(inputs).every((value) => readLink(value) === null);
    }).map(({ class_type, inputs }) => JSON.stringify([class_type, inputs])).sort().join(" ");
  }
}
