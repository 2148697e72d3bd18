/** Films from clips: joining to an exact number of frames, and assembling stretches with dissolves. */
import {
  bodyArgs,
  dissolveArgs,
  joinArgs,
  joinCopyArgs,
  silenceArgs,
  type Stretch,
} from "@/core/ffmpeg/clips.ts";
import { concatList } from "@/core/ffmpeg/inputs.ts";
import type { FrameRate, Probe } from "@/core/media.ts";
import type { FilmStretch, Media, RunOptions } from "@/core/ports.ts";
import { fail } from "@/core/problem.ts";
import { type Bench, countFrames, createParts } from "./bench.ts";

export function createFilms(bench: Bench): Pick<Media, "join" | "assemble"> {
  return {
    async join(input, options) {
      const parts = createParts(input.output);
      try {
        const clips = await makeAlike(input.clips, { bench, parts, options });
        const list = await parts.write(concatList(clips));
        const keep = input.skip === undefined || input.skip === 0
          ? undefined
          : await keptFrames(clips, { skip: input.skip, bench, options });
        await bench.make(joinArgs({ ...input, list, keep }), { output: input.output, options });
      } finally {
        await parts.clear();
      }
    },
    async assemble(input, options) {
      const parts = createParts(input.output);
      try {
        const pieces = cutPieces(input.stretches);
        const frames = pieces.reduce((sum, piece) => sum + piece.frames, 0);
        const paths: string[] = [];
        let done = 0;
        for (const piece of pieces) {
          const output = parts.name("mp4");
          const shape = { rate: input.rate, width: input.width, height: input.height, output };
          const args = piece.to === null
            ? bodyArgs(piece.from, shape)
            : dissolveArgs({ from: piece.from, to: piece.to }, shape);
          await bench.make(args, {
            output,
            options: { ...options, onProgress: shift(done, { rate: input.rate, options }) },
          });
          await expectFrames(bench, { path: output, frames: piece.frames, options });
          done += piece.frames;
          paths.push(output);
        }
        const list = await parts.write(concatList(paths));
        const { rate, sound, title, comment, output } = input;
        const args = joinCopyArgs({ list, frames, rate, sound, title, comment, output });
        await bench.make(args, { output, options: { ...options, onProgress: undefined } });
        return frames;
      } finally {
        await parts.clear();
      }
    },
  };
}

/** Which frames of the clips laid end to end are kept when each but the first loses its first `skip` frames. */
async function keptFrames(
  clips: string[],
  { skip, bench, options }: { skip: number; bench: Bench; options?: RunOptions },
): Promise<{ first: number; last: number }[]> {
  const ranges: { first: number; last: number }[] = [];
  let at = 0;
  for (const [index, path] of clips.entries()) {
    const frames = await countFrames(bench, { path, options });
    ranges.push({ first: at + (index === 0 ? 0 : skip), last: at + frames - 1 });
    at += frames;
  }
  return ranges.filter(({ first, last }) => first <= last);
}

/** The concat demuxer wants one codec, one size and the same streams: clips that differ are made alike. */
async function makeAlike(
  clips: string[],
  { bench, parts, options }: { bench: Bench; parts: ReturnType<typeof createParts>; options?: RunOptions },
): Promise<string[]> {
  const probes: Probe[] = [];
  for (const clip of clips) probes.push(await bench.probe(clip, options));
  const first = probes[0]?.video ?? null;
  if (first === null) {
    throw fail("asset.wrong_kind", { operator: "nothing to join, or the first clip has no picture" });
  }
  const same = probes.every(({ video }) =>
    video?.codec === first.codec && video.pixelFormat === first.pixelFormat
  );
  const target = same ? first : { codec: "h264", pixelFormat: "yuv420p" };
  const alike: string[] = [];
  for (const [index, clip] of clips.entries()) {
    const probe = probes[index];
    const video = probe?.video ?? null;
    if (probe === undefined || video === null) {
      throw fail("asset.wrong_kind", { operator: `clip ${index} has no picture` });
    }
    if (video.width !== first.width || video.height !== first.height) {
      throw fail("media.lengths_differ", {
        message: "The clips have different sizes.",
        operator:
          `clip ${index} is ${video.width}x${video.height}, the first is ${first.width}x${first.height}`,
      });
    }
    if (probe.audio === null && video.codec === target.codec && video.pixelFormat === target.pixelFormat) {
      alike.push(clip);
      continue;
    }
    alike.push(await withoutSound(clip, { video, target, bench, parts, options }));
  }
  return alike;
}

async function withoutSound(
  clip: string,
  made: {
    video: NonNullable<Probe["video"]>;
    target: Pick<NonNullable<Probe["video"]>, "codec" | "pixelFormat">;
    bench: Bench;
    parts: ReturnType<typeof createParts>;
    options?: RunOptions;
  },
): Promise<string> {
  const { video, target, bench, parts, options } = made;
  const output = parts.name("mp4");
  const quiet = { ...options, onProgress: undefined };
  const copy = video.codec === target.codec && video.pixelFormat === target.pixelFormat;
  await bench.make(silenceArgs({ path: clip, copy, output }), { output, options: quiet });
  return output;
}

interface Piece {
  from: Stretch;
  /** The stretch that `from` dissolves into, or null for a plain piece. */
  to: Stretch | null;
  frames: number;
}

/** Bodies and dissolves in the order of the film. Empty bodies, where two dissolves meet, are left out. */
export function cutPieces(stretches: FilmStretch[]): Piece[] {
  const pieces: Piece[] = [];
  for (const [index, stretch] of stretches.entries()) {
    const before = stretches[index - 1];
    const head = before === undefined ? 0 : stretch.dissolve;
    const tail = stretches[index + 1]?.dissolve ?? 0;
    const body = stretch.frames - head - tail;
    if (body < 0) {
      throw fail("media.failed", { operator: `stretch ${index} is shorter than its dissolves` });
    }
    if (before !== undefined && head > 0) {
      const from = { path: before.path, start: before.start + before.frames - head, frames: head };
      pieces.push({ from, to: { path: stretch.path, start: stretch.start, frames: head }, frames: head });
    }
    if (body > 0) {
      pieces.push({
        from: { path: stretch.path, start: stretch.start + head, frames: body },
        to: null,
        frames: body,
      });
    }
  }
  return pieces;
}

async function expectFrames(
  bench: Bench,
  { path, frames, options }: { path: string; frames: number; options?: RunOptions },
): Promise<void> {
  const made = await countFrames(bench, { path, options });
  if (made !== frames) {
    throw fail("media.lengths_differ", {
      message: "A clip is shorter than the film needs.",
      operator: `wanted ${frames} frames, got ${made}`,
    });
  }
}

/** Progress of one piece, counted over the whole film. */
function shift(
  frames: number,
  { rate, options }: { rate: FrameRate; options?: RunOptions },
): RunOptions["onProgress"] {
  const startS = frames * rate.den / rate.num;
  return ({ frame, outTimeS }) =>
    options?.onProgress?.({ frame: frames + frame, outTimeS: startS + outTimeS });
}
