/** The nodes of the prompt runners' graphs: Wan's VACE by its wrapper in two passes, and joining with larger, smoother frames. */
import type { NodeContext, NodeKind } from "../../contract.ts";
import { joinFrames, mapFrames, scaleFrames, sliceFrames } from "../frames.ts";
import { digest, word } from "../hash.ts";
import { Inputs, kind } from "../kind.ts";
import { fingerprintOf } from "../naming.ts";
import { withScene } from "../scene.ts";
import { Conditioning, Frames, Handle, Latent } from "../values.ts";
import { saveLatent } from "./latents.ts";
import { loadImage } from "./media_in.ts";
import { decodeLatent, perform, seedOf } from "./sampling.ts";
import { loadVideo } from "./vhs.ts";
import { runVace } from "./wan_video.ts";

/** WANVIDEOTEXTEMBEDS. */
class TextEmbeds {
  constructor(readonly positive: Conditioning, readonly negative: Conditioning) {}
}

/** WANVIDIMAGE_EMBEDS: the scene of a clip, and the latent that it fills. */
class VaceEmbeds {
  constructor(readonly scene: Latent, readonly empty: Latent, readonly ahead: number) {}
}

function loraSelect(inputs: Inputs): Handle[] {
  const before = inputs.maybe("prev_lora", Handle);
  return [new Handle("WANVIDLORA", digest([inputs.settings(), before?.digest ?? ""]))];
}

function loadModel(inputs: Inputs): Handle[] {
  const lora = inputs.maybe("lora", Handle);
  return [new Handle("WANVIDEOMODEL", digest([inputs.settings(), lora?.digest ?? ""]))];
}

function encodeText(inputs: Inputs): TextEmbeds[] {
  const made = (name: string) => {
    const text = inputs.text(name);
    return new Conditioning(text, digest(["text", name, text]), null);
  };
  return [new TextEmbeds(made("positive_prompt"), made("negative_prompt"))];
}

/** The wrapper's VACE means what ComfyUI's own does, under other names. */
async function encodeVace(inputs: Inputs, context: NodeContext): Promise<VaceEmbeds[]> {
  const blank = new Conditioning("", "", null);
  const { vae, input_frames, ref_images, ...raw } = inputs.raw;
  const same = new Inputs({
    ...raw,
    vae,
    length: inputs.int("num_frames"),
    positive: blank,
    negative: blank,
    ...(input_frames === undefined ? {} : { control_video: input_frames }),
    ...(ref_images === undefined ? {} : { reference_image: ref_images }),
  });
  const [positive, , empty, ahead] = await runVace(same, context);
  if (!(positive instanceof Conditioning) || positive.scene === null || !(empty instanceof Latent)) {
    throw new Error("VACE gave no scene");
  }
  return [new VaceEmbeds(positive.scene, empty, Number(ahead))];
}

async function runSampler(inputs: Inputs, context: NodeContext): Promise<Latent[]> {
  const embeds = inputs.need("image_embeds", VaceEmbeds);
  const text = inputs.maybe("text_embeds", TextEmbeds);
  const before = inputs.maybe("samples", Latent);
  const { seed: _seed, ...settings } = inputs.settings();
  const seed = seedOf(inputs, "seed");
  const total = inputs.int("steps");
  const start = inputs.int("start_step", 0);
  const end = inputs.int("end_step", -1);
  const until = end < 0 ? total : Math.min(end, total);
  const prompt = text?.positive ?? new Conditioning("", "", null);
  const scene = embeds.scene.with(embeds.scene.shots.map((shot) => ({ ...shot, text: prompt.text })));
  const done = await perform({
    positive: withScene(prompt, scene),
    negative: text?.negative ?? new Conditioning("", "", null),
    latent: before ?? embeds.empty,
    seed,
    settings: [settings, inputs.handle("model").digest],
    caption: `SEED ${seed} STEPS ${start}-${until} CFG ${inputs.number("cfg")}`,
    steps: Math.max(0, until - start),
    keeps: before !== null,
    noise: Math.max(0, total - until) / total,
  }, context);
  // What stands for the reference is gone when the latent leaves the sampler.
  const samples = before === null ? done.with(done.shots.slice(embeds.ahead)) : done;
  return [samples, samples];
}

