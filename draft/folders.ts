/** The renderer's folders on disk and ComfyUI's rules about names in them. */
import { basename, extname, isAbsolute, join, relative, resolve } from "node:path";
import type { Folders } from "./contract.ts";

export type FolderType = keyof Folders;

export function isFolderType(text: string): text is FolderType {
  return text === "input" || text === "output" || text === "temp";
}

/** Makes the three folders below `dir` and empties `temp`, as ComfyUI does at start. */
export async function openFolders(dir: string): Promise<Folders> {
  const root = resolve(dir);
  const folders = { input: join(root, "input"), output: join(root, "output"), temp: join(root, "temp") };
  await emptyTemp(folders);
  await Deno.mkdir(folders.input, { recursive: true });
  await Deno.mkdir(folders.output, { recursive: true });
  await Deno.mkdir(folders.temp, { recursive: true });
  return folders;
}

export async function emptyTemp(folders: Folders): Promise<void> {
  await Deno.remove(folders.temp, { recursive: true }).catch(ignoreMissing);
}

export function isInside(base: string, path: string): boolean {
  const way = relative(base, resolve(path));
  return way === "" || (!way.startsWith("..") && !isAbsolute(way));
}

/** `name [output]` names a file of another folder. The type is null where none is given. */
export function splitAnnotation(name: string): { name: string; type: FolderType | null } {
  for (const type of ["output", "input", "temp"] as const) {
    const tail = ` [${type}]`;
    if (name.endsWith(tail)) return { name: name.slice(0, -tail.length), type };
  }
  return { name, type: null };
}

/** The path of a loader's value, or null when it leaves its folder. The input folder is meant unless the name says otherwise. */
export function resolveLoaded(folders: Folders, value: string): string | null {
  const { name, type } = splitAnnotation(value);
  const base = folders[type ?? "input"];
  const path = resolve(base, name);
  return isInside(base, path) && path !== base ? path : null;
}

export async function isFile(path: string): Promise<boolean> {
  const stat = await Deno.stat(path).catch(ignoreMissing);
  return stat?.isFile ?? false;
}

/** Names of the files directly in a folder, sorted. */
export async function listFiles(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder)) if (entry.isFile) names.push(entry.name);
  return names.sort();
}

const TYPES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  bmp: "image/bmp",
  avif: "image/avif",
  tif: "image/tiff",
  tiff: "image/tiff",
  mp4: "video/mp4",
  m4v: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
  mkv: "video/x-matroska",
  avi: "video/x-msvideo",
  wav: "audio/x-wav",
  flac: "audio/flac",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  opus: "audio/ogg",
  m4a: "audio/mp4",
  aac: "audio/aac",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  json: "application/json",
  exe: "application/x-msdos-program",
};

/** By the name's ending. Types that a browser could execute are never named. */
export function guessType(name: string): string {
  return TYPES[extname(name).slice(1).toLowerCase()] ?? "application/octet-stream";
}

export function baseName(name: string): string {
  return basename(name);
}

function ignoreMissing(problem: unknown): undefined {
  if (problem instanceof Deno.errors.NotFound || problem instanceof Deno.errors.NotADirectory) {
    return undefined;
  }
  throw problem;
}
