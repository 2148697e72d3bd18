/** A copy of a running studio: the database at one moment, then the files that it names, then the keys. */
import { resolve } from "node:path";
import { hashFile, listFiles } from "@/adapters/storage/mod.ts";
import type { Config } from "@/core/config.ts";
import type { Clock } from "@/core/ports.ts";
import { copyDatabase } from "@/db/copy.ts";
import { placesOf, withFullPaths } from "../places.ts";
import {
  copyTree,
  DATABASE,
  eachOf,
  FILES,
  isThere,
  KEYS,
  type Progress,
  type Record,
  refuse,
  syncFile,
  TEMPLATES,
  writeRecord,
} from "./record.ts";

export interface Making {
  config: Config;
  /** A folder that is not there yet, or empty. */
  to: string;
  clock: Clock;
  onProgress?: (progress: Progress) => void;
}

/**
 * The studio may run and work meanwhile. Files never change and come before the rows that name them, so a copy of the
 * files that is younger than the copy of the database has everything that the database names.
 */
export async function makeBackup({ config, to, clock, onProgress = () => {} }: Making): Promise<Record> {
  const places = placesOf(withFullPaths(config));
  const dir = resolve(to);
  if (!await isThere(places.database)) {
    throw refuse(`There is no studio to copy: ${places.database} does not exist. Set DATA_DIR.`);
  }
  await openEmpty(dir);
  const madeAt = new Date(clock.now()).toISOString();
  await copyDatabase(places.database, `${dir}/${DATABASE}`);
  await Deno.chmod(`${dir}/${DATABASE}`, 0o600);
  await syncFile(`${dir}/${DATABASE}`);
  const { size } = await Deno.stat(`${dir}/${DATABASE}`);
  onProgress({ part: "database", files: 0, bytes: size });
  // A bucket keeps its files by itself.
  const files = config.STORAGE_URL === ""
    ? await copyFiles(places.root, dir, onProgress)
    : { count: 0, bytes: 0 };
  await copyTree(places.templates, `${dir}/${TEMPLATES}`);
  const keys = await isThere(places.keys);
  if (keys) await Deno.copyFile(places.keys, `${dir}/${KEYS}`);
  const record: Record = {
    format: 1,
    madeAt,
    database: { bytes: size, sha256: await hashFile(`${dir}/${DATABASE}`) },
    files,
    keys,
  };
  await writeRecord(dir, record);
  return record;
}

async function openEmpty(dir: string): Promise<void> {
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  for await (const _ of Deno.readDir(dir)) {
    throw refuse(`${dir} is not empty. A backup overwrites nothing: choose another folder.`);
  }
}

async function copyFiles(root: string, dir: string, onProgress: (progress: Progress) => void) {
  const made = { count: 0, bytes: 0 };
  const folders = new Set<string>();
  await eachOf(listFiles(root), async ({ name, shard, bytes }) => {
    const folder = `${dir}/${FILES}/${shard}`;
    if (!folders.has(folder)) await Deno.mkdir(folder, { recursive: true });
    folders.add(folder);
    try {
      await Deno.copyFile(`${root}/${shard}/${name}`, `${folder}/${name}`);
    } catch (thrown) {
      // The studio cleared it away meanwhile: nothing named it any more.
      if (thrown instanceof Deno.errors.NotFound) return;
      throw thrown;
    }
    made.count++;
    made.bytes += bytes;
    onProgress({ part: "files", files: made.count, bytes: made.bytes });
  });
  return made;
}
