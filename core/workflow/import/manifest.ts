/** The manifest of a graph that nobody has described yet, from what was found in it. */
import type { Definitions, Graph, Manifest, TemplateInput } from "../../template.ts";
import type { Fault } from "../check_graph.ts";
import { idsOf } from "../graph.ts";
import type { Wish } from "./hands.ts";
import type { Findings } from "./find.ts";
import { isInParts, rateOf } from "./find_sizes.ts";
import { makeInputs } from "./inputs.ts";
import { type Saver, soundOf } from "./outputs.ts";
import { literalAt, outputsOf, type Place } from "./places.ts";
import type { Known } from "./proposal.ts";
import { estimateOf, needsOf } from "./needs.ts";

export interface Made {
  manifest: Manifest | null;
  faults: Fault[];
  notes: string[];
}

export interface Making {
  graph: Graph;
  wish: Wish;
  version: string;
  findings: Findings;
  saver: Saver | undefined;
  known: Known;
}

/** What a family of models can make. */
export interface Rules {
  rule: NonNullable<Manifest["frames"]>["rule"];
  multiple: number;
  framesMax: number;
  secondsMax: number;
}

export function makeManifest(making: Making): Made {
  const { graph, saver, findings, known } = making;
  const rules = rulesOf(graph);
  const { faults, length } = lengthOf(making, rules);
  const size = sizeOf(graph, findings, rules.multiple);
  const made = makeInputs({ graph, findings, definitions: known.definitions, rules, size });
  const notes = ["Brought from an export. It has not run on a real GPU yet."];
  if (!findings.places.get("width")?.length && !findings.places.get("halfWidth")?.length) {
    notes.push("Its size is fixed in the graph: the film is brought to the size that was asked for.");
  }
  if (!saver) {
    return { manifest: null, faults: [noOutput(graph, known.definitions), ...faults, ...made.faults], notes };
  }
  const isFilm = saver.kind === "video";
  const { inputs } = made;
  const manifest: Manifest = {
    ...identityOf(making),
    state: "unverified",
    verified: null,
    notes,
    promptOptional: inputs.prompt === undefined,
    delivers: isFilm ? "film" : "still",
    loops: false,
    heavy: null,
    sound: soundOf(graph, saver),
    length: isFilm ? length.length : null,
    inputs,
    outputs: [{
      role: isFilm ? "clip" : "picture",
      node: { id: saver.node },
      kind: saver.kind,
      required: true,
    }],
    variants: {},
    presets: { as_made: { title: "As made", edits: [] } },
    defaultPreset: "as_made",
    frames: isFilm ? length.frames : null,
    size: { ...size, ...followed(inputs) },
    stages: stagesOf(graph),
    requires: needsOf(graph, known),
    lowVram: [],
    estimate: estimateOf(graph, known),
  };
  return { manifest, faults: [...faults, ...made.faults], notes };
}

function noOutput(graph: Graph, definitions: Definitions): Fault {
  const savers = Object.values(graph).filter(({ class_type }) =>
    definitions[class_type]?.output_node === true
  );
  return {
    text: savers.length === 0
      ? "The graph has no output node: add one that saves the film or the picture, such as Save Video, and export again."
      : `The graph saves neither a film nor a picture (it ends in ${
        [...new Set(savers.map(({ class_type }) => class_type))].join(", ")
      }): add Save Video or Save Image, and export again.`,
  };
}

function identityOf({ wish, version, saver, known }: Making) {
  const [family = "", name = ""] = wish.id.split("/");
  const mode = wish.mode ?? "custom";
  const submode = wish.submode ??
    (mode !== "custom" || family === "custom" ? name : `${family}_${name}`.slice(0, 40));
  const isTaken = known.templates.some(({ manifest }) =>
    manifest.id !== wish.id && manifest.mode === mode && manifest.submode === submode
  );
  const words = name.replaceAll("_", " ");
  return {
    id: wish.id,
    version,
    mode,
    submode,
    title: wish.title || words.charAt(0).toUpperCase() + words.slice(1),
    description: saver?.kind === "image"
      ? "A picture by a graph of this studio."
      : "A film by a graph of this studio.",
    icon: saver?.kind === "image" ? "image" : "film",
    chosen: isTaken ? "by_name" as const : "usual" as const,
  };
}

export function rulesOf(graph: Graph): Rules {
  const classes = Object.values(graph).map((node) => node.class_type);
  const has = (name: RegExp) => classes.some((each) => name.test(each));
  if (has(/LTXV/)) {
    return { rule: "8n+1", multiple: has(/LatentUpsampler$/) ? 64 : 32, framesMax: 1000, secondsMax: 30 };
  }
  if (has(/^Wan|Hunyuan/)) return { rule: "4n+1", multiple: 16, framesMax: 241, secondsMax: 15 };
  return { rule: "any", multiple: 8, framesMax: 1000, secondsMax: 30 };
}

