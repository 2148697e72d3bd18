/** Sampling from parts: noise, guider, sampler and sigmas, with picture and sound together. */
import type { NodeContext, NodeKind } from "../../contract.ts";
import { digest, word } from "../hash.ts";
import { type Inputs, kind } from "../kind.ts";
import { AudioLatent, AvLatent, Conditioning, Handle, Latent, refuse, Sound } from "../values.ts";
import { loudnessOf } from "../wav.ts";
import { perform, seedOf } from "./sampling.ts";

/** GUIDER: the model with its prompts and strengths. */
class Guider {
  constructor(
    readonly positive: Conditioning,
    readonly negative: Conditioning,
    readonly settings: unknown,
    readonly caption: string,
  ) {}
}

/** SIGMAS: noise levels from start to end. */
class Sigmas {
  constructor(readonly levels: number[]) {
    if (levels.length < 2) throw refuse("A list of sigmas needs a beginning and an end.");
  }
}

function guider(inputs: Inputs, caption: string): Guider[] {
  const settings = [inputs.settings(), inputs.handle("model").digest];
  return [new Guider(inputs.prompt("positive"), inputs.prompt("negative"), settings, caption)];
}

function manualSigmas(inputs: Inputs): Sigmas[] {
  const words = inputs.text("sigmas").match(/[-+]?\d*\.?\d+(?:e[-+]?\d+)?/gi) ?? [];
  return [new Sigmas(words.map(Number))];
}

/** Falls from 1 to the terminal level, bent by the shifts, and then to nothing. */
function ltxSigmas(inputs: Inputs): Sigmas[] {
  const steps = inputs.int("steps");
  const shift = Math.exp((inputs.number("max_shift") + inputs.number("base_shift")) / 2);
  const terminal = inputs.bool("stretch") ? inputs.number("terminal") : 0;
  const levels = Array.from({ length: steps }, (_, i) => {
    const plain = 1 - i / steps;
    const bent = shift / (shift + (1 / plain - 1));
    return Math.round((terminal + (1 - terminal) * bent) * 1e6) / 1e6;
  });
  return [new Sigmas([...levels, 0])];
}

/** A soft chord whose tones follow the prompt and the seed: the sound of a draft that was given none. */
function makeSound(number: number, durationS: number): Sound {
  const sampleRate = 24000;
  const tones = [0, 8, 16].map((shift) => 110 * 2 ** ((number >>> shift & 31) / 12));
  const samples = Int16Array.from({ length: Math.round(durationS * sampleRate) }, (_, i) => {
    const t = i / sampleRate;
    const swell = 0.5 + 0.5 * Math.sin(t * Math.PI * 2 / 3);
    return tones.reduce((sum, tone) => sum + Math.sin(t * tone * Math.PI * 2), 0) * swell * 2000;
  });
  return new Sound(sampleRate, 1, samples);
}

/** The picture follows a sound that was given: level per frame at the model's rate. */
function followSound(latent: Latent, options: { sound: Sound; rate: number }): Latent {
  const levels = loudnessOf(options.sound, options.rate);
  return latent.with(latent.shots.map((shot) => ({
    ...shot,
    beats: shot.beats.map((beat) => ({
      ...beat,
      level: Math.round((levels[beat.index] ?? 0) * 1024) / 1024,
    })),
  })));
}

function sampleSound(audio: AudioLatent, options: { by: string; keeps: boolean }): AudioLatent {
  if (audio.fixed || (options.keeps && audio.sound !== null)) return audio;
  const by = digest([audio.digest, options.by]);
  return new AudioLatent(makeSound(word(by), audio.durationS), audio.durationS, false, by);
}

async function runCustom(inputs: Inputs, context: NodeContext): Promise<unknown[]> {
  const guide = inputs.need("guider", Guider);
  const { levels } = inputs.need("sigmas", Sigmas);
  const given = inputs.raw.latent_image;
  const video = given instanceof AvLatent ? given.video : inputs.latent("latent_image");
  const audio = given instanceof AvLatent ? given.audio : null;
  const seed = inputs.handle("noise").digest;
  const steps = levels.length - 1;
  const keeps = levels[0]! < 1;
  const settings = [
    guide.settings,
    levels,
    inputs.handle("sampler").digest,
    audio?.fixed ? audio.digest : "",
  ];
  const done = await perform({
    positive: guide.positive,
    negative: guide.negative,
    latent: video,
    seed,
    settings,
    caption: keeps ? `THEN ${steps} STEPS` : `SEED ${seed} ${steps} STEPS ${guide.caption}`,
    steps,
    keeps,
    noise: Math.max(0, Math.min(1, levels.at(-1)!)),
  }, context);
  if (audio === null) return [done, done];
  const by = digest([seed, guide.positive.digest, guide.settings]);
  const heard = sampleSound(audio, { by, keeps });
  const led = audio.fixed && audio.sound !== null
    ? followSound(done, { sound: audio.sound, rate: guide.positive.rate ?? 25 })
    : done;
  const both = new AvLatent(led, heard);
  return [both, both];
}

export const customSamplingKinds: Record<string, NodeKind> = {
  RandomNoise: kind((inputs) => [new Handle("NOISE", seedOf(inputs, "noise_seed"))]),
  CFGGuider: kind((inputs) => guider(inputs, `CFG ${inputs.number("cfg")}`)),
  LTXVDualCFGGuider: kind((inputs) => guider(inputs, `CFG ${inputs.number("video_cfg")}`)),
  KSamplerSelect: kind((inputs) => [new Handle("SAMPLER", digest(inputs.settings()))]),
  SamplerEulerAncestral: kind((
    inputs,
  ) => [new Handle("SAMPLER", digest(["euler_ancestral", inputs.settings()]))]),
  ManualSigmas: kind(manualSigmas),
  LTXVScheduler: kind(ltxSigmas),
  SamplerCustomAdvanced: kind(runCustom),
};
