/** Content-addressed files on a local disk: `{root}/ab/cd/{sha256}.{ext}`. */
import { createHash } from "node:crypto";
import { statfs } from "node:fs/promises";
import { fail, StudioError } from "@/core/problem.ts";
import type {
  Clock,
  Content,
  Ids,
  Log,
  Scratch,
  Staged,
  Storage,
  StoredFile,
  Storing,
} from "@/core/ports.ts";
import { checkExt, checkName, isName, shardOf } from "./names.ts";

export interface LocalStorageOptions {
  root: string;
  /** Where work in progress lies; best on the same disk as `root`, so that results are moved and not copied. */
  scratchRoot: string;
  log: Log;
  clock: Clock;
  ids: Ids;
}

/** Storage as a studio keeps it. */
export interface HouseStorage extends Storage {
  /** Removes what interrupted uploads and work left behind: part files and scratch folders older than 24 h. Returns their number. */
  sweepParts(): Promise<number>;
}

const PART_AGE_MAX_MS = 24 * 3_600_000;
const CHUNK_BYTES = 1 << 18;

export async function openLocalStorage(options: LocalStorageOptions): Promise<HouseStorage> {
  const { root, scratchRoot } = options;
  const parts = `${root}/parts`;
  for (const dir of [root, parts, scratchRoot]) await Deno.mkdir(dir, { recursive: true });
  const pathOf = (name: string) => `${root}/${shardOf(checkName(name))}/${name}`;
  const place = { parts, pathOf, ids: options.ids, clock: options.clock };
  return {
    stage: (content, how) => guard(() => stage(place, { content, ...how })),
    put: (content, how) => guard(() => put(place, { content, ...how })),
    adopt: (path, how) => guard(() => adopt(place, { path, ...how })),
    stat: (name) =>
      guard(async () => {
        if (!isName(name)) return null;
        const info = await statOf(pathOf(name));
        return info === null ? null : { bytes: info.size };
      }),
    read: (name, range) => guard(() => read(pathOf(name), range)),
    localPath: (name) =>
      guard(async () => {
        const path = pathOf(name);
        if (await statOf(path) === null) throw fail("storage.missing");
        return path;
      }),
    verify: (name) =>
      guard(async () =>
        isName(name) && await statOf(pathOf(name)) !== null &&
        `${await hashFile(pathOf(name))}.` === name.slice(0, 65)
      ),
    remove: (name, { unlessPutSince }) => guard(() => remove(place, { name, unlessPutSince })),
    list: () => listFiles(root),
    scratch: (purpose) => guard(() => openScratch(scratchRoot, { purpose, ids: options.ids })),
    async freeBytes() {
      try {
        const { bavail, bsize } = await statfs(scratchRoot);
        return bavail * bsize;
      } catch (error) {
        options.log.warn("free disk space is unknown", { error: String(error) });
        return null;
      }
    },
    sweepParts: () => guard(() => sweep([parts, scratchRoot], options.clock.now() - PART_AGE_MAX_MS)),
  };
}

interface Place {
  parts: string;
  pathOf: (name: string) => string;
  ids: Ids;
  clock: Clock;
}

/** Names what the disk did wrong; problems of our own pass through. */
async function guard<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof StudioError) throw error;
    if (isDiskFull(error)) throw fail("storage.full", {}, error);
    if (error instanceof Deno.errors.NotFound) throw fail("storage.missing", {}, error);
    throw fail("storage.failed", { operator: String(error) }, error);
  }
}

export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : "";
  return code === "ENOSPC" || code === "EDQUOT" ||
    /No space left|quota exceeded|os error 28\b/i.test(error.message);
}

async function put(place: Place, given: Storing & { content: Content }): Promise<StoredFile> {
  const { name, sha256, ext, bytes, keep } = await stage(place, given);
  await keep();
  return { name, sha256, ext, bytes };
}

async function stage(
  place: Place,
  { content, ext, bytesMax, signal }: Storing & { content: Content },
): Promise<Staged> {
  checkExt(ext);
  const path = `${place.parts}/${place.ids.uuid4()}.${ext}`;
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    using file = await Deno.open(path, { write: true, createNew: true });
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      if (signal?.aborted) throw fail("media.cancelled");
      bytes += chunk.length;
      if (bytesMax !== undefined && bytes > bytesMax) throw fail("asset.too_large", { detail: { bytesMax } });
      hash.update(chunk);
      for (let done = 0; done < chunk.length;) done += await file.write(chunk.subarray(done));
    }
    await file.sync();
  } catch (error) {
    await removeIfThere(path);
    throw error;
  }
  const sha256 = hash.digest("hex");
  const name = `${sha256}.${ext}`;
  const drop = () => guard(() => removeIfThere(path));
  const keep = () =>
    guard(() => moveIn(place, { from: path, name })).catch(async (error) => {
      await drop();
      throw error;
    });
  return { name, sha256, ext, bytes, path, keep, drop };
}

/**
 * The same content may be put at any moment. Whatever lies under the name is first moved aside, where nobody can put it
 * again, and only then judged by its age.
 */
