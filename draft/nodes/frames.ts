/** Frame sequences from files and from other sequences: windows of a video, slices, joins, scaled copies. */
import type { Media } from "@/core/ports.ts";
import { digest } from "./hash.ts";
import { cropCentre, type Rect, scaleArea, type Size } from "./pixels.ts";
import { Frames, Mask, refuse } from "./values.ts";

/** Decoded bytes that one window of a video may hold; two windows are kept. */
const WINDOW_BYTES = 32_000_000;

/** Reads a video in windows, so that a film is never in memory as a whole and no decoder stays open. */
export function videoFrames(
  options: { media: Media; path: string; size: Size; count: number; digest: string },
): Frames {
  const { media, path, size, count } = options;
  const bytes = size.width * size.height * 3;
  const length = Math.min(96, Math.max(4, Math.floor(WINDOW_BYTES / bytes)));
  const windows = new Map<number, Promise<Uint8Array[]>>();
  const load = (window: number): Promise<Uint8Array[]> => {
    const known = windows.get(window);
    if (known !== undefined) return known;
    const made = readWindow(media, { path, size, start: window * length, count: length });
    made.catch(() => windows.delete(window));
    windows.set(window, made);
    for (const old of windows.keys()) {
      if (windows.size <= 2) break;
      windows.delete(old);
    }
    return made;
  };
  const read = async (index: number): Promise<Uint8Array> => {
    let window = Math.floor(index / length);
    let found = (await load(window))[index - window * length];
    // A container may promise more frames than it holds: the last one stands in for those.
    while (found === undefined && window >= 0) {
      found = (await load(window)).at(-1);
      window -= 1;
    }
    if (found === undefined) throw refuse("The file holds no picture that can be read.");
    return found;
  };
  return new Frames({ count, ...size, digest: options.digest, read });
}

async function readWindow(
  media: Media,
  options: { path: string; size: Size; start: number; count: number },
): Promise<Uint8Array[]> {
  const { path, size, start, count } = options;
  const raw = await media.decode({ path, width: size.width, height: size.height, start, frames: count });
  const frames: Uint8Array[] = [];
  for await (const frame of raw.frames) {
    if (frames.length < count) frames.push(frame);
  }
  if (raw.width === size.width && raw.height === size.height) return frames;
  return frames.map((frame) => scaleArea(frame, { from: raw, to: size, depth: 3 }));
}

/** One picture repeated. */
export function stillFrames(size: Size, options: { rgb: Uint8Array; count: number; digest: string }): Frames {
  return new Frames({
    ...size,
    count: options.count,
    digest: options.digest,
    read: () => Promise.resolve(options.rgb),
  });
}

/** Frames of another sequence in another order: slices, repeats. The clip behind is picked in the same order. */
export function pickFrames(
  frames: Frames,
  options: { count: number; at: (index: number) => number; by: unknown },
): Frames {
  const { count, at } = options;
  const origin = frames.origin === null ? null : pickFrames(frames.origin, options);
  return new Frames({
    count,
    width: frames.width,
    height: frames.height,
    digest: digest([frames.digest, count, options.by]),
    read: (index) => frames.get(at(index)),
    origin,
  });
}

/** A consecutive part. */
export function sliceFrames(frames: Frames, options: { start: number; count: number }): Frames {
  const { start, count } = options;
  if (start === 0 && count === frames.count) return frames;
  return pickFrames(frames, { count, at: (index) => start + index, by: ["slice", start] });
}

/** The second after the first, scaled to the size of the first as ComfyUI does. */
export function joinFrames(first: Frames, second: Frames): Frames {
  const fitted = scaleFrames(second, { to: first, crop: "center" });
  const known = first.origin !== null && second.origin !== null;
  return new Frames({
    count: first.count + fitted.count,
    width: first.width,
    height: first.height,
    digest: digest(["join", first.digest, fitted.digest]),
    read: (index) => index < first.count ? first.get(index) : fitted.get(index - first.count),
    origin: known ? joinFrames(first.source, second.source) : null,
  });
}

/** Every frame changed by a pure function; the clip behind stays known. */
export function mapFrames(
  frames: Frames,
  options: { size: Size; by: unknown; change: (rgb: Uint8Array, index: number) => Uint8Array },
): Frames {
  return new Frames({
    count: frames.count,
    width: options.size.width,
    height: options.size.height,
    digest: digest([frames.digest, options.by]),
    read: async (index) => options.change(await frames.get(index), index),
    origin: frames.source,
  });
}

export function scaleFrames(frames: Frames, options: { to: Size; crop: string; method?: string }): Frames {
  const to = { width: options.to.width, height: options.to.height };
  if (to.width === frames.width && to.height === frames.height) return frames;
  const part: Rect = options.crop === "center"
    ? cropCentre(frames, to)
    : { x: 0, y: 0, width: frames.width, height: frames.height };
  return mapFrames(frames, {
    size: to,
    by: ["scale", to.width, to.height, options.crop, options.method ?? ""],
    change: (rgb) => scaleArea(rgb, { from: frames, part, to, depth: 3 }),
  });
}

/** A part of every frame; what lies outside is black. */
export function cropFrames(frames: Frames, part: Rect): Frames {
  const x = Math.min(Math.max(0, part.x), frames.width - 1);
  const y = Math.min(Math.max(0, part.y), frames.height - 1);
  const width = Math.min(part.width, frames.width - x);
  const height = Math.min(part.height, frames.height - y);
  const cut = { x, y, width, height };
  return mapFrames(frames, {
    size: { width, height },
    by: ["crop", x, y, width, height],
    change: (rgb) => {
      const out = new Uint8Array(width * height * 3);
      for (let row = 0; row < height; row++) {
        const start = ((cut.y + row) * frames.width + cut.x) * 3;
        out.set(rgb.subarray(start, start + width * 3), row * width * 3);
      }
      return out;
    },
  });
}

export function mapMask(
  mask: Mask,
  options: { by: unknown; change: (grey: Uint8Array) => Uint8Array; size?: Size },
): Mask {
  return new Mask({
    count: mask.count,
    width: options.size?.width ?? mask.width,
    height: options.size?.height ?? mask.height,
    digest: digest([mask.digest, options.by]),
    read: async (index) => options.change(await mask.get(index)),
  });
}

export function scaleMask(mask: Mask, options: { to: Size; crop: string }): Mask {
  const to = { width: options.to.width, height: options.to.height };
  if (to.width === mask.width && to.height === mask.height) return mask;
  const part = options.crop === "center" ? cropCentre(mask, to) : { x: 0, y: 0, ...sizeOf(mask) };
  return mapMask(mask, {
    by: ["scale", to.width, to.height, options.crop],
    size: to,
    change: (grey) => scaleArea(grey, { from: mask, part, to, depth: 1 }),
  });
}

export function sizeOf(thing: Size): Size {
  return { width: thing.width, height: thing.height };
}

/** Index into a sequence that may be shorter: the last one goes on. */
export function clampIndex(index: number, count: number): number {
  return Math.min(Math.max(0, index), count - 1);
}
