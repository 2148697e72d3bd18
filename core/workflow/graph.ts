/** Reading and copying ComfyUI API graphs: links, titles and who needs whom. */
import type { Graph, GraphNode, Link, NodeRef } from "../template.ts";

/** True for `[node id, output slot]`; every other list is a literal and must be wrapped in `{"__value__": …}`. */
export function isLink(value: unknown): value is Link {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string" &&
    Number.isInteger(value[1]);
}

/** The links among a node's inputs. */
export function linksOf(node: GraphNode): { input: string; from: string; slot: number }[] {
  return Object.entries(node.inputs).flatMap(([input, value]) =>
    isLink(value) ? [{ input, from: value[0], slot: value[1] }] : []
  );
}

/** Ids of the nodes that a reference means: one for a good template, none or several for a faulty one. */
export function idsOf(graph: Graph, ref: NodeRef): string[] {
  if ("id" in ref) return Object.hasOwn(graph, ref.id) ? [ref.id] : [];
  return Object.keys(graph).filter((id) => graph[id]?._meta?.title === ref.title);
}

/** How a person finds the node again in ComfyUI. */
export function nameNode(graph: Graph, id: string): string {
  const title = graph[id]?._meta?.title;
  return title === undefined || title === id ? `node "${id}"` : `node "${title}" (id "${id}")`;
}

export function nameRef(ref: NodeRef): string {
  return "id" in ref ? `node with id "${ref.id}"` : `node titled "${ref.title}"`;
}

/** All nodes that these nodes need, themselves included. */
export function reachable(graph: Graph, roots: Iterable<string>): Set<string> {
  const found = new Set<string>();
  const open = [...roots];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = graph[id];
    if (!node || found.has(id)) continue;
    found.add(id);
    for (const link of linksOf(node)) open.push(link.from);
  }
  return found;
}

/** Points every link to one output of one node somewhere else. */
export function redirect(graph: Graph, from: Link, to: Link, except: Set<string>): void {
  for (const [id, node] of Object.entries(graph)) {
    if (except.has(id)) continue;
    for (const link of linksOf(node)) {
      if (link.from === from[0] && link.slot === from[1]) node.inputs[link.input] = [...to];
    }
  }
}

/** Freezes data all the way down, so that a template in memory cannot be changed by whoever binds it. */
export function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}
