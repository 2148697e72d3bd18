/** The local operations that steps of a plan name: each takes values and files, makes files and tells facts. */
import { z } from "zod";
import { type FrameRate, type Probe } from "@/core/media.ts";
import { fail } from "@/core/problem.ts";
import { finishing } from "./finishing.ts";
import { LOOP_METHOD, measureLoop } from "./loop_fit.ts";
import {
  checkPicture,
  Count,
  describeFile,
  expectEqual,
  File,
  Files,
  handOver,
  markedComment,
  type Operation,
  type OperationInput,
  type OperationResult,
  pictureOf,
  POSTER_EDGE,
  RateValues,
  readValues,
  runOptions,
} from "./operation.ts";
import { rewriteWords } from "./png_words.ts";
import { finishTake, joinTake, lookAtPiece } from "./take_operations.ts";

export type { Operation, OperationInput, OperationResult, OperationValue } from "./operation.ts";

export const operations: Record<string, Operation> = {
  normalise_clip: normaliseClip,
  cut_window: cutWindow,
  extract_frame: extractFrame,
  normalise_sound: normaliseSound,
  concat_sound: concatSound,
  join_film: joinFilm,
  finish_still: finishStill,
  ...finishing,
  look_at_piece: lookAtPiece,
  join_take: joinTake,
  finish_take: finishTake,
};

const SOUND_RATE = 48_000;

const NormaliseClip = z.strictObject({ clip: File, ...RateValues, framesMax: z.int().positive().optional() });

/** In: `clip`, `rateNum`, `rateDen`, `framesMax`. Out: `clip`, upright, constant rate, SDR, silent. */
async function normaliseClip(input: OperationInput): Promise<OperationResult> {
  const { clip, rateNum, rateDen, framesMax } = readValues(NormaliseClip, input);
  const rate = { num: rateNum, den: rateDen };
  const { durationS } = await input.media.probe(clip.path, { signal: input.signal });
  const expected = framesMax ?? Math.ceil((durationS ?? 0) * rate.num / rate.den);
  const output = input.scratch.path("clip.mp4");
  const options = runOptions(input, expected);
  const frames = await input.media.normalise({ path: clip.path, rate, framesMax, output }, options);
  const video = pictureOf(await input.media.probe(output, { signal: input.signal }));
  return {
    files: [{ role: "clip", path: output, ext: "mp4" }],
    facts: { frames, width: video.width, height: video.height, rateNum: rate.num, rateDen: rate.den },
  };
}

const CutWindow = z.strictObject({ clip: File, start: Count, frames: z.int().positive() });

/** In: `clip` (normalised), `start`, `frames`. Out: `window` with exactly that many frames, or media.lengths_differ. */
async function cutWindow(input: OperationInput): Promise<OperationResult> {
  const { clip, start, frames } = readValues(CutWindow, input);
  const { rate } = pictureOf(await input.media.probe(clip.path, { signal: input.signal }));
  if (rate === null) throw fail("asset.wrong_kind", { operator: "a still has no window" });
  const output = input.scratch.path("window.mp4");
  await input.media.trim({ path: clip.path, start, frames, rate, output }, runOptions(input, frames));
  const video = pictureOf(await input.media.probe(output, { signal: input.signal }));
  expectEqual("frames of the window", { wanted: frames, found: video.frames });
  return {
    files: [{ role: "window", path: output, ext: "mp4" }],
    facts: { frames, width: video.width, height: video.height, rateNum: rate.num, rateDen: rate.den },
  };
}

const ExtractFrame = z.strictObject({ clip: File, index: z.int() });

/** In: `clip`, `index` (negative counts from the end, −1 is the last). Out: `frame` as PNG. */
async function extractFrame(input: OperationInput): Promise<OperationResult> {
  const { clip, index } = readValues(ExtractFrame, input);
  const video = pictureOf(await input.media.probe(clip.path, { signal: input.signal }));
  if (index < 0 && video.frames === null) {
    throw fail("media.failed", { operator: "the clip does not tell its frames" });
  }
  const output = input.scratch.path("frame.png");
  const at = index < 0 ? (video.frames ?? 0) + index : index;
  await input.media.frame({ path: clip.path, index: at, output }, runOptions(input));
  return {
    files: [{ role: "frame", path: output, ext: "png" }],
    facts: { index: at, width: video.width, height: video.height },
  };
}

