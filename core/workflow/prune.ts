/** Takes out of a graph what cannot run any more, and what nothing needs any more. */
import type { Definitions, Graph } from "../template.ts";
import { isRequired } from "./definitions.ts";
import { linksOf, reachable } from "./graph.ts";

/**
 * Removes inputs, then every node that thereby loses a required input, then whoever required those, and so on. An
 * optional link to a removed node is simply taken out. Changes the graph in place.
 */
export function pruneInputs(
  graph: Graph,
  absent: { node: string; input: string }[],
  definitions: Definitions,
): void {
  const open = [...absent];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node: id, input } = next;
    const node = graph[id];
    if (!node) continue;
    delete node.inputs[input];
    if (!isRequired(definitions, { class: node.class_type, input })) continue;
    delete graph[id];
    for (const [other, { inputs }] of Object.entries(graph)) {
      for (const link of linksOf({ class_type: "", inputs })) {
        if (link.from === id) open.push({ node: other, input: link.input });
      }
    }
  }
}

/** Removes every node that no output needs. Changes the graph in place. */
export function pruneUnreachable(graph: Graph, roots: string[]): void {
  const needed = reachable(graph, roots);
  for (const id of Object.keys(graph)) if (!needed.has(id)) delete graph[id];
}
