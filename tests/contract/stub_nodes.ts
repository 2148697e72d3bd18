/** The few node classes that the stub ComfyUI knows, and how it judges graphs: as ComfyUI 0.33 does, in its words. */
import type { Graph } from "@/core/template.ts";

export interface Rejection {
  error: { type: string; message: string; details: string; extra_info: Record<string, unknown> };
  node_errors: Record<string, unknown>;
}

interface Known {
  input: { required: Record<string, unknown[]>; optional?: Record<string, unknown[]> };
  output: string[];
  output_node?: boolean;
}

/** Node definitions with the given checkpoint files in the combo, as `/object_info` shows them. */
export function stubDefinitions(models: string[]): Record<string, Known> {
  const save = (input: string, type: string): Known => ({
    input: { required: { [input]: [type], filename_prefix: ["STRING", { default: "ComfyUI" }] } },
    output: [],
    output_node: true,
  });
  const size = ["INT", { default: 512, min: 1, max: 16384, step: 1 }];
  return {
    EmptyImage: {
      input: {
        required: { width: size, height: size, batch_size: ["INT", { default: 1, min: 1, max: 4096 }] },
        optional: { color: ["INT", { default: 0, min: 0, max: 16777215 }] },
      },
      output: ["IMAGE"],
    },
    CheckpointLoaderSimple: {
      input: { required: { ckpt_name: [models] } },
      output: ["MODEL", "CLIP", "VAE"],
    },
    EmptyLatentImage: {
      input: {
        required: { width: size, height: size, batch_size: ["INT", { default: 1, min: 1, max: 4096 }] },
      },
      output: ["LATENT"],
    },
    VAEDecode: { input: { required: { samples: ["LATENT"], vae: ["VAE"] } }, output: ["IMAGE"] },
    LoadImage: { input: { required: { image: [[], { image_upload: true }] } }, output: ["IMAGE", "MASK"] },
    KSampler: {
      input: {
        required: {
          image: ["IMAGE"],
          steps: ["INT", { default: 20, min: 1, max: 10000 }],
          seed: ["INT", { default: 0, min: 0, max: 2 ** 64 }],
        },
      },
      output: ["IMAGE"],
    },
    SaveImage: save("images", "IMAGE"),
    SaveVideo: save("video", "VIDEO"),
    SaveAudio: save("audio", "AUDIO"),
    SaveLatent: save("samples", "LATENT"),
    SaveText: save("text", "STRING"),
    VHS_VideoCombine: save("images", "IMAGE"),
    PreviewImage: { input: { required: { images: ["IMAGE"] } }, output: [], output_node: true },
  };
}

/** Key and ending by save class, as history shows them. */
export const SAVES: Record<string, { key: string; ext: string; tail: string; type: "output" | "temp" }> = {
  SaveImage: { key: "images", ext: "png", tail: "_", type: "output" },
  SaveVideo: { key: "images", ext: "mp4", tail: "_", type: "output" },
  SaveAudio: { key: "audio", ext: "flac", tail: "_", type: "output" },
  SaveLatent: { key: "latents", ext: "latent", tail: "_", type: "output" },
  SaveText: { key: "files", ext: "txt", tail: "_", type: "output" },
  VHS_VideoCombine: { key: "gifs", ext: "mp4", tail: "", type: "output" },
  PreviewImage: { key: "images", ext: "png", tail: "_", type: "temp" },
};

function refuse(type: string, message: string, details = "", extra: Record<string, unknown> = {}): Rejection {
  return { error: { type, message, details, extra_info: extra }, node_errors: {} };
}

/** What `POST /prompt` answers with 400, or null for a graph that may run. */
export function judgeGraph(
  graph: Graph,
  server: { models: string[]; files: ReadonlyMap<string, Uint8Array>; isOld: boolean },
): Rejection | null {
  const known = stubDefinitions(server.models);
  for (const [id, node] of Object.entries(graph)) {
    if (Object.hasOwn(known, node.class_type)) continue;
    const title = node._meta?.title ?? node.class_type;
    if (server.isOld) {
      const message = `Cannot execute because node ${node.class_type} does not exist.`;
      return refuse("invalid_prompt", message, `Node ID '#${id}'`);
    }
    const message = `Node '${title}' not found. The custom node may not be installed.`;
    const extra = { node_id: id, class_type: node.class_type, node_title: title };
    return refuse("missing_node_type", message, `Node ID '#${id}'`, extra);
  }
  if (!Object.values(graph).some((node) => known[node.class_type]?.output_node === true)) {
    return refuse("prompt_no_outputs", "Prompt has no outputs");
  }
  const errors = nodeErrors(graph, server);
  if (Object.keys(errors).length === 0) return null;
  return {
    ...refuse("prompt_outputs_failed_validation", "Prompt outputs failed validation"),
    node_errors: errors,
  };
}

function nodeErrors(
  graph: Graph,
  server: { models: string[]; files: ReadonlyMap<string, Uint8Array> },
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [id, { class_type, inputs }] of Object.entries(graph)) {
    const error = nodeError(class_type, inputs, server);
    if (error !== null) found[id] = { errors: [error], dependent_outputs: ["9"], class_type };
  }
  return found;
}

function nodeError(
  className: string,
  inputs: Record<string, unknown>,
  server: { models: string[]; files: ReadonlyMap<string, Uint8Array> },
) {
  if (className === "CheckpointLoaderSimple" && !server.models.includes(String(inputs.ckpt_name))) {
    const list = server.models.map((model) => `'${model}'`).join(", ");
    return {
      type: "value_not_in_list",
      message: "Value not in list",
      details: `ckpt_name: '${inputs.ckpt_name}' not in [${list}]`,
      extra_info: {
        input_name: "ckpt_name",
        input_config: [server.models],
        received_value: inputs.ckpt_name,
      },
    };
  }
  if (className === "LoadImage" && !server.files.has(`input/${inputs.image}`)) {
    return {
      type: "custom_validation_failed",
      message: "Custom validation failed for node",
      details: `image - Invalid image file: ${inputs.image}`,
      extra_info: { input_name: "image" },
    };
  }
  if (className === "EmptyImage" && Number(inputs.width) > 16384) {
    return {
      type: "value_bigger_than_max",
      message: `Value ${inputs.width} bigger than max of 16384`,
      details: "width",
      extra_info: {
        input_name: "width",
        input_config: ["INT", { max: 16384 }],
        received_value: inputs.width,
      },
    };
  }
  return null;
}

/** Nodes in an order in which each comes after what it takes. */
export function inOrder(graph: Graph): string[] {
  const done: string[] = [];
  const visit = (id: string) => {
    if (done.includes(id) || graph[id] === undefined) return;
    for (const value of Object.values(graph[id].inputs)) {
      if (Array.isArray(value) && typeof value[0] === "string") visit(value[0]);
    }
    done.push(id);
  };
  for (const id of Object.keys(graph)) visit(id);
  return done;
}

/** The key of a node in the cache: its class and inputs, and those of everything before it. */
export function cacheKey(graph: Graph, id: string): string {
  const node = graph[id];
  if (node === undefined) return "";
  const inputs = Object.entries(node.inputs).map(([name, value]) => [
    name,
    Array.isArray(value) && typeof value[0] === "string" ? [cacheKey(graph, value[0]), value[1]] : value,
  ]);
  return JSON.stringify([node.class_type, inputs]);
}
