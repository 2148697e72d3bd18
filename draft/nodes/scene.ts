/** Builds the scene that a conditioning node lays into its prompts: one shot per latent frame, with the pictures it shows. */
import { digest, hashBytes, word } from "./hash.ts";
import { layoutOf, readContinuity } from "./inset.ts";
import { meanColour, scaleArea, shrink, type Size } from "./pixels.ts";
import { type Album, type Beat, emptyShot, groupBeats, type Shot, STILL } from "./shot.ts";
import { Conditioning, type Frames, Handle, Latent } from "./values.ts";

/** Longer edge of the character or start picture that a scene keeps. */
export const PLATE_EDGE = 256;

/** What a chunk continues: the code its frames show, and the mean colours of what was handed over. */
export interface Carried {
  from: number;
  tail: number[];
  digest: string;
}

export const NOTHING_CARRIED: Carried = { from: -1, tail: [], digest: "" };

/** Reads the frames that a chunk continues: `count` frames from `start`. A draft's own code is read from the last one; other films give one of their content. */
export async function carryFrames(
  frames: Frames,
  options: { start: number; count: number },
): Promise<Carried> {
  const { start, count } = options;
  const tail: number[] = [];
  const hashes: string[] = [];
  let from = 0;
  for (let i = start; i < start + count; i++) {
    const rgb = await frames.get(i);
    hashes.push(hashBytes(rgb));
    if (i >= start + count - 5) tail.push(meanColour(rgb));
    if (i === start + count - 1) {
      const small = scaleArea(rgb, { from: frames, to: { width: 8, height: 8 }, depth: 3 });
      from = readContinuity(rgb, frames.width, frames.height).own ?? word(hashBytes(small)) >>> 16;
    }
  }
  return { from, tail, digest: digest(hashes) };
}

/** The inset's copy of a driving frame: exactly as wide as the inset, so that its strip falls on whole pixels. */
export function insetPicture(rgb: Uint8Array, options: { from: Size; film: Size }): {
  width: number;
  height: number;
  rgb: Uint8Array;
} {
  const { from, film } = options;
  const width = layoutOf(film).inset.width;
  const height = Math.max(1, Math.round(width * from.height / from.width));
  return { width, height, rgb: scaleArea(rgb, { from, to: { width, height }, depth: 3 }).slice() };
}

/** Keeps a small copy of the first picture of a batch. */
export async function addPlate(album: Album, frames: Frames | null): Promise<string | null> {
  if (frames === null) return null;
  return album.add(shrink(await frames.get(0), { from: frames, edge: PLATE_EDGE }));
}

/** What all shots of a chunk share. */
export interface ShotOptions {
  plate: string | null;
  carried: Carried;
  caption: string;
  text: string;
  /** Digest of every input of the node. */
  digest: string;
}

/** A shot without frames; `look` holds the scene's number alone until a sampler adds its own. */
export function blankShot(options: ShotOptions): Shot {
  const { plate, carried, caption, text } = options;
  return {
    look: [word(options.digest)],
    caption,
    text,
    plate,
    from: carried.from,
    tail: carried.tail,
    noise: 0,
    beats: [],
  };
}

/** One shot per latent frame, grouped as a causal video model groups frames. `ahead` latent frames of the reference come first. */
export function buildScene(
  blank: Shot,
  options: { size: Size; album: Album; beats: Beat[]; ahead?: number; stride?: number },
): Latent {
  const { size, album, beats } = options;
  const stride = options.stride ?? 4;
  const still = { ...(beats[0] ?? STILL), inset: null, level: -1, x: 0.5, y: 0.5, z: 1 };
  const reference = Array.from({ length: stride }, () => still);
  const ahead = Array.from({ length: options.ahead ?? 0 }, () => reference);
  const shots = [...ahead, ...groupBeats(beats, stride)].map((group): Shot => ({ ...blank, beats: group }));
  return new Latent({ ...size, stride }, shots, album.pictures);
}

/** The same conditioning with a scene laid in. */
export function withScene(prompt: Conditioning, scene: Latent): Conditioning {
  return new Conditioning(prompt.text, prompt.digest, scene, prompt.rate);
}

/** Zeros of the length of a scene. */
export function emptyLatent(layout: Size & { stride: number }, count: number): Latent {
  const shots = Array.from({ length: count }, () => emptyShot([]));
  return new Latent({ width: layout.width, height: layout.height, stride: layout.stride }, shots, new Map());
}

/** Digest of an optional input of a conditioning node. */
export function digestOfInput(value: unknown): string {
  if (value instanceof Handle || value instanceof Conditioning) return value.digest;
  if (value !== null && typeof value === "object" && "digest" in value) return String(value.digest);
  return "";
}
