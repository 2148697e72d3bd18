/** Prompts that wait and the one that runs: a min-heap on number and prompt id, kept in memory as ComfyUI does. */
import { makeHeap, popHeap, pushHeap } from "./heap.ts";
import type { PromptFault } from "./faults.ts";
import { type Json, PythonError } from "./python.ts";

export interface PromptNode {
  class_type: string;
  inputs: Json;
}

export type PromptGraph = Record<string, PromptNode>;

export interface Prompt {
  number: number;
  id: string;
  graph: PromptGraph;
  extra: Json;
  /** Output nodes to run. */
  outputs: string[];
  /** Faults that were ordered for this prompt. */
  faults: PromptFault[];
}

/** The prompt as `/queue` and `/history` list it. */
export function listPrompt(prompt: Prompt): [number, string, PromptGraph, Json, string[]] {
  return [prompt.number, prompt.id, prompt.graph, prompt.extra, prompt.outputs];
}

/** Tuples compare element by element; the third element is a dict, which Python cannot order. */
function comesFirst(a: Prompt, b: Prompt): boolean {
  if (a.number !== b.number) return a.number < b.number;
  if (a.id !== b.id) return a.id < b.id;
  throw new PythonError("TypeError", "'<' not supported between instances of 'dict' and 'dict'");
}

export class PromptQueue {
  #heap: Prompt[] = [];
  #running: Prompt | null = null;
  readonly #changed: () => void;
  readonly #filled: () => void;

  /** `changed` is called on every change of the count, `filled` when there is something to take. */
  constructor(on: { changed: () => void; filled: () => void }) {
    this.#changed = on.changed;
    this.#filled = on.filled;
  }

  get running(): Prompt | null {
    return this.#running;
  }

  /** In heap order, which is not the order in which they will run. */
  get pending(): readonly Prompt[] {
    return this.#heap;
  }

  get remaining(): number {
    return this.#heap.length + (this.#running === null ? 0 : 1);
  }

  /** Throws for an equal number and id, and keeps the prompt in the heap all the same: ComfyUI's known defect. */
  put(prompt: Prompt): void {
    pushHeap(this.#heap, prompt, comesFirst);
    this.#changed();
    this.#filled();
  }

  /** Undefined when nothing waits. Throws where ComfyUI's worker thread dies. */
  take(): Prompt | undefined {
    const prompt = popHeap(this.#heap, comesFirst);
    if (prompt === undefined) return undefined;
    this.#running = prompt;
    this.#changed();
    return prompt;
  }

  /** The running prompt is over; `record` writes its history entry before anybody is told. */
  finish(record: () => void): void {
    this.#running = null;
    record();
    this.#changed();
  }

  /** Removes the first waiting prompt of that id. */
  remove(id: string): boolean {
    const at = this.#heap.findIndex((prompt) => prompt.id === id);
    if (at < 0) return false;
    // The last one that waits is told twice: the queue is emptied, then changed.
    if (this.#heap.length === 1) this.clear();
    this.#heap.splice(at, 1);
    makeHeap(this.#heap, comesFirst);
    this.#changed();
    return true;
  }

  clear(): void {
    this.#heap = [];
    this.#changed();
  }
}
