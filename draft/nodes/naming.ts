/** Where files of a draft server lie: names of inputs, and ComfyUI's rules for names of outputs. */
import { basename, dirname, join, normalize, relative, resolve } from "node:path";
import type { Folders, NodeContext } from "../contract.ts";
import { digest, hashFile } from "./hash.ts";
import { refuse, type Sound } from "./values.ts";
import { writeWav } from "./wav.ts";

/** Path of `name`, `sub/name` or `name [output]`; throws for names that leave their folder. */
export function inputPath(name: string, folders: Folders): string {
  const marked = /^(.*?) \[(input|output|temp)\]$/.exec(name);
  const root = marked === null
    ? folders.input
    : marked[2] === "output"
    ? folders.output
    : marked[2] === "temp"
    ? folders.temp
    : folders.input;
  return within(root, marked?.[1] ?? name);
}

function within(root: string, name: string): string {
  const path = resolve(root, name);
  const way = relative(resolve(root), path);
  if (way.startsWith("..") || way === path) throw refuse(`The name ${name} leaves its folder.`);
  return path;
}

/** For loaders: another file under the same name means another result. */
export async function fingerprintOf(name: string, folders: Folders): Promise<string> {
  try {
    return await hashFile(inputPath(name, folders));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return "missing";
    throw cause;
  }
}

export interface SaveTarget {
  /** Folder on disk, made if it was missing. */
  folder: string;
  /** First free number; further files of the same save count on from it. */
  counter: number;
  /** File name without number and ending. */
  stem: string;
  /** Folder below the output folder, with forward slashes, empty at the top. */
  subfolder: string;
  type: "output" | "temp";
}

function expand(prefix: string, options: { width: number; height: number; now: Date }): string {
  const { width, height, now } = options;
  const two = (value: number) => String(value).padStart(2, "0");
  return prefix
    .replaceAll("%width%", String(width))
    .replaceAll("%height%", String(height))
    .replaceAll("%year%", String(now.getFullYear()))
    .replaceAll("%month%", two(now.getMonth() + 1))
    .replaceAll("%day%", two(now.getDate()))
    .replaceAll("%hour%", two(now.getHours()))
    .replaceAll("%minute%", two(now.getMinutes()))
    .replaceAll("%second%", two(now.getSeconds()));
}

/** Highest number behind `stem_` in a folder, whatever the endings are. */
async function highestNumber(folder: string, stem: string): Promise<number> {
  let highest = 0;
  for await (const entry of Deno.readDir(folder)) {
    if (!entry.name.startsWith(`${stem}_`)) continue;
    const digits = /^\d+/.exec(entry.name.slice(stem.length + 1));
    if (digits !== null) highest = Math.max(highest, Number(digits[0]));
  }
  return highest;
}

/** Chooses the next free name as ComfyUI does; throws when the prefix leaves the folder. */
export async function saveTarget(
  context: NodeContext,
  options: { prefix: string; width?: number; height?: number; type?: "output" | "temp" },
): Promise<SaveTarget> {
  const type = options.type ?? "output";
  const root = resolve(type === "output" ? context.folders.output : context.folders.temp);
  const now = new Date(context.now());
  const expanded = expand(options.prefix, { width: options.width ?? 0, height: options.height ?? 0, now });
  const name = normalize(expanded);
  const folder = resolve(root, dirname(name));
  const way = relative(root, folder);
  if (way.startsWith("..") || resolve(way) === way) {
    throw refuse(`Saving outside the output folder is not allowed: ${options.prefix}`);
  }
  await Deno.mkdir(folder, { recursive: true });
  const stem = basename(name);
  const counter = await highestNumber(folder, stem) + 1;
  return { folder, counter, stem, subfolder: way.replaceAll("\\", "/"), type };
}

/** Prefix of preview files: five letters that differ from node to node. */
export function previewPrefix(context: NodeContext): string {
  const letters = [...digest([context.promptId, context.nodeId]).slice(0, 5)]
    .map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16)));
  return `ComfyUI_temp_${letters.join("")}`;
}

/** What history shows of a file. */
export interface SavedFile {
  filename: string;
  subfolder: string;
  type: string;
}

/** Writes under a temporary name in the same folder and renames, so that a half-written file never has a real name. */
export async function saveAs(
  target: SaveTarget,
  options: { name: string; write: (path: string) => Promise<void> },
): Promise<SavedFile> {
  const { name, write } = options;
  const part = join(target.folder, `.part-${name}`);
  try {
    await write(part);
    await Deno.rename(part, join(target.folder, name));
  } catch (cause) {
    await Deno.remove(part).catch(() => {});
    throw cause;
  }
  return { filename: name, subfolder: target.subfolder, type: target.type };
}

/** A WAV of a sound for as long as `use` runs. */
export async function withWav<T>(
  context: NodeContext,
  options: { sound: Sound; use: (path: string) => Promise<T> },
): Promise<T> {
  await Deno.mkdir(context.folders.temp, { recursive: true });
  const path = await Deno.makeTempFile({ dir: context.folders.temp, prefix: "sound-", suffix: ".wav" });
  try {
    await Deno.writeFile(path, writeWav(options.sound));
    return await options.use(path);
  } finally {
    await Deno.remove(path).catch(() => {});
  }
}

export function numbered(target: SaveTarget, options: { ahead?: number; ending: string }): string {
  const number = String(target.counter + (options.ahead ?? 0)).padStart(5, "0");
  return `${target.stem}_${number}${options.ending}`;
}
