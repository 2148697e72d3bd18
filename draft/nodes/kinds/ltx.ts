/** LTX video with sound: latents of eight frames, pictures laid in or appended as guides, audio latents, upscaling. */
import type { NodeContext, NodeKind } from "../../contract.ts";
import { clampIndex, mapFrames, sizeOf } from "../frames.ts";
import { digest, hashBytes, word } from "../hash.ts";
import { type Inputs, kind } from "../kind.ts";
import { addPlate, emptyLatent, insetPicture } from "../scene.ts";
import { Album, type Beat, groupBeats, type Shot, STILL } from "../shot.ts";
import {
  AudioLatent,
  AvLatent,
  Conditioning,
  type Frames,
  Handle,
  Latent,
  refuse,
  Sound,
} from "../values.ts";

const STRIDE = 8;

/** The same shots with the scene's number changed by what a node did. */
function stamp(latent: Latent, by: unknown): Shot[] {
  const number = digest(by);
  return latent.shots.map((shot) => {
    const place = shot.look.length > 1 ? shot.look.length - 1 : 0;
    const look = [...shot.look];
    look[place] = word(digest([look[place] ?? 0, number]));
    return { ...shot, look };
  });
}

/** Frames for the shots of an empty latent, so that pictures can be laid into them. */
function timed(latent: Latent): Latent {
  if (latent.shots.some((shot) => shot.beats.length > 0)) return latent;
  const beats = Array.from({ length: latent.frameCount }, (_, index): Beat => ({ ...STILL, index }));
  const groups = groupBeats(beats, latent.layout.stride);
  return latent.with(latent.shots.map((shot, i) => ({ ...shot, beats: groups[i] ?? [] })));
}

/** Lays one picture into the beginning: it leads the whole clip. */
async function layIn(latent: Latent, options: { image: Frames; strength: number }): Promise<Latent> {
  const { image, strength } = options;
  const album = new Album();
  const plate = await addPlate(album, image);
  const shots = stamp(timed(latent), ["inplace", image.digest, strength]).map((shot) => ({ ...shot, plate }));
  return new Latent(latent.layout, shots, new Map([...latent.pictures, ...album.pictures]));
}

async function imageInPlace(inputs: Inputs): Promise<Latent[]> {
  const latent = inputs.latent("latent");
  if (inputs.bool("bypass")) return [latent];
  return [await layIn(latent, { image: inputs.frames("image"), strength: inputs.number("strength") })];
}

async function imageToVideo(inputs: Inputs): Promise<unknown[]> {
  const latent = emptyVideo(inputs);
  const filled = await layIn(latent, { image: inputs.frames("image"), strength: inputs.number("strength") });
  return [inputs.prompt("positive"), inputs.prompt("negative"), filled];
}

function emptyVideo(inputs: Inputs): Latent {
  const size = { width: inputs.int("width") & ~31, height: inputs.int("height") & ~31 };
  return emptyLatent({ ...size, stride: STRIDE }, Math.floor((inputs.int("length") - 1) / STRIDE) + 1);
}

interface Guide {
  image: Frames;
  frame: number;
  strength: number;
  by: unknown;
}

/** Appends a guide: its frames are shown as the inset where they belong, a guide of the beginning leads the clip. */
async function addGuide(
  given: Latent,
  options: { guide: Guide; context: NodeContext },
): Promise<Latent> {
  const { guide: { image, frame, strength, by }, context } = options;
  const latent = timed(given);
  const before = latent.layout.guides ?? 0;
  const own = latent.shots.length - before;
  const count = STRIDE * (own - 1) + 1;
  // A guide video counts in whole latent frames, as the encoder wants it.
  const shown = Math.floor((image.count - 1) / STRIDE) * STRIDE + 1;
  const start = frame < 0 ? Math.max(0, count + frame) : frame;
  const album = new Album();
  const insets = new Map<number, string>();
  for (let i = 0; i < shown && start + i < count; i++) {
    context.signal.throwIfAborted();
    const rgb = await image.source.get(clampIndex(i, image.source.count));
    insets.set(start + i, album.add(insetPicture(rgb, { from: image.source, film: latent.layout })));
  }
  const plate = start === 0 && shown === 1 ? await addPlate(album, image) : null;
  const shots = stamp(latent, ["guide", image.digest, frame, strength, by]).map((shot): Shot => ({
    ...shot,
    plate: plate ?? shot.plate,
    beats: shot.beats.map((beat) => ({ ...beat, inset: insets.get(beat.index) ?? beat.inset })),
  }));
  const added = Math.floor((shown - 1) / STRIDE) + 1;
  const last = shots.at(-1);
  if (last === undefined) throw refuse("The latent is empty.");
  const guides = Array.from({ length: added }, (): Shot => ({ ...last, plate: null, beats: [{ ...STILL }] }));
  const pictures = new Map([...latent.pictures, ...album.pictures]);
  return new Latent({ ...latent.layout, guides: before + added }, [...shots, ...guides], pictures);
}

async function runAddGuide(inputs: Inputs, context: NodeContext): Promise<unknown[]> {
  const parameters = inputs.maybe("iclora_parameters", Handle);
  const guide: Guide = {
    image: inputs.frames("image"),
    frame: inputs.int("frame_idx"),
    strength: inputs.number("strength"),
    by: [parameters?.digest ?? "", inputs.handle("vae").digest],
  };
  const latent = await addGuide(inputs.latent("latent"), { guide, context });
  return [inputs.prompt("positive"), inputs.prompt("negative"), latent];
}