const first = (graph: Graph, places: Place[] | undefined) => {
  const value = literalAt(graph, places?.[0] ?? null);
  return typeof value === "number" ? value : null;
};

export type Size = Pick<Manifest["size"], "multiple" | "min" | "max" | "width" | "height">;

function sizeOf(graph: Graph, { places }: Findings, multiple: number): Size {
  const side = (whole: string, half: string) => {
    const halved = first(graph, places.get(half));
    const value = first(graph, places.get(whole)) ?? (halved === null ? 512 : halved * 2);
    return Math.min(4096, Math.max(256, Math.round(value / multiple) * multiple));
  };
  return {
    multiple,
    min: 256,
    max: 4096,
    width: side("width", "halfWidth"),
    height: side("height", "halfHeight"),
  };
}

/** Files that give the film its shape or its length, in the order in which they are asked. */
function followed(inputs: Record<string, TemplateInput>): { follows?: string } {
  if (!inputs.width && !inputs.halfWidth) return {};
  const follows = ["image", "groundTruth", "video", "motionVideo"].find((place) => inputs[place]?.required);
  return follows === undefined ? {} : { follows };
}

function lengthOf({ graph, saver, findings, known }: Making, rules: Rules): {
  faults: Fault[];
  length: Pick<Manifest, "length" | "frames">;
} {
  const { places } = findings;
  const rate = first(graph, places.get("rate")) ?? rateOf(graph) ?? 16;
  const own = first(graph, places.get("frames"));
  const batch = own ?? batchOf(graph, known.definitions);
  const frames = (count: number, rule = rules.rule) => ({
    rule,
    first: Math.round(count),
    next: Math.round(count),
    overlap: 0,
    rate,
  });
  const follows = (own === null ? ["video", "motionVideo"] : ["audio", "video", "motionVideo"])
    .find((place) => places.get(place)?.length);
  const inParts = own === null && isInParts(graph, known.definitions);
  if (own !== null || (follows !== undefined && batch === null && !inParts)) {
    const max = Math.min(rules.secondsMax, Math.floor(rules.framesMax / rate));
    const seconds = Math.min(max, Math.max(0.5, Math.round((own ?? 3 * rate) / rate * 10) / 10));
    const length = { seconds, min: 0.5, max, ...(follows === undefined ? {} : { follows }) };
    return {
      faults: [],
      length: { length, frames: frames(own ?? 3 * rate, own === null ? "any" : rules.rule) },
    };
  }
  const faults = saver?.kind === "video" ? lengthFaults(graph, batch, known.definitions) : [];
  return { faults, length: { length: null, frames: batch === null ? null : frames(batch, "any") } };
}

function lengthFaults(graph: Graph, batch: number | null, definitions: Definitions): Fault[] {
  if (isInParts(graph, definitions)) {
    const text =
      "The film is made of several parts that go on from one another within the graph, so its length cannot be chosen: " +
      "export a graph of one part.";
    return [{ text }];
  }
  return batch === null
    ? [{ text: "Nothing in the graph says how long the film is: bind frames to the input that does." }]
    : [];
}

/** The pictures of a pass that are made as one batch, where that is how the graph makes a film. */
function batchOf(graph: Graph, definitions: Definitions): number | null {
  const found = Object.values(graph).filter((node) => outputsOf(definitions, node).includes("LATENT"))
    .map(({ inputs }) => inputs.batch_size).filter((size) => typeof size === "number" && size > 1);
  return typeof found[0] === "number" ? found[0] : null;
}

/** Passes begin stages where their titles are their own; ComfyUI tells by title which node runs. */
export function stagesOf(graph: Graph): Manifest["stages"] {
  const titleOf = (name: RegExp) =>
    Object.values(graph).filter((node) => name.test(node.class_type)).map((node) => node._meta?.title ?? "")
      .filter((title) => idsOf(graph, { title }).length === 1);
  const passes = titleOf(/^(KSampler|KSamplerAdvanced|SamplerCustom|SamplerCustomAdvanced)$/).slice(0, 3);
  const decoding = titleOf(/^VAEDecode/).slice(0, 1);
  if (passes.length === 0) return [{ title: "Rendering", share: 100, nodes: [] }];
  const share = 75 / passes.length;
  return [
    { title: "Preparing", share: 10, nodes: [] },
    ...passes.map((title, at) => ({
      title: passes.length === 1 ? "Rendering" : `Pass ${at + 1}`,
      share,
      nodes: [title],
    })),
    { title: "Decoding", share: 15, nodes: decoding },
  ];
}
