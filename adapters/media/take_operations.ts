/** The local operations of long takes: looking at a finished piece, and joining all of them. */
import { z } from "zod";
import type { FilmPiece, Probe } from "@/core/media.ts";
import { fail, problemOf } from "@/core/problem.ts";
import { cubeText, SAME } from "@/core/colour_match.ts";
import { factsOfPiece, judgeJoins, PieceMeasure, type TakeJoins } from "@/core/take_joins.ts";
import { measurePiece } from "./measure.ts";
import {
  checkPicture,
  Count,
  describeFile,
  expectEqual,
  File,
  Files,
  handOver,
  markedComment,
  type OperationInput,
  type OperationResult,
  pictureOf,
  RateValues,
  readValues,
  runOptions,
} from "./operation.ts";

const PREVIEW_EDGE = 480;

const LookAtPiece = z.strictObject({
  clip: File,
  frames: z.int().positive(),
  /** Frames without which the piece is broken. */
  least: z.int().positive(),
  repeats: Count,
  reference: Count,
  width: z.int().positive(),
  height: z.int().positive(),
  ...RateValues,
});
type LookAtPiece = z.infer<typeof LookAtPiece>;

/** Out: `reference` (PNG), `preview` (small MP4), `measure` and `facts` (JSON). Throws media.lengths_differ for another size or too few frames. */
export async function lookAtPiece(input: OperationInput): Promise<OperationResult> {
  const values = readValues(LookAtPiece, input);
  const { media, scratch, signal } = input;
  const probe = await media.probe(values.clip.path, { signal });
  const video = pictureOf(probe);
  expectEqual("width of the piece", { wanted: values.width, found: video.width });
  expectEqual("height of the piece", { wanted: values.height, found: video.height });
  const measure = await measurePiece(media, { path: values.clip.path, probe, ...values }, { signal });
  if (measure.frames < values.least) {
    expectEqual("frames of the piece", { wanted: values.frames, found: measure.frames });
  }
  input.onProgress(0.5);
  const reference = await takeReference(input, values);
  const preview = scratch.path("preview.mp4");
  const rate = { num: values.rateNum, den: values.rateDen };
  const shown = { start: values.repeats, frames: Math.min(values.frames, measure.frames) - values.repeats };
  await media.preview({ path: values.clip.path, ...shown, edge: PREVIEW_EDGE, rate, output: preview }, {
    signal,
  });
  const written = scratch.path("measure.json");
  await Deno.writeTextFile(written, JSON.stringify(measure));
  const facts = scratch.path("facts.json");
  await Deno.writeTextFile(facts, JSON.stringify(factsOfPiece(measure, values)));
  return {
    files: [
      { role: "reference", path: reference, ext: "png" },
      { role: "preview", path: preview, ext: "mp4" },
      { role: "measure", path: written, ext: "json" },
      { role: "facts", path: facts, ext: "json" },
    ],
    facts: {
      frames: measure.frames,
      sharpness: measure.sharpness,
      codec: measure.codec,
      pixelFormat: measure.pixelFormat,
    },
  };
}

/** The picture that leads to the next piece. What cannot be read is taken once more; without it there is no next piece. */
async function takeReference(input: OperationInput, values: LookAtPiece): Promise<string> {
  const { media, scratch, signal } = input;
  const output = scratch.path("reference.png");
  for (let attempt = 1;; attempt++) {
    try {
      await media.frame({ path: values.clip.path, index: values.reference, output }, { signal });
      const picture = pictureOf(await media.probe(output, { signal }));
      expectEqual("width of the reference", { wanted: values.width, found: picture.width });
      return output;
    } catch (thrown) {
      if (signal.aborted || attempt > 1) {
        if (signal.aborted) throw thrown;
        throw fail("media.failed", {
          message: "The frame that leads to the next piece cannot be read. Take this piece again.",
          operator: `reference frame ${values.reference}: ${
            problemOf(thrown).operator ?? problemOf(thrown).message
          }`,
        }, thrown);
      }
    }
  }
}

