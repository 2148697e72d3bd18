/** Places in a graph where a value can be written: an input that holds a literal, or the node of plain value that feeds it. */
import type { Definitions, Graph, GraphNode } from "../../template.ts";
import { isLink, linksOf } from "../graph.ts";
import type { Role } from "./roles.ts";

export interface Place {
  node: string;
  input: string;
}

/** Nodes that only hold one value for others. */
const HOLDERS =
  /^(Primitive|INTConstant|FloatConstant|StringConstant|mxSlider|Constant|easy (int|float|string))/;
const HELD = ["value", "Xi", "text", "string"];

/** Where the value of an input is written: there, or in the node of plain value that feeds it. */
export function sourceOf(graph: Graph, place: Place): Place | null {
  const seen = new Set<string>();
  for (let at: Place | null = place; at !== null;) {
    const node: GraphNode | undefined = graph[at.node];
    const value: unknown = node?.inputs[at.input];
    if (value === undefined || seen.has(at.node)) return null;
    if (!isLink(value)) return at;
    seen.add(at.node);
    const from: GraphNode | undefined = graph[value[0]];
    const held: string | undefined = HELD.find((input) =>
      from !== undefined && Object.hasOwn(from.inputs, input)
    );
    at = from && held !== undefined && HOLDERS.test(from.class_type) ? { node: value[0], input: held } : null;
  }
  return null;
}

/** Whether a node only holds one value for others. */
export function isHolder(node: GraphNode | undefined): boolean {
  return node !== undefined && HOLDERS.test(node.class_type);
}

export function literalAt(graph: Graph, place: Place | null): unknown {
  const value = place === null ? undefined : graph[place.node]?.inputs[place.input];
  return isLink(value) ? undefined : value;
}

/** Whether a literal is of the form that a role writes. */
export function fits({ kind }: Pick<Role, "kind">, value: unknown): boolean {
  if (kind === "text" || kind === "image" || kind === "images" || kind === "video" || kind === "audio") {
    return typeof value === "string";
  }
  return typeof value === "number" ||
    (typeof value === "string" && /^\d+(\.\d+)?$|^%|^\{|^\$|^PARAM_/.test(value));
}

/** The input of a node that a role would be written to. */
export function placeFor(graph: Graph, node: string, role: Role): Place | null {
  const inputs = graph[node]?.inputs ?? {};
  const input = role.inputs.find((name) =>
    Object.hasOwn(inputs, name) && !isLink(inputs[name]) && fits(role, inputs[name])
  );
  return input === undefined ? null : { node, input };
}

/** What a class gives, by slot; nothing of a class that nobody knows. */
export function outputsOf(definitions: Definitions, node: GraphNode | undefined): string[] {
  const definition = node && Object.hasOwn(definitions, node.class_type)
    ? definitions[node.class_type]
    : undefined;
  return definition?.output.map(String) ?? [];
}

/** Who uses a node's outputs, and through which input. */
export function usersOf(graph: Graph, id: string): Place[] {
  return Object.entries(graph).flatMap(([node, at]) =>
    linksOf(at).filter(({ from }) => from === id).map(({ input }) => ({ node, input }))
  );
}

/** Everything that uses a node, near or far, itself left out. */
export function downstream(graph: Graph, id: string): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { node } of usersOf(graph, next)) {
      if (found.has(node)) continue;
      found.add(node);
      open.push(node);
    }
  }
  return found;
}

export function samePlace(a: Place, b: Place): boolean {
  return a.node === b.node && a.input === b.input;
}
