/**
 * Many takes of one request: alternatives in its words, several seeds, and settings that run through values. Pure, and
 * small enough for the browser.
 */

/** As many films may be asked for at once. */
export const TAKES_MAX = 64;

/** Words as they stand, and places with one of several. */
type Piece = string | string[];

/** Where the words cannot be read; `at` counts characters from 0. */
export interface Fault {
  at: number;
  is: "nested";
}

/**
 * `{a|b|c}` is one of a, b and c. Braces without a bar, or without an end, are words like any other, and so is what
 * follows a backslash: `\{`, `\|`, `\}`. Alternatives inside alternatives are refused.
 */
export function readAlternatives(text: string): Piece[] | Fault {
  const pieces: Piece[] = [];
  let plain = "";
  for (let at = 0; at < text.length; at++) {
    const found = text[at] === "{" && text.includes("}", at) ? readGroup(text, at) : null;
    if (found && "is" in found) return found;
    if (found) {
      pieces.push(plain, found.of);
      plain = "";
      at = found.end;
    } else if (isEscape(text, at)) plain += text[++at];
    else plain += text[at];
  }
  pieces.push(plain);
  return pieces;
}

function isEscape(text: string, at: number): boolean {
  return text[at] === "\\" && "{|}".includes(text[at + 1] ?? " ");
}

/** Null where the brace begins no alternatives. */
function readGroup(text: string, from: number): { of: string[]; end: number } | Fault | null {
  const of = [""];
  let nested = -1;
  const add = (more: string) => void (of[of.length - 1] += more);
  for (let at = from + 1; at < text.length; at++) {
    const one = text[at] ?? "";
    if (isEscape(text, at)) add(text[++at] ?? "");
    else if (one === "|") of.push("");
    else if (one === "{") {
      if (nested === -1) nested = at;
      add(one);
    } else if (one === "}") {
      if (of.length === 1) return null;
      return nested === -1
        ? { of: [...new Set(of.map((words) => words.trim()))], end: at }
        : { at: nested, is: "nested" };
    } else add(one);
  }
  return null;
}

/** How many texts there are. */
export function countTexts(pieces: readonly Piece[]): number {
  return pieces.reduce((count, piece) => count * (typeof piece === "string" ? 1 : piece.length), 1);
}

/** Every text: what stands last changes first. */
export function textsOf(pieces: readonly Piece[]): string[] {
  return pieces.reduce<string[]>(
    (texts, piece) => texts.flatMap((text) => [piece].flat().map((words) => text + words)),
    [""],
  );
}

/** The same words, so that they are read as they stand. */
export function escapeAlternatives(text: string): string {
  const pieces = readAlternatives(text);
  const isPlain = Array.isArray(pieces) && pieces.length === 1 && pieces[0] === text;
  return isPlain ? text : text.replaceAll(/[{|}]/g, "\\$&");
}

export type Setting = string | number | boolean;

/** A setting that runs through values: these, or from one number to another in equal steps. */
export interface Axis {
  /** `preset`, or `options.` with the name of the template's own. */
  name: string;
  values?: Setting[];
  from?: number;
  to?: number;
  step?: number;
}

/** Floats do not meet their ends exactly. */
const SLACK = 1e-9;

/** 0 where the range leads nowhere. */
export function countValues({ values, from = 0, to = 0, step = 1 }: Axis): number {
  if (values) return new Set(values).size;
  const steps = (to - from) / step;
  return Number.isFinite(steps) && steps >= 0 ? Math.floor(steps + SLACK) + 1 : 0;
}

export function valuesOf(axis: Axis): Setting[] {
  const { values, from = 0, step = 1 } = axis;
  if (values) return [...new Set(values)];
  return Array.from({ length: countValues(axis) }, (_, n) => Number((from + n * step).toPrecision(12)));
}

/** One combination of values for each axis, by name; what stands last changes first. */
export function combine(axes: readonly Axis[]): Record<string, Setting>[] {
  return axes.reduce<Record<string, Setting>[]>(
    (all, axis) => all.flatMap((one) => valuesOf(axis).map((value) => ({ ...one, [axis.name]: value }))),
    [{}],
  );
}

/** This many seeds from one on; they go round at 64 bits. */
export function seedsFrom(seed: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => ((BigInt(seed) + BigInt(n)) % 2n ** 64n).toString());
}

interface Asked {
  prompt: string;
  negativePrompt: string;
  settings: Record<string, unknown>;
}

/** What each of these requests has that not all of them have, by name; the name alone where one is without it. */
export function differencesOf(requests: readonly Asked[]): Record<string, string>[] {
  const flat = requests.map(flatten);
  const names = [...new Set(flat.flatMap((one) => Object.keys(one)))];
  const differing = names.filter((name) => new Set(flat.map((one) => one[name])).size > 1);
  return flat.map((one) => Object.fromEntries(differing.map((name) => [name, one[name] ?? ""])));
}

function flatten({ prompt, negativePrompt, settings }: Asked): Record<string, string> {
  const flat: Record<string, string> = { prompt, negativePrompt };
  for (const [name, value] of Object.entries(settings)) {
    if (name === "options") Object.assign(flat, flattenOptions(value));
    else if (typeof value === "string" || typeof value === "number") flat[name] = String(value);
  }
  return flat;
}

function flattenOptions(options: unknown): Record<string, string> {
  if (typeof options !== "object" || options === null) return {};
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
}