const Cut = { startS: z.number().min(0).optional(), durationS: z.number().positive().optional() };
const NormaliseSound = z.strictObject({ sound: File, ...Cut });

/** In: `sound` (any file with sound), `startS`, `durationS`. Out: `sound`, WAV 48 kHz stereo. */
async function normaliseSound(input: OperationInput): Promise<OperationResult> {
  const { sound, startS, durationS } = readValues(NormaliseSound, input);
  const { audio } = await input.media.probe(sound.path, { signal: input.signal });
  if (audio === null) throw fail("asset.wrong_kind", { message: "This file has no sound." });
  const output = input.scratch.path("sound.wav");
  // A mono voice stays mono: spreading it over two channels would make it quieter for whoever listens to one.
  const channels = audio.channels === 1 ? 1 as const : 2 as const;
  const shape = { sampleRate: SOUND_RATE, channels, output };
  await input.media.sound({ path: sound.path, startS, durationS, ...shape }, runOptions(input));
  return await soundResult(input, output);
}

const ConcatSound = z.strictObject({ sounds: Files, gapS: z.number().min(0).default(0) });

/** In: `sounds`, `gapS`. Out: `sound`, WAV 48 kHz stereo. */
async function concatSound(input: OperationInput): Promise<OperationResult> {
  const { sounds, gapS } = readValues(ConcatSound, input);
  const output = input.scratch.path("sound.wav");
  const shape = { sampleRate: SOUND_RATE, channels: 2 as const, output };
  await input.media.concatAudio({ paths: sounds.paths, gapS, ...shape }, runOptions(input));
  return await soundResult(input, output);
}

async function soundResult(input: OperationInput, path: string): Promise<OperationResult> {
  const { audio, durationS } = await input.media.probe(path, { signal: input.signal });
  return {
    files: [{ role: "sound", path, ext: "wav" }],
    facts: {
      durationS: audio?.durationS ?? durationS,
      sampleRate: audio?.sampleRate ?? null,
      channels: audio?.channels ?? null,
    },
  };
}

const JoinFilm = z.strictObject({
  clips: Files,
  /** Frames that each clip but the first repeats of the one before it. */
  skip: Count.default(0),
  frames: z.int().positive(),
  ...RateValues,
  width: z.int().positive(),
  height: z.int().positive(),
  sound: File.optional(),
  title: z.string().optional(),
  comment: z.string().optional(),
  draft: z.boolean().default(false),
  /** The end leads into the beginning: how well is measured. */
  loops: z.boolean().default(false),
  /** Which inputs the film was made from and which were left out; passed through to the metadata. */
  used: z.string().default(""),
  unused: z.string().default(""),
});
type JoinFilm = z.infer<typeof JoinFilm>;

/** Out: `film` (MP4), `poster` (JPEG), `metadata` (JSON). Throws media.lengths_differ unless every length is right. */
async function joinFilm(input: OperationInput): Promise<OperationResult> {
  const values = readValues(JoinFilm, input);
  const { media, scratch, signal } = input;
  const rate = { num: values.rateNum, den: values.rateDen };
  const film = scratch.path("film.mp4");
  const parts = await readParts(input, values);
  const comment = markedComment(values);
  const { clips, skip, frames, title } = values;
  const joined = { clips: clips.paths, skip, frames, rate, sound: values.sound?.path ?? null, output: film };
  await media.join(
    { ...joined, title, comment: comment === "" ? undefined : comment },
    runOptions(input, frames),
  );
  const probe = await media.probe(film, { signal });
  checkFilm(probe, { ...values, rate });
  const loop = values.loops
    ? { loopValue: await measureLoop(media, { ...values, path: film }, { signal }), loopMethod: LOOP_METHOD }
    : null;
  const fit = loop && { value: loop.loopValue, method: loop.loopMethod };
  const { width, height, draft } = values;
  const [durationS, soundS] = [frames * rate.den / rate.num, probe.audio?.durationS ?? null];
  return await handOver(input, film, {
    record: { ...await describeFilm({ values, rate, probe, film, parts }), loop: fit },
    facts: { frames, width, height, rate, durationS, soundS, draft },
    more: loop ?? {},
  });
}

