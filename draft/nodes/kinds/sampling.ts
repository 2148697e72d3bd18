/** Samplers and decoders: take the scene from the prompt, the length from the latent, and stamp every setting on each shot. */
import type { NodeContext, NodeKind } from "../../contract.ts";
import { digest, word } from "../hash.ts";
import { type Inputs, kind } from "../kind.ts";
import { momentAt, paint } from "../paint.ts";
import { shrink } from "../pixels.ts";
import { writePng } from "../png.ts";
import { PLATE_EDGE } from "../scene.ts";
import { Album, type Beat, emptyShot, groupBeats, isEmpty, type Shot, STILL } from "../shot.ts";
import { clampIndex } from "../frames.ts";
import { type Conditioning, Frames, type Handle, Latent, type Picture, refuse } from "../values.ts";

/** What one sampler run is told. */
export interface Sampling {
  positive: Conditioning;
  negative: Conditioning;
  latent: Latent;
  /** All digits of the seed. */
  seed: string;
  /** Everything else that changes the result, the model among it. */
  settings: unknown;
  caption: string;
  /** Steps that this run does. */
  steps: number;
  /** True when the latent's content is kept: a second pass, or a weak denoise. */
  keeps: boolean;
  /** Share of noise left at the end. */
  noise: number;
  /** The picture of whom the model paints, where it was given one. */
  likeness?: Picture | null;
  /** The last frame leads into the first. */
  closes?: boolean;
}

/** Motion of a card or a still picture over time; prompt and seed choose its way. */
function drift(shot: Shot, beat: Beat): Beat {
  const placed = beat.x !== STILL.x || beat.y !== STILL.y || beat.z !== STILL.z;
  if (placed || beat.backdrop !== null) return beat;
  const { index } = beat;
  const [prompt = 0, , seed = 0] = shot.look;
  const angle = index / 20 + (seed & 255) / 40;
  return {
    ...beat,
    x: 0.5 + 0.08 * Math.sin(angle),
    y: 0.5 + 0.05 * Math.cos(angle * 0.7 + (prompt & 255) / 40),
    z: 0.62 + 0.05 * Math.sin(angle * 0.5 + (prompt >>> 8 & 255) / 40),
  };
}

/** Shots for a prompt without a scene: cards that move. */
function cardShots(latent: Latent, { text, closes }: { text: string; closes: boolean }): Shot[] {
  const { stride } = latent.layout;
  const blank = emptyShot([]);
  const count = latent.frameCount;
  // A way there and back: no frame stands twice in a row, and the last is as near to the first as any two neighbours.
  const turn = (at: number) => closes ? Math.min(at, count - at) : at;
  const indexes = Array.from({ length: count }, (_, at) => ({ ...STILL, index: turn(at) }));
  const groups = groupBeats(indexes, stride);
  return groups.map((beats) => ({ ...blank, text, beats }));
}

/** Whether pictures were laid into an empty latent: they guide even a sampler that begins from noise. */
function isGuided(latent: Latent): boolean {
  return latent.shots.some((shot) =>
    shot.look.length === 1 && shot.beats.every((beat) => beat.backdrop === null)
  );
}

/** The shots that a run starts from: the kept content, the prompt's scene, or a card. */
function baseOf(sampling: Sampling): Latent {
  const { latent, positive } = sampling;
  if (sampling.keeps && !latent.shots.every(isEmpty)) return latent;
  if (isGuided(latent)) {
    return latent.with(latent.shots.map((shot) => ({ ...shot, text: positive.text })));
  }
  const scene = positive.scene;
  if (scene === null) {
    return latent.with(cardShots(latent, { text: positive.text, closes: sampling.closes ?? false }));
  }
  const shots = latent.shots.map((_, i) => scene.shots[clampIndex(i, scene.shots.length)]!);
  return new Latent(latent.layout, shots, scene.pictures);
}

/** A model that knows a likeness paints it wherever nobody else stands. */
function withLikeness(latent: Latent, likeness: Picture | null): Latent {
  if (likeness === null) return latent;
  const album = new Album();
  const plate = album.add(likeness);
  const shots = latent.shots.map((shot) => ({ ...shot, plate: shot.plate ?? plate }));
  return new Latent(latent.layout, shots, new Map([...latent.pictures, ...album.pictures]));
}

async function likenessOf({ traits: { likeness } }: Handle): Promise<Picture | null> {
  return likeness ? shrink(await likeness.get(0), { from: likeness, edge: PLATE_EDGE }) : null;
}

/** The result of sampling, as pure arithmetic: equal inputs give equal latents. */
export function sample(sampling: Sampling): Latent {
  const { positive, negative, seed, settings } = sampling;
  const base = withLikeness(baseOf(sampling), sampling.likeness ?? null);
  const own = [positive.digest, negative.digest, digest(seed), digest(settings)].map(word);
  const scene = positive.scene?.shots.at(-1)?.look[0] ?? 0;
  const shots = base.shots.map((shot): Shot => {
    const before = shot.look.length > 1 ? shot.look : null;
    const fresh = [...own, before === null ? shot.look[0] ?? 0 : scene];
    const look = before === null ? fresh : fresh.map((value, i) => word(digest([before[i] ?? 0, value])));
    const caption = [shot.caption, sampling.caption].filter((part) => part !== "").join(" ");
    const stamped = { ...shot, look, caption, noise: sampling.noise };
    if (before !== null) return stamped;
    return { ...stamped, beats: shot.beats.map((beat) => drift(stamped, beat)) };
  });
  return base.with(shots);
}

