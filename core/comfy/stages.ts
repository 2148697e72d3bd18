/** Which of a template's stages a running graph is in, by the nodes that a server names and the steps of its samplers. Pure. */
import type { PromptNews } from "../ports.ts";
import type { Graph, Template } from "../template.ts";
import { displayNode } from "./outputs.ts";

/** The stages that a bound graph passes, in their order, and the nodes whose start begins them. */
export interface StageMap {
  titles: readonly string[];
  /** Places in `titles` by node id; one node may begin several, one after the other. */
  of: ReadonlyMap<string, readonly number[]>;
}

/** Where a prompt is. */
export interface StageAt {
  /** In the map's titles; -1 before the first. */
  place: number;
  node: string | null;
  /** Of the sampler, or of whatever counts its steps; null where nothing does. */
  step: { value: number; max: number } | null;
}

/** Where a prompt is, as people see it. */
export interface StageShown {
  title: string;
  /** From 1. */
  number: number;
  of: number;
  step: { value: number; max: number } | null;
}

export const BEFORE: StageAt = { place: -1, node: null, step: null };

/** Stages whose nodes this graph does not have are none of its own: it has fewer. */
export function stagesOf({ manifest }: Pick<Template, "manifest">, graph: Graph): StageMap {
  const nodes = Object.entries(graph);
  const begins = manifest.stages.map((stage) =>
    nodes.flatMap(([id, { _meta }]) => _meta?.title && stage.nodes.includes(_meta.title) ? [id] : [])
  );
  const own = manifest.stages.map(({ title }, n) => ({ title, nodes: begins[n] ?? [] }))
    .filter((stage) => stage.nodes.length > 0);
  const of = new Map<string, number[]>();
  for (const [place, { nodes }] of own.entries()) {
    for (const id of nodes) of.set(id, [...of.get(id) ?? [], place]);
  }
  return { titles: own.map(({ title }) => title), of };
}

/**
 * The next word of a server. A stage begins with one of its nodes, and a sampler that counts anew begins the next stage
 * that it stands in. Stages never go back.
 */
export function advanceStage(map: StageMap, at: StageAt, news: Pick<PromptNews, "node" | "step">): StageAt {
  if (news.node === undefined) return at;
  const node = displayNode(news.node);
  const same = node === at.node;
  const { step = same ? at.step : null } = news;
  const isAnew = same && step !== null && at.step !== null &&
    (step.value < at.step.value || step.max !== at.step.max);
  const next = map.of.get(node)?.find((place) => isAnew ? place > at.place : place >= at.place);
  return { place: next ?? at.place, node, step };
}

/** Null before the first stage. A step that counts to one is none. */
export function stageShown({ titles }: StageMap, { place, step }: StageAt): StageShown | null {
  const title = titles[place];
  if (title === undefined) return null;
  return { title, number: place + 1, of: titles.length, step: step !== null && step.max > 1 ? step : null };
}
