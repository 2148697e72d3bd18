/** Finds prompt files among files, folders and zips, each with the picture and the clip of the same name beside it. */
import { basename, dirname, extname, join } from "node:path";
import { unzip } from "@/adapters/system/unzip.ts";
import {
  parsePromptFile,
  PROMPT_FILE_BYTES_MAX,
  type PromptFault,
  type PromptFile,
} from "@/core/prompt_file.ts";
import { takes } from "@/core/words/takes.ts";

export interface FoundFile {
  /** As reports name it. */
  path: string;
  file: PromptFile | null;
  faults: PromptFault[];
  /** Path of the reference picture and of the driving clip, where they lie beside it. */
  image: string | null;
  video: string | null;
}

const ZIP_BYTES_MAX = 64 * 1024 * 1024;
const IMAGES = [".png", ".jpg", ".jpeg", ".webp"];
const VIDEOS = [".mp4", ".mov", ".webm", ".mkv"];

export async function findPromptFiles(paths: string[], limit: { framesMax: number }): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const path of paths) found.push(...await findIn(path, limit));
  return found;
}

async function findIn(path: string, limit: { framesMax: number }): Promise<FoundFile[]> {
  const info = await Deno.stat(path).catch(() => null);
  if (info === null) return [refused(path, "There is no such file or folder.")];
  if (info.isDirectory) return await findInFolder(path, limit);
  if (extname(path).toLowerCase() === ".zip") return await findInZip(path, { size: info.size, limit });
  if (info.size > PROMPT_FILE_BYTES_MAX) {
    return [refused(path, takes.file.large(info.size, PROMPT_FILE_BYTES_MAX))];
  }
  const siblings = await listFolder(dirname(path));
  return [readOne(path, await Deno.readFile(path), { siblings, limit })];
}

async function findInFolder(dir: string, limit: { framesMax: number }): Promise<FoundFile[]> {
  const names = await listFolder(dir);
  const texts = names.filter((name) => extname(name).toLowerCase() === ".txt");
  if (texts.length === 0) return [refused(dir, takes.file.none)];
  const found: FoundFile[] = [];
  for (const name of texts) found.push(...await findIn(join(dir, name), limit));
  return found;
}

async function findInZip(
  path: string,
  { size, limit }: { size: number; limit: { framesMax: number } },
): Promise<FoundFile[]> {
  if (size > ZIP_BYTES_MAX) return [refused(path, takes.file.large(size, ZIP_BYTES_MAX))];
  try {
    const inside = unzip(await Deno.readFile(path), PROMPT_FILE_BYTES_MAX);
    const texts = [...inside].filter(([name]) =>
      extname(name).toLowerCase() === ".txt" && !name.startsWith("__MACOSX/")
    );
    if (texts.length === 0) return [refused(path, takes.file.none)];
    return texts.map(([name, content]) =>
      content === null
        ? refused(`${path}/${name}`, takes.file.large(PROMPT_FILE_BYTES_MAX + 1, PROMPT_FILE_BYTES_MAX))
        : readOne(`${path}/${name}`, content, { siblings: [], limit })
    );
  } catch (thrown) {
    return [refused(path, thrown instanceof Error ? `${thrown.message}.` : String(thrown))];
  }
}

async function listFolder(dir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(dir === "" ? "." : dir)) if (entry.isFile) names.push(entry.name);
  return names.sort();
}

function readOne(
  path: string,
  content: Uint8Array,
  { siblings, limit }: { siblings: string[]; limit: { framesMax: number } },
): FoundFile {
  const parsed = parsePromptFile(content, limit);
  const stem = basename(path, extname(path));
  const beside = (endings: string[]) => {
    const name = siblings.find((one) =>
      basename(one, extname(one)) === stem && endings.includes(extname(one).toLowerCase())
    );
    return name === undefined ? null : join(dirname(path), name);
  };
  const media = { image: beside(IMAGES), video: beside(VIDEOS) };
  return parsed.ok
    ? { path, file: parsed.value, faults: [], ...media }
    : { path, file: null, faults: parsed.problem, ...media };
}

function refused(path: string, text: string): FoundFile {
  return { path, file: null, faults: [{ block: 0, line: 1, text }], image: null, video: null };
}
