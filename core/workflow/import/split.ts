/** Takes a master export that holds several modes apart: one graph for each output that names a mode. */
import { no, ok, type Result } from "../../result.ts";
import type { Definitions, Graph } from "../../template.ts";
import type { Fault } from "../check_graph.ts";
import { nameNode, reachable } from "../graph.ts";
import { findSavers } from "./outputs.ts";

export interface Part {
  /** The submode that the output names. */
  name: string;
  output: string;
  graph: Graph;
}

/**
 * `names` are the modes that may be named: in the title of the node that saves, or in its file name's prefix. `chosen`
 * says by hand which node saves which mode.
 */
export function splitMaster(
  graph: Graph,
  { names, definitions, chosen }: { names: string[]; definitions: Definitions; chosen: Map<string, string> },
): Result<Part[], Fault[]> {
  const savers = findSavers(graph, definitions, []).map(({ node }) => node);
  const faults: Fault[] = [];
  const outputs = new Map<string, string>();
  for (const [name, node] of chosen) {
    if (!names.includes(name)) faults.push({ text: `There is no mode "${name}": take ${names.join(", ")}.` });
    else if (!savers.includes(node)) {
      faults.push({ node, text: `Node "${node}" saves no film and no picture.` });
    } else outputs.set(name, node);
  }
  for (const node of savers) {
    if ([...outputs.values()].includes(node)) continue;
    const name = namedBy(graph, node, names);
    if (name === null) {
      faults.push({
        node,
        text: `${nameNode(graph, node)} does not say which mode it saves: put one of ${
          names.map((each) => `[${each}]`).join(", ")
        } into its title, or say so with --map mode=node.`,
      });
    } else if (outputs.has(name)) {
      faults.push({
        node,
        text: `${nameNode(graph, node)} saves "${name}", and so does node "${outputs.get(name)}".`,
      });
    } else outputs.set(name, node);
  }
  for (const name of names.filter((each) => !outputs.has(each))) {
    faults.push({
      text: `Nothing saves "${name}": the export holds ${outputs.size} of ${names.length} modes.`,
    });
  }
  if (faults.length > 0) return no(faults);
  return ok(names.map((name) => partOf(graph, name, outputs.get(name) ?? "")));
}

function namedBy(graph: Graph, id: string, names: string[]): string | null {
  const node = graph[id];
  const texts = [node?._meta?.title, node?.inputs.filename_prefix].filter((text) => typeof text === "string");
  for (const text of texts) {
    const words = String(text).toLowerCase().split(/[^a-z0-9]+/);
    const found = names.find((name) => words.includes(name));
    if (found !== undefined) return found;
  }
  return null;
}

/** What one output needs, with the titles that it has in the mode's own graph: the mark of the mode is taken off. */
function partOf(graph: Graph, name: string, output: string): Part {
  const needed = reachable(graph, [output]);
  const mark = new RegExp(`\\s*\\[${name}\\]\\s*`, "i");
  const own = Object.entries(graph).filter(([id]) => needed.has(id)).map(([id, node]) => {
    const title = node._meta?.title;
    const copy = structuredClone(node);
    return [
      id,
      title === undefined
        ? copy
        : { ...copy, _meta: { ...node._meta, title: title.replace(mark, " ").trim() } },
    ];
  });
  return { name, output, graph: Object.fromEntries(own) };
}