/** Steps through the run with progress and a few previews that lose their noise. */
export async function perform(sampling: Sampling, context: NodeContext): Promise<Latent> {
  const done = sample(sampling);
  const { steps } = sampling;
  const every = Math.max(1, Math.ceil(steps / 4));
  for (let step = 1; step <= steps; step++) {
    context.signal.throwIfAborted();
    if (context.stepMs > 0) await context.sleep(context.stepMs);
    context.progress(step, steps);
    if (step % every === 0) await showPreview(done, { share: step / steps, context });
  }
  return done;
}

async function showPreview(latent: Latent, options: { share: number; context: NodeContext }): Promise<void> {
  const { share, context } = options;
  const { width, height } = latent.layout;
  const moment = momentAt(latent, Math.floor(latent.frameCount / 2));
  const noisy = { ...moment, shot: { ...moment.shot, noise: Math.max(moment.shot.noise, 1 - share) } };
  const factor = Math.min(1, 320 / Math.max(width, height));
  const size = {
    width: Math.max(16, Math.round(width * factor)),
    height: Math.max(16, Math.round(height * factor)),
  };
  const rgb = paint(latent, { moment: noisy, size, vae: 0 });
  context.preview(await writePng({ ...size, rgb }), "image/png");
}

/** Seeds may have 64 bits: they are read as text so that no digit is lost. */
export function seedOf(inputs: Inputs, name: string): string {
  const value = inputs.settings()[name];
  if (value === undefined) throw refuse(`Input ${name} is missing.`);
  return String(value);
}

async function runKSampler(inputs: Inputs, context: NodeContext): Promise<Latent[]> {
  const { seed: _seed, ...settings } = inputs.settings();
  const seed = seedOf(inputs, "seed");
  const steps = inputs.int("steps");
  const model = inputs.handle("model");
  const latent = inputs.latent("latent_image");
  return [
    await perform({
      positive: inputs.prompt("positive"),
      negative: inputs.prompt("negative"),
      latent,
      likeness: await likenessOf(model),
      closes: latent.frameCount >= (model.traits.closesFrom ?? Infinity),
      seed,
      settings: [settings, model.digest],
      caption: `SEED ${seed} ${steps} STEPS CFG ${inputs.number("cfg")} ${inputs.text("sampler_name")}`,
      steps,
      keeps: inputs.number("denoise", 1) < 1,
      noise: 0,
    }, context),
  ];
}

async function runKSamplerAdvanced(inputs: Inputs, context: NodeContext): Promise<Latent[]> {
  const { noise_seed: _seed, ...settings } = inputs.settings();
  const seed = seedOf(inputs, "noise_seed");
  const total = inputs.int("steps");
  const start = Math.min(inputs.int("start_at_step"), total);
  const end = Math.min(inputs.int("end_at_step"), total);
  const adds = inputs.text("add_noise") === "enable";
  const leaves = inputs.text("return_with_leftover_noise") === "enable";
  return [
    await perform({
      positive: inputs.prompt("positive"),
      negative: inputs.prompt("negative"),
      latent: inputs.latent("latent_image"),
      seed,
      settings: [settings, inputs.handle("model").digest],
      caption: adds
        ? `SEED ${seed} STEPS ${start}-${end} CFG ${inputs.number("cfg")}`
        : `THEN ${start}-${end}`,
      steps: Math.max(0, end - start),
      keeps: !adds || start > 0,
      noise: leaves ? Math.max(0, total - end) / total : 0,
    }, context),
  ];
}

/** Frames of a latent, painted when they are read. */
export function decodeLatent(latent: Latent, vae: string): Frames {
  const { width, height } = latent.layout;
  const size = { width, height };
  const number = word(digest(vae));
  return new Frames({
    count: latent.frameCount,
    ...size,
    digest: digest(["decode", latent.layout, latent.shots, vae]),
    read: (index) => Promise.resolve(paint(latent, { moment: momentAt(latent, index), size, vae: number })),
  });
}

/** Frames as latents: small copies of each, grouped as the decoder's stride wants it. */
async function encodeFrames(inputs: Inputs, context: NodeContext): Promise<Latent[]> {
  const frames = inputs.frames("pixels");
  const vae = inputs.handle("vae");
  const album = new Album();
  const beats: Beat[] = [];
  for (let index = 0; index < frames.count; index++) {
    context.signal.throwIfAborted();
    const backdrop = album.add(shrink(await frames.get(index), { from: frames, edge: 160 }));
    beats.push({ ...STILL, index, backdrop });
  }
  const look = [word(digest([frames.digest, vae.digest]))];
  const shots = groupBeats(beats, vae.stride).map((group): Shot => ({ ...emptyShot(group), look }));
  return [
    new Latent({ width: frames.width, height: frames.height, stride: vae.stride }, shots, album.pictures),
  ];
}

export const samplingKinds: Record<string, NodeKind> = {
  KSampler: kind(runKSampler),
  KSamplerAdvanced: kind(runKSamplerAdvanced),
  VAEDecode: kind((inputs) => [decodeLatent(inputs.latent("samples"), inputs.handle("vae").digest)]),
  // Tiles only save memory: the frames are those of VAEDecode.
  VAEDecodeTiled: kind((inputs) => [decodeLatent(inputs.latent("samples"), inputs.handle("vae").digest)]),
  VAEEncode: kind(encodeFrames),
};
