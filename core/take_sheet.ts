/** Long takes before they are made, as data: what was read, where pictures and clips belong, and what each asks for. Pure, and small enough for the browser. */
import type { PromptFault } from "./prompt_file.ts";
import type { ShownPromptFile } from "./shown_prompt_files.ts";
import { escapeAlternatives } from "./takes.ts";

/** A picture or a clip of a take. */
export interface TakeFile {
  name: string;
  /** Null until it is there. */
  assetId: string | null;
  thumbnail: string | null;
}

export const TAKE_PLACES = ["image", "video"] as const;
export type TakePlace = typeof TAKE_PLACES[number];

/** One take, as typed. */
export interface TakeEntry {
  key: string;
  /** The file that it was read from. */
  source: string;
  name: string;
  frames: string;
  prompt: string;
  negativePrompt: string;
  image: TakeFile | null;
  video: TakeFile | null;
}

/** A prompt file that could not be read. */
export interface BadFile {
  key: string;
  name: string;
  faults: PromptFault[];
  /** Null where it is no text. */
  text: string | null;
}

/** How all of them are cut and joined, as typed. */
export interface TakeWay {
  chunk: string;
  overlap: string;
  seams: "keep" | "blend";
  correct: boolean;
  firstPass: boolean;
  /** Everything that was made on the way stays beside the film. */
  keep: boolean;
  preset: string;
  width: string;
  height: string;
}

export interface TakeSheet {
  entries: TakeEntry[];
  bad: BadFile[];
  way: TakeWay;
}

export const USUAL_WAY: TakeWay = {
  chunk: "100",
  overlap: "0",
  seams: "keep",
  correct: true,
  firstPass: false,
  keep: true,
  preset: "",
  width: "",
  height: "",
};

export const EMPTY_SHEET: TakeSheet = { entries: [], bad: [], way: USUAL_WAY };

/** The sheet with what was read; `keyOf` names new lines. */
export function addRead(
  sheet: TakeSheet,
  items: readonly ShownPromptFile[],
  keyOf: (at: number) => string,
): TakeSheet {
  const entries = [...sheet.entries];
  const bad = [...sheet.bad];
  for (const [at, { name: source, take, faults, text }] of items.entries()) {
    const key = keyOf(at);
    if (take === null) bad.push({ key, name: source, faults, text });
    else entries.push({ key, source, ...take, frames: String(take.frames), image: null, video: null });
  }
  return { ...sheet, entries, bad };
}

export function changeEntry(sheet: TakeSheet, key: string, change: Partial<TakeEntry>): TakeSheet {
  return {
    ...sheet,
    entries: sheet.entries.map((entry) => entry.key === key ? { ...entry, ...change } : entry),
  };
}

/** Without that take or that bad file. */
export function dropLine(sheet: TakeSheet, key: string): TakeSheet {
  const isOther = (line: { key: string }) => line.key !== key;
  return { ...sheet, entries: sheet.entries.filter(isOther), bad: sheet.bad.filter(isOther) };
}

/** `folder/night train.txt` → `night train`. */
function stemOf(name: string): string {
  return (name.split(/[/\\]/).at(-1) ?? "").replace(/\.[^.]*$/, "").toLowerCase();
}

/** The take that a picture or clip belongs to: that of the same name, else the only one there is, where nothing is yet. */
export function homeOf(
  entries: readonly TakeEntry[],
  { name, place }: { name: string; place: TakePlace },
): TakeEntry | null {
  const same = entries.findLast(({ source }) => stemOf(source) === stemOf(name));
  if (same) return same;
  const [only] = entries;
  return entries.length === 1 && only && only[place] === null ? only : null;
}

const PICTURE = /\.(png|jpe?g|webp)$/i;
const CLIP = /\.(mp4|m4v|mov|webm|mkv)$/i;

/** By its name: a prompt file, a picture, a clip, or nothing that belongs here. */
export function kindOfFile(name: string): "prompts" | TakePlace | null {
  if (/\.(txt|zip)$/i.test(name)) return "prompts";
  if (PICTURE.test(name)) return "image";
  return CLIP.test(name) ? "video" : null;
}

/** What is not a number is handed on as it stands: the studio then says what is wrong with it. */
function numberIn(text: string): number | string {
  return /^\d+$/.test(text.trim()) ? Number(text) : text;
}

function given(name: string, text: string): Record<string, number | string> {
  return text.trim() === "" ? {} : { [name]: numberIn(text) };
}

/** The request that the API takes. */
export function requestOfTake(entry: TakeEntry, way: TakeWay): Record<string, unknown> {
  const { name, frames, prompt, negativePrompt, image, video } = entry;
  return {
    mode: "take",
    title: name.trim(),
    prompt: escapeAlternatives(prompt.replaceAll("\r\n", "\n")),
    negativePrompt: escapeAlternatives(negativePrompt.replaceAll("\r\n", "\n")),
    assets: {
      ...(image?.assetId ? { image: image.assetId } : {}),
      ...(video?.assetId ? { video: video.assetId } : {}),
    },
    settings: {
      ...given("frames", frames),
      ...given("width", way.width),
      ...given("height", way.height),
      ...(way.preset === "" ? {} : { preset: way.preset }),
      ...(way.firstPass ? { stopAfterFirstPass: true } : {}),
    },
    take: {
      ...given("chunk", way.chunk),
      ...given("overlap", way.overlap),
      seams: way.seams,
      correct: way.correct,
      keep: way.keep,
    },
  };
}
