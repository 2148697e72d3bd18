/** How the colours of one picture are turned into those of another that shows the same: found from pixels, kept as a table. */
import type { Rgb } from "./colour.ts";
import { deltaE2000, labOf } from "./colour.ts";

/** A change of colours. */
export type ColourMap = (rgb: Rgb) => Rgb;

/** Pixels one after another, three numbers each, 0 to 1. */
export type Pixels = Float64Array;

export const SAME: ColourMap = (rgb) => rgb;

/** Smaller differences are nobody's drift but the noise of motion and encoding. */
const LEAST = 0.25;
/** No colour is moved further than this, whatever the pixels say. */
const MOST = 0.3;
/** Pixels that differ by more show something else in places. */
const UNLIKE = 0.08;
/** Pictures that differ by more have nothing to tell of each other's colours. */
const STRANGE = 0.16;
/** Passes of weighing down what does not fit: edges of things that move. */
const PASSES = 4;
const TERMS = 10;
const FLAT = 1e-5;
const CURVED = 4e-5;

/**
 * The map from the colours of `from` to those of `to`, which show the same scene pixel by pixel; null where they are the
 * same already, or nothing can be told. Pictures that differ in more than colour are matched by mean and spread alone.
 */
export function matchColours(from: Pixels, to: Pixels): ColourMap | null {
  const fitted = fitMap(from, to);
  const residual = medianError(from, to, fitted);
  if (residual > STRANGE) return null;
  const found = residual > UNLIKE ? spreadMap(from, to) : fitted;
  return meanShift(from, found) < LEAST ? null : limited(found);
}

/** First one map, then the other. */
export function compose(first: ColourMap, then: ColourMap): ColourMap {
  if (first === SAME) return then;
  return then === SAME ? first : limited((rgb) => then(first(rgb)));
}

const GRID = 17;

/** The same map as a table of differences: as quick for the hundredth piece of a chain as for the first. */
export function baked(map: ColourMap): ColourMap {
  if (map === SAME) return SAME;
  const table = new Float64Array(GRID ** 3 * 3);
  for (let b = 0; b < GRID; b++) {
    for (let g = 0; g < GRID; g++) {
      for (let r = 0; r < GRID; r++) {
        const own: Rgb = [r / (GRID - 1), g / (GRID - 1), b / (GRID - 1)];
        const made = map(own);
        const at = 3 * ((b * GRID + g) * GRID + r);
        for (let c = 0; c < 3; c++) table[at + c] = (made[c] ?? 0) - (own[c] ?? 0);
      }
    }
  }
  return (rgb) => readTable(table, rgb);
}

/** Between the eight entries around a colour. */
function readTable(table: Float64Array, rgb: Rgb): Rgb {
  const places = rgb.map((value) => Math.min(1, Math.max(0, value)) * (GRID - 1));
  const low = places.map((place) => Math.min(GRID - 2, Math.floor(place)));
  const parts = places.map((place, c) => place - (low[c] ?? 0));
  const made: Rgb = [...rgb];
  for (let corner = 0; corner < 8; corner++) {
    let [weight, at] = [1, 0];
    for (let c = 2; c >= 0; c--) {
      const up = (corner >> c) & 1;
      const part = parts[c] ?? 0;
      weight *= up === 1 ? part : 1 - part;
      at = at * GRID + (low[c] ?? 0) + up;
    }
    if (weight === 0) continue;
    for (let c = 0; c < 3; c++) made[c]! += weight * (table[3 * at + c] ?? 0);
  }
  return made;
}

function limited(map: ColourMap): ColourMap {
  return (rgb) => {
    const made = map(rgb);
    return [0, 1, 2].map((at) => {
      const own = rgb[at] ?? 0;
      return Math.min(1, Math.max(0, Math.min(own + MOST, Math.max(own - MOST, made[at] ?? 0))));
    }) as Rgb;
  };
}

function pixel(pixels: Pixels, at: number): Rgb {
  return [pixels[3 * at] ?? 0, pixels[3 * at + 1] ?? 0, pixels[3 * at + 2] ?? 0];
}

function terms([red, green, blue]: Rgb): number[] {
  const [r, g, b] = [red - 0.5, green - 0.5, blue - 0.5];
  return [1, r, g, b, r * r, g * g, b * b, r * g, r * b, g * b];
}

/** A polynomial of the second degree for the difference, by least squares that distrust what does not fit. */
function fitMap(from: Pixels, to: Pixels): ColourMap {
  const count = from.length / 3;
  const weights = new Float64Array(count).fill(1);
  let fit: number[][] = [[], [], []];
  for (let pass = 0; pass < PASSES; pass++) {
    fit = solveFit(from, to, weights);
    const errors = Array.from({ length: count }, (_, at) => {
      const own = pixel(from, at);
      const made = applyFit(fit, own);
      return Math.max(...[0, 1, 2].map((c) => Math.abs((made[c] ?? 0) - (to[3 * at + c] ?? 0))));
    });
    const usual = Math.max(0.004, 1.5 * median(errors));
    for (const [at, error] of errors.entries()) {
      // Pixels that were cut off at black or white tell nothing of what they were.
      const cut = [...pixel(from, at), ...pixel(to, at)].some((value) => value < 0.01 || value > 0.99);
      weights[at] = cut ? 0.02 : 1 / (1 + (error / usual) ** 2);
    }
  }
  return (rgb) => applyFit(fit, rgb);
}

