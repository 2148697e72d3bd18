/** The same bytes from two people at once: what becomes of one upload never touches the file of the other. */
import { z } from "zod";
import { removeOrphans } from "@/studio/housekeeping.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { until } from "@/tests/db/fixtures.ts";
import { openRig, personAt } from "@/tests/rig/rig.ts";
import { type Person, readSample } from "@/tests/rig/person.ts";

const WithId = z.looseObject({ id: z.string() });
const VOICE = await readSample("voice.mp3");

async function entry(person: Person, kind?: string): Promise<string> {
  return (await person.json(WithId, "POST", "/assets", { name: "voice.mp3", kind })).id;
}

Deno.test("a refused upload leaves the same bytes of another person alone, however the two interleave", async () => {
  await using rig = await openRig();
  const { house: { studio, storage }, person } = rig;
  const other = await personAt(rig.house).register("other@studio.example");
  const { probe } = studio;
  for (const order of ["the refused goes on first", "the accepted goes on first"]) {
    const [wrong, right] = [await entry(person, "image"), await entry(other)];
    const uploads = [() => person.put(wrong, VOICE), () => other.put(right, VOICE)];
    if (order === "the accepted goes on first") uploads.reverse();
    // Both have been taken in before either is judged; then one goes on to its end before the other does.
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let judged = 0;
    studio.probe = async (file) => {
      await gates[judged++]?.promise;
      return await probe(file);
    };
    const answers = [];
    for (const [n, upload] of uploads.entries()) {
      answers.push(upload());
      await until(() => Promise.resolve(judged === n + 1));
    }
    const statuses = [];
    for (const [n, gate] of gates.entries()) {
      gate.resolve();
      statuses.push((await answers[n])?.status);
    }
    assertEquals(statuses.toSorted(), [200, 422], order);
    const file = await other.send("GET", `/assets/${right}/file`);
    assertEquals([file.status, (await file.bytes()).length], [200, VOICE.length], order);
    assertEquals((await Array.fromAsync(Deno.readDir(`${rig.dir}/data/files/parts`))).length, 0);
  }
  studio.probe = probe;
  assertEquals((await Array.fromAsync(storage.list())).length, 1);
});

Deno.test("the broom leaves what is put again while it sweeps, and takes what nobody uses", async () => {
  await using rig = await openRig({ env: { ORPHAN_HOURS: "1" } });
  const { house: { studio, storage, db, config, log }, person } = rig;
  const hour = 3_600_000;
  const clock = { ...studio.clock, now: () => Date.now() + 2 * hour };
  const { name } = await storage.put(VOICE, { ext: "mp3" });
  const sweep = () =>
    removeOrphans({ config, clock, log, db, storage, closing: new AbortController().signal });
  const { remove } = storage;
  storage.remove = async (...asked) => {
    // The upload comes after the broom has seen that nobody uses the file.
    storage.remove = remove;
    const late = new Date(clock.now());
    await storage.put(VOICE, { ext: "mp3" });
    await Deno.utime(await storage.localPath(name), late, late);
    return await remove(...asked);
  };
  assertEquals(await sweep(), 0);
  assert(await storage.stat(name) !== null);
  const id = await person.upload("voice.mp3", VOICE);
  const old = new Date(Date.now() - 5 * hour);
  await Deno.utime(await storage.localPath(name), old, old);
  assertEquals(await sweep(), 0, "a file that is used stays, however old");
  await person.send("DELETE", `/assets/${id}`);
  const { name: unused } = await storage.put(new Uint8Array([1]), { ext: "bin" });
  await Deno.utime(await storage.localPath(unused), old, old);
  assertEquals(await sweep(), 1);
  assertEquals(await storage.stat(unused), null);
});
