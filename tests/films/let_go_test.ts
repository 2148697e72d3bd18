/** A film whose pieces were let go by age: it plays, says so, and a new take makes again what it is built on, and no more. */
import { z } from "zod";
import { systemClock } from "@/adapters/system/clock.ts";
import { removeOrphans } from "@/studio/housekeeping.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openRig, type Rig, silent } from "@/tests/rig/rig.ts";

const DAY_MS = 86_400_000;
const Told = z.looseObject({
  letGo: z.object({ files: z.int(), bytes: z.number(), seconds: z.number() }).nullable(),
  steps: z.array(z.looseObject({ id: z.string(), files: z.array(z.looseObject({ role: z.string() })) })),
});

/** What is in storage of the files that its render steps made. */
async function stored({ house }: Rig, id: string): Promise<number> {
  let files = 0;
  for (const { id: step, outputs } of await house.store.steps(id)) {
    if (!step.startsWith("chunk-")) continue;
    for (const { sha256, ext } of outputs) if (await house.storage.stat(`${sha256}.${ext}`)) files++;
  }
  return files;
}

Deno.test("pieces let go by age: the film stays, its page says so, and a new take makes again what it is built on", async () => {
  await using rig = await openRig({ env: { PIECES_DAYS: "1", ORPHAN_HOURS: "0" } });
  const { person, house, accepted } = rig;
  const job = await person.animate(await person.bringCast(), { side: 128, seconds: 5 });
  const done = await person.waitForEnd(job.id);
  assertEquals([done.status, accepted.length], ["completed", 2]);
  const read = () => person.json(Told, "GET", `/jobs/${job.id}`);
  assertEquals((await read()).letGo, null);
  const clean = () => {
    const { config, db, storage } = house;
    const closing = new AbortController().signal;
    return removeOrphans({ config, clock: systemClock(), log: silent, db, storage, closing });
  };
  await clean();
  assert(await stored(rig, job.id) > 0, "a day has not passed");
  await house.db.writer.updateTable("jobs").set({ ended_at: Date.now() - 2 * DAY_MS }).execute();
  await clean();
  assertEquals(await stored(rig, job.id), 0);
  const { letGo, steps } = await read();
  assert(letGo !== null && letGo.files > 0 && letGo.bytes > 0);
  assertEquals(steps.filter(({ id }) => id.startsWith("chunk-")).flatMap(({ files }) => files), []);
  const film = await person.send("GET", done.outputs[0]?.url.replace(/^\/api/, "") ?? "");
  assert(film.ok && (await film.arrayBuffer()).byteLength > 1000);
  await person.command(job.id, "retake", { step: "chunk-002", follow: "keep" });
  const again = await person.waitFor(job.id, ({ status, run }) => status === "completed" && run === 2);
  assertEquals([again.problem, accepted.length], [null, 4], "both parts, each once");
  assertEquals((await read()).letGo, null);
});