/** `output/name` and `input/name` as the loaders by name have them. */
function byName(inputs: Inputs, input: string): string {
  const path = inputs.text(input).replace(/^\.?\//, "");
  if (path.startsWith("output/")) return `${path.slice("output/".length)} [output]`;
  return path.replace(/^input\//, "");
}

function fromPath(
  input: string,
  run: (inputs: Inputs, context: NodeContext) => Promise<unknown[]>,
): NodeKind {
  return kind(
    (inputs, context) => run(new Inputs({ ...inputs.raw, [input]: byName(inputs, input) }), context),
    (inputs, folders) => fingerprintOf(byName(inputs, input), folders),
  );
}

function enlarge(inputs: Inputs): unknown[] {
  const image = inputs.frames("image");
  const step = inputs.int("rounding_modulus", 8);
  const factor = inputs.text("mode") === "rescale"
    ? inputs.number("rescale_factor")
    : inputs.int("resize_width") / image.width;
  const side = (pixels: number) => Math.max(step, Math.round(pixels * factor / step) * step);
  return [
    scaleFrames(image, { to: { width: side(image.width), height: side(image.height) }, crop: "center" }),
    "",
  ];
}

/** Grain that is the same whenever the same frame is made. */
function grain(inputs: Inputs): Frames[] {
  const images = inputs.frames("images");
  const strength = inputs.number("grain_intensity") * 64;
  const change = (rgb: Uint8Array, index: number) => {
    let state = word(digest(["grain", index])) | 1;
    return rgb.map((value, at) => {
      if (at % 3 === 0) state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.min(255, Math.max(0, Math.round(value + ((state >>> 16) / 65535 - 0.5) * strength)));
    });
  };
  return [mapFrames(images, { size: images, by: ["grain", inputs.settings()], change })];
}

function correct(inputs: Inputs): Frames[] {
  const images = inputs.frames("images");
  const [brightness, contrast, saturation] = ["brightness", "contrast", "saturation"].map((name) =>
    inputs.number(name)
  );
  const change = (rgb: Uint8Array) => {
    const made = new Uint8Array(rgb.length);
    for (let at = 0; at < rgb.length; at += 3) {
      const grey = 0.299 * (rgb[at] ?? 0) + 0.587 * (rgb[at + 1] ?? 0) + 0.114 * (rgb[at + 2] ?? 0);
      for (let c = 0; c < 3; c++) {
        const coloured = grey + ((rgb[at + c] ?? 0) - grey) * (saturation ?? 1);
        const value = (coloured - 128) * (contrast ?? 1) + 128 + (brightness ?? 0) * 255;
        made[at + c] = Math.min(255, Math.max(0, Math.round(value)));
      }
    }
    return made;
  };
  return [mapFrames(images, { size: images, by: ["colour", inputs.settings()], change })];
}

/** Frames between, mixed from their neighbours; the last frame has no further one. */
function interpolate(inputs: Inputs): Frames[] {
  const frames = inputs.frames("frames");
  const times = inputs.int("multiplier");
  return [
    new Frames({
      count: (frames.count - 1) * times + 1,
      width: frames.width,
      height: frames.height,
      digest: digest(["rife", frames.digest, inputs.settings()]),
      read: async (index) => {
        const [at, part] = [Math.floor(index / times), (index % times) / times];
        const one = await frames.get(at);
        if (part === 0) return one;
        const other = await frames.get(at + 1);
        return one.map((value, i) => Math.round(value * (1 - part) + (other[i] ?? 0) * part));
      },
    }),
  ];
}

function batch(inputs: Inputs): Frames[] {
  const more = ["image_2", "image_3", "image_4", "image_5"].flatMap((name) =>
    inputs.maybe(name, Frames) ?? []
  );
  return [more.reduce(joinFrames, inputs.frames("image_1"))];
}

export const longTakeKinds: Record<string, NodeKind> = {
  WanVideoLoraSelect: kind(loraSelect),
  WanVideoModelLoader: kind(loadModel),
  WanVideoVAELoader: kind((inputs) => [new Handle("WANVAE", digest(inputs.settings()), 4)]),
  LoadWanVideoT5TextEncoder: kind((inputs) => [new Handle("WANTEXTENCODER", digest(inputs.settings()))]),
  WanVideoTextEncode: kind(encodeText),
  WanVideoVACEEncode: kind(encodeVace),
  WanVideoSampler: kind(runSampler),
  WanVideoDecode: kind((inputs) => [decodeLatent(inputs.latent("samples"), inputs.handle("vae").digest)]),
  SaveLatentWithPath: kind((inputs, context) => saveLatent(inputs, context, "latent")),
  LoadImageFromPath: fromPath("image", loadImage),
  CRTFirstLastFrameSelector: kind((inputs) => {
    const images = inputs.frames("images");
    return [
      sliceFrames(images, { start: 0, count: 1 }),
      sliceFrames(images, { start: images.count - 1, count: 1 }),
    ];
  }),
  VHS_LoadVideoPath: fromPath("video", loadVideo),
  "CR Upscale Image": kind(enlarge),
  FastFilmGrain: kind(grain),
  BatchColorCorrection: kind(correct),
  "RIFE VFI": kind(interpolate),
  "ImageBatchMultiple+": kind(batch),
};
