/** Measures a piece of a long take by its own frames: small copies of its ends, how sharp it is, whether it stands still. */
import type { Probe } from "@/core/media.ts";
import type { Media, RunOptions } from "@/core/ports.ts";
import { fail } from "@/core/problem.ts";
import { type PieceMeasure, THUMB } from "@/core/take_joins.ts";

/** Longer side of the frames that are looked at. */
const EDGE = 256;
/** Frames of either end that are kept. */
const ENDS = 4;
const SAMPLES = 8;
/** Frames whose pixels differ by less on average are one frame. */
const STILL = 0.15;

/** Frames `repeats` to `frames` are those that will be shown. */
export async function measurePiece(
  media: Media,
  piece: { path: string; probe: Probe; frames: number; repeats: number },
  options: RunOptions,
): Promise<PieceMeasure> {
  const { video } = piece.probe;
  if (video === null) throw fail("asset.wrong_kind", { operator: "no picture in this piece" });
  const raw = await media.decode({ path: piece.path, width: EDGE, height: EDGE }, options);
  const small = thumbSize(raw);
  const [first, end] = [piece.repeats, piece.frames];
  const every = Math.max(1, Math.floor((end - first) / SAMPLES));
  const head: Uint8Array[] = [];
  let tail: Uint8Array[] = [];
  const samples: Uint8Array[] = [];
  const steps: number[] = [];
  let [frames, edges, looked] = [0, 0, 0];
  let last: Uint8Array | null = null;
  for await (const frame of raw.frames) {
    const at = frames++;
    if (at < first || at >= end) continue;
    if (last !== null) steps.push(difference(last, frame));
    last = frame.slice();
    const isSample = (at - first) % every === 0;
    const thumb = shrink(frame, raw, small);
    if (head.length < ENDS) head.push(thumb);
    tail = [...tail, thumb].slice(-ENDS);
    if (!isSample) continue;
    samples.push(thumb);
    edges += edgesOf(frame, raw);
    looked += 1;
  }
  if (head.length === 0) {
    throw fail("media.lengths_differ", { operator: `the piece has ${frames} frames, and ${end} are needed` });
  }
  return {
    v: 1,
    frames,
    codec: video.codec,
    pixelFormat: video.pixelFormat,
    rate: video.rate,
    sound: piece.probe.audio !== null,
    head: head.map((thumb) => thumb.toBase64()),
    tail: tail.map((thumb) => thumb.toBase64()),
    samples: samples.map((thumb) => thumb.toBase64()),
    sharpness: Math.round(edges / Math.max(1, looked) * 10_000) / 10_000,
    frozenHead: countStill(steps),
    frozenTail: countStill(steps.toReversed()),
  };
}

function thumbSize({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const share = Math.min(1, THUMB.width / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
}

type Size = { width: number; height: number };

/** The mean of the pixels that fall into each small one. */
function shrink(rgb: Uint8Array, from: Size, to: Size): Uint8Array {
  const made = new Uint8Array(to.width * to.height * 3);
  for (let y = 0; y < to.height; y++) {
    const [top, bottom] = [
      Math.floor(y * from.height / to.height),
      Math.ceil((y + 1) * from.height / to.height),
    ];
    for (let x = 0; x < to.width; x++) {
      const [left, right] = [
        Math.floor(x * from.width / to.width),
        Math.ceil((x + 1) * from.width / to.width),
      ];
      const sums = [0, 0, 0];
      for (let v = top; v < bottom; v++) {
        for (let u = left; u < right; u++) {
          const at = 3 * (v * from.width + u);
          for (let c = 0; c < 3; c++) sums[c]! += rgb[at + c] ?? 0;
        }
      }
      const count = (bottom - top) * (right - left);
      for (let c = 0; c < 3; c++) made[3 * (y * to.width + x) + c] = Math.round((sums[c] ?? 0) / count);
    }
  }
  return made;
}

function difference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += Math.abs((a[at] ?? 0) - (b[at] ?? 0));
  return sum / a.length;
}

/** Mean difference of neighbouring green values, in shares of white: green carries most of what the eye calls sharp. */
function edgesOf(rgb: Uint8Array, { width, height }: Size): number {
  let sum = 0;
  for (let y = 1; y < height; y++) {
    for (let x = 1; x < width; x++) {
      const at = 3 * (y * width + x) + 1;
      const own = rgb[at] ?? 0;
      sum += Math.abs(own - (rgb[at - 3] ?? 0)) + Math.abs(own - (rgb[at - 3 * width] ?? 0));
    }
  }
  return sum / (2 * 255 * Math.max(1, (width - 1) * (height - 1)));
}

function countStill(steps: number[]): number {
  const moving = steps.findIndex((step) => step >= STILL);
  return moving === -1 ? steps.length : moving;
}
