/** The node library of the draft renderer: what every node class means without a GPU and without models. */
import type { Definitions } from "@/core/template.ts";
import type { NodeKind, NodeLibrary } from "../contract.ts";
import longTake from "./definitions/long_take.json" with { type: "json" };
import recorded from "./definitions/object_info.json" with { type: "json" };
import { animateKinds } from "./kinds/animate.ts";
import { animeKinds } from "./kinds/anime.ts";
import { customSamplingKinds } from "./kinds/custom_sampling.ts";
import { finishingKinds } from "./kinds/finishing.ts";
import { imageKinds } from "./kinds/images.ts";
import { latentKinds } from "./kinds/latents.ts";
import { loaderKinds } from "./kinds/loaders.ts";
import { logicKinds } from "./kinds/logic.ts";
import { longTakeKinds } from "./kinds/long_take.ts";
import { ltxKinds } from "./kinds/ltx.ts";
import { maskKinds } from "./kinds/masks.ts";
import { mediaInKinds } from "./kinds/media_in.ts";
import { mediaOutKinds } from "./kinds/media_out.ts";
import { promptKinds } from "./kinds/prompts.ts";
import { samplingKinds } from "./kinds/sampling.ts";
import { soundKinds } from "./kinds/sounds.ts";
import { speechKinds } from "./kinds/speech.ts";
import { vhsKinds } from "./kinds/vhs.ts";
import { visionKinds } from "./kinds/vision.ts";
import { wanVideoKinds } from "./kinds/wan_video.ts";

const kinds: Record<string, NodeKind> = {
  ...animateKinds,
  ...animeKinds,
  ...customSamplingKinds,
  ...finishingKinds,
  ...imageKinds,
  ...latentKinds,
  ...loaderKinds,
  ...logicKinds,
  ...longTakeKinds,
  ...ltxKinds,
  ...maskKinds,
  ...mediaInKinds,
  ...mediaOutKinds,
  ...promptKinds,
  ...samplingKinds,
  ...soundKinds,
  ...speechKinds,
  ...vhsKinds,
  ...visionKinds,
  ...wanVideoKinds,
};

/** Classes that every ComfyUI has but the recorded definitions lack. */
const ADDED: Definitions = {
  PreviewImage: {
    input: {
      required: { images: ["IMAGE"] },
      hidden: { prompt: "PROMPT", extra_pnginfo: "EXTRA_PNGINFO" },
    },
    input_order: { required: ["images"], hidden: ["prompt", "extra_pnginfo"] },
    is_input_list: false,
    output: ["IMAGE"],
    output_is_list: [false],
    output_name: ["images"],
    name: "PreviewImage",
    display_name: "Preview Image",
    description: "",
    python_module: "nodes",
    category: "image",
    output_node: true,
  },
};

/** Definitions of the classes that can run: a class without a meaning is a missing node, as on a real server. */
function definitionsOf(classes: Record<string, NodeKind>): Definitions {
  const all: Definitions = { ...recorded, ...longTake, ...ADDED };
  return Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(classes, name)));
}

export const draftNodes: NodeLibrary = { kinds, definitions: definitionsOf(kinds) };
