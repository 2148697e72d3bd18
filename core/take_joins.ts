/** The joins of a long take: what was measured of each piece, how far each has drifted, and what brings it back. */
import { z } from "zod";
import { deltaE2000, type Lab, labOf, type Rgb } from "./colour.ts";
import {
  baked,
  type ColourMap,
  compose,
  matchColours,
  meanAndSpread,
  meanDistance,
  type Pixels,
  SAME,
} from "./colour_match.ts";

/** Small copies of frames: bytes of rgb24 in base64. */
const Thumb = z.base64();
export const THUMB = { width: 64, height: 36 } as const;

export const PieceMeasure = z.strictObject({
  v: z.literal(1),
  /** Counted, not promised by the container. */
  frames: z.int().positive(),
  codec: z.string(),
  pixelFormat: z.string(),
  rate: z.strictObject({ num: z.int().positive(), den: z.int().positive() }).nullable(),
  sound: z.boolean(),
  /** The first and the last frames that are shown, in their order. */
  head: z.array(Thumb).min(1),
  tail: z.array(Thumb).min(1),
  /** Frames from all over the piece. */
  samples: z.array(Thumb).min(1),
  /** Mean strength of edges, in shares of white. */
  sharpness: z.number(),
  /** Frames at either end that show exactly what the one before them shows. */
  frozenHead: z.int().min(0),
  frozenTail: z.int().min(0),
});
export type PieceMeasure = z.infer<typeof PieceMeasure>;

const LabValue = z.tuple([z.number(), z.number(), z.number()]);

/** What is told of a piece as soon as it is there: small, beside the measure that the join works from. */
export const PieceFacts = z.strictObject({
  v: z.literal(1),
  frames: z.int().positive(),
  width: z.int().positive(),
  height: z.int().positive(),
  codec: z.string(),
  pixelFormat: z.string(),
  sharpness: z.number(),
  frozenHead: z.int().min(0),
  frozenTail: z.int().min(0),
  /** Mean and spread of L*, a* and b*. */
  mean: LabValue,
  spread: LabValue,
});
export type PieceFacts = z.infer<typeof PieceFacts>;

export function factsOfPiece(
  { frames, codec, pixelFormat, sharpness, frozenHead, frozenTail, samples }: PieceMeasure,
  { width, height }: { width: number; height: number },
): PieceFacts {
  const labs = labsOf(samples.flatMap((thumb) => [...pixelsOf(thumb)]), SAME);
  const [mean, spread] = [meanOf(labs).map(round) as Lab, spreadOf(labs).map(round) as Lab];
  return { v: 1, frames, width, height, codec, pixelFormat, sharpness, frozenHead, frozenTail, mean, spread };
}

/** CIEDE2000 of the mean colours of two pieces. */
export function driftBetween(piece: Pick<PieceFacts, "mean">, anchor: Pick<PieceFacts, "mean">): number {
  return round(deltaE2000(piece.mean, anchor.mean));
}

/** How one piece stands to its anchor and to the piece before it. */
export const JoinFigures = z.object({
  number: z.int().positive(),
  anchor: z.int().positive(),
  /** Mean and spread of L*, a* and b*. */
  mean: LabValue,
  spread: LabValue,
  /** CIEDE2000 of the mean colours of this piece and its anchor, as delivered and as joined. */
  toAnchor: z.number(),
  toAnchorJoined: z.number(),
  /** Mean CIEDE2000 of the pictures on both sides of the join; null for the first piece. */
  step: z.number().nullable(),
  stepJoined: z.number().nullable(),
  sharpness: z.number(),
  frozen: z.int().min(0),
  /** The join shows one frame twice. */
  repeated: z.boolean(),
  corrected: z.boolean(),
});
export type JoinFigures = z.infer<typeof JoinFigures>;

export interface TakeJoins {
  figures: JoinFigures[];
  /** What each piece's colours go through; `SAME` for none. */
  maps: ColourMap[];
}

/** Equal apart from what encoding does. */
const EQUAL = 0.35;

