/** Loaders of models: a draft loads nothing, it only remembers what would have been loaded and with which settings. */
import type { NodeKind } from "../../contract.ts";
import { digest } from "../hash.ts";
import { kind } from "../kind.ts";
import { Handle } from "../values.ts";

/** Pixel frames per latent frame of a decoder or checkpoint, by its name. */
function strideOf(name: string): number {
  if (/ltx/i.test(name)) return 8;
  return /wan|hunyuan/i.test(name) ? 4 : 1;
}

/** A loader whose outputs are handles of these kinds. */
function loader(...kinds: string[]): NodeKind {
  return kind((inputs) => {
    const settings = inputs.settings();
    const stride = strideOf(Object.values(settings).join(" "));
    return kinds.map((name) => new Handle(name, digest([name, settings]), stride));
  });
}

export const loaderKinds: Record<string, NodeKind> = {
  UNETLoader: loader("MODEL"),
  UnetLoaderGGUF: loader("MODEL"),
  CLIPLoader: loader("CLIP"),
  CLIPLoaderGGUF: loader("CLIP"),
  DualCLIPLoader: loader("CLIP"),
  VAELoader: loader("VAE"),
  VAELoaderKJ: loader("VAE"),
  CLIPVisionLoader: loader("CLIP_VISION"),
  AudioEncoderLoader: loader("AUDIO_ENCODER"),
  CheckpointLoaderSimple: loader("MODEL", "CLIP", "VAE"),
  LoraLoaderModelOnly: kind((inputs) => [inputs.handle("model").changed(inputs.settings())]),
  LoraLoader: kind((inputs) => {
    const { strength_model, strength_clip, ...rest } = inputs.settings();
    return [
      inputs.handle("model").changed({ ...rest, strength_model }),
      inputs.handle("clip").changed({ ...rest, strength_clip }),
    ];
  }),
  ModelSamplingSD3: kind((inputs) => [inputs.handle("model").changed(inputs.settings())]),
  CLIPSetLastLayer: kind((inputs) => [inputs.handle("clip").changed(inputs.settings())]),
};