function cropGuides(inputs: Inputs): unknown[] {
  const latent = inputs.latent("latent");
  const { guides = 0, ...layout } = latent.layout;
  const shots = guides === 0 ? latent.shots : latent.shots.slice(0, -guides);
  return [inputs.prompt("positive"), inputs.prompt("negative"), new Latent(layout, shots, latent.pictures)];
}

function upscale(inputs: Inputs): Latent[] {
  const latent = inputs.latent("samples");
  const { width, height } = latent.layout;
  const shots = stamp(latent, [
    "upscale",
    inputs.handle("upscale_model").digest,
    inputs.handle("vae").digest,
  ]);
  return [new Latent({ ...latent.layout, width: width * 2, height: height * 2 }, shots, latent.pictures)];
}

function encodeSound(inputs: Inputs, name = "audio"): AudioLatent {
  const sound = inputs.sound(name);
  const bytes = new Uint8Array(sound.samples.buffer, sound.samples.byteOffset, sound.samples.byteLength);
  const by = digest([hashBytes(bytes), sound.sampleRate, inputs.handle("audio_vae").digest]);
  return new AudioLatent(sound, sound.durationS, false, by);
}

/** A mask of zeros keeps the sound as it is; on a picture latent the mask changes the scene. */
async function maskNoise(inputs: Inputs): Promise<unknown[]> {
  const samples = inputs.raw.samples;
  const mask = inputs.mask("mask");
  if (samples instanceof AudioLatent) {
    const fixed = (await mask.get(0)).every((value) => value < 128);
    return [new AudioLatent(samples.sound, samples.durationS, fixed, samples.digest)];
  }
  const latent = inputs.latent("samples");
  return [latent.with(stamp(latent, ["mask", mask.digest]))];
}

function conditioning(inputs: Inputs): Conditioning[] {
  const rate = inputs.number("frame_rate");
  return ["positive", "negative"].map((name) => {
    const prompt = inputs.prompt(name);
    return new Conditioning(prompt.text, digest([prompt.digest, rate]), prompt.scene, rate);
  });
}

function referenceSound(inputs: Inputs): unknown[] {
  const by = [encodeSound(inputs, "reference_audio").digest, inputs.settings()];
  const prompts = ["positive", "negative"].map((name) => {
    const prompt = inputs.prompt(name);
    return new Conditioning(prompt.text, digest([prompt.digest, by]), prompt.scene, prompt.rate);
  });
  return [inputs.handle("model").changed(by), ...prompts];
}

function separate(inputs: Inputs): unknown[] {
  const both = inputs.need("av_latent", AvLatent);
  return [both.video, both.audio];
}

/** A loader of one handle. */
function load(name: string): NodeKind {
  return kind((inputs) => [new Handle(name, digest([name, inputs.settings()]), STRIDE)]);
}

/** A change of the model that shows in the result. */
const changeModel = kind((inputs) => [inputs.handle("model").changed(inputs.settings())]);

/** A change that only saves memory or concerns previews. */
const passModel = kind((inputs) => [inputs.handle("model")]);

export const ltxKinds: Record<string, NodeKind> = {
  LTXAVTextEncoderLoader: load("CLIP"),
  LTXVAudioVAELoader: load("VAE"),
  LatentUpscaleModelLoader: load("LATENT_UPSCALE_MODEL"),
  EmptyLTXVLatentVideo: kind((inputs) => [emptyVideo(inputs)]),
  LTXVEmptyLatentAudio: kind((inputs) => {
    const durationS = inputs.int("frames_number") / inputs.number("frame_rate");
    return [new AudioLatent(null, durationS, false, digest([durationS, inputs.handle("audio_vae").digest]))];
  }),
  LTXVConditioning: kind(conditioning),
  LTXVPreprocess: kind((inputs) => {
    const image = inputs.frames("image");
    const by = ["compress", inputs.int("img_compression")];
    return [mapFrames(image, { size: sizeOf(image), by, change: (rgb) => rgb })];
  }),
  LTXVImgToVideo: kind(imageToVideo),
  LTXVImgToVideoInplace: kind(imageInPlace),
  LTXVAddGuide: kind(runAddGuide),
  LTXVCropGuides: kind(cropGuides),
  GetICLoRAParameters: kind((
    inputs,
  ) => [new Handle("IC_LORA_PARAMETERS", inputs.handle("iclora_model").digest)]),
  LTXVConcatAVLatent: kind((inputs) => [
    new AvLatent(inputs.latent("video_latent"), inputs.need("audio_latent", AudioLatent)),
  ]),
  LTXVSeparateAVLatent: kind(separate),
  LTXVLatentUpsampler: kind(upscale),
  LTXVAudioVAEEncode: kind((inputs) => [encodeSound(inputs)]),
  LTXVAudioVAEDecode: kind((inputs) => {
    const { sound, durationS } = inputs.need("samples", AudioLatent);
    const rate = 24000;
    return [sound ?? new Sound(rate, 1, new Int16Array(Math.round(durationS * rate)))];
  }),
  LTXVReferenceAudio: kind(referenceSound),
  LTXVModalityGuidance: changeModel,
  LTXVContextWindows: changeModel,
  LTXVChunkFeedForward: passModel,
  LTX2SamplingPreviewOverride: passModel,
  SetLatentNoiseMask: kind(maskNoise),
};
