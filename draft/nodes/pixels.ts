/** Pixel arithmetic on rgb24 and 8-bit grey rasters: scaling, cropping, blending. Written for speed: no calls per pixel. */
import type { Picture } from "./values.ts";

export interface Size {
  width: number;
  height: number;
}

export interface Rect extends Size {
  x: number;
  y: number;
}

/** The largest centred part of `from` with the shape of `to`: ComfyUI's crop "center". */
export function cropCentre(from: Size, to: Size): Rect {
  const wanted = to.width / to.height;
  if (from.width / from.height > wanted) {
    const width = Math.max(1, Math.round(from.height * wanted));
    return { x: Math.floor((from.width - width) / 2), y: 0, width, height: from.height };
  }
  const height = Math.max(1, Math.round(from.width / wanted));
  return { x: 0, y: Math.floor((from.height - height) / 2), width: from.width, height };
}

/** Edges of the source pixels that fall on each target pixel; at least one each. */
function spans(start: number, length: number, count: number): Int32Array {
  const edges = new Int32Array(count * 2);
  for (let i = 0; i < count; i++) {
    const from = start + Math.floor(i * length / count);
    edges[i * 2] = from;
    edges[i * 2 + 1] = Math.max(from + 1, start + Math.floor((i + 1) * length / count));
  }
  return edges;
}

/** Scales a part of a raster by averaging areas, or by repeating pixels where it grows. `depth` is bytes per pixel. */
export function scaleArea(
  source: Uint8Array,
  options: { from: Size; part?: Rect; to: Size; depth: number },
): Uint8Array {
  const { from, to, depth } = options;
  const part = options.part ?? { x: 0, y: 0, ...from };
  if (part.width === to.width && part.height === to.height && part.width === from.width) {
    return source.subarray(part.y * from.width * depth, (part.y + part.height) * from.width * depth);
  }
  const out = new Uint8Array(to.width * to.height * depth);
  const columns = spans(part.x, part.width, to.width);
  const rows = spans(part.y, part.height, to.height);
  const sums = new Uint32Array(to.width * depth);
  for (let y = 0; y < to.height; y++) {
    const top = rows[y * 2]!;
    const bottom = rows[y * 2 + 1]!;
    sums.fill(0);
    for (let sy = top; sy < bottom; sy++) {
      addRow(sums, source, { columns, count: to.width, start: sy * from.width * depth, depth });
    }
    for (let x = 0, o = y * to.width * depth, s = 0; x < to.width; x++) {
      const area = (columns[x * 2 + 1]! - columns[x * 2]!) * (bottom - top);
      for (let c = 0; c < depth; c++) out[o++] = sums[s++]! / area;
    }
  }
  return out;
}

function addRow(
  sums: Uint32Array,
  source: Uint8Array,
  row: { columns: Int32Array; count: number; start: number; depth: number },
): void {
  const { columns, count, start, depth } = row;
  if (depth === 3) {
    for (let x = 0, s = 0; x < count; x++, s += 3) {
      const end = start + columns[x * 2 + 1]! * 3;
      let r = 0, g = 0, b = 0;
      for (let i = start + columns[x * 2]! * 3; i < end; i += 3) {
        r += source[i]!;
        g += source[i + 1]!;
        b += source[i + 2]!;
      }
      sums[s] = sums[s]! + r;
      sums[s + 1] = sums[s + 1]! + g;
      sums[s + 2] = sums[s + 2]! + b;
    }
    return;
  }
  for (let x = 0; x < count; x++) {
    const end = start + columns[x * 2 + 1]!;
    let sum = 0;
    for (let i = start + columns[x * 2]!; i < end; i++) sum += source[i]!;
    sums[x] = sums[x]! + sum;
  }
}

/** A small copy of a frame whose longer edge is at most `edge`. */
export function shrink(rgb: Uint8Array, options: { from: Size; edge: number }): Picture {
  const { from, edge } = options;
  const factor = Math.min(1, edge / Math.max(from.width, from.height));
  const to = {
    width: Math.max(1, Math.round(from.width * factor)),
    height: Math.max(1, Math.round(from.height * factor)),
  };
  return { ...to, rgb: scaleArea(rgb, { from, to, depth: 3 }).slice() };
}

interface Taps {
  low: Int32Array;
  high: Int32Array;
  weight: Int32Array;
}

function taps(from: number, options: { start: number; end: number; origin: number; length: number }): Taps {
  const { start, end, origin, length } = options;
  const count = Math.max(0, end - start);
  const made = { low: new Int32Array(count), high: new Int32Array(count), weight: new Int32Array(count) };
  for (let i = 0; i < count; i++) {
    const at = Math.min(from - 1, Math.max(0, (start + i + 0.5 - origin) * from / length - 0.5));
    const low = Math.floor(at);
    made.low[i] = low;
    made.high[i] = Math.min(from - 1, low + 1);
    made.weight[i] = Math.round((at - low) * 256);
  }
  return made;
}