async function remove(
  place: Place,
  { name, unlessPutSince }: { name: string; unlessPutSince: number },
): Promise<boolean> {
  const path = place.pathOf(name);
  const isYoung = async (at: string) => ((await statOf(at))?.mtime?.getTime() ?? Infinity) > unlessPutSince;
  if (await isYoung(path)) return false;
  const aside = `${place.parts}/${place.ids.uuid4()}.old`;
  try {
    await Deno.rename(path, aside);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  const wasPut = await isYoung(aside);
  if (wasPut) await Deno.rename(aside, path);
  else await removeIfThere(aside);
  return !wasPut;
}

/** Moves a file to its name. The same content again replaces itself, which also heals a damaged copy. */
async function moveIn(place: Place, { from, name }: { from: string; name: string }): Promise<void> {
  const path = place.pathOf(name);
  const dir = path.slice(0, path.lastIndexOf("/"));
  await Deno.mkdir(dir, { recursive: true });
  await Deno.rename(from, path);
  // The age of a file counts from here, so that a sweep for unreferenced files leaves it the time to be referenced.
  const now = new Date(place.clock.now());
  await Deno.utime(path, now, now);
  await syncFolder(dir);
}

/** A rename is only safe from a power cut once its folder is on disk. Some systems cannot open folders; they do without. */
async function syncFolder(dir: string): Promise<void> {
  try {
    using folder = await Deno.open(dir);
    await folder.sync();
  } catch (error) {
    if (isDiskFull(error)) throw error;
  }
}

async function adopt(
  place: Place,
  { path, ext, signal }: { path: string; ext: string; signal?: AbortSignal },
): Promise<StoredFile> {
  checkExt(ext);
  const sha256 = await hashFile(path, signal);
  const { size } = await Deno.stat(path);
  const name = `${sha256}.${ext}`;
  try {
    {
      using file = await Deno.open(path, { read: true, write: true });
      await file.sync();
    }
    await moveIn(place, { from: path, name });
  } catch (error) {
    // Another disk: the file has to be copied, and is hashed once more on the way.
    if (!isOtherDisk(error)) throw error;
    const stored = await put(place, { content: (await Deno.open(path)).readable, ext, signal });
    await removeIfThere(path);
    return stored;
  }
  return { name, sha256, ext, bytes: size };
}

function isOtherDisk(error: unknown): boolean {
  return error instanceof Error &&
    (("code" in error && error.code === "EXDEV") || /cross-device|os error 18\b/i.test(error.message));
}

export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  using file = await Deno.open(path);
  const hash = createHash("sha256");
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let count = await file.read(buffer); count !== null; count = await file.read(buffer)) {
    if (signal?.aborted) throw fail("media.cancelled");
    hash.update(buffer.subarray(0, count));
  }
  return hash.digest("hex");
}

async function read(
  path: string,
  range: { start: number; end: number } | undefined,
): Promise<ReadableStream<Uint8Array>> {
  const file = await Deno.open(path);
  if (range === undefined) return file.readable;
  const { size } = await file.stat();
  if (range.start < 0 || range.start > range.end || range.start >= size) {
    file.close();
    throw fail("request.range");
  }
  await file.seek(range.start, Deno.SeekMode.Start);
  let left = Math.min(range.end, size - 1) - range.start + 1;
  return new ReadableStream({
    async pull(controller) {
      const buffer = new Uint8Array(Math.min(CHUNK_BYTES, left));
      const count = await file.read(buffer);
      if (count !== null) controller.enqueue(buffer.subarray(0, count));
      left -= count ?? left;
      if (left > 0) return;
      file.close();
      controller.close();
    },
    cancel: () => file.close(),
  }, { highWaterMark: 0 });
}

async function statOf(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

export interface ListedFile {
  name: string;
  /** The folder below the root. */
  shard: string;
  bytes: number;
  modifiedAt: number;
}

/** Every stored file below a root; what goes meanwhile is left out. */
export async function* listFiles(root: string): AsyncGenerator<ListedFile> {
  for await (const first of Deno.readDir(root)) {
    if (!first.isDirectory || first.name.length !== 2) continue;
    for await (const second of Deno.readDir(`${root}/${first.name}`)) {
      const shard = `${first.name}/${second.name}`;
      for await (const file of Deno.readDir(`${root}/${shard}`)) {
        if (!isName(file.name)) continue;
        const info = await statOf(`${root}/${shard}/${file.name}`);
        if (info === null) continue;
        yield { name: file.name, shard, bytes: info.size, modifiedAt: info.mtime?.getTime() ?? 0 };
      }
    }
  }
}

async function openScratch(root: string, { purpose, ids }: { purpose: string; ids: Ids }): Promise<Scratch> {
  const word = purpose.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 40);
  const dir = await Deno.realPath(root) + `/${word}-${ids.uuid4()}`;
  await Deno.mkdir(dir);
  return {
    dir,
    path: (name) => {
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
        throw fail("storage.failed", { retry: "never", operator: `"${name}" is no plain file name` });
      }
      return `${dir}/${name}`;
    },
    release: () =>
      guard(async () => {
        if (await statOf(dir) !== null) await Deno.remove(dir, { recursive: true });
      }),
  };
}

async function sweep(dirs: string[], olderThan: number): Promise<number> {
  let removed = 0;
  for (const dir of dirs) {
    for await (const entry of Deno.readDir(dir)) {
      const path = `${dir}/${entry.name}`;
      const info = await statOf(path);
      if (info === null || (info.mtime?.getTime() ?? 0) > olderThan) continue;
      await Deno.remove(path, { recursive: true });
      removed++;
    }
  }
  return removed;
}
