/** Finds where a graph says how large, how long and how fast its film is. */
import type { Definitions, Graph } from "../../template.ts";
import type { Found } from "./find.ts";
import {
  downstream,
  isHolder,
  literalAt,
  outputsOf,
  type Place,
  samePlace,
  sourceOf,
  usersOf,
} from "./places.ts";

interface Sides {
  width: Place;
  height: Place;
  size: [number, number];
}

const PAIRS = [["width", "height"], ["resize_type.width", "resize_type.height"], [
  "custom_width",
  "custom_height",
]];

export function findSizes(graph: Graph, definitions: Definitions): [string, Found[]][] {
  const frames = findFrames(graph, definitions);
  return [
    ...findSides(graph, definitions),
    ["frames", frames],
    ["seconds", frames.length > 0 ? findSeconds(graph) : []],
    ["rate", findRate(graph)],
  ];
}

/** The film's own size decides; a picture made to fit, or a pass at half the size, follows it. */
function findSides(graph: Graph, definitions: Definitions): [string, Found[]][] {
  const all = Object.keys(graph).flatMap((node) => sidesOf(graph, node));
  const latents = all.filter(({ width }) => isBeginning(graph, definitions, width.node));
  const own = latents.length > 0
    ? latents
    : all.filter(({ size }) => size[0] >= 256 && size[1] >= 256).slice(0, 1);
  const isHalf = own.some(({ width }) =>
    [...downstream(graph, width.node)].some((id) => /LatentUpsampler$/.test(graph[id]?.class_type ?? ""))
  );
  const [first] = own;
  if (!first) return [];
  const full: [number, number] = isHalf ? [first.size[0] * 2, first.size[1] * 2] : first.size;
  const half: [number, number] = [full[0] / 2, full[1] / 2];
  const near = (a: [number, number], b: [number, number]) =>
    Math.abs(a[0] - b[0]) < 64 && Math.abs(a[1] - b[1]) < 64;
  const whole = all.filter(({ size }) => near(size, full));
  const halves = isHalf ? all.filter(({ size }) => near(size, half)) : [];
  const pick = (list: Sides[], side: "width" | "height") => distinct(list.map((sides) => sides[side]));
  return [
    ["width", pick(whole, "width")],
    ["height", pick(whole, "height")],
    ["halfWidth", pick(halves, "width")],
    ["halfHeight", pick(halves, "height")],
  ];
}

function sidesOf(graph: Graph, node: string): Sides[] {
  return PAIRS.flatMap(([across = "", down = ""]): Sides[] => {
    const width = sourceOf(graph, { node, input: across });
    const height = sourceOf(graph, { node, input: down });
    const size = [literalAt(graph, width), literalAt(graph, height)];
    if (!width || !height || typeof size[0] !== "number" || typeof size[1] !== "number") return [];
    // A marked node of plain value stands for itself, and a square of one value for both sides.
    return [{ width, height, size: [size[0], size[1]] }];
  });
}

/** A node that makes a latent picture of this size, or that holds the number for one. */
function isBeginning(graph: Graph, definitions: Definitions, id: string): boolean {
  const nodes = isHolder(graph[id]) ? usersOf(graph, id).map(({ node }) => node) : [id];
  return nodes.some((node) => outputsOf(definitions, graph[node]).includes("LATENT"));
}

const LENGTHS = ["length", "frames_number", "num_frames"];

/** Lengths that belong to one pass; of a graph that goes on from itself nobody can tell which is the film's. */
function findFrames(graph: Graph, definitions: Definitions): Found[] {
  const found = Object.keys(graph).flatMap((node) =>
    LENGTHS.flatMap((input): { owner: string; place: Place }[] => {
      const gives = outputsOf(definitions, graph[node]);
      if (!gives.includes("LATENT")) return [];
      const place = sourceOf(graph, { node, input });
      const value = literalAt(graph, place);
      return place && typeof value === "number" && value > 1 && value < 4096 ? [{ owner: node, place }] : [];
    })
  );
  return isChain(graph, found.map(({ owner }) => owner)) ? [] : distinct(found.map(({ place }) => place));
}

function isChain(graph: Graph, owners: string[]): boolean {
  return owners.some((id) => {
    const later = downstream(graph, id);
    return owners.some((other) => other !== id && later.has(other));
  });
}

/** Whether several parts of the film follow one another within the graph. */
export function isInParts(graph: Graph, definitions: Definitions): boolean {
  return isChain(
    graph,
    Object.keys(graph).filter((node) =>
      outputsOf(definitions, graph[node]).includes("LATENT") &&
      LENGTHS.some((input) => Object.hasOwn(graph[node]?.inputs ?? {}, input))
    ),
  );
}

function findSeconds(graph: Graph): Found[] {
  return distinct(
    Object.entries(graph).flatMap(([node, { class_type }]) => {
      const place = class_type === "TrimAudioDuration" ? sourceOf(graph, { node, input: "duration" }) : null;
      return place && typeof literalAt(graph, place) === "number" ? [place] : [];
    }),
  );
}

const FILM_RATES = ["fps", "frame_rate"];

/** Only a model that is told its rate can have another one. */
function findRate(graph: Graph): Found[] {
  const told = Object.values(graph).some(({ class_type }) => class_type === "LTXVConditioning");
  if (!told) return [];
  return distinct(
    Object.keys(graph).flatMap((node) =>
      FILM_RATES.flatMap((input) => {
        const place = sourceOf(graph, { node, input });
        return place && typeof literalAt(graph, place) === "number" ? [place] : [];
      })
    ),
  );
}

/** What the graph itself says of its rate. */
export function rateOf(graph: Graph): number | null {
  const values = Object.entries(graph).flatMap(([node, { class_type }]) => {
    if (!/^(CreateVideo|VHS_VideoCombine|SaveWEBM|SaveAnimatedWEBP|LTXVConditioning)$/.test(class_type)) {
      return [];
    }
    return FILM_RATES.map((input) => literalAt(graph, sourceOf(graph, { node, input })));
  });
  return values.find((value) => typeof value === "number") ?? null;
}

function distinct(places: Place[]): Found[] {
  return places.filter((place, at) => places.findIndex((other) => samePlace(place, other)) === at)
    .map((place) => ({ ...place, by: "class" }));
}
