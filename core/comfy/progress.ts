/** The share of a graph that is done, weighed by what its nodes cost. */
import type { Graph } from "../template.ts";
import { displayNode } from "./outputs.ts";

/** What is known of one running graph. Shares never fall. */
export interface GraphProgress {
  weights: ReadonlyMap<string, number>;
  /** Share per node, 0 to 1; cached and finished nodes are 1. */
  parts: ReadonlyMap<string, number>;
  share: number;
}

/** One sampler step weighs 1; the rest is measured against it. First guesses; the plan's own stages refine them. */
const WEIGHTS: [RegExp, (inputs: Record<string, unknown>) => number][] = [
  [/Sampler(?!Select)|Sampling/i, samplerWeight],
  [/VAE(Decode|Encode)/i, () => 3],
  [/(Loader|^Load)/i, () => 2],
  [/^(Save|VHS_VideoCombine)|Upscal|Extractor|detect/i, () => 2],
  [/TextEncode|CLIPVisionEncode|AudioEncoder/i, () => 1],
];

function samplerWeight(inputs: Record<string, unknown>): number {
  const steps = typeof inputs.steps === "number" ? inputs.steps : 20;
  const start = typeof inputs.start_at_step === "number" ? inputs.start_at_step : 0;
  const end = typeof inputs.end_at_step === "number" ? Math.min(inputs.end_at_step, steps) : steps;
  return Math.max(1, end - start);
}

export function weighGraph(graph: Graph): Map<string, number> {
  return new Map(
    Object.entries(graph).map(([id, { class_type, inputs }]) => {
      const known = WEIGHTS.find(([pattern]) => pattern.test(class_type));
      return [id, known === undefined ? 0.2 : known[1](inputs)];
    }),
  );
}

/** Without a graph nothing can be weighed: the share stays 0 until the end. */
export function startProgress(graph: Graph | null): GraphProgress {
  return { weights: graph === null ? new Map() : weighGraph(graph), parts: new Map(), share: 0 };
}

/** Sets the shares of some nodes and counts again. Ids of expanded nodes count for the node that the graph shows. */
export function advanceProgress(
  progress: GraphProgress,
  nodes: Iterable<[id: string, share: number]>,
): GraphProgress {
  const parts = new Map(progress.parts);
  for (const [id, share] of nodes) {
    const node = displayNode(id);
    // One expanded node that is done says little about its parent, which finishes under its own id.
    const counted = node === id ? share : Math.min(share, 0.9);
    parts.set(node, Math.max(parts.get(node) ?? 0, counted));
  }
  return {
    weights: progress.weights,
    parts,
    share: Math.max(progress.share, shareOf(progress.weights, parts)),
  };
}

function shareOf(weights: ReadonlyMap<string, number>, parts: ReadonlyMap<string, number>): number {
  let all = 0;
  let done = 0;
  for (const [node, weight] of weights) {
    all += weight;
    done += weight * (parts.get(node) ?? 0);
  }
  return all === 0 ? 0 : Math.min(1, done / all);
}

/** Custom nodes report a maximum of 0, values past it, and fractions: the ratio stays between 0 and 1. */
export function ratioOf(value: number, max: number): number {
  if (!Number.isFinite(value) || !Number.isFinite(max) || max <= 0) return 0;
  return Math.min(1, Math.max(0, value / max));
}
