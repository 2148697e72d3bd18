/** What `/object_info` says: the library's definitions with file lists from the folders and model lists from the options. */
import type { Definitions, NodeDefinition } from "@/core/template.ts";
import type { Folders } from "./contract.ts";
import { guessType, listFiles } from "./folders.ts";
import { comboOptions, readSpec } from "./inputs.ts";
import { isRecord, type Json } from "./python.ts";
import type { Traits } from "./versions.ts";

/** `all` accepts any model name; a table accepts only what it lists. */
export type Models = "all" | Record<string, string[]>;

type FileKind = "image" | "video" | "audio" | "latent";

/** Loaders whose definition does not tell by an upload flag that their list is a folder. */
const FILE_INPUTS: Record<string, FileKind> = {
  "LoadLatent.latent": "latent",
  "VHS_LoadVideo.video": "video",
  "VHS_LoadAudioUpload.audio": "audio",
};

const MODEL_INPUTS: Record<string, string> = {
  "ADE_AnimateDiffLoaderGen1.model_name": "animatediff_models",
  "ADE_LoadAnimateDiffModel.model_name": "animatediff_models",
  "AudioEncoderLoader.audio_encoder_name": "audio_encoders",
  "CLIPLoader.clip_name": "text_encoders",
  "CLIPLoaderGGUF.clip_name": "text_encoders",
  "CLIPVisionLoader.clip_name": "clip_vision",
  "CheckpointLoaderSimple.ckpt_name": "checkpoints",
  "ControlNetLoader.control_net_name": "controlnet",
  "DualCLIPLoader.clip_name1": "text_encoders",
  "DualCLIPLoader.clip_name2": "text_encoders",
  "FrameInterpolationModelLoader.model_name": "frame_interpolation",
  "IPAdapterModelLoader.ipadapter_file": "ipadapter",
  "LTXAVTextEncoderLoader.ckpt_name": "checkpoints",
  "LTXAVTextEncoderLoader.text_encoder": "text_encoders",
  "LTXVAudioVAELoader.ckpt_name": "checkpoints",
  "LatentUpscaleModelLoader.model_name": "latent_upscale_models",
  "LoraLoader.lora_name": "loras",
  "LoraLoaderModelOnly.lora_name": "loras",
  "OnnxDetectionModelLoader.vitpose_model": "detection",
  "OnnxDetectionModelLoader.yolo_model": "detection",
  "UNETLoader.unet_name": "diffusion_models",
  "UnetLoaderGGUF.unet_name": "diffusion_models",
  "VAELoader.vae_name": "vae",
  "VAELoaderKJ.vae_name": "vae",
  "CR Upscale Image.upscale_model": "upscale_models",
  "LoadWanVideoT5TextEncoder.model_name": "text_encoders",
  "RIFE VFI.ckpt_name": "frame_interpolation",
  "WanVideoLoraSelect.lora": "loras",
  "WanVideoModelLoader.model": "diffusion_models",
  "WanVideoVAELoader.model_name": "vae",
};

/** Folders that a ComfyUI has even when they are empty. */
const MODEL_FOLDERS = [
  "checkpoints",
  "loras",
  "vae",
  "text_encoders",
  "diffusion_models",
  "clip_vision",
  "style_models",
  "embeddings",
  "diffusers",
  "vae_approx",
  "controlnet",
  "gligen",
  "upscale_models",
  "latent_upscale_models",
  "hypernetworks",
  "photomaker",
  "classifiers",
  "model_patches",
  "audio_encoders",
  "frame_interpolation",
];

const ENDINGS: Record<FileKind, (name: string) => boolean> = {
  image: (name) => guessType(name).startsWith("image/"),
  video: (name) => guessType(name).startsWith("video/"),
  audio: (name) => /^(audio|video)\//.test(guessType(name)),
  latent: (name) => name.endsWith(".latent"),
};

export class DefinitionBook {
  readonly #definitions: Definitions;
  readonly #folders: Folders;
  readonly #models: Models;
  readonly #known: Record<string, string[]>;

