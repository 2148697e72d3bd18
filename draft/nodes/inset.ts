/** Where a draft frame keeps its machine-readable parts, and how to read them back after encoding. */
import type { Size } from "./pixels.ts";

/** Cells of every strip: sixteen bits, most significant first, white is 1. */
export const STRIP_CELLS = 16;

/** Height of the sample clip's strip as a share of its width: 16 of 640 pixels at least. */
export const CLIP_STRIP_SHARE = 16 / 640;

/** Loudness (RMS, full scale 1) that fills the bar. */
export const LOUDNESS_FULL = 0.5;

interface Place extends Size {
  x: number;
  y: number;
}

export interface Layout {
  /** The driving clip: fixed corner and width, height by the clip's own shape, at most `height`. */
  inset: Place;
  /** Strip with the code of this frame, and below it the code of the frame that its chunk continues. */
  own: Place;
  from: Place;
  /** Mean colours of the carried frames, above the strips. */
  tail: Place;
  /** The voice's loudness, growing upwards. */
  bar: Place;
  /** Coloured cells that show every setting. */
  sign: Place;
  /** Pixels per dot of the word DRAFT. */
  dot: number;
}

function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step;
}

/** The layout depends on the frame's size alone, so a reader needs nothing else. */
export function layoutOf(size: Size): Layout {
  const { width, height } = size;
  const margin = width >= 320 ? 8 : 4;
  const across = Math.max(STRIP_CELLS, floorTo(Math.max(width / 4, Math.min(160, width / 2)), STRIP_CELLS));
  const cell = across / STRIP_CELLS;
  const deep = Math.max(3, Math.round(cell * 0.8));
  const from = { x: margin, y: height - margin - deep, width: across, height: deep };
  const own = { ...from, y: from.y - deep - 2 };
  const tail = { ...own, y: own.y - deep - 2 };
  const barWidth = Math.max(4, Math.round(width / 40));
  // What is left beside the strips, so that neither covers the other.
  const signWidth = Math.max(4, Math.min(across, width - 3 * margin - across));
  return {
    inset: { x: margin, y: margin, width: across, height: Math.max(1, Math.floor(height / 2)) },
    own,
    from,
    tail,
    bar: {
      x: width - margin - barWidth,
      y: Math.round(height * 0.3),
      width: barWidth,
      height: Math.round(height * 0.5),
    },
    sign: { x: width - margin - signWidth, y: from.y, width: signWidth, height: deep },
    dot: Math.max(1, Math.round(width / 160)),
  };
}

/** Mean brightness of a part of an rgb24 frame, 0 to 255. */
function brightness(rgb: Uint8Array, size: Size, part: Place): number {
  let sum = 0;
  let count = 0;
  const left = Math.max(0, Math.floor(part.x));
  const right = Math.min(size.width, Math.max(left + 1, Math.ceil(part.x + part.width)));
  const top = Math.max(0, Math.floor(part.y));
  const bottom = Math.min(size.height, Math.max(top + 1, Math.ceil(part.y + part.height)));
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const i = (y * size.width + x) * 3;
      sum += 0.299 * rgb[i]! + 0.587 * rgb[i + 1]! + 0.114 * rgb[i + 2]!;
      count += 1;
    }
  }
  return count === 0 ? 0 : sum / count;
}

/** Reads a strip of cells, or null where one of them is neither black nor white. */
function readStrip(rgb: Uint8Array, size: Size, strip: Place): number | null {
  const cell = strip.width / STRIP_CELLS;
  let value = 0;
  for (let i = 0; i < STRIP_CELLS; i++) {
    const light = brightness(rgb, size, {
      x: strip.x + (i + 0.3) * cell,
      y: strip.y + strip.height * 0.25,
      width: Math.max(1, cell * 0.4 - 1),
      height: Math.max(1, strip.height * 0.5 - 1),
    });
    if (light > 100 && light < 156) return null;
    value = value * 2 + (light >= 156 ? 1 : 0);
  }
  return value;
}

/** Number of the driving frame that the inset of a draft frame shows, or null without a readable strip in it. */
export function readFrameNumber(rgb: Uint8Array, width: number, height: number): number | null {
  const { inset } = layoutOf({ width, height });
  // The inset's white frame tells it from a picture that happens to be black there.
  const above = brightness(rgb, { width, height }, { ...inset, y: inset.y - 2, height: 2 });
  const beside = brightness(rgb, { width, height }, { x: inset.x - 2, y: inset.y, width: 2, height: 16 });
  if (above < 150 || beside < 150) return null;
  const deep = Math.max(1, inset.width * CLIP_STRIP_SHARE);
  return readStrip(rgb, { width, height }, { ...inset, height: deep });
}

/** The frame number in the driving clip itself: sixteen cells over its whole width along the top edge. */
export function readClipNumber(rgb: Uint8Array, width: number, height: number): number | null {
  return readStrip(rgb, { width, height }, { x: 0, y: 0, width, height: width * CLIP_STRIP_SHARE });
}

/** Code of this frame and of the frame that its chunk continues (null for a beginning). A right chain has `from` equal to the `own` of the frame before. */
export function readContinuity(
  rgb: Uint8Array,
  width: number,
  height: number,
): { own: number | null; from: number | null } {
  const layout = layoutOf({ width, height });
  return {
    own: readStrip(rgb, { width, height }, layout.own),
    from: readStrip(rgb, { width, height }, layout.from),
  };
}

/** Loudness of the voice in a draft frame: RMS of its sixteenth of a second, or null where the frame has no bar. */
export function readLoudness(rgb: Uint8Array, width: number, height: number): number | null {
  const { bar } = layoutOf({ width, height });
  const column = { x: bar.x + bar.width * 0.35, width: Math.max(1, bar.width * 0.3), height: 1 };
  // Below the bar a white foot and above it a black head tell a bar from a picture.
  const foot = brightness(rgb, { width, height }, { ...column, y: bar.y + bar.height + 1 });
  const head = brightness(rgb, { width, height }, { ...column, y: bar.y - 2 });
  if (foot < 156 || head > 100) return null;
  let white = 0;
  for (let y = 0; y < bar.height; y++) {
    white += brightness(rgb, { width, height }, { ...column, y: bar.y + y }) / 255;
  }
  return Math.min(1, white / bar.height) * LOUDNESS_FULL;
}