function stretchRow(out: Int32Array, picture: Picture, options: { row: number; across: Taps }): void {
  const { low, high, weight } = options.across;
  const rgb = picture.rgb;
  const start = options.row * picture.width * 3;
  for (let x = 0, o = 0; x < low.length; x++, o += 3) {
    const a = start + low[x]! * 3;
    const b = start + high[x]! * 3;
    const w = weight[x]!;
    out[o] = rgb[a]! * 256 + (rgb[b]! - rgb[a]!) * w >> 4;
    out[o + 1] = rgb[a + 1]! * 256 + (rgb[b + 1]! - rgb[a + 1]!) * w >> 4;
    out[o + 2] = rgb[a + 2]! * 256 + (rgb[b + 2]! - rgb[a + 2]!) * w >> 4;
  }
}

/** Draws a picture into a rectangle that may reach outside, bilinear; `gain` 256 keeps its brightness. */
export function drawPicture(
  target: Uint8Array,
  size: Size,
  options: { picture: Picture; to: Rect; gain?: number },
): void {
  const { picture, to } = options;
  const gain = options.gain ?? 256;
  const left = Math.max(0, Math.round(to.x));
  const right = Math.min(size.width, Math.round(to.x + to.width));
  const top = Math.max(0, Math.round(to.y));
  const bottom = Math.min(size.height, Math.round(to.y + to.height));
  if (right <= left || bottom <= top) return;
  const across = taps(picture.width, { start: left, end: right, origin: to.x, length: to.width });
  const down = taps(picture.height, { start: top, end: bottom, origin: to.y, length: to.height });
  const length = (right - left) * 3;
  let upper = new Int32Array(length);
  let lower = new Int32Array(length);
  let upperRow = -1;
  let lowerRow = -1;
  for (let y = top; y < bottom; y++) {
    const a = down.low[y - top]!;
    const b = down.high[y - top]!;
    if (upperRow !== a) {
      if (lowerRow === a) {
        [upper, lower] = [lower, upper];
        lowerRow = upperRow;
      } else stretchRow(upper, picture, { row: a, across });
      upperRow = a;
    }
    if (lowerRow !== b) {
      stretchRow(lower, picture, { row: b, across });
      lowerRow = b;
    }
    const high = down.weight[y - top]!;
    const low = 256 - high;
    const start = (y * size.width + left) * 3;
    if (gain === 256) {
      for (let i = 0; i < length; i++) target[start + i] = (upper[i]! * low + lower[i]! * high) >> 12;
      continue;
    }
    // Twelve bits of colour, eight of weight and at most ten of gain stay within 31 bits.
    for (let i = 0; i < length; i++) {
      const value = (upper[i]! * low + lower[i]! * high) * gain >> 20;
      target[start + i] = value > 255 ? 255 : value;
    }
  }
}

/** Fills a rectangle, cut to the frame. `colour` is 0xRRGGBB. */
export function fillRect(target: Uint8Array, size: Size, options: { to: Rect; colour: number }): void {
  const { to, colour } = options;
  const left = Math.max(0, Math.round(to.x));
  const right = Math.min(size.width, Math.round(to.x + to.width));
  const top = Math.max(0, Math.round(to.y));
  const bottom = Math.min(size.height, Math.round(to.y + to.height));
  const [r, g, b] = [colour >> 16 & 255, colour >> 8 & 255, colour & 255];
  for (let y = top; y < bottom; y++) {
    for (let i = (y * size.width + left) * 3, end = (y * size.width + right) * 3; i < end; i += 3) {
      target[i] = r;
      target[i + 1] = g;
      target[i + 2] = b;
    }
  }
}

/** Fills an ellipse that touches the rectangle's sides. */
export function fillEllipse(target: Uint8Array, size: Size, options: { to: Rect; colour: number }): void {
  const { to, colour } = options;
  const half = to.height / 2;
  if (half <= 0) return;
  for (let y = Math.max(0, Math.ceil(to.y)); y < Math.min(size.height, to.y + to.height); y++) {
    const share = (y + 0.5 - to.y - half) / half;
    const reach = to.width / 2 * Math.sqrt(Math.max(0, 1 - share * share));
    fillRect(target, size, {
      to: { x: to.x + to.width / 2 - reach, y, width: reach * 2, height: 1 },
      colour,
    });
  }
}

/** Mean colour of a raster as 0xRRGGBB. */
export function meanColour(rgb: Uint8Array): number {
  let r = 0, g = 0, b = 0;
  for (let i = 0; i < rgb.length; i += 3) {
    r += rgb[i]!;
    g += rgb[i + 1]!;
    b += rgb[i + 2]!;
  }
  const count = Math.max(1, rgb.length / 3);
  return Math.round(r / count) << 16 | Math.round(g / count) << 8 | Math.round(b / count);
}

/** A full-size copy where `inside` (one byte per pixel) lets `over` shine through. */
export function blendMasked(base: Uint8Array, options: { over: Uint8Array; inside: Uint8Array }): Uint8Array {
  const { over, inside } = options;
  const out = base.slice();
  for (let p = 0, i = 0; p < inside.length; p++, i += 3) {
    const share = inside[p]!;
    if (share === 0) continue;
    if (share === 255) {
      out[i] = over[i]!;
      out[i + 1] = over[i + 1]!;
      out[i + 2] = over[i + 2]!;
      continue;
    }
    out[i] = base[i]! + (over[i]! - base[i]!) * share / 255;
    out[i + 1] = base[i + 1]! + (over[i + 1]! - base[i + 1]!) * share / 255;
    out[i + 2] = base[i + 2]! + (over[i + 2]! - base[i + 2]!) * share / 255;
  }
  return out;
}