  constructor(
    options: {
      definitions: Definitions;
      folders: Folders;
      models: Models;
      knownModels?: Record<string, string[]>;
      traits: Traits;
    },
  ) {
    this.#definitions = options.traits.saveVideoDynamic
      ? options.definitions
      : withOldSaveVideo(options.definitions);
    this.#folders = options.folders;
    this.#models = options.models;
    this.#known = options.models === "all"
      ? options.knownModels ?? collectModels(this.#definitions)
      : options.models;
  }

  /** As the library has it, without lists: enough to tell outputs and lazy inputs. */
  peek(name: string): NodeDefinition | undefined {
    return Object.hasOwn(this.#definitions, name) ? this.#definitions[name] : undefined;
  }

  async find(name: string): Promise<NodeDefinition | undefined> {
    const definition = this.peek(name);
    return definition === undefined ? undefined : await this.#fill(name, definition);
  }

  async all(): Promise<Definitions> {
    const filled: Definitions = {};
    for (const [name, definition] of Object.entries(this.#definitions)) {
      filled[name] = await this.#fill(name, definition);
    }
    return filled;
  }

  modelFolders(): string[] {
    return [...new Set([...MODEL_FOLDERS, ...Object.keys(this.#known)])];
  }

  /** Null for a folder that does not exist. */
  modelsIn(folder: string): string[] | null {
    return this.modelFolders().includes(folder) ? this.#known[folder] ?? [] : null;
  }

  /** The value of such an input is a file of the folders, checked by the node itself. */
  fileKind(name: string, input: string): FileKind | null {
    return readFileKind(name, input, this.peek(name));
  }

  acceptsAnyModel(name: string, input: string): boolean {
    return this.#models === "all" && MODEL_INPUTS[`${name}.${input}`] !== undefined;
  }

  async #fill(name: string, definition: NodeDefinition): Promise<NodeDefinition> {
    const required = await this.#fillSection(name, definition.input.required);
    const optional = await this.#fillSection(name, definition.input.optional);
    return {
      ...definition,
      input: { ...definition.input, ...(required && { required }), ...(optional && { optional }) },
    };
  }

  async #fillSection(name: string, section: Json | undefined): Promise<Json | undefined> {
    if (section === undefined) return undefined;
    const filled: Json = {};
    for (const [input, entry] of Object.entries(section)) {
      const list = await this.#listFor(name, input);
      filled[input] = list === null ? entry : withOptions(entry, list);
    }
    return filled;
  }

  async #listFor(name: string, input: string): Promise<string[] | null> {
    const folder = MODEL_INPUTS[`${name}.${input}`];
    if (folder !== undefined) return this.#known[folder] ?? [];
    const kind = this.fileKind(name, input);
    if (kind === null) return null;
    return (await listFiles(this.#folders.input)).filter(ENDINGS[kind]);
  }
}

function readFileKind(name: string, input: string, definition: NodeDefinition | undefined): FileKind | null {
  const listed = FILE_INPUTS[`${name}.${input}`];
  if (listed !== undefined) return listed;
  const entry = definition?.input.required?.[input] ?? definition?.input.optional?.[input];
  const config = Array.isArray(entry) && isRecord(entry[1]) ? entry[1] : {};
  for (const kind of ["image", "video", "audio"] as const) if (config[`${kind}_upload`] === true) return kind;
  return null;
}

function withOptions(entry: unknown, options: string[]): unknown {
  if (!Array.isArray(entry)) return entry;
  const [type, config, ...rest] = entry;
  if (type === "COMBO") return [type, { ...(isRecord(config) ? config : {}), options }, ...rest];
  return config === undefined ? [options] : [options, config, ...rest];
}

/** The models that the definitions themselves name, by folder. */
function collectModels(definitions: Definitions): Record<string, string[]> {
  const found: Record<string, Set<string>> = {};
  for (const [key, folder] of Object.entries(MODEL_INPUTS)) {
    const [name = "", input = ""] = key.split(".");
    const entry = definitions[name]?.input.required?.[input];
    if (entry === undefined) continue;
    const names = comboOptions(readSpec(input, entry, true)) ?? [];
    const into = found[folder] ??= new Set();
    for (const option of names) if (typeof option === "string") into.add(option);
  }
  return Object.fromEntries(Object.entries(found).map(([folder, names]) => [folder, [...names].sort()]));
}

/** Before 0.33 both inputs were plain combos. */
function withOldSaveVideo(definitions: Definitions): Definitions {
  const current = definitions.SaveVideo;
  if (current === undefined) return definitions;
  const { video, filename_prefix } = current.input.required ?? {};
  const combo = (second: string): unknown => ["COMBO", { default: "auto", options: ["auto", second] }];
  const required = { video, filename_prefix, format: combo("mp4"), codec: combo("h264") };
  const { optional: _gone, ...input } = current.input;
  return {
    ...definitions,
    SaveVideo: {
      ...current,
      input: { ...input, required },
      input_order: { required: Object.keys(required) },
    },
  };
}
