/** What a backup says of itself, in `backup.json`: written last, so that a folder without it is no whole backup. */
import { z } from "zod";
import { fail } from "@/core/problem.ts";

export const RECORD = "backup.json";
export const DATABASE = "studio.db";
export const KEYS = "keys.json";
export const FILES = "files";
export const TEMPLATES = "templates";

const Record = z.strictObject({
  format: z.literal(1),
  madeAt: z.iso.datetime(),
  database: z.strictObject({ bytes: z.int(), sha256: z.string() }),
  files: z.strictObject({ count: z.int(), bytes: z.int() }),
  /** False where the keys come from the environment: then they are not in the backup. */
  keys: z.boolean(),
});
export type Record = z.infer<typeof Record>;

/** How far it is, for a line that people watch. */
export interface Progress {
  part: "database" | "files";
  files: number;
  bytes: number;
}

export function refuse(message: string, cause?: unknown): Error {
  return fail("studio.config", { message, operator: message }, cause);
}

export async function readRecord(dir: string): Promise<Record> {
  let text: string;
  try {
    text = await Deno.readTextFile(`${dir}/${RECORD}`);
  } catch (thrown) {
    throw refuse(`${dir} is no whole backup: it has no ${RECORD}. Choose another folder.`, thrown);
  }
  try {
    return Record.parse(JSON.parse(text));
  } catch (thrown) {
    throw refuse(`${dir}/${RECORD} cannot be read: a newer version made it, or it is damaged.`, thrown);
  }
}

/** Writes the text under a name of its own first: under the real name it is there as a whole or not at all. */
export async function writeRecord(dir: string, record: Record): Promise<void> {
  const path = `${dir}/${RECORD}`;
  await Deno.writeTextFile(`${path}.part`, `${JSON.stringify(record, null, 2)}\n`);
  await syncFile(`${path}.part`);
  await Deno.rename(`${path}.part`, path);
}

export async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  await file.sync();
}

export async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, (thrown) => {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  });
}

/** Does this with every item, a few at a time; the first fault ends it. */
export async function eachOf<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  act: (item: Item) => Promise<void>,
  atOnce = 8,
): Promise<void> {
  const walk = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let failed = false;
  const work = async () => {
    while (!failed) {
      const { done, value } = await walk.next();
      if (done) return;
      try {
        await act(value);
      } catch (thrown) {
        failed = true;
        throw thrown;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, work));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** Copies a folder with everything in it; one that is not there is empty. */
export async function copyTree(from: string, to: string): Promise<void> {
  if (!await isThere(from)) return;
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyTree(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
