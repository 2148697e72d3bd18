/** What the fake ComfyUI writes: deterministic files that name the graph and the inputs they were made from. */
import { canonical, digestOf } from "@/core/canonical.ts";
import type { ComfyFile, ComfyOutput, Hash } from "@/core/ports.ts";
import type { Graph } from "@/core/template.ts";

type Files = ReadonlyMap<string, Uint8Array>;

/** Key of history and file ending by save class; anything else saves PNG. */
const SAVES: Record<string, { key: string; ext: string; tail: string }> = {
  SaveVideo: { key: "images", ext: "mp4", tail: "_" },
  SaveWEBM: { key: "images", ext: "webm", tail: "_" },
  SaveAnimatedWEBP: { key: "images", ext: "webp", tail: "_" },
  SaveLatent: { key: "latents", ext: "latent", tail: "_" },
  SaveAudio: { key: "audio", ext: "flac", tail: "_" },
  SaveAudioMP3: { key: "audio", ext: "mp3", tail: "_" },
  VHS_VideoCombine: { key: "gifs", ext: "mp4", tail: "" },
};

/** What a fake output file says about itself, as JSON text. */
export interface FakeContent {
  node: string;
  /** Role title of the save node. */
  title: string;
  /** SHA-256 of the canonical graph with prefixes blanked and loaded files named by content. */
  graph: string;
  /** SHA-256 of every loaded file, sorted. */
  inputs: string[];
}

/** Reads what a fake output was made from; null when the bytes are no fake output. */
export function readFakeContent(bytes: Uint8Array): FakeContent | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isFakeContent(value) ? value : null;
  } catch {
    return null;
  }
}

function isFakeContent(value: unknown): value is FakeContent {
  return typeof value === "object" && value !== null && "graph" in value && "inputs" in value &&
    Array.isArray(value.inputs);
}

export function placeOf(file: ComfyFile): string {
  return `${file.type}/${file.subfolder === "" ? "" : `${file.subfolder}/`}${file.filename}`;
}

/** Identical graphs, prefixes included, are answered from the cache as ComfyUI does. */
export function keyOf(graph: Graph): string {
  return canonical(graph);
}

/** Loader values of a graph: `sub/name`, or `name [output]`. */
export function inputFiles(graph: Graph): { node: string; input: string; place: string }[] {
  return Object.entries(graph).flatMap(([node, { class_type, inputs }]) => {
    if (!/^(VHS_)?Load(Image|Video|Audio|Latent)/.test(class_type)) return [];
    return Object.entries(inputs).flatMap(([input, value]) => {
      if (!["image", "file", "video", "audio", "latent"].includes(input) || typeof value !== "string") {
        return [];
      }
      const [, name = value, type = "input"] = /^(.*) \[(input|output|temp)\]$/.exec(value) ?? [];
      return [{ node, input, place: `${type}/${name}` }];
    });
  });
}

/** Places of loader values that the server does not have. */
export function unresolvedLoaders(graph: Graph, files: Files): string[] {
  return inputFiles(graph).map((file) => file.place).filter((place) => !files.has(place));
}

/** Writes one file per save node into `files` and returns what history would list, in order of node ids. */
export function makeOutputs(graph: Graph, files: Map<string, Uint8Array>, hash: Hash): ComfyOutput[] {
  const loaded = inputFiles(graph).map((file) => ({ ...file, sha256: hash(files.get(file.place) ?? EMPTY) }));
  const blank = structuredClone(graph);
  for (const node of Object.values(blank)) {
    if ("filename_prefix" in node.inputs) node.inputs.filename_prefix = "";
  }
  for (const { node, input, sha256 } of loaded) {
    const target = blank[node];
    if (target !== undefined) target.inputs[input] = sha256;
  }
  const digest = digestOf(blank, hash);
  const inputs = loaded.map((file) => file.sha256).sort();
  return Object.entries(graph).sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([node, body]) => {
    const prefix = body.inputs.filename_prefix;
    if (typeof prefix !== "string") return [];
    const save = SAVES[body.class_type] ?? { key: "images", ext: "png", tail: "_" };
    const file = nextFile(prefix, save, files);
    const title = body._meta?.title ?? "";
    const content: FakeContent = { node, title, graph: digest, inputs };
    files.set(placeOf(file), new TextEncoder().encode(canonical(content)));
    return [{ ...file, node, key: save.key, ord: 0 }];
  });
}

const EMPTY = new Uint8Array();

/** The counter is the highest number of that prefix plus one, as ComfyUI scans the folder at save time. */
function nextFile(prefix: string, save: { ext: string; tail: string }, files: Files): ComfyFile {
  const cut = prefix.lastIndexOf("/");
  const subfolder = cut < 0 ? "" : prefix.slice(0, cut);
  const stem = prefix.slice(cut + 1);
  for (let count = 1;; count++) {
    const filename = `${stem}_${String(count).padStart(5, "0")}${save.tail}.${save.ext}`;
    const file: ComfyFile = { filename, subfolder, type: "output" };
    if (!files.has(placeOf(file))) return file;
  }
}
