/** Words for pictures and sound that every part of the studio shares. */
import { z } from "zod";

/** Larger pictures are refused before they are decoded, which would take gigabytes. */
export const PIXELS_MAX = 100_000_000;

/** Frames per second as a fraction: 16/1, 24000/1001. */
export const FrameRate = z.strictObject({ num: z.int().positive(), den: z.int().positive() });
export type FrameRate = z.infer<typeof FrameRate>;

export const MediaKind = z.enum(["image", "video", "audio", "latent", "text", "data"]);
export type MediaKind = z.infer<typeof MediaKind>;

/** What a file holds. Sizes are as displayed, after rotation. */
export const Probe = z.strictObject({
  kind: z.enum(["image", "video", "audio"]),
  container: z.string(),
  durationS: z.number().min(0).nullable(),
  video: z.strictObject({
    codec: z.string(),
    width: z.int().positive(),
    height: z.int().positive(),
    rate: FrameRate.nullable(),
    /** Counted frames, or null where the container does not tell. */
    frames: z.int().min(0).nullable(),
    rotation: z.int(),
    variableRate: z.boolean(),
    pixelFormat: z.string(),
    /** Transfer characteristics such as `bt709`, `smpte2084`, `arib-std-b67`; empty when unknown. */
    transfer: z.string(),
  }).nullable(),
  audio: z.strictObject({
    codec: z.string(),
    sampleRate: z.int().positive(),
    channels: z.int().positive(),
    durationS: z.number().min(0).nullable(),
  }).nullable(),
});
export type Probe = z.infer<typeof Probe>;

/** A piece of a long take. */
export interface FilmPiece {
  path: string;
  /** Frames in the file. */
  of: number;
  /** Frames that are used, from the first. */
  frames: number;
  /** How many of these the piece before it shows already. */
  repeats: number;
  /** A colour table in the form of a `.cube` file. */
  lut: string | null;
}

/** What a long take is joined from. */
export interface PiecesToJoin {
  pieces: FilmPiece[];
  /** Frames that a piece shares with the one before it dissolve; otherwise those of the earlier piece stay. */
  blend: boolean;
  rate: FrameRate;
  width: number;
  height: number;
  sound: string | null;
  title?: string;
  comment?: string;
  output: string;
}

/** Clips that were encoded alike, their frames in all, and what is heard under them. */
export interface ClipsToJoin {
  clips: string[];
  frames: number;
  rate: FrameRate;
  sound: string | null;
  output: string;
}

export interface SmallCopy {
  path: string;
  start: number;
  frames: number;
  /** Longer side at most. */
  edge: number;
  rate: FrameRate;
  output: string;
}

/** What is done to the picture of a finished film. */
export type FilmChange =
  /** From this frame on. */
  | { kind: "trim"; start: number }
  /** So many times the frames, the new ones calculated from the motion between the old. */
  | { kind: "interpolate"; factor: number }
  | { kind: "scale"; width: number; height: number }
  /** The picture of another file, its last frame held where it ends early. */
  | { kind: "replace"; by: string };