const FinishStill = z.strictObject({
  picture: File,
  width: z.int().positive(),
  height: z.int().positive(),
  title: z.string().default(""),
  comment: z.string().default(""),
  draft: z.boolean().default(false),
  used: z.string().default(""),
  unused: z.string().default(""),
});

/** Out: `image` (PNG, pixels as they came, words rewritten), `poster` (JPEG), `metadata` (JSON). The size must be right. */
async function finishStill(input: OperationInput): Promise<OperationResult> {
  const values = readValues(FinishStill, input);
  const { media, scratch, signal } = input;
  const { title, width, height, draft, used, unused } = values;
  const written = rewriteWords(await Deno.readFile(values.picture.path), markedComment(values));
  if (written === null) throw fail("media.failed", { operator: "the picture is no PNG file" });
  const image = scratch.path("picture.png");
  const poster = scratch.path("poster.jpg");
  const metadata = scratch.path("metadata.json");
  await Deno.writeFile(image, written);
  const video = pictureOf(await media.probe(image, { signal }));
  expectEqual("width of the picture", { wanted: width, found: video.width });
  expectEqual("height of the picture", { wanted: height, found: video.height });
  await media.poster({ path: image, atS: 0, edge: POSTER_EDGE, output: poster }, { signal });
  const record = { v: 1, draft, title, width, height, picture: await describeFile(image), used, unused };
  await Deno.writeTextFile(metadata, JSON.stringify(record, null, 2));
  return {
    files: [
      { role: "image", path: image, ext: "png" },
      { role: "poster", path: poster, ext: "jpg" },
      { role: "metadata", path: metadata, ext: "json" },
    ],
    facts: { width, height, draft },
  };
}

interface FilmPart {
  path: string;
  frames: number | null;
}

/** Looks at the clips before anything is encoded: wrong sizes and missing frames are told at once. */
async function readParts(input: OperationInput, wanted: JoinFilm): Promise<FilmPart[]> {
  const parts: FilmPart[] = [];
  for (const path of wanted.clips.paths) {
    const video = pictureOf(await input.media.probe(path, { signal: input.signal }));
    expectEqual("width of a clip", { wanted: wanted.width, found: video.width });
    expectEqual("height of a clip", { wanted: wanted.height, found: video.height });
    parts.push({ path, frames: video.frames });
  }
  const repeated = wanted.skip * (parts.length - 1);
  const there = parts.reduce((sum, { frames }) => sum + (frames ?? Infinity), 0) - repeated;
  if (there < wanted.frames) expectEqual("frames of all clips", { wanted: wanted.frames, found: there });
  return parts;
}

function checkFilm(probe: Probe, wanted: JoinFilm & { rate: FrameRate }): void {
  checkPicture(probe, wanted);
  if (wanted.sound === undefined) return;
  const frameS = wanted.rate.den / wanted.rate.num;
  const gapS = (probe.audio?.durationS ?? 0) - wanted.frames * frameS;
  if (Math.abs(gapS) > frameS) {
    throw fail("media.lengths_differ", { operator: `sound ends ${gapS.toFixed(3)} s after the picture` });
  }
}

async function describeFilm(
  made: { values: JoinFilm; rate: FrameRate; probe: Probe; film: string; parts: FilmPart[] },
): Promise<Record<string, unknown>> {
  const { values, rate, probe, film } = made;
  const parts: Record<string, unknown>[] = [];
  for (const { path, frames } of made.parts) parts.push({ ...await describeFile(path), frames });
  return {
    v: 1,
    draft: values.draft,
    title: values.title ?? null,
    frames: values.frames,
    rate,
    width: values.width,
    height: values.height,
    durationS: values.frames * rate.den / rate.num,
    film: { ...await describeFile(film), ...probe },
    sound: values.sound === undefined ? null : await describeFile(values.sound.path),
    parts,
    used: values.used,
    unused: values.unused,
  };
}