function applyFit(fit: number[][], rgb: Rgb): Rgb {
  const known = terms(rgb);
  return [0, 1, 2].map((c) =>
    (rgb[c] ?? 0) + known.reduce((sum, term, at) => sum + term * (fit[c]?.[at] ?? 0), 0)
  ) as Rgb;
}

function solveFit(from: Pixels, to: Pixels, weights: Float64Array): number[][] {
  const count = from.length / 3;
  const left = Array.from({ length: TERMS }, () => new Float64Array(TERMS));
  const right = [0, 1, 2].map(() => new Float64Array(TERMS));
  for (let at = 0; at < count; at++) {
    const own = pixel(from, at);
    const known = terms(own);
    const weight = weights[at] ?? 0;
    for (let i = 0; i < TERMS; i++) {
      const scaled = weight * (known[i] ?? 0);
      const row = left[i]!;
      for (let j = 0; j < TERMS; j++) row[j]! += scaled * (known[j] ?? 0);
      for (let c = 0; c < 3; c++) right[c]![i]! += scaled * ((to[3 * at + c] ?? 0) - (own[c] ?? 0));
    }
  }
  for (let i = 0; i < TERMS; i++) left[i]![i]! += count * (i < 4 ? FLAT : CURVED);
  return right.map((side) => solve(left, side));
}

/** Gaussian elimination; the matrix is symmetric and positive, so no rows are exchanged. */
function solve(matrix: Float64Array[], side: Float64Array): number[] {
  const rows = matrix.map((row, at) => [...row, side[at] ?? 0]);
  for (const [at, row] of rows.entries()) {
    for (const below of rows.slice(at + 1)) {
      const factor = (below[at] ?? 0) / (row[at] || 1);
      for (let j = at; j < below.length; j++) below[j]! -= factor * (row[j] ?? 0);
    }
  }
  const found = new Array<number>(rows.length).fill(0);
  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at] ?? [];
    const rest = found.reduce((sum, value, j) => j > at ? sum + value * (row[j] ?? 0) : sum, 0);
    found[at] = ((row[rows.length] ?? 0) - rest) / (row[at] || 1);
  }
  return found;
}

/** For pictures of different things: mean and spread of each channel, and half of the way only. */
function spreadMap(from: Pixels, to: Pixels): ColourMap {
  const [own, wanted] = [meanAndSpread(from), meanAndSpread(to)];
  return (rgb) =>
    rgb.map((value, c) => {
      const [x, y] = [own[c], wanted[c]];
      if (!x || !y) return value;
      const gain = Math.min(1.15, Math.max(0.87, y.spread / Math.max(1e-6, x.spread)));
      return value + 0.5 * ((value - x.mean) * gain + y.mean - value);
    }) as Rgb;
}

export function meanAndSpread(pixels: ArrayLike<number>): { mean: number; spread: number }[] {
  return [0, 1, 2].map((c) => {
    let [sum, squares, count] = [0, 0, 0];
    for (let at = c; at < pixels.length; at += 3) {
      const value = pixels[at] ?? 0;
      sum += value;
      squares += value * value;
      count += 1;
    }
    const mean = sum / Math.max(1, count);
    return { mean, spread: Math.sqrt(Math.max(0, squares / Math.max(1, count) - mean * mean)) };
  });
}

function medianError(from: Pixels, to: Pixels, map: ColourMap): number {
  const errors: number[] = [];
  for (let at = 0; at < from.length / 3; at++) {
    const made = map(pixel(from, at));
    errors.push(Math.max(...[0, 1, 2].map((c) => Math.abs((made[c] ?? 0) - (to[3 * at + c] ?? 0)))));
  }
  return median(errors);
}

/** How far a map moves these colours on average. */
function meanShift(pixels: Pixels, map: ColourMap): number {
  return meanDistance(pixels, pixels, map);
}

/** Mean CIEDE2000 of pictures pixel by pixel, the first of them mapped. */
export function meanDistance(one: Pixels, other: Pixels, map: ColourMap = SAME): number {
  const count = one.length / 3;
  let sum = 0;
  for (let at = 0; at < count; at++) sum += deltaE2000(labOf(map(pixel(one, at))), labOf(pixel(other, at)));
  return count === 0 ? 0 : sum / count;
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** A map as the text of a `.cube` table, which ffmpeg's `lut3d` reads: red changes fastest. */
export function cubeText(map: ColourMap, size = 17): string {
  const lines = [`LUT_3D_SIZE ${size}`];
  const at = (index: number) => index / (size - 1);
  for (let b = 0; b < size; b++) {
    for (let g = 0; g < size; g++) {
      for (let r = 0; r < size; r++) {
        lines.push(map([at(r), at(g), at(b)]).map((value) => value.toFixed(5)).join(" "));
      }
    }
  }
  return `${lines.join("\n")}\n`;
}
