/** Long takes from pieces: one run over all of them, or, where pieces dissolve, body by body. */
import { bodyArgs, dissolveArgs, joinCopyArgs, type Stretch } from "@/core/ffmpeg/clips.ts";
import { concatList } from "@/core/ffmpeg/inputs.ts";
import { inRgb, joinPiecesArgs, lutFilter, type PieceCut, previewArgs } from "@/core/ffmpeg/pieces.ts";
import type { FilmPiece, PiecesToJoin } from "@/core/media.ts";
import type { Media, RunOptions } from "@/core/ports.ts";
import { type Bench, createParts } from "./bench.ts";

export function createPieces(bench: Bench): Pick<Media, "joinPieces" | "joinAlike" | "preview"> {
  return {
    preview: (input, options) => bench.make(previewArgs(input), { output: input.output, options }),
    async joinAlike(input, options) {
      const parts = createParts(input.output);
      try {
        const list = await parts.write(concatList(input.clips));
        await bench.make(joinCopyArgs({ ...input, list }), { output: input.output, options });
      } finally {
        await parts.clear();
      }
    },
    async joinPieces(input, options) {
      const blends = input.blend && input.pieces.some(({ repeats }) => repeats > 0);
      const parts = createParts(input.output);
      try {
        if (blends) await dissolve(input, { bench, parts, options });
        else if (input.pieces.length <= GROUP) await joinOnce(input, { bench, parts, options });
        else await joinGroups(input, { bench, parts, options });
      } finally {
        await parts.clear();
      }
    },
  };
}

/** Pieces of one run: ffmpeg bounds the length of an expression, and holds every table in memory. */
const GROUP = 48;

interface Tools {
  bench: Bench;
  parts: ReturnType<typeof createParts>;
  options?: RunOptions;
}

async function joinOnce(input: PiecesToJoin, { bench, parts, options }: Tools): Promise<void> {
  let at = 0;
  const cuts = input.pieces.map(({ of, frames, repeats, lut }): PieceCut => {
    const first = at + repeats;
    const last = at + frames - 1;
    at += of;
    return { first, last, lut };
  });
  const frames = cuts.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const list = await parts.write(concatList(input.pieces.map(({ path }) => path)));
  const { rate, sound, title, comment, output } = input;
  const is709 = await reads709(input, { bench, options });
  const args = joinPiecesArgs({
    is709,
    list,
    cuts,
    selects: at > frames,
    frames,
    rate,
    sound,
    title,
    comment,
    output,
  });
  await bench.make(args, { output, options });
}

/** Each frame is still encoded once: groups of pieces one after the other, then copied into one film. */
async function joinGroups(input: PiecesToJoin, { bench, parts, options }: Tools): Promise<void> {
  const { rate, sound, title, comment, output } = input;
  const paths: string[] = [];
  let frames = 0;
  for (let at = 0; at < input.pieces.length; at += GROUP) {
    const pieces = input.pieces.slice(at, at + GROUP);
    const path = parts.name("mp4");
    const before = frames;
    const onProgress: RunOptions["onProgress"] = ({ frame }) =>
      options?.onProgress?.({ frame: before + frame, outTimeS: (before + frame) * rate.den / rate.num });
    const group = { ...input, pieces, sound: null, title: undefined, comment: undefined, output: path };
    await joinOnce(group, { bench, parts, options: { ...options, onProgress } });
    paths.push(path);
    frames += pieces.reduce((sum, piece) => sum + piece.frames - piece.repeats, 0);
  }
  const list = await parts.write(concatList(paths));
  const quiet = { ...options, onProgress: undefined };
  await bench.make(joinCopyArgs({ list, frames, rate, sound, title, comment, output }), {
    output,
    options: quiet,
  });
}

/** Frames that two pieces share pass from one into the other. */
async function dissolve(input: PiecesToJoin, { bench, parts, options }: Tools): Promise<void> {
  const { pieces, rate, width, height } = input;
  const quiet = { ...options, onProgress: undefined };
  const is709 = await reads709(input, { bench, options });
  const stretch = (piece: FilmPiece, start: number, frames: number) =>
    stretchOf(piece, { start, frames, is709 });
  const paths: string[] = [];
  let frames = 0;
  const make = async (args: (output: string) => string[], count: number) => {
    const output = parts.name("mp4");
    await bench.make(args(output), { output, options: quiet });
    paths.push(output);
    frames += count;
    options?.onProgress?.({ frame: frames, outTimeS: frames * rate.den / rate.num });
  };
  for (const [index, piece] of pieces.entries()) {
    const before = pieces[index - 1];
    const ends = piece.frames - (pieces[index + 1]?.repeats ?? 0);
    if (before && piece.repeats > 0) {
      const from = stretch(before, before.frames - piece.repeats, piece.repeats);
      const to = stretch(piece, 0, piece.repeats);
      await make((output) => dissolveArgs({ from, to }, { rate, width, height, output }), piece.repeats);
    }
    const body = stretch(piece, piece.repeats, ends - piece.repeats);
    if (body.frames > 0) await make((output) => bodyArgs(body, { rate, width, height, output }), body.frames);
  }
  const list = await parts.write(concatList(paths));
  const { sound, title, comment, output } = input;
  await bench.make(joinCopyArgs({ list, frames, rate, sound, title, comment, output }), {
    output,
    options: quiet,
  });
}

async function reads709(
  { pieces }: PiecesToJoin,
  { bench, options }: { bench: Bench; options?: RunOptions },
): Promise<boolean> {
  const [first] = pieces;
  return first !== undefined && (await bench.probe(first.path, options)).video?.transfer === "bt709";
}

function stretchOf(
  { path, lut }: FilmPiece,
  { start, frames, is709 }: { start: number; frames: number; is709: boolean },
): Stretch {
  return { path, start, frames, ...(lut === null ? {} : { look: inRgb([lutFilter(lut)], is709) }) };
}
