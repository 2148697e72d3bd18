/** What the draft renderer's server and its nodes agree on: how a node is run and what it gives back. */
import type { Media } from "@/core/ports.ts";
import type { Definitions } from "@/core/template.ts";

export interface Folders {
  input: string;
  output: string;
  temp: string;
}

export interface NodeContext {
  promptId: string;
  nodeId: string;
  folders: Folders;
  media: Media;
  /** Aborted when the prompt is interrupted: nodes and samplers check it. */
  signal: AbortSignal;
  /** Sampler progress; the server turns it into `progress` and `progress_state`. */
  progress(value: number, max: number): void;
  /** A preview picture of the running sampler. */
  preview(bytes: Uint8Array, type: "image/jpeg" | "image/png"): void;
  /** Text shown at the node while it runs (ComfyUI's binary event 3). */
  text?(text: string): void;
  /** Waits the given time, or rejects when interrupted. */
  sleep(ms: number): Promise<void>;
  /** Milliseconds that one sampler step takes; 0 in tests. */
  stepMs: number;
  /** Asked once per saved film: how many times as bright and colourful it is to be. */
  drift?(): number;
  /** Wall clock in milliseconds for dates in file names; without it the machine's own. */
  now(): number;
}

export interface NodeResult {
  /** One value per output slot. */
  outputs: unknown[];
  /** What history and `executed` show: for instance `{ images: [{ filename, subfolder, type }] }`. */
  ui?: Record<string, unknown[]>;
}

/**
 * Thrown by a node to fail with the exception type that ComfyUI would name, for instance `torch.OutOfMemoryError`.
 * Any other error is shown as `RuntimeError`.
 */
export class NodeFailure extends Error {
  readonly exceptionType: string;
  constructor(message: string, exceptionType: string) {
    super(message);
    this.name = "NodeFailure";
    this.exceptionType = exceptionType;
  }
}

/** An output value that keeps every node behind it from running. A message makes ComfyUI send an `execution_error`. */
export class Blocked {
  readonly message: string | null;
  constructor(message: string | null) {
    this.message = message;
  }
}

/** The meaning of one node class. Links are already resolved to values, literals are coerced as ComfyUI does.
 * Dynamic inputs keep their dotted names (`resize_type.width`, `images.image0`); inputs that the definition does not
 * name are handed over as they came. */
export interface NodeKind {
  run(inputs: Record<string, unknown>, context: NodeContext): Promise<NodeResult>;
  /**
   * Names of the lazy inputs (`lazy: true` in the definition) that must be computed, given the other inputs.
   * A class without it gets all of them.
   */
  needs?(inputs: Record<string, unknown>): string[];
  /** Text that changes when the same inputs mean something else: the hash of a loaded file. */
  fingerprint?(inputs: Record<string, unknown>, folders: Folders): Promise<string>;
}

/** Everything the server needs to know of the nodes: `draft/nodes/mod.ts` exports one of these as `draftNodes`. */
export interface NodeLibrary {
  kinds: Record<string, NodeKind>;
  /** Definitions as `/object_info` shows them, with combos of loaders filled from the folders and the model list by the server. */
  definitions: Definitions;
}
