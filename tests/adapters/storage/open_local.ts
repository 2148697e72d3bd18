/** Local storage on a folder of its own, for the suite and for the process that measures memory. */
import { openLocalStorage } from "@/adapters/storage/local.ts";
import type { Clock, Ids, Log } from "@/core/ports.ts";
import type { SuiteStorage } from "./suite.ts";

export const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
export const ids: Ids = {
  uuid7: () => crypto.randomUUID(),
  uuid4: () => crypto.randomUUID(),
  token: () => "",
};

export function clockAt(now: () => number): Clock {
  return { now, monotonic: now, sleep: () => Promise.resolve() };
}

export async function open(): Promise<SuiteStorage> {
  const dir = await Deno.makeTempDir();
  const clock = clockAt(() => Date.now());
  const storage = await openLocalStorage({
    root: `${dir}/files`,
    scratchRoot: `${dir}/work`,
    log,
    clock,
    ids,
  });
  return {
    storage,
    damage: async (name) => await Deno.writeTextFile(await storage.localPath(name), "x"),
    leftovers: () => Promise.resolve([...Deno.readDirSync(`${dir}/files/parts`)].map((entry) => entry.name)),
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}
