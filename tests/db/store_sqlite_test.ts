/** The SQLite store keeps the rules of every store, in memory and on a file, and its own besides. */
import { HALF_LIFE_MS } from "@/core/fair.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openSqlite, until } from "./fixtures.ts";
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
