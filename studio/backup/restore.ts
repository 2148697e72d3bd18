/** Puts a backup where a studio will run. Every file is checked on the way, and nothing that is there is overwritten. */
import { resolve } from "node:path";
import { hashFile, listFiles } from "@/adapters/storage/mod.ts";
import type { Config } from "@/core/config.ts";
import { MAINTENANCE_KEY } from "@/core/maintenance.ts";
import type { Clock } from "@/core/ports.ts";
import { maintenance as words } from "@/core/words/maintenance.ts";
import { encode } from "@/db/codec.ts";
import { checkDatabase, storeIn } from "@/db/copy.ts";
import { lockFolder } from "../lock.ts";
import { placesOf, withFullPaths } from "../places.ts";
import {
  copyTree,
  DATABASE,
  eachOf,
  FILES,
  isThere,
  KEYS,
  type Progress,
  readRecord,
  type Record,
  refuse,
  syncFile,
  TEMPLATES,
} from "./record.ts";

export interface Restoring {
  /** Names the folders to fill. */
  config: Config;
  from: string;
  clock: Clock;
  onProgress?: (progress: Progress) => void;
}

/**
 * The restored studio is in maintenance and does nothing at all before an operator opens it: perhaps its original works on,
 * and both would work on the same servers and tell the same receivers. Files first, then keys, the database last: a
 * folder that holds a database holds everything that it names.
 */
export async function restoreBackup(
  { config: given, from, clock, onProgress = () => {} }: Restoring,
): Promise<Record> {
  const config = withFullPaths(given);
  const places = placesOf(config);
  const dir = resolve(from);
  const record = await readRecord(dir);
  await Deno.mkdir(config.DATA_DIR, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(config.DATA_DIR);
  try {
    for (const path of [places.database, `${places.database}-wal`, places.keys, places.templates]) {
      if (!await isThere(path)) continue;
      throw refuse(`${path} is there already. A restore overwrites nothing: choose an empty DATA_DIR.`);
    }
    if (await hashFile(`${dir}/${DATABASE}`) !== record.database.sha256) {
      throw refuse(`${dir}/${DATABASE} is not what the backup wrote. Use another backup.`);
    }
    checkDatabase(`${dir}/${DATABASE}`);
    const count = await copyFiles({ from: `${dir}/${FILES}`, root: places.root, onProgress });
    if (count !== record.files.count) {
      throw refuse(`${dir} holds ${count} of the ${record.files.count} files of the backup.`);
    }
    await copyTree(`${dir}/${TEMPLATES}`, places.templates);
    const part = `${places.database}.part`;
    await Deno.copyFile(`${dir}/${DATABASE}`, part);
    await Deno.chmod(part, 0o600);
    storeIn(part, {
      key: MAINTENANCE_KEY,
      value: encode({ since: clock.now(), note: words.restored(record.madeAt), restored: true }),
      description: "Nothing is done before an operator opens the studio.",
    });
    await syncFile(part);
    if (record.keys) {
      await Deno.copyFile(`${dir}/${KEYS}`, places.keys);
      await Deno.chmod(places.keys, 0o600);
    }
    await Deno.rename(part, places.database);
    return record;
  } finally {
    lock.release();
  }
}

interface Copying {
  from: string;
  root: string;
  onProgress(progress: Progress): void;
}

/** A name tells the content, so that a damaged copy is seen; a file that is there with its content is left. */
async function copyFiles({ from, root, onProgress }: Copying): Promise<number> {
  let [files, bytes] = [0, 0];
  if (!await isThere(from)) return files;
  await eachOf(listFiles(from), async ({ name, shard, bytes: size }) => {
    const path = `${root}/${shard}/${name}`;
    if (!await isThere(path)) {
      await Deno.mkdir(`${root}/${shard}`, { recursive: true });
      await Deno.copyFile(`${from}/${shard}/${name}`, `${path}.part`);
      if (!name.startsWith(`${await hashFile(`${path}.part`)}.`)) {
        await Deno.remove(`${path}.part`);
        throw refuse(
          `${from}/${shard}/${name} is damaged: it is not what its name says. Use another backup.`,
        );
      }
      await Deno.rename(`${path}.part`, path);
    }
    bytes += size;
    onProgress({ part: "files", files: ++files, bytes });
  });
  return files;
}