const Cuts = z.array(z.tuple([Count, z.int().positive(), z.int().positive()])).min(1);

const JoinTake = z.strictObject({
  clips: Files,
  measures: Files,
  /** Small copies of the pieces; plans that were stored earlier have none. */
  previews: Files.optional(),
  cuts: z.string(),
  frames: z.int().positive(),
  /** The film has that many frames; otherwise as many as the pieces came out with. */
  exact: z.boolean().default(true),
  seams: z.enum(["keep", "blend"]),
  correct: z.boolean(),
  ...RateValues,
  width: z.int().positive(),
  height: z.int().positive(),
  sound: File.optional(),
  title: z.string().optional(),
  comment: z.string().optional(),
  draft: z.boolean().default(false),
  used: z.string().default(""),
  unused: z.string().default(""),
});
type JoinTake = z.infer<typeof JoinTake>;

/**
 * Out: `film` (MP4), `poster` (JPEG), `metadata` (JSON with the figures of every join), and, where anything was corrected,
 * `before` (small MP4): the pieces as they came.
 */
export async function joinTake(input: OperationInput): Promise<OperationResult> {
  const values = readValues(JoinTake, input);
  const { media, scratch, signal } = input;
  const cuts = Cuts.parse(JSON.parse(values.cuts));
  const measures: PieceMeasure[] = [];
  for (const path of values.measures.paths) measures.push(await readMeasure(path));
  expectEqual("pieces", { wanted: cuts.length, found: measures.length });
  const joins = judgeJoins(measures, {
    anchors: cuts.map(([, , anchor]) => anchor),
    correct: values.correct,
  });
  const pieces = await makePieces(input, { values, cuts, measures, joins });
  const film = scratch.path("film.mp4");
  const rate = { num: values.rateNum, den: values.rateDen };
  const { width, height, title, seams } = values;
  const frames = pieces.reduce((sum, piece) => sum + piece.frames - piece.repeats, 0);
  if (values.exact) expectEqual("frames of all pieces", { wanted: values.frames, found: frames });
  const comment = markedComment(values);
  await media.joinPieces({
    pieces,
    blend: seams === "blend",
    rate,
    width,
    height,
    sound: values.sound?.path ?? null,
    title,
    comment: comment === "" ? undefined : comment,
    output: film,
  }, runOptions(input, frames));
  const probe = await media.probe(film, { signal });
  checkPicture(probe, { frames, width, height });
  const [durationS, soundS] = [frames * rate.den / rate.num, probe.audio?.durationS ?? null];
  const before = await layBefore(input, { values, joins, frames });
  const made = await handOver(input, film, {
    record: { ...await describeTake(film, { values, probe, frames }), joins: joins.figures },
    facts: { frames, width, height, rate, durationS, soundS, draft: values.draft },
    more: {
      pieces: pieces.length,
      corrected: joins.figures.filter(({ corrected }) => corrected).length,
      drift: Math.max(...joins.figures.map(({ toAnchor }) => toAnchor)),
      driftJoined: Math.max(...joins.figures.map(({ toAnchorJoined }) => toAnchorJoined)),
    },
  });
  const files = before === null ? [] : [{ role: "before", path: before, ext: "mp4" }];
  return { ...made, files: [...made.files, ...files] };
}

/** The previews one after the other, copied and not encoded again: costs next to nothing, and shows the same frames. */
async function layBefore(
  { media, scratch, signal }: OperationInput,
  { values, joins, frames }: { values: JoinTake; joins: TakeJoins; frames: number },
): Promise<string | null> {
  if (!values.previews || joins.maps.every((map) => map === SAME)) return null;
  const output = scratch.path("before.mp4");
  const rate = { num: values.rateNum, den: values.rateDen };
  const sound = values.sound?.path ?? null;
  await media.joinAlike({ clips: values.previews.paths, frames, rate, sound, output }, { signal });
  const { video } = await media.probe(output, { signal });
  expectEqual("frames of the pieces as they came", { wanted: frames, found: video?.frames ?? null });
  return output;
}

