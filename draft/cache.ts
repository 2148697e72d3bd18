/** Results of nodes, kept between prompts: an identical node with identical ancestors does not run again. */
import { createHash } from "node:crypto";
import type { NodeResult } from "./contract.ts";
import { renderExact } from "./exact.ts";
import { readLink } from "./order.ts";
import type { PromptGraph } from "./queue.ts";

const BYTES_MAX = 512 * 1024 * 1024;
const ENTRIES_MAX = 2000;

/** Least recently used goes first once the results weigh too much, as ComfyUI does under memory pressure. */
export class NodeCache {
  readonly #entries = new Map<string, { result: NodeResult; bytes: number }>();
  #bytes = 0;

  get(key: string): NodeResult | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.result;
  }

  set(key: string, result: NodeResult): void {
    const bytes = weigh(result.outputs, 4);
    this.#drop(key);
    this.#entries.set(key, { result, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= BYTES_MAX && this.#entries.size <= ENTRIES_MAX) break;
      this.#drop(oldest);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #drop(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}

/** Bytes of the buffers inside a value, looking `depth` levels deep. */
function weigh(value: unknown, depth: number): number {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value.byteLength;
  if (value instanceof Blob) return value.size;
  if (depth === 0 || typeof value !== "object" || value === null) return 0;
  let bytes = 0;
  for (const item of Object.values(value)) bytes += weigh(item, depth - 1);
  return bytes;
}

export interface KeyRules {
  /** Rejects where the node cannot tell; such a node is never cached. */
  fingerprint: (id: string) => Promise<string>;
  /** Classes that look at their own node id are not shared between nodes. */
  usesId: (id: string) => boolean;
}

/** The cache key of every node of a graph: its class, its values, and the keys of what feeds it. Null: never cached. */
export async function keyNodes(graph: PromptGraph, rules: KeyRules): Promise<Map<string, string | null>> {
  const keys = new Map<string, string | null>();
  for (const id of Object.keys(graph)) await keyNode(id, { graph, rules, keys, path: new Set() });
  return keys;
}

interface Keying {
  graph: PromptGraph;
  rules: KeyRules;
  keys: Map<string, string | null>;
  path: Set<string>;
}

async function keyNode(id: string, keying: Keying): Promise<string | null> {
  const known = keying.keys.get(id);
  if (known !== undefined) return known;
  const node = keying.graph[id];
  if (node === undefined || keying.path.has(id)) return null;
  keying.path.add(id);
  const key = await describeNode(id, keying);
  keying.path.delete(id);
  keying.keys.set(id, key);
  return key;
}

async function describeNode(id: string, keying: Keying): Promise<string | null> {
  const node = keying.graph[id];
  if (node === undefined) return null;
  const inputs: unknown[] = [];
  for (const name of Object.keys(node.inputs).sort()) {
    const value = node.inputs[name];
    const link = readLink(value);
    if (link === null) inputs.push([name, "value", value]);
    else {
      const source = await keyNode(link[0], keying);
      if (source === null) return null;
      inputs.push([name, "link", source, link[1]]);
    }
  }
  const fingerprint = await keying.rules.fingerprint(id).catch(() => null);
  if (fingerprint === null) return null;
  const text = renderExact([node.class_type, fingerprint, keying.rules.usesId(id) ? id : null, inputs]);
  return digest(text);
}

/** Keys nest, so each is hashed: a deep graph would square its text otherwise. */
function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
