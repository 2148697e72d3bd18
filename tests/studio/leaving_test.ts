/** A person leaves the real house while a film is being made, and the house is closed in the middle of it. */
import { type Kysely, sql } from "kysely";
import { z } from "zod";
import { systemClock } from "@/adapters/system/clock.ts";
import { listDepartures } from "@/db/departures.ts";
import type { Schema } from "@/db/schema.ts";
import { seeOff } from "@/studio/leaving.ts";
import type { House } from "@/studio/open.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { until } from "@/tests/db/fixtures.ts";
import { openHouseAt, openRig, personAt, silent } from "@/tests/rig/rig.ts";

const PASSWORD = "correct horse battery";
const WithId = z.looseObject({ id: z.string() });

function partsOf({ db, studio }: House) {
  return { db, clock: systemClock(), log: silent, tell: studio.tell };
}

/** Every table and column in which one of these words stands. */
async function tracesOf(on: Kysely<Schema>, words: string[]): Promise<string[]> {
  const tables = await sql<{ name: string }>`select name from sqlite_master where type = 'table'
    and name not like 'sqlite_%' and name not like 'jobs_words%'`.execute(on);
  const found: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(on);
    for (const row of rows) {
      for (const [column, value] of Object.entries(row)) {
        if (words.some((word) => String(value).includes(word))) found.push(`${name}.${column}`);
      }
    }
  }
  return found;
}

Deno.test("who deletes the account is gone with every film, file and trace, even when the studio is closed in between [XC11]", async () => {
  const rig = await openRig({ stepMs: 400 });
  const { house, dir, draft, person: operator } = rig;
  const email = "mika@studio.example";
  const mika = await personAt(house).register(email);
  const { id } = await mika.json(WithId, "GET", "/auth/me");
  const ended = await mika.animate(await mika.bringCast(), { frames: 9 });
  await mika.command(ended.id, "cancel");
  await mika.waitForEnd(ended.id);
  const running = await mika.animate(await mika.bringCast(), { seed: "7", frames: 33 });
  await mika.waitFor(running.id, (job) => job.status === "executing");
  await mika.json(z.unknown(), "POST", "/account/defaults", { preset: "fast" });
  const kept = await operator.bringCast();

  await mika.json(z.unknown(), "POST", "/account/delete", { password: PASSWORD, confirm: email });
  assertEquals((await mika.send("GET", "/auth/me")).status, 401);
  assertEquals(await listDepartures(house.db.reader), [id]);
  // The same address may come back at once, as somebody else.
  const back = await personAt(house).register(email);
  await house.close();

  const again = await openHouseAt(`${dir}/data`, { DRAFT_URL: draft.url });
  try {
    const parts = partsOf(again);
    assert(await listDepartures(again.db.reader).then((left) => left.includes(id)));
    await until(() => seeOff(parts, { graceMs: 0 }), 30_000);
    assertEquals(await tracesOf(again.db.reader, [id, running.id, ended.id]), []);
    assertEquals(await listDepartures(again.db.reader), []);
    const me = await personAt(again).logIn(email);
    assertEquals((await me.page()).items, []);
    const stayed = await personAt(again).logIn();
    const asset = await stayed.send("GET", `/assets/${kept.character}`);
    assertEquals(asset.status, 200);
    await asset.body?.cancel();
    assert(back.cookie !== "");
  } finally {
    await again.close();
    await draft.close();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("the account's row stays for a while, so that requests under way bring nothing without an owner", async () => {
  await using rig = await openRig();
  const mika = await personAt(rig.house).register("mika@studio.example");
  await mika.json(z.unknown(), "POST", "/account/delete", {
    password: PASSWORD,
    confirm: "mika@studio.example",
  });
  const parts = partsOf(rig.house);
  assertEquals(await seeOff(parts, { graceMs: 60_000 }), false);
  assertEquals(await seeOff(parts, { graceMs: 0 }), true);
});
