/** Which node runs next: what the outputs need, in the order ComfyUI picks it. */
import type { PromptGraph } from "./queue.ts";

export interface OrderRules {
  /** Cached nodes are not run again; their values are at hand. */
  isCached: (id: string) => boolean;
  isOutput: (id: string) => boolean;
  /** Lazy inputs are left until the node asks for them. */
  isLazy: (id: string, input: string) => boolean;
}

/** `[node id, slot]` with a string id: everything else is a value. */
export function readLink(value: unknown): [string, number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [from, slot] = value;
  return typeof from === "string" && typeof slot === "number" ? [from, slot] : null;
}

export class RunOrder {
  readonly #graph: PromptGraph;
  readonly #rules: OrderRules;
  /** Insertion order decides between equals, so these stay maps and sets. */
  readonly #waitsFor = new Map<string, Set<string>>();
  readonly #feeds = new Map<string, Set<string>>();
  readonly #done = new Set<string>();

  constructor(graph: PromptGraph, outputs: string[], rules: OrderRules) {
    this.#graph = graph;
    this.#rules = rules;
    for (const output of outputs) this.#add(output);
  }

  /** Undefined when everything is done. Throws when what is left waits for itself. */
  next(): string | undefined {
    if (this.#waitsFor.size === 0) return undefined;
    const ready = [...this.#waitsFor].filter(([, needs]) => needs.size === 0).map(([id]) => id);
    if (ready.length === 0) throw new Error("Dependency cycle detected");
    const { isOutput } = this.#rules;
    return ready.find(isOutput) ??
      ready.find((id) => this.#fed(id).some(isOutput)) ??
      ready.find((id) => this.#fed(id).some((behind) => this.#fed(behind).some(isOutput))) ??
      ready[0];
  }

  complete(id: string): void {
    this.#waitsFor.delete(id);
    this.#done.add(id);
    for (const behind of this.#fed(id)) this.#waitsFor.get(behind)?.delete(id);
  }

  /** Makes a node wait for its lazy inputs too. False when all of them are there already. */
  demand(id: string, inputs: string[]): boolean {
    let waits = false;
    for (const input of inputs) {
      const link = readLink(this.#graph[id]?.inputs[input]);
      if (link === null || this.#isAtHand(link[0])) continue;
      this.#add(link[0]);
      this.#connect(link[0], id);
      waits = true;
    }
    return waits;
  }

  #add(first: string): void {
    const open = [first];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (this.#waitsFor.has(id) || this.#done.has(id)) continue;
      this.#waitsFor.set(id, new Set());
      for (const [input, value] of Object.entries(this.#graph[id]?.inputs ?? {})) {
        const link = readLink(value);
        if (link === null || this.#graph[link[0]] === undefined) continue;
        if (this.#rules.isLazy(id, input) || this.#isAtHand(link[0])) continue;
        open.push(link[0]);
        this.#connect(link[0], id);
      }
    }
  }

  #isAtHand(id: string): boolean {
    return this.#done.has(id) || this.#rules.isCached(id);
  }

  #connect(from: string, to: string): void {
    this.#waitsFor.get(to)?.add(from);
    const behind = this.#feeds.get(from) ?? new Set();
    this.#feeds.set(from, behind.add(to));
  }

  #fed(id: string): string[] {
    return [...this.#feeds.get(id) ?? []];
  }
}
