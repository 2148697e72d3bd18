/** Finds the nodes that save something, and which of them saves what the graph is for. */
import type { Definitions, Graph, GraphNode, TemplateOutput } from "../../template.ts";
import { isLink, linksOf, reachable } from "../graph.ts";
import { outputsOf } from "./places.ts";

export interface Saver {
  node: string;
  kind: Extract<TemplateOutput["kind"], "video" | "image">;
}

/** Every node that saves a film or a picture, the likeliest result first: what is marked, then films, then what needs most. */
export function findSavers(graph: Graph, definitions: Definitions, marked: string[]): Saver[] {
  const savers = Object.entries(graph).flatMap(([node, at]): Saver[] => {
    const kind = kindOf(graph, definitions, at);
    return kind === null ? [] : [{ node, kind }];
  });
  const weight = ({ node, kind }: Saver) =>
    (marked.includes(node) ? 1e6 : 0) + (kind === "video" ? 1e5 : 0) + reachable(graph, [node]).size;
  return savers.sort((a, b) => weight(b) - weight(a));
}

function kindOf(graph: Graph, definitions: Definitions, node: GraphNode): Saver["kind"] | null {
  const { class_type, inputs } = node;
  if (/^(SaveVideo|SaveWEBM)$/.test(class_type)) return "video";
  if (class_type === "VHS_VideoCombine") return inputs.save_output === false ? null : "video";
  if (class_type === "SaveImage") return "image";
  const definition = Object.hasOwn(definitions, class_type) ? definitions[class_type] : undefined;
  if (definition?.output_node !== true || typeof inputs.filename_prefix !== "string") return null;
  const given = linksOf(node).map(({ from, slot }) => outputsOf(definitions, graph[from])[slot]);
  return given.includes("VIDEO") ? "video" : null;
}

/** Where the film's sound comes from: what it was rendered with, the recording or the clip that was given. */
export function soundOf(graph: Graph, saver: Saver): "own" | "audio" | "video" | null {
  if (saver.kind !== "video") return null;
  const start = [
    saver.node,
    ...linksOf(graph[saver.node] ?? { class_type: "", inputs: {} }).map(({ from }) => from),
  ];
  const audio = start.map((id) => graph[id]?.inputs.audio).find(isLink);
  if (!audio) return null;
  for (let id = audio[0], steps = 0; steps < 50; steps++) {
    const node = graph[id];
    if (!node) return "own";
    if (/^(LoadAudio|VHS_LoadAudio)/.test(node.class_type)) return "audio";
    if (/^(GetVideoComponents|VHS_LoadVideo)/.test(node.class_type)) return "video";
    const next = node.inputs.audio;
    if (!isLink(next)) return "own";
    id = next[0];
  }
  return "own";
}
