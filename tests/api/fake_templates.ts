/** The shelf of the studio in memory: one template in two versions, and a class that only a server knows. */
import type { Studio } from "@/core/studio.ts";
import type { Definitions, Template } from "@/core/template.ts";
import { bring } from "@/core/workflow/import/mod.ts";
import { newerVersion } from "@/core/workflow/versions.ts";

/** Enough of ComfyUI for a small graph. */
export const CLASSES: Definitions = {
  CheckpointLoaderSimple: {
    input: { required: { ckpt_name: [["model.safetensors"]] } },
    output: ["MODEL", "CLIP", "VAE"],
  },
  CLIPTextEncode: {
    input: { required: { text: ["STRING", {}], clip: ["CLIP", {}] } },
    output: ["CONDITIONING"],
  },
  EmptyLatentImage: {
    input: {
      required: {
        width: ["INT", { min: 16, max: 16384 }],
        height: ["INT", { min: 16, max: 16384 }],
        batch_size: ["INT", { min: 1, max: 4096 }],
      },
    },
    output: ["LATENT"],
  },
  KSampler: {
    input: {
      required: {
        model: ["MODEL"],
        positive: ["CONDITIONING"],
        negative: ["CONDITIONING"],
        latent_image: ["LATENT"],
        seed: ["INT", { min: 0, max: 2 ** 53 }],
        steps: ["INT", { min: 1, max: 10000 }],
      },
    },
    output: ["LATENT"],
  },
  VAEDecode: { input: { required: { samples: ["LATENT"], vae: ["VAE"] } }, output: ["IMAGE"] },
  SaveImage: {
    input: { required: { images: ["IMAGE"], filename_prefix: ["STRING", {}] } },
    output: ["IMAGE"],
    output_node: true,
  },
};

/** A whole graph of those classes. */
export const GRAPH = {
  model: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "model.safetensors" } },
  yes: { class_type: "CLIPTextEncode", inputs: { text: "a lighthouse", clip: ["model", 1] } },
  no: { class_type: "CLIPTextEncode", inputs: { text: "fog", clip: ["model", 1] } },
  empty: { class_type: "EmptyLatentImage", inputs: { width: 512, height: 768, batch_size: 1 } },
  pass: {
    class_type: "KSampler",
    inputs: {
      model: ["model", 0],
      positive: ["yes", 0],
      negative: ["no", 0],
      latent_image: ["empty", 0],
      seed: 7,
      steps: 20,
    },
  },
  pixels: { class_type: "VAEDecode", inputs: { samples: ["pass", 0], vae: ["model", 2] } },
  save: { class_type: "SaveImage", inputs: { images: ["pixels", 0], filename_prefix: "x" } },
};

export function templateParts(): Pick<Studio, "templates"> {
  const taken: Template[] = [];
  const consider = (brought: Parameters<typeof bring>[0]) =>
    bring(brought, { templates: taken, definitions: CLASSES });
  return {
    templates: {
      list: () =>
        taken.map(({ manifest: { id, title, mode, submode, version, state, verified } }) => ({
          id,
          title,
          mode,
          submode,
          byName: false,
          versions: [{ version, state, verified, own: true }],
        })),
      broken: () => [],
      newer: (of) => of.name === "animate/move" && of.version === "0.9.0" ? "1.0.0" : newerVersion(taken, of),
      lightest: ({ name }) =>
        name === "animate/mix" ? null : { name: "fast", title: "Thrifty", usual: "balanced" },
      propose: (brought) => Promise.resolve(consider(brought)),
      async accept(brought, _signal, before) {
        const proposal = consider(brought);
        if (proposal.template === null) return { ...proposal, written: false };
        await before(proposal);
        taken.push(proposal.template);
        return { ...proposal, written: true };
      },
    },
  };
}
