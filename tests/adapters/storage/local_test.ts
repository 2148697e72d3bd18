/** The storage suite on local disk, and what only files on a disk have: part files that must be swept, disks that are full. */
import { isDiskFull, openLocalStorage } from "@/adapters/storage/local.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { clockAt, ids, log } from "./open_local.ts";
import { testStorage } from "./suite.ts";

const HOUR_MS = 3_600_000;

testStorage("local", import.meta.resolve("./open_local.ts"));

Deno.test("local: files lie in folders by the first four characters of their name", async () => {
  const dir = await Deno.makeTempDir();
  const storage = await openLocalStorage({
    root: dir,
    scratchRoot: `${dir}/work`,
    log,
    clock: clockAt(() => 0),
    ids,
  });
  const { name } = await storage.put(new Uint8Array([1]), { ext: "bin" });
  assert((await Deno.stat(`${dir}/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`)).isFile);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("local: part files and scratch folders go after 24 hours, stored files and younger parts stay", async () => {
  const dir = await Deno.makeTempDir();
  let now = Date.now();
  const storage = await openLocalStorage({
    root: dir,
    scratchRoot: `${dir}/work`,
    log,
    clock: clockAt(() => now),
    ids,
  });
  await Deno.writeTextFile(`${dir}/parts/left.part`, "half a file");
  await storage.scratch("left");
  const { name } = await storage.put(new Uint8Array([1]), { ext: "bin" });
  now += 23 * HOUR_MS;
  assertEquals(await storage.sweepParts(), 0);
  now += 2 * HOUR_MS;
  assertEquals(await storage.sweepParts(), 2);
  assertEquals(await storage.stat(name), { bytes: 1 });
  await Deno.remove(dir, { recursive: true });
});

Deno.test("local: a full disk is told apart from other faults", () => {
  assertEquals(isDiskFull(new Error("No space left on device (os error 28)")), true);
  assertEquals(isDiskFull(Object.assign(new Error("write"), { code: "ENOSPC" })), true);
  assertEquals(isDiskFull(new Error("Permission denied (os error 13)")), false);
});