/** `anchors` holds the number of each piece's anchor, from 1. */
export function judgeJoins(
  measures: PieceMeasure[],
  { anchors, correct }: { anchors: number[]; correct: boolean },
): TakeJoins {
  const maps: ColourMap[] = [];
  const figures: JoinFigures[] = [];
  const samples = measures.map(({ samples }) => samples.flatMap((thumb) => [...pixelsOf(thumb)]));
  for (const [index, measure] of measures.entries()) {
    const before = measures[index - 1];
    const anchor = anchors[index] ?? 1;
    const seam = before ? seamOf(before, measure) : null;
    const isAnchor = anchor === index + 1;
    const own = seam && correct && !isAnchor ? matchColours(seam.after, seam.before) : null;
    const last = maps[index - 1] ?? SAME;
    // Colours go through the map of the piece before, so that an error is set right once for all that follow.
    const map = isAnchor || !correct ? SAME : own === null ? last : baked(compose(own, last));
    maps.push(map);
    const labs = labsOf(samples[index] ?? [], SAME);
    const home = meanOf(labsOf(samples[anchor - 1] ?? [], maps[anchor - 1] ?? SAME));
    const [mean, spread] = [meanOf(labs), spreadOf(labs)];
    figures.push({
      number: index + 1,
      anchor,
      mean: mean.map(round) as Lab,
      spread: spread.map(round) as Lab,
      toAnchor: round(deltaE2000(mean, meanOf(labsOf(samples[anchor - 1] ?? [], SAME)))),
      toAnchorJoined: round(deltaE2000(meanOf(labsOf(samples[index] ?? [], map)), home)),
      step: seam && round(meanDistance(seam.after, seam.before)),
      stepJoined: seam && round(meanDistance(mapped(seam.after, map), mapped(seam.before, last))),
      sharpness: measure.sharpness,
      frozen: measure.frozenHead + (before?.frozenTail ?? 0),
      repeated: before !== undefined && isRepeated(before, measure),
      corrected: map !== SAME,
    });
  }
  return { figures, maps };
}

/** What the picture would be in the middle between two pieces, told by each of them: motion does not count as drift. */
function seamOf(before: PieceMeasure, after: PieceMeasure): { before: Pixels; after: Pixels } {
  return {
    before: foretell(before.tail.map(pixelsOf).toReversed()),
    after: foretell(after.head.map(pixelsOf)),
  };
}

/** Half a frame before the first of these frames, by a straight line through all of them. */
function foretell(frames: Pixels[]): Pixels {
  const count = frames.length;
  const middle = (count - 1) / 2;
  const square = frames.reduce((sum, _, at) => sum + (at - middle) ** 2, 0) || 1;
  const weights = frames.map((_, at) => 1 / count + (-0.5 - middle) * (at - middle) / square);
  const made = new Float64Array(frames[0]?.length ?? 0);
  for (const [at, frame] of frames.entries()) {
    const weight = weights[at] ?? 0;
    for (let i = 0; i < made.length; i++) made[i]! += weight * (frame[i] ?? 0);
  }
  return made.map((value) => Math.min(1, Math.max(0, value)));
}

function isRepeated(before: PieceMeasure, after: PieceMeasure): boolean {
  const [last, first] = [before.tail.at(-1), after.head[0]];
  return last !== undefined && first !== undefined && meanDistance(pixelsOf(last), pixelsOf(first)) < EQUAL;
}

function pixelsOf(thumb: string): Pixels {
  return Float64Array.from(Uint8Array.fromBase64(thumb), (byte) => byte / 255);
}

function mapped(pixels: Pixels, map: ColourMap): Pixels {
  if (map === SAME) return pixels;
  const made = new Float64Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    made.set(map([pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0]), at);
  }
  return made;
}

function labsOf(pixels: number[], map: ColourMap): number[] {
  const labs: number[] = [];
  // Every third pixel tells the same and costs a third.
  for (let at = 0; at + 2 < pixels.length; at += 9) {
    const rgb: Rgb = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
    labs.push(...labOf(map(rgb)));
  }
  return labs;
}

function meanOf(labs: number[]): Lab {
  return meanAndSpread(labs).map(({ mean }) => mean) as Lab;
}

function spreadOf(labs: number[]): Lab {
  return meanAndSpread(labs).map(({ spread }) => spread) as Lab;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
