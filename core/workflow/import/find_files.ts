/** Finds the nodes that load pictures, clips and recordings, and what each is for by the way it goes. */
import type { Definitions, Graph } from "../../template.ts";
import type { Found } from "./find.ts";
import { type Place, samePlace, usersOf } from "./places.ts";

export interface Loader extends Place {
  kind: "image" | "video" | "audio" | "latent";
}

const LOADERS: [RegExp, string, Loader["kind"]][] = [
  [/^(LoadImage|LoadImageMask|LoadImageOutput)$/, "image", "image"],
  [/^LoadVideo$/, "file", "video"],
  [/^VHS_LoadVideo/, "video", "video"],
  [/^(LoadAudio|VHS_LoadAudioUpload)$/, "audio", "audio"],
  [/^LoadLatent$/, "latent", "latent"],
];
const UPLOADS = { image_upload: "image", video_upload: "video", audio_upload: "audio" } as const;

/** Every node that reads a file which somebody has to bring. */
export function findLoaders(graph: Graph, definitions: Definitions): Loader[] {
  return Object.entries(graph).flatMap(([node, { class_type, inputs }]) => {
    const known = LOADERS.find(([name]) => name.test(class_type));
    const loaders: Loader[] = known
      ? [{ node, input: known[1], kind: known[2] }]
      : uploadsOf(node, class_type, definitions);
    return loaders.filter(({ input }) => typeof inputs[input] === "string");
  });
}

/** Node packs say of their own loaders which input takes an upload. */
function uploadsOf(node: string, name: string, definitions: Definitions): Loader[] {
  const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  const all = { ...definition?.input.required, ...definition?.input.optional };
  return Object.entries(all).flatMap(([input, spec]): Loader[] => {
    const options: unknown = Array.isArray(spec) ? spec[1] : undefined;
    if (typeof options !== "object" || options === null) return [];
    const flag = Object.entries(UPLOADS).find(([flag]) => flag in options);
    return flag ? [{ node, input, kind: flag[1] }] : [];
  });
}

/** The place that each loader fills; a second one of the same use stays free, for a person to say. */
export function findFiles(graph: Graph, definitions: Definitions, taken: Place[]): Map<string, Found[]> {
  const found = new Map<string, Found[]>();
  for (const loader of findLoaders(graph, definitions)) {
    if (taken.some((place) => samePlace(place, loader))) continue;
    const role = loader.kind === "image" ? pictureRole(graph, loader.node) : loader.kind;
    const { node, input } = loader;
    if (role !== "latent" && !found.has(role)) found.set(role, [{ node, input, by: "class" }]);
  }
  return found;
}

const LAST = /^(end|last)_?(image|frame|picture)?$/;

function pictureRole(graph: Graph, id: string): string {
  const open = [id];
  const seen = new Set<string>();
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    for (const { node, input } of usersOf(graph, next)) {
      const { class_type = "", inputs = {} } = graph[node] ?? {};
      if (LAST.test(input) || (class_type === "LTXVAddGuide" && Number(inputs.frame_idx) < 0)) {
        return "lastImage";
      }
      if (/^ControlNetApply/.test(class_type) && input === "image") return "poseSheet";
      const shapes = /Resize|Scale|Preprocess|Crop|Pad|Canny|Pose/i.test(class_type);
      if (shapes && !seen.has(node)) open.push(node);
      seen.add(node);
    }
  }
  return "image";
}
