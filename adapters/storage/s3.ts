/** Content-addressed files in a bucket of this studio alone, under the names of the local layout, with copies here of those in use. */
import { createHash } from "node:crypto";
import { fail, problemOf, StudioError } from "@/core/problem.ts";
import type { Clock, Staged } from "@/core/ports.ts";
import type { Bucket } from "./bucket.ts";
import { hashFile, type HouseStorage, listFiles } from "./local.ts";
import { checkExt, checkName, isName, shardOf } from "./names.ts";

export interface S3StorageOptions {
  bucket: Bucket;
  /** Takes uploads in, holds work in progress, and keeps copies; what it loses is fetched again. */
  copies: HouseStorage;
  /** Folder of the copies. */
  root: string;
  /** Copies beyond this many bytes go, those first that were not used for longest. */
  bytesMax: number;
  clock: Clock;
}

/** The store tells times in whole seconds; what was put within this time is known here to the millisecond. */
const RECENT_MS = 60_000;
const MIME = "application/octet-stream";

export function openS3Storage(options: S3StorageOptions): HouseStorage {
  const { bucket, copies, root, bytesMax, clock } = options;
  const recent = new Map<string, number>();
  const inTurn = makeTurns();
  const keyOf = (name: string) => `${shardOf(checkName(name))}/${name}`;
  /** Removing and putting the same content wait for one another; nobody else writes into the bucket. */
  const upload = (name: string, path: string, signal?: AbortSignal) =>
    inTurn(name, async () => {
      await bucket.put(path, keyOf(name), { mime: MIME, sha256: name.slice(0, 64), signal });
      const now = clock.now();
      for (const [old, at] of recent) if (at < now - RECENT_MS) recent.delete(old);
      recent.set(name, now);
    });
  const fetchCopy = async (name: string): Promise<string> => {
    if (await copies.stat(name) !== null) return await copies.localPath(name);
    const content = await bucket.get(keyOf(name));
    if (content === null) throw fail("storage.missing");
    const staged = await copies.stage(content, { ext: name.slice(65) });
    if (staged.name !== name) {
      await staged.drop();
      throw fail("storage.failed", { operator: `${name} came back from the bucket with other content` });
    }
    await staged.keep();
    return await copies.localPath(name);
  };
  const stage: HouseStorage["stage"] = async (content, how) => {
    const staged = await copies.stage(content, how);
    const keep = () =>
      guard(() => upload(staged.name, staged.path, how.signal)).then(staged.keep, async (error) => {
        await staged.drop();
        throw error;
      });
    return { ...staged, keep } satisfies Staged;
  };
  return {
    ...copies,
    stage,
    async put(content, how) {
      const { name, sha256, ext, bytes, keep } = await stage(content, how);
      await keep();
      return { name, sha256, ext, bytes };
    },
    adopt: (path, { ext, signal }) =>
      guard(async () => {
        await upload(`${await hashFile(path, signal)}.${checkExt(ext)}`, path, signal);
        return await copies.adopt(path, { ext, signal });
      }),
    stat: (name) =>
      guard(async () => {
        const found = isName(name) ? await bucket.head(keyOf(name)) : null;
        return found && { bytes: found.bytes };
      }),
    async read(name, range) {
      const copy = await copies.stat(checkName(name));
      if (copy !== null) return await copies.read(name, range);
      if (range && range.start > range.end) throw fail("request.range");
      const content = await guard(() => bucket.get(keyOf(name), range));
      if (content === null) throw fail("storage.missing");
      return content;
    },
    localPath: (name) =>
      guard(async () => {
        const path = await inTurn(checkName(name), () => fetchCopy(name));
        const now = new Date(clock.now());
        await Deno.utime(path, now, now);
        return path;
      }),
    verify: (name) =>
      guard(async () => {
        const content = isName(name) ? await bucket.get(keyOf(name)) : null;
        if (content === null) return false;
        const hash = createHash("sha256");
        for await (const chunk of content) hash.update(chunk);
        return hash.digest("hex") === name.slice(0, 64);
      }),
    remove: (name, { unlessPutSince }) =>
      guard(() =>
        inTurn(checkName(name), async () => {
          const found = await bucket.head(keyOf(name));
          const at = recent.get(name) ?? found?.modifiedAt ?? 0;
          if (found === null || at > unlessPutSince) return false;
          await bucket.remove(keyOf(name));
          recent.delete(name);
          await copies.remove(name, { unlessPutSince: Number.MAX_SAFE_INTEGER });
          return true;
        })
      ),
    async *list() {
      for await (const { key, bytes, modifiedAt } of bucket.list()) {
        const name = key.slice(key.lastIndexOf("/") + 1);
        if (!isName(name) || key !== keyOf(name)) continue;
        yield { name, bytes, modifiedAt: recent.get(name) ?? modifiedAt };
      }
    },
    async sweepParts() {
      await dropCopies(root, { copies, bytesMax });
      return await copies.sweepParts();
    },
  };
}

/** Leaves the copies that were used last. */
async function dropCopies(
  root: string,
  { copies, bytesMax }: { copies: HouseStorage; bytesMax: number },
): Promise<void> {
  const all = (await Array.fromAsync(listFiles(root))).sort((a, b) => b.modifiedAt - a.modifiedAt);
  let bytes = 0;
  for (const file of all) {
    bytes += file.bytes;
    if (bytes > bytesMax) await copies.remove(file.name, { unlessPutSince: file.modifiedAt });
  }
}

/** Runs what concerns one name in the order it came. */
function makeTurns(): <T>(name: string, action: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (name, action) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(action, action);
    const ended = turn.catch(() => {}).finally(() => {
      if (last.get(name) === ended) last.delete(name);
    });
    last.set(name, ended);
    return turn;
  };
}

/** What the store did wrong, as storage tells it. */
async function guard<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const { code, operator } = problemOf(error);
    if (error instanceof StudioError && code !== "upload.failed") throw error;
    throw fail("storage.failed", { operator: operator ?? String(error) }, error);
  }
}
