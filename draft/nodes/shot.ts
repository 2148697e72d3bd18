/** What one latent frame of a draft holds: which pictures are shown, where, how loud the voice is, and what made it. */
import { z } from "zod";
import { digest, hashBytes, word } from "./hash.ts";
import type { Picture } from "./values.ts";

/** One pixel frame inside a latent frame. Places and sizes are shares of the frame, `level` is 0 to 1 or -1 without a voice. */
export const Beat = z.strictObject({
  /** Number of the driving frame, of the sixteenth of a second, or of the frame in its chunk. */
  index: z.int(),
  inset: z.string().nullable(),
  backdrop: z.string().nullable(),
  x: z.number(),
  y: z.number(),
  z: z.number(),
  level: z.number(),
});
export type Beat = z.infer<typeof Beat>;

export const Shot = z.strictObject({
  /** One number each for prompt, negative prompt, seed, settings and scene; all are shown. Empty before sampling. */
  look: z.array(z.int().min(0)),
  caption: z.string(),
  /** Written large where no picture leads. */
  text: z.string(),
  /** The character or start picture. */
  plate: z.string().nullable(),
  /** Code of the frame that this continues, -1 for a beginning. */
  from: z.int(),
  /** Mean colours of the frames that this continues. */
  tail: z.array(z.int()),
  /** Share of noise that is left, 0 to 1. */
  noise: z.number(),
  beats: z.array(Beat),
});
export type Shot = z.infer<typeof Shot>;

export const STILL: Beat = { index: 0, inset: null, backdrop: null, x: 0.5, y: 0.5, z: 0.6, level: -1 };

/** A shot with nothing in it: the zeros of an empty latent. */
export function emptyShot(beats: Beat[]): Shot {
  return { look: [], caption: "", text: "", plate: null, from: -1, tail: [], noise: 0, beats };
}

export function isEmpty(shot: Shot): boolean {
  return shot.look.length === 0;
}

/** Sixteen bits that name a frame by what made it and by its number. Frames show it, and what continues them repeats it. */
export function codeOf(shot: Shot, beat: Beat): number {
  return word(digest([shot.look, beat.index])) & 0xffff;
}

/** The frame that a shot ends with. */
export function lastBeat(shot: Shot): Beat {
  return shot.beats.at(-1) ?? STILL;
}

/** Groups frames into latent frames as a causal video model does: the first alone, then `stride` each. */
export function groupBeats(beats: Beat[], stride: number): Beat[][] {
  const first = beats[0];
  if (first === undefined) return [];
  const groups = [Array.from({ length: stride }, () => first)];
  for (let start = 1; start < beats.length; start += stride) {
    const group = beats.slice(start, start + stride);
    while (group.length < stride) group.push(group.at(-1) ?? first);
    groups.push(group);
  }
  return groups;
}

/** Pictures of a scene, kept once each under the hash of what they show. */
export class Album {
  readonly pictures = new Map<string, Picture>();

  add(picture: Picture): string {
    const size = new Uint8Array(new Uint32Array([picture.width, picture.height]).buffer);
    const id = hashBytes(size, picture.rgb).slice(0, 24);
    this.pictures.set(id, picture);
    return id;
  }
}
