/** The SQLite store keeps the rules of every store, in memory and on a file, and its own besides. */
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
