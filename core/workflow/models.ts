/** Walks a graph to the model files that it loads: what a server has to have, and to load. */
import type { Definitions, Graph, Template } from "../template.ts";
import { isModelFile, ruleOf } from "./definitions.ts";

export interface ModelUse {
  node: string;
  class: string;
  input: string;
  file: string;
}

/** Loaders of files that people bring. */
const USER_FILES = /^(VHS_)?Load(Image|Images|ImageMask|ImageOutput|Video|Audio|Latent)(Upload|Path)?$/;

/**
 * Every model file that a node names, also deep within rows of several. What people upload is none, and a row that is
 * switched off loads nothing.
 */
export function modelFiles(graph: Graph, definitions: Definitions): ModelUse[] {
  return Object.entries(graph).flatMap(([node, { class_type, inputs }]) => {
    if (USER_FILES.test(class_type)) return [];
    return Object.entries(inputs).flatMap(([input, value]) =>
      namesWithin(value).filter((file) => isModelFile(definitions[class_type], input, file))
        .map((file) => ({ node, class: class_type, input, file }))
    );
  });
}

function namesWithin(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(namesWithin);
  if (typeof value !== "object" || value === null) return [];
  return "on" in value && value.on === false ? [] : Object.values(value).flatMap(namesWithin);
}

/** Every class that a graph bound from this template may have: what to ask a server's definitions for. */
export function classesOf({ graph, manifest }: Template): string[] {
  const folds = Object.values(manifest.inputs).flatMap((input) => input.fold ? [input.fold.class] : []);
  return [...new Set([...Object.values(graph).map((node) => node.class_type), ...folds])].sort();
}

/** What a backend has to load: equal families share a slot's models. */
export function familyOf(graph: Graph, definitions: Definitions): string {
  return [...new Set(modelFiles(graph, definitions).map((model) => model.file))].sort().join(" + ");
}

/**
 * The name under which a loader of a server offers a file, which may lie in a folder of its own there. Null where it does
 * not; where the loader tells no list, the file is taken to be there.
 */
export function nameThere({ class: name, input, file }: ModelUse, definitions: Definitions): string | null {
  const definition = definitions[name];
  const rule = definition && ruleOf(definition, input);
  if (rule?.form !== "combo" || rule.options.includes(file)) return file;
  return rule.options.find((option) => baseName(option) === baseName(file)) ?? null;
}

const baseName = (path: string) => path.replaceAll("\\", "/").split("/").at(-1);

/** The same graph with every model file by the name that this server has for it. Changes the graph in place. */
export function nameModels(graph: Graph, definitions: Definitions): void {
  for (const use of modelFiles(graph, definitions)) {
    const inputs = graph[use.node]?.inputs;
    if (inputs?.[use.input] === use.file) inputs[use.input] = nameThere(use, definitions) ?? use.file;
  }
}

/** The folder of ComfyUI's models that a loader's input reads, as far as its name says it. */
export function folderOf({ class: name, input }: Pick<ModelUse, "class" | "input">): string {
  if (name.includes("CLIPVision")) return "clip_vision";
  if (name.includes("LatentUpscale")) return "latent_upscale_models";
  if (name.includes("UpscaleModel")) return "upscale_models";
  if (/^lora/.test(input)) return "loras";
  return FOLDERS[input] ?? "";
}

const FOLDERS: Record<string, string> = {
  ckpt_name: "checkpoints",
  unet_name: "diffusion_models",
  vae_name: "vae",
  clip_name: "text_encoders",
  clip_name1: "text_encoders",
  clip_name2: "text_encoders",
  clip_name3: "text_encoders",
  text_encoder: "text_encoders",
  control_net_name: "controlnet",
  audio_encoder_name: "audio_encoders",
  ipadapter_file: "ipadapter",
  style_model_name: "style_models",
};
