/** Maintenance over a real house: nothing new starts, everybody is told, and it lasts until an operator ends it. */
import { z } from "zod";
import { MAINTENANCE_HEADER } from "@/core/maintenance.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { newId, until } from "@/tests/db/fixtures.ts";
import type { House } from "@/studio/open.ts";
import { openDraft, openHouseAt, personAt } from "@/tests/rig/rig.ts";

const Shown = z.object({
  maintenance: z.object({ since: z.iso.datetime(), note: z.string() }).nullable(),
  underWay: z.int(),
});
const STILL = {
  mode: "anime",
  submode: "still",
  prompt: "A harbour at dawn",
  settings: { width: 512, height: 768 },
};
const QueueFile = z.looseObject({ jobs: z.array(z.looseObject({ id: z.string() })) });
const WAITS = ["queued", "uploading_assets", "validating"];

Deno.test("a drained studio takes films and starts none, tells every program, lasts over a restart, and goes on when it is opened", async () => {
  const dir = await Deno.makeTempDir();
  const accepted: string[] = [];
  const draft = await openDraft(`${dir}/draft`, { accepted });
  const start = () => openHouseAt(`${dir}/data`, { DRAFT_URL: draft.url });
  let house: House = await start();
  try {
    let person = await personAt(house).register();
    const plain = await person.send("GET", "/health");
    assertEquals(plain.headers.get(MAINTENANCE_HEADER), null);
    assertEquals(
      (await person.json(z.looseObject({ maintenance: z.null() }), "GET", "/health")).maintenance,
      null,
    );
    const { maintenance } = await person.json(Shown, "POST", "/admin/maintenance", { note: "New cards." });
    assertEquals(maintenance?.note, "New cards.");
    const job = await person.create({ ...STILL });
    const told = await person.send("GET", `/jobs/${job.id}`);
    assertEquals(told.headers.get(MAINTENANCE_HEADER), maintenance?.since);
    await until(async () => (await person.job(job.id)).status === "queued");
    const clip = await person.animate(await person.bringCast(), { frames: 9 });
    const underWay = async () => (await person.json(Shown, "GET", "/admin/maintenance")).underWay;
    // It would begin with work in the studio: that is put off, and counts as nothing that runs.
    await until(async () => (await person.job(clip.id)).steps.some(({ state }) => state === "running"));
    await until(async () => await underWay() === 0);
    await person.command(clip.id, "cancel");
    await person.waitForEnd(clip.id);

    await house.close();
    house = await start();
    person = await personAt(house).logIn();
    const still = await person.json(Shown, "GET", "/admin/maintenance");
    assertEquals(still, { maintenance, underWay: 0 });
    await person.json(Shown, "POST", "/admin/maintenance", { note: "Back at six." });
    const health = await person.json(
      z.looseObject({ maintenance: z.looseObject({ note: z.string() }) }),
      "GET",
      "/health",
    );
    assertEquals(health.maintenance.note, "Back at six.");
    assert(WAITS.includes((await person.job(job.id)).status));
    assertEquals(accepted, []);

    const file = await person.json(QueueFile, "GET", "/admin/queue/export");
    const copy = { ...file.jobs[0], id: newId() };
    const taken = await person.json(z.unknown(), "POST", "/admin/queue/import", {
      ...file,
      jobs: [...file.jobs, copy],
    });
    assertEquals(taken, { made: 1, known: 1 });
    await until(async () => (await person.job(copy.id)).status === "queued");
    assertEquals((await house.studio.admin.liveRequests()).map(({ id }) => id), [job.id, copy.id]);
    await person.command(copy.id, "cancel");

    assertEquals((await person.send("DELETE", "/admin/maintenance")).status, 204);
    assertEquals((await person.send("DELETE", "/admin/maintenance")).status, 404);
    const ended = await person.waitForEnd(job.id, 60_000);
    assertEquals([ended.status, accepted.length > 0], ["completed", true]);
    const entries = await house.studio.audit.list(
      { thing: "studio", personId: null, subject: null, from: null, until: null },
      { before: null, limit: 9 },
    );
    assertEquals(entries.map(({ action, before, after }) => [action, before?.note, after?.note]), [
      ["studio.open", "Back at six.", undefined],
      ["studio.drain", "New cards.", "Back at six."],
      ["studio.drain", undefined, "New cards."],
    ]);
  } finally {
    await house.close();
    await draft.close();
    await Deno.remove(dir, { recursive: true });
  }
});
