/** The sums of long takes: pairs of passes, where each begins, how many frames it has, and which frame leads on. */
import type { FrameRate } from "../media.ts";
import { type Direction, readDirected, writeDirected } from "../prompt_file.ts";
import { numberOf } from "./parts.ts";
import { takes } from "../words/takes.ts";

export interface TakePart {
  /** Counts from 1. */
  number: number;
  /** Numbers of its two passes: odd and even, without gaps. */
  high: number;
  low: number;
  /** First frame of the take that this piece shows. */
  start: number;
  frames: number;
  /** Frames at its beginning that the piece before it shows already. */
  repeats: number;
  /** The frame that the next piece takes its look from. */
  reference: number;
}

/** The id of a pass, by its number in the take. */
export function passId(pass: "high" | "low", number: number): string {
  return `${pass}-${numberOf(number)}`;
}

/** How far before the next piece the reference is taken. */
const REFERENCE_LEAD = 10;

export function countTakeParts(
  total: number,
  { chunk, overlap }: { chunk: number; overlap: number },
): number {
  return total <= chunk ? 1 : 1 + Math.ceil((total - chunk) / (chunk - overlap));
}

/**
 * 250 frames in pieces of 100 are 0–100, 100–200 and 200–250, with references at 90, 90 and 40. With an overlap of k each
 * further piece begins k frames earlier, and the new frames still add up to the total.
 */
export function takeParts(total: number, rule: { chunk: number; overlap: number }): TakePart[] {
  const { chunk, overlap } = rule;
  return Array.from({ length: countTakeParts(total, rule) }, (_, index) => {
    const start = index * (chunk - overlap);
    const frames = Math.min(chunk, total - start);
    return {
      number: index + 1,
      high: 2 * index + 1,
      low: 2 * index + 2,
      start,
      frames,
      repeats: index === 0 ? 0 : overlap,
      reference: Math.max(0, frames - overlap - REFERENCE_LEAD),
    };
  });
}

/** What is different about a piece: words of its own, and whether its colours begin anew. */
export interface Directed {
  text: string | null;
  /** Number of the piece whose colours this one keeps to. */
  anchor: number;
}

/**
 * A direction by time holds for the pieces whose middle it covers, or, where it is shorter than a piece, for the one in
 * which it begins. A piece with words of its own is an anchor unless its direction says "same look".
 */
export function directParts(
  parts: TakePart[],
  { directions, rate }: { directions: Direction[]; rate: FrameRate },
): { directed: Directed[]; faults: string[] } {
  const faults: string[] = [];
  const own = new Map<number, Direction>();
  for (const direction of directions) {
    const found = partsOf(parts, direction, rate);
    if (typeof found === "string") {
      faults.push(found);
      continue;
    }
    for (const number of found) {
      if (own.has(number)) faults.push(takes.file.directionTwice(direction.mark));
      else own.set(number, direction);
    }
  }
  let anchor = 1;
  const directed = parts.map(({ number }) => {
    const direction = own.get(number);
    if (direction && !direction.sameLook) anchor = number;
    return { text: direction?.text ?? null, anchor };
  });
  return { directed, faults };
}

/** One piece as it is shown before anything is made. */
export interface ForeseenPiece {
  number: number;
  /** First frame of the film that it shows newly, and how many it adds. */
  start: number;
  frames: number;
  /** Frames that it repeats of the piece before it. */
  repeats: number;
  /** Words of its own. */
  words: string | null;
  /** Begins a look of its own, which the pieces after it keep to. */
  isAnchor: boolean;
}

/** How a take of these words and this length is cut. */
export function foreseePieces(
  prompt: string,
  of: { frames: number; rate: FrameRate; rule: { chunk: number; overlap: number } },
): ForeseenPiece[] {
  const parts = takeParts(of.frames, of.rule);
  const { directions } = readDirected(prompt);
  const { directed } = directParts(parts, { directions, rate: of.rate });
  return parts.map(({ number, start, frames, repeats }, at) => ({
    number,
    start: start + repeats,
    frames: frames - repeats,
    repeats,
    words: directed[at]?.text ?? null,
    isAnchor: directed[at]?.anchor === number,
  }));
}

/** The words of a take that ends after an earlier piece: without the directions that only later pieces had. */
export function cutWords(
  prompt: string,
  of: { after: number; total: number; rate: FrameRate; rule: { chunk: number; overlap: number } },
): string {
  const { positive, directions } = readDirected(prompt);
  const parts = takeParts(of.total, of.rule);
  const kept = directions.filter((direction) => {
    const found = partsOf(parts, direction, of.rate);
    return typeof found !== "string" && found.some((number) => number <= of.after);
  });
  return kept.length === directions.length ? prompt : writeDirected({ positive, directions: kept });
}

function partsOf(parts: TakePart[], { at, mark }: Direction, rate: FrameRate): number[] | string {
  if ("chunk" in at) {
    return at.chunk <= parts.length ? [at.chunk] : takes.file.chunkBeyond(mark, parts.length);
  }
  const seconds = (frame: number) => frame * rate.den / rate.num;
  const last = parts.at(-1);
  const endS = last ? seconds(last.start + last.frames) : 0;
  if (at.fromS >= endS) return takes.file.timeBeyond(mark, `${endS.toFixed(1)} s`);
  const within = parts.filter(({ start, frames }) => {
    const middle = seconds(start + frames / 2);
    return middle >= at.fromS && middle < at.toS;
  });
  if (within.length > 0) return within.map(({ number }) => number);
  const holding = parts.findLast(({ start }) => seconds(start) <= at.fromS);
  return [holding?.number ?? 1];
}
