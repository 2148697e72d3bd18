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
  /** Waits the given time, or rejects when interrupted. */
  sleep(ms: number): Promise<void>;
  /** Milliseconds that one sampler step takes; 0 in tests. */
  stepMs: number;
  /** Wall clock in milliseconds for dates in file names; without it the machine's own. */
  now?(): number;
}

export interface NodeResult {
  /** One value per output slot. */
  outputs: unknown[];
  /** What history and `executed` show: for instance `{ images: [{ filename, subfolder, type }] }`. */
  ui?: Record<string, unknown[]>;
}

/** The meaning of one node class. Links are already resolved to values, literals are coerced as ComfyUI does. */
export interface NodeKind {
  run(inputs: Record<string, unknown>, context: NodeContext): Promise<NodeResult>;
  /** Text that changes when the same inputs mean something else: the hash of a loaded file. */
  fingerprint?(inputs: Record<string, unknown>, folders: Folders): Promise<string>;
}

/** Everything the server needs to know of the nodes: `draft/nodes/mod.ts` exports one of these as `draftNodes`. */
export interface NodeLibrary {
  kinds: Record<string, NodeKind>;
  /** Definitions as `/object_info` shows them, with combos of loaders filled from the folders and the model list by the server. */
  definitions: Definitions;
}
