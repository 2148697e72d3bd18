/** Takes a master export that holds several modes apart: one graph for each output that names a mode. */
import { no, ok, type Result } from "../../result.ts";
import type { Definitions, Graph } from "../../template.ts";
import type { Fault } from "../check_graph.ts";
import { linksOf, nameNode, reachable } from "../graph.ts";
import { findSavers } from "./outputs.ts";
import { usersOf } from "./places.ts";

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
  const needed = new Map(names.map((name) => [name, reachable(graph, [outputs.get(name) ?? ""])]));
  for (const group of looseGroups(graph, [...needed.values()])) {
    for (const name of ownersOf(group, { graph, needed, outputs })) {
      for (const id of group) needed.get(name)?.add(id);
    }
  }
  return ok(names.map((name) => {
    const output = outputs.get(name) ?? "";
    return { name, output, graph: partOf(graph, name, needed.get(name) ?? new Set()) };
  }));
}

/** Nodes that no output needs as it stands: branches that presets and switches lead in. Joined ones stay together. */
function looseGroups(graph: Graph, parts: Set<string>[]): string[][] {
  const loose = new Set(Object.keys(graph).filter((id) => !parts.some((part) => part.has(id))));
  const groups: string[][] = [];
  for (const start of loose) {
    const group = new Set<string>();
    const open = [start];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (!loose.has(id) || group.has(id)) continue;
      group.add(id);
      const node = graph[id];
      if (node) open.push(...linksOf(node).map(({ from }) => from));
      open.push(...usersOf(graph, id).map(({ node }) => node));
    }
    if (group.size > 0) groups.push([...group]);
    for (const id of group) loose.delete(id);
  }
  return groups;
}

interface Holdings {
  graph: Graph;
  needed: Map<string, Set<string>>;
  outputs: Map<string, string>;
}

/** A branch belongs to the modes in whose sub-graph it lies, by the first part of its ids, else to those that it is joined to. */
function ownersOf(group: string[], { graph, needed, outputs }: Holdings): string[] {
  const home = (id: string) => id.includes(":") ? id.slice(0, id.lastIndexOf(":")) : null;
  const names = [...needed.keys()];
  const homes = new Set(group.map(home));
  const same = names.filter((name) => {
    const own = home(outputs.get(name) ?? "");
    return own !== null && homes.has(own);
  });
  if (same.length > 0) return same;
  const joined = group.flatMap((id) =>
    linksOf(graph[id] ?? { class_type: "", inputs: {} }).map(({ from }) => from)
  );
  return names.filter((name) => joined.some((id) => needed.get(name)?.has(id)));
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

/** A mode's own graph, with the titles that its nodes have there: the mark of the mode is taken off. */
function partOf(graph: Graph, name: string, needed: Set<string>): Graph {
  const mark = new RegExp(`\\s*\\[${name}\\]\\s*`, "i");
  return Object.fromEntries(
    Object.entries(graph).filter(([id]) => needed.has(id)).map(([id, node]) => {
      const title = node._meta?.title;
      const copy = structuredClone(node);
      if (title === undefined) return [id, copy];
      return [id, { ...copy, _meta: { ...node._meta, title: title.replace(mark, " ").trim() } }];
    }),
  );
}
