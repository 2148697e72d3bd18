/** Measures how well the end of a loop meets its beginning. */
import type { Media, RunOptions } from "@/core/ports.ts";

export const LOOP_METHOD =
  "Mean absolute difference of the pixels of the last frame and the first, divided by the mean of that between neighbouring frames, at 256 pixels. 1: the seam is a step like any other; more: it jumps; 0: both frames are equal.";

const EDGE = 256;

/** Null where nothing moves at all, so that there is no usual step to measure by. */
export async function measureLoop(
  media: Media,
  film: { path: string; width: number; height: number },
  options: RunOptions,
): Promise<number | null> {
  const scale = Math.min(1, EDGE / Math.max(film.width, film.height));
  const even = (pixels: number) => Math.max(2, Math.round(pixels * scale / 2) * 2);
  const size = { width: even(film.width), height: even(film.height) };
  const { frames } = await media.decode({ path: film.path, ...size }, options);
  const steps: number[] = [];
  let first: Uint8Array | null = null;
  let last: Uint8Array | null = null;
  for await (const frame of frames) {
    if (last !== null) steps.push(difference(last, frame));
    first ??= frame.slice();
    last = frame.slice();
  }
  if (first === null || last === null || steps.length === 0) return null;
  const usual = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  return usual === 0 ? null : Math.round(difference(last, first) / usual * 1000) / 1000;
}

function difference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / a.length;
}
