/** A copy of a studio at work is a whole studio: nothing is missing in it, and it rests until an operator opens it. */
import { z } from "zod";
import { systemClock } from "@/adapters/system/clock.ts";
import { makeBackup } from "@/studio/backup/make.ts";
import { restoreBackup } from "@/studio/backup/restore.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { until } from "@/tests/db/fixtures.ts";
import { dump, filesBelow } from "@/tests/rig/copies.ts";
import { configFor, openDraft, openHouseAt, openRig, personAt, type Rig } from "@/tests/rig/rig.ts";

const clock = systemClock();
/** What a copied studio was at is taken up again once the lease of the one that is gone has run out. */
const LEASE_MS = "1200";

const back = (rig: Rig, to: string) => makeBackup({ config: configFor(`${rig.dir}/data`), to, clock });
const restore = (from: string, to: string) => restoreBackup({ config: configFor(to), from, clock });
const Standing = z.looseObject({ maintenance: z.object({ note: z.string() }).nullable() });

/** Without the one row that a restore adds. */
function moment(path: string): Map<string, string> {
  const tables = dump(path);
  const rows = (tables.get("system_config") ?? "").split("\n");
  tables.set("system_config", rows.filter((row) => !row.includes('"maintenance"')).join("\n"));
  return tables;
}

/** The bytes of the job's film. */
async function film(person: Rig["person"], id: string): Promise<string> {
  const [output] = (await person.job(id)).outputs;
  const answer = await person.send("GET", (output?.url ?? "").replace(/^\/api/, ""));
  assertEquals(answer.status, 200);
  return (await answer.bytes()).toBase64();
}

Deno.test("a backup of a working studio, restored elsewhere, is the studio of that moment: rows, files, keys, sessions, work under way", async () => {
  await using rig = await openRig({ stepMs: 20, env: { LEASE_MS } });
  const { person, dir } = rig;
  const cast = await person.bringCast();
  const done = await person.animate(cast, { frames: 17, title: "done" });
  assertEquals((await person.waitForEnd(done.id)).status, "completed");
  const open = await person.animate(cast, { frames: 33, title: "under way" });
  await person.waitFor(open.id, ({ status }) => status === "executing");

  await Deno.mkdir(`${dir}/data/templates/own/one`, { recursive: true });
  await Deno.writeTextFile(`${dir}/data/templates/own/one/note.txt`, "mine");
  const record = await back(rig, `${dir}/copy`);
  assert(record.files.count > 3 && record.keys);
  await person.waitForEnd(open.id);

  await restore(`${dir}/copy`, `${dir}/again`);
  assertEquals(moment(`${dir}/again/studio.db`), moment(`${dir}/copy/studio.db`));
  assertEquals(await filesBelow(`${dir}/again/files`), await filesBelow(`${dir}/copy/files`));
  assertEquals(await Deno.readTextFile(`${dir}/again/templates/own/one/note.txt`), "mine");
  assertEquals(
    await Deno.readTextFile(`${dir}/again/keys.json`),
    await Deno.readTextFile(`${dir}/data/keys.json`),
  );
  if (Deno.build.os !== "windows") {
    assertEquals(((await Deno.stat(`${dir}/again/keys.json`)).mode ?? 0) & 0o777, 0o600);
  }
  const here = await film(person, done.id);

  const second = await openHouseAt(`${dir}/again`, { DRAFT_URL: rig.draft.url, LEASE_MS });
  try {
    const there = personAt(second);
    there.take(person.cookie);
    assertEquals(await film(there, done.id), here);
    await (await there.send("DELETE", "/admin/maintenance")).body?.cancel();
    assertEquals((await there.waitForEnd(open.id)).status, "completed");
  } finally {
    await second.close();
  }
});

Deno.test("a restored studio beside its original sends no prompt and no message before an operator opens it, and says so", async () => {
  const told: string[] = [];
  const receiver = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    told.push(request.headers.get("webhook-id") ?? "");
    return new Response("", { status: told.length > 3 ? 204 : 503 });
  });
  const at = `127.0.0.1:${receiver.addr.port}`;
  const env = { OUTBOUND_ALLOW: at, LEASE_MS };
  const dir = await Deno.makeTempDir();
  const accepted: string[] = [];
  const draft = await openDraft(`${dir}/draft`, { stepMs: 8, accepted });
  const first = await openHouseAt(`${dir}/data`, { DRAFT_URL: draft.url, ...env });
  try {
    const person = await personAt(first).register();
    const cast = await person.bringCast();
    const hook = { url: `http://${at}/`, events: ["job.started", "job.completed", "job.cancelled"] };
    const made = await person.send("POST", "/webhooks", hook);
    assertEquals([made.status, await made.text().then((text) => text.includes("secret"))], [201, true]);
    const open = await person.animate(cast, { frames: 129, title: "under way" });
    await person.waitFor(open.id, ({ status }) => status === "executing");
    await until(() => Promise.resolve(told.length > 0));
    await makeBackup({ config: configFor(`${dir}/data`), to: `${dir}/copy`, clock });
    await first.close();
    await restore(`${dir}/copy`, `${dir}/again`);
    const [sent, heard] = [accepted.length, told.length];

    const second = await openHouseAt(`${dir}/again`, { DRAFT_URL: draft.url, ...env });
    try {
      const there = personAt(second);
      there.take(person.cookie);
      const { maintenance } = await there.json(Standing, "GET", "/admin/maintenance");
      assertMatch(maintenance?.note ?? "", /restored from the backup of .* nothing is sent/);
      const tries = async () => {
        const rows = await second.db.reader.selectFrom("effect").where("status", "=", "open").selectAll()
          .execute();
        return rows.map(({ id, tries, kind }) => ({ id, tries, kind }));
      };
      const before = await tries();
      assert(before.some(({ kind }) => kind === "deliver_webhook"), "a delivery is open in the copy");
      assert(before.some(({ kind }) => kind !== "deliver_webhook"), "a film is under way in the copy");
      // Each was claimed and put back: nothing else would come of it later.
      await until(async () => {
        const now = new Map((await tries()).map(({ id, tries }) => [id, tries]));
        return before.every(({ id, tries }) => (now.get(id) ?? 0) > tries);
      });
      assertEquals([accepted.length, told.length], [sent, heard]);
      assertEquals((await there.send("DELETE", "/admin/maintenance")).status, 204);
      await until(() => Promise.resolve(told.length > heard && accepted.length > sent));
    } finally {
      await second.close();
    }
  } finally {
    await receiver.shutdown();
    await draft.close();
    await Deno.remove(dir, { recursive: true });
  }
});
