/** The SQLite store keeps the rules of every store, in memory and on a file, and its own besides. */
import { sql } from "kysely";
import { HALF_LIFE_MS } from "@/core/fair.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { changeUser, createUser } from "@/db/accounts.ts";
import { makeJob, newId, openSqlite, tell, until } from "./fixtures.ts";
import { testStore } from "./store_suite.ts";

testStore("SQLite store", () => openHarness());

async function openHarness() {
  const { store, close } = await openSqlite();
  return {
    store,
    pass: async (ms: number) => {
      const end = await store.now() + ms;
      await until(async () => await store.now() > end);
    },
    close,
  };
}

Deno.test("who was served how much is known after a restart, and counts half ten minutes later", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/studio.db`;
  const before = await openSqlite(path);
  const at = await before.store.now();
  await before.database.writer.insertInto("quota")
    .values({ user_id: "ada", served: 80, served_at: at - HALF_LIFE_MS, max_running: 3 }).execute();
  await before.close();
  const after = await openSqlite(path);
  const share = (await after.store.shares()).people.get("ada");
  assert(share && Math.abs(share.served - 40) < 1, `${share?.served}`);
  assertEquals([share.runningMax, share.weight], [3, 1]);
  await after.close();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("the share that an operator gives a person is what the scheduler goes by, and stands in the audit log", async () => {
  const { store, database: { writer }, close } = await openSqlite();
  const [userId, operator] = [newId(), newId()];
  await createUser(writer, { id: operator, email: "op@example.org", passwordHash: "h" });
  await createUser(writer, { id: userId, email: "ada@example.org", passwordHash: "h" });
  const by = { userId: operator, tokenId: null, address: "10.0.0.1" };
  const shareOf = async () => (await store.shares()).people.get(userId)?.weight ?? 1;
  for (const [weight, is] of [[2.5, 2.5], [null, 1]] as const) {
    assertEquals(await changeUser(writer, userId, { weight }, by), "changed");
    assertEquals(await shareOf(), is);
  }
  const told = await writer.selectFrom("audit_log").select(["action", "detail_json"]).orderBy("seq")
    .execute();
  const weights = told.map(({ action, detail_json }) => {
    const { before, after } = JSON.parse(detail_json);
    return [action, before.weight, after.weight];
  });
  assertEquals(weights, [["person.change", null, 2.5], ["person.change", 2.5, null]]);
  await close();
});

Deno.test("a plan revision, its mail and the request that it plans are stored together or not at all", async () => {
  const { store, database: { writer }, close } = await openSqlite();
  const job = makeJob({ mail: [] });
  await store.admit([job]);
  const read = async () => {
    const { title, prompt, settings_json } = await writer.selectFrom("jobs")
      .select(["title", "prompt", "settings_json"]).executeTakeFirstOrThrow();
    return { title, prompt, settings: JSON.parse(settings_json), mail: (await store.inspect()).mail.length };
  };
  const revise = (n: number) => {
    const row = { title: `Film ${n}`, prompt: `words ${n}`, negativePrompt: "", settings: { frames: n } };
    return store.revise(job.id, { rev: 2, plan: job.plan, mail: tell(job.id, `edit-${n}`), row });
  };
  const before = await read();
  await sql`create trigger fault before update on jobs begin select raise(abort, 'killed'); end`.execute(
    writer,
  );
  await assertRejects(() => revise(1));
  assertEquals([await read(), await store.plan(job.id, 2)], [before, null]);
  await sql`drop trigger fault`.execute(writer);
  assertEquals(await revise(2), true);
  assertEquals(await revise(3), false);
  assertEquals(await read(), { title: "Film 2", prompt: "words 2", settings: { frames: 2 }, mail: 1 });
  await close();
});