async function readMeasure(path: string): Promise<PieceMeasure> {
  return PieceMeasure.parse(JSON.parse(await Deno.readTextFile(path)));
}

/** Each piece as the encode takes it. What differs in codec, pixels or sound is made alike first. */
async function makePieces(
  input: OperationInput,
  of: { values: JoinTake; cuts: z.infer<typeof Cuts>; measures: PieceMeasure[]; joins: TakeJoins },
): Promise<FilmPiece[]> {
  const { values, cuts, measures, joins } = of;
  const { scratch, media, signal } = input;
  const tables = new Map<unknown, string>();
  const pieces: FilmPiece[] = [];
  const alike = measures.every((measure) => isLike(measure, measures[0]));
  for (const [index, [repeats, wanted]] of cuts.entries()) {
    const clip = values.clips.paths[index];
    const measure = measures[index];
    const frames = Math.min(wanted, measure?.frames ?? wanted);
    const map = joins.maps[index] ?? SAME;
    if (clip === undefined || !measure) {
      throw fail("studio.bug", { operator: `there is no piece ${index + 1}` });
    }
    if (map !== SAME && !tables.has(map)) {
      const table = scratch.path(`look-${index + 1}.cube`);
      await Deno.writeTextFile(table, cubeText(map));
      tables.set(map, table);
    }
    const lut = tables.get(map) ?? null;
    if (alike && !measure.sound) {
      pieces.push({ path: clip, of: measure.frames, frames, repeats, lut });
      continue;
    }
    const output = scratch.path(`piece-${index + 1}.mp4`);
    const rate = measure.rate ?? { num: values.rateNum, den: values.rateDen };
    await media.trim({ path: clip, start: 0, frames, rate, output }, { signal });
    pieces.push({ path: output, of: frames, frames, repeats, lut });
  }
  return pieces;
}

function isLike(one: PieceMeasure, other: PieceMeasure | undefined): boolean {
  return one.codec === other?.codec && one.pixelFormat === other.pixelFormat;
}

async function describeTake(
  film: string,
  { values, probe, frames }: { values: JoinTake; probe: Probe; frames: number },
) {
  const { draft, title, width, height, rateNum, rateDen, seams, correct, used, unused } = values;
  const parts: Record<string, unknown>[] = [];
  for (const path of values.clips.paths) parts.push(await describeFile(path));
  return {
    v: 1,
    draft,
    title: title ?? null,
    frames,
    rate: { num: rateNum, den: rateDen },
    width,
    height,
    film: { ...await describeFile(film), ...probe },
    seams,
    correct,
    parts,
    used,
    unused,
  };
}

const FinishTake = z.strictObject({
  film: File,
  title: z.string().default(""),
  comment: z.string().default(""),
  draft: z.boolean().default(false),
  used: z.string().default(""),
  unused: z.string().default(""),
});

/** Out: the last join of the render server as it came, with `poster` and `metadata`. */
export async function finishTake(input: OperationInput): Promise<OperationResult> {
  const values = readValues(FinishTake, input);
  const { media, scratch, signal } = input;
  const film = scratch.path("film.mp4");
  await Deno.copyFile(values.film.path, film);
  const probe = await media.probe(film, { signal });
  const { width, height, frames, rate } = pictureOf(probe);
  const { title, comment, draft, used, unused } = values;
  const { durationS } = probe;
  const described = { title, comment, used, unused, film: await describeFile(film) };
  return await handOver(input, film, {
    record: { v: 1, draft, frames, rate, width, height, ...described },
    facts: { frames, width, height, rate, durationS, draft },
  });
}
