/** What differs between two graphs and between two manifests, node by node and input by input. */
import type { Graph, Manifest, Template } from "../../template.ts";
import { canonical } from "../../canonical.ts";
import { isLink } from "../graph.ts";

export interface Change {
  part: "node" | "input" | "manifest";
  change: "added" | "removed" | "changed";
  /** The node by its title, or its id; the path in a manifest. */
  where: string;
  input?: string;
  before?: string;
  after?: string;
}

export function diffTemplates(before: Template, after: Template): Change[] {
  return [...diffGraphs(before.graph, after.graph), ...diffManifests(before.manifest, after.manifest)];
}

/** Nodes are the same by their own title where both graphs have it once, else by id: exports number anew. */
export function diffGraphs(before: Graph, after: Graph): Change[] {
  const [left, right] = [namesOf(before, after), namesOf(after, before)];
  const [old, now] = [byName(before, left), byName(after, right)];
  const gone = [...old.keys()].filter((name) => !now.has(name)).map((where): Change => ({
    part: "node",
    change: "removed",
    where,
    before: old.get(where)?.class_type ?? "",
  }));
  const changes = [...now].flatMap(([where, node]): Change[] => {
    const known = old.get(where);
    if (!known) return [{ part: "node", change: "added", where, after: node.class_type }];
    const kind: Change[] = known.class_type === node.class_type
      ? []
      : [{ part: "node", change: "changed", where, before: known.class_type, after: node.class_type }];
    return [...kind, ...diffInputs(where, [known.inputs, left], [node.inputs, right])];
  });
  return [...gone, ...changes];
}

type Names = Map<string, string>;

function namesOf(graph: Graph, other: Graph): Names {
  const count = (title: string, within: Graph) =>
    Object.values(within).filter((node) => node._meta?.title === title).length;
  return new Map(
    Object.entries(graph).map(([id, node]) => {
      const title = node._meta?.title;
      return [id, title !== undefined && count(title, graph) === 1 && count(title, other) <= 1 ? title : id];
    }),
  );
}

function byName(graph: Graph, names: Names) {
  return new Map(Object.entries(graph).map(([id, node]) => [names.get(id) ?? id, node]));
}

type Side = [Record<string, unknown>, Names];

function diffInputs(where: string, [before, left]: Side, [after, right]: Side): Change[] {
  const all = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return all.flatMap((input): Change[] => {
    const [old, now] = [tell(before[input], left), tell(after[input], right)];
    if (old === now) return [];
    const change = old === undefined ? "added" : now === undefined ? "removed" : "changed";
    return [{
      part: "input",
      change,
      where,
      input,
      ...(old === undefined ? {} : { before: old }),
      ...(now === undefined ? {} : { after: now }),
    }];
  });
}

function tell(value: unknown, names: Names): string | undefined {
  if (value === undefined) return undefined;
  return isLink(value) ? `output ${value[1]} of ${names.get(value[0]) ?? value[0]}` : canonical(value);
}

/** The state and where it was proved belong to a version, not to what it is. */
function diffManifests(before: Manifest, after: Manifest): Change[] {
  const bare = ({ state: _state, verified: _verified, ...rest }: Manifest) => rest;
  return diffValues(bare(before), bare(after), "");
}

function diffValues(before: unknown, after: unknown, where: string): Change[] {
  if (isPlain(before) && isPlain(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) =>
      diffValues(before[name], after[name], where === "" ? name : `${where}.${name}`)
    );
  }
  const [old, now] = [tell(before, new Map()), tell(after, new Map())];
  if (old === now) return [];
  const change = old === undefined ? "added" : now === undefined ? "removed" : "changed";
  return [{
    part: "manifest",
    change,
    where,
    ...(old === undefined ? {} : { before: old }),
    ...(now === undefined ? {} : { after: now }),
  }];
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
