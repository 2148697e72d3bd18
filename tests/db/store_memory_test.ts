/** The in-memory store keeps the rules of every store, and hands out rows that nobody can change. */
import { openMemoryStore } from "@/db/store_memory.ts";
import { assertEquals, assertThrows } from "@/tests/assert.ts";
import { behave, makeJob } from "./fixtures.ts";
import { testStore } from "./store_suite.ts";

testStore("memory store", () => {
  let now = 1_000_000;
  const store = openMemoryStore({ now: () => now });
  return Promise.resolve({
    store,
    pass: (ms) => {
      now += ms;
      return Promise.resolve();
    },
    close: () => store.close(),
  });
});

Deno.test("memory store: what goes in and what comes out cannot be changed afterwards", async () => {
  const store = openMemoryStore({ now: () => 1 });
  const job = makeJob();
  await store.admit([job]);
  assertThrows(() => job.steps.pop());
  const [step] = await store.steps(job.id);
  assertThrows(() => step?.outputs.push());
  await store.turn(
    job.id,
    behave(({ mail }) => {
      assertThrows(() => Object.assign(mail[0] ?? {}, { kind: "forged" }));
      return {};
    }),
  );
  assertEquals(store.snapshot().actors[0]?.state, { rev: 1, count: 0 });
});
