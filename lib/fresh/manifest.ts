/** What a build writes down about itself, and whether that is still true of the sources. */
import { createHash } from "node:crypto";

export interface Manifest {
  /** Of what this layer writes; an older form is built anew. */
  form: number;
  id: string;
  /** Script names below the folder of scripts. */
  boot: string;
  reload: string;
  islands: { path: string; name: string; script: string; imports: string[] }[];
  /** Served from the build in place of `static/`: public path to file name. */
  assets: Record<string, string>;
  /** Digest of every source and static file that went in, by path from the root. */
  inputs: Record<string, string>;
}

export const FORM = 2;

/** Digest of a file, or null where there is none. */
export async function digestFile(path: string): Promise<string | null> {
  try {
    return digest(await Deno.readFile(path));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw cause;
  }
}

export function digest(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 20);
}

/** Files below a folder as paths from the root, sorted; none where the folder is missing. */
export async function listFiles(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  async function walk(path: string): Promise<void> {
    const entries = await Array.fromAsync(Deno.readDir(`${root}/${path}`)).catch((cause) => {
      if (cause instanceof Deno.errors.NotFound) return [];
      throw cause;
    });
    for (const { name, isDirectory } of entries) {
      if (name.startsWith(".")) continue;
      if (isDirectory) await walk(`${path}/${name}`);
      else found.push(`${path}/${name}`);
    }
  }
  await walk(folder);
  return found.sort();
}

/** Files whose exports are islands: those of `islands/`, and of every `(_islands)` folder in `routes/`. */
export async function listIslands(root: string): Promise<string[]> {
  const files = [...await listFiles(root, "islands"), ...await listFiles(root, "routes")];
  return files.filter((path) =>
    /\.tsx?$/.test(path) && !/[._]test\.tsx?$/.test(path) && /^islands\/|\/\(_islands\)\//.test(path)
  );
}

/** The manifest of a folder when nothing that went into it has changed since. */
export async function readFresh(root: string, folder: string, extra: string[]): Promise<Manifest | null> {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(await Deno.readTextFile(`${folder}/manifest.json`));
  } catch {
    return null;
  }
  if (manifest.form !== FORM) return null;
  const { islands, inputs } = manifest;
  const now = new Set([...await listIslands(root), ...await listFiles(root, "static"), ...extra]);
  for (const path of now) if (inputs[path] === undefined) return null;
  if (islands.some(({ path }) => !now.has(path))) return null;
  const same = await Promise.all(
    Object.entries(inputs).map(async ([path, known]) => await digestFile(`${root}/${path}`) === known),
  );
  return same.every(Boolean) ? manifest : null;
}
