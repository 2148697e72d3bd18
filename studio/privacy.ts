/** The data folder is its owner's alone: everybody's films, addresses and keys lie in it. */
import type { Log } from "@/core/ports.ts";
import { problemOf } from "@/core/problem.ts";
import type { Places } from "./places.ts";

const FOLDER = 0o700;
const FILE = 0o600;

/** Other accounts of this machine; Windows has no such bits. */
export const OTHERS = 0o077;

/** From here on whatever this process and those that it starts make is its owner's alone. */
export function makePrivately(): void {
  if (Deno.build.os !== "windows") Deno.umask(OTHERS);
}

/** Makes the folder and the database's file where they are missing, and tightens what is there. */
export async function keepPrivate(
  home: string,
  { database, keys }: Pick<Places, "database" | "keys">,
  log: Pick<Log, "warn">,
): Promise<void> {
  await Deno.mkdir(home, { recursive: true, mode: FOLDER });
  await tighten(home, FOLDER, log);
  if (database === ":memory:") return;
  // SQLite gives its other files the mode of this one.
  await Deno.open(database, { createNew: true, write: true, mode: FILE }).then(
    (file) => file.close(),
    () => {},
  );
  for (const path of [database, `${database}-wal`, `${database}-shm`, keys]) await tighten(path, FILE, log);
}

/** Another's folder stays as it is, and the log says so. */
async function tighten(path: string, mode: number, log: Pick<Log, "warn">): Promise<void> {
  if (!await isOpenToOthers(path)) return;
  await Deno.chmod(path, mode).catch((thrown) =>
    log.warn("others may read the data folder", { path, error: problemOf(thrown).operator })
  );
}

/** Whether other accounts of this machine may read, change or enter it. False for what is not there. */
export async function isOpenToOthers(path: string): Promise<boolean> {
  const found = await Deno.stat(path).catch(() => null);
  return Deno.build.os !== "windows" && ((found?.mode ?? 0) & OTHERS) !== 0;
}
