/** Finds what a graph takes in: by marks that people and other tools set, by its links, and by its classes. */
import type { Definitions, Graph } from "../../template.ts";
import { isLink, linksOf } from "../graph.ts";
import { findFiles } from "./find_files.ts";
import { findSizes } from "./find_sizes.ts";
import { literalAt, outputsOf, type Place, placeFor, samePlace, sourceOf } from "./places.ts";
import { OUTPUT, outsideName, readPlaceholder, readTag, ROLES } from "./roles.ts";

export interface Found extends Place {
  /** How it was found: a mark, the way its value goes, or the class of its node. */
  by: "mark" | "link" | "class" | "hand";
}

export interface Findings {
  /** Places by role. */
  places: Map<string, Found[]>;
  /** Nodes marked as the result. */
  outputs: string[];
}

/** Marks come first: a role that somebody marked is not looked for elsewhere. */
export function findRoles(graph: Graph, definitions: Definitions): Findings {
  const marks = findMarks(graph);
  const places = new Map(marks.places);
  const taken = [...places.values()].flat();
  const add = (role: string, found: Found[]) => {
    const free = found.filter((place) => !taken.some((other) => samePlace(place, other)));
    if (free.length > 0 && !marks.places.has(role)) places.set(role, [...places.get(role) ?? [], ...free]);
  };
  const words = {
    prompt: findWords(graph, definitions, "positive"),
    negativePrompt: findWords(graph, definitions, "negative"),
  };
  const both = words.negativePrompt.filter((place) => words.prompt.some((other) => samePlace(place, other)));
  add("prompt", words.prompt);
  add("negativePrompt", words.negativePrompt.filter((place) => !both.includes(place)));
  add("seed", findSeeds(graph));
  for (const [role, found] of findFiles(graph, definitions, taken)) add(role, found);
  for (const [role, found] of findSizes(graph, definitions)) add(role, found);
  return { places, outputs: marks.outputs };
}

function findMarks(graph: Graph): Findings {
  const places = new Map<string, Found[]>();
  const outputs: string[] = [];
  const add = (role: string, place: Place) =>
    void places.set(role, [...places.get(role) ?? [], { ...place, by: "mark" }]);
  for (const [node, { class_type, inputs, _meta }] of Object.entries(graph)) {
    for (const [input, value] of Object.entries(inputs)) {
      const role = readPlaceholder(value);
      if (role !== null) add(role, { node, input });
    }
    const outside = outsideName({ class_type, inputs });
    const title = outside ?? (_meta?.title === class_type ? "" : _meta?.title ?? "");
    const tag = readTag(title);
    if (!tag) continue;
    if (tag.role === OUTPUT) {
      outputs.push(node);
      continue;
    }
    const role = ROLES[tag.role];
    const named = tag.input !== undefined && Object.hasOwn(inputs, tag.input) && !isLink(inputs[tag.input]);
    const place = named && tag.input !== undefined
      ? { node, input: tag.input }
      : role && placeFor(graph, node, role);
    if (place && !places.get(tag.role)?.some((other) => samePlace(place, other))) add(tag.role, place);
  }
  return { places, outputs };
}

type Side = "positive" | "negative";

/** The texts that reach the samplers from one side. */
function findWords(graph: Graph, definitions: Definitions, side: Side): Found[] {
  const starts = Object.values(graph).flatMap((node) => {
    const gives = outputsOf(definitions, node);
    if (gives.includes("CONDITIONING")) return [];
    const guides = side === "positive" && gives.includes("GUIDER");
    return linksOf(node).filter(({ input }) => input === side || (guides && input === "conditioning"));
  });
  const found: Found[] = [];
  const seen = new Set<string>();
  const open = starts.map(({ from, slot }) => ({ from, slot }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { from, slot } = next;
    if (seen.has(`${from} ${slot}`)) continue;
    seen.add(`${from} ${slot}`);
    const texts = textsOf(graph, from);
    if (texts.length > 0) {
      for (const text of texts) if (!found.some((other) => samePlace(text, other))) found.push(text);
    } else open.push(...wordLinks(graph, definitions, { from, slot, side }));
  }
  return found;
}

const TEXT_INPUTS = ["text", "text_g", "text_l", "clip_l", "t5xxl", "prompt"];

function textsOf(graph: Graph, id: string): Found[] {
  const node = graph[id];
  if (!node || !/Encode|Text|Prompt/i.test(node.class_type)) return [];
  return TEXT_INPUTS.flatMap((input): Found[] => {
    const place = sourceOf(graph, { node: id, input });
    return place && typeof literalAt(graph, place) === "string" ? [{ ...place, by: "link" }] : [];
  });
}

/** Further up: through the input of the same name where there is one, else through all that is conditioning. */
function wordLinks(
  graph: Graph,
  definitions: Definitions,
  { from, slot, side }: { from: string; slot: number; side: Side },
) {
  const node = graph[from];
  if (!node) return [];
  const links = linksOf(node);
  const named = Object.hasOwn(definitions, node.class_type)
    ? definitions[node.class_type]?.output_name?.[slot]?.toLowerCase()
    : undefined;
  const same = links.filter(({ input }) =>
    input === (named === "positive" || named === "negative" ? named : side)
  );
  if (same.length > 0) return same;
  return links.filter((link) => outputsOf(definitions, graph[link.from])[link.slot] === "CONDITIONING");
}

function findSeeds(graph: Graph): Found[] {
  return Object.entries(graph).flatMap(([node, { inputs }]): Found[] => {
    if (inputs.add_noise === "disable") return [];
    return ["seed", "noise_seed"].flatMap((input): Found[] => {
      const place = Object.hasOwn(inputs, input) ? sourceOf(graph, { node, input }) : null;
      return place && typeof literalAt(graph, place) === "number" ? [{ ...place, by: "class" }] : [];
    });
  }).filter((place, at, all) => all.findIndex((other) => samePlace(place, other)) === at);
}
