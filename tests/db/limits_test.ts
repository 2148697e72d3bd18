/** Limits and the ledger, in both stores: no grant beyond them whoever asks, and what work took is written down once. */
import { openMemoryStore } from "@/db/store_memory.ts";
import { openSqliteStore } from "@/db/store_sqlite.ts";
import { migrate } from "@/db/migrate.ts";
import { openDatabase } from "@/db/sqlite.ts";
import type { Grant, Store } from "@/core/store.ts";
import type { Inspect } from "@/db/inspect.ts";
import { assertEquals } from "@/tests/assert.ts";
import { admitReady, behave, makeBackend, newId, sha } from "./fixtures.ts";

const limits = { running: 1, gpuMinutes: 1 };

const STORES: Record<string, () => Promise<Store & Inspect>> = {
  memory: () => Promise.resolve(openMemoryStore({ now: () => Date.now(), limits })),
  SQLite: async () => {
    const db = openDatabase(":memory:");
    await migrate(db.writer);
    return openSqliteStore(db.writer, { newId, limits: () => limits, costHour: () => 36, onClose: db.close });
  },
};

const grantOf = (job: { id: string }, change: Partial<Grant> = {}): Grant => ({
  jobId: job.id,
  stepId: "part-0",
  take: 0,
  attempt: 1,
  backendId: "alpha",
  n: 0,
  promptId: newId(),
  family: "wan",
  ...change,
});

/** A prompt ends after so many seconds, with a file of that many bytes. */
async function finish(store: Store, { jobId, promptId }: Grant, of: { seconds: number; bytes: number }) {
  await store.post([{ id: newId(), to: jobId, kind: "end", body: {} }]);
  await store.turn(
    jobId,
    behave(({ steps, at }) => ({
      steps: steps.slice(0, 1).map((step) => ({
        ...step,
        state: "collecting",
        startedAt: at - of.seconds * 1000,
      })),
      slots: [{ promptId, op: "free" }],
    })),
  );
  await store.post([{ id: newId(), to: jobId, kind: "stored", body: {} }]);
  const file = { role: "clip", ord: 0, sha256: sha("clip"), ext: "mp4", bytes: of.bytes };
  await store.turn(
    jobId,
    behave(({ steps }) => ({
      steps: steps.slice(0, 1).map((step) => ({ ...step, state: "done", chosen: true, outputs: [file] })),
    })),
  );
}

for (const [name, open] of Object.entries(STORES)) {
  Deno.test(`${name}: a person has no more jobs on servers than they may, whoever grants`, async () => {
    const store = await open();
    await store.saveBackend(makeBackend({ slots: 4 }));
    const userId = newId();
    const [one, two] = [await admitReady(store, { userId }), await admitReady(store, { userId })];
    const other = await admitReady(store);
    assertEquals(await store.grant(grantOf(one)), true);
    assertEquals(await store.grant(grantOf(two, { n: 1 })), false);
    assertEquals(await store.grant(grantOf(other, { n: 2 })), true);
    const [slot] = await store.slots();
    await store.freeSlot(slot?.promptId ?? "");
    assertEquals(await store.grant(grantOf(two, { n: 1 })), true);
    await store.close();
  });

  Deno.test(`${name}: what a prompt took and made stands in the ledger once, and counts for the day`, async () => {
    const store = await open();
    await store.saveBackend(makeBackend({ slots: 4 }));
    const userId = newId();
    const job = await admitReady(store, { userId });
    const grant = grantOf(job);
    await store.grant(grant);
    await finish(store, grant, { seconds: 61, bytes: 1234 });
    const { ledger } = await store.inspect();
    assertEquals(ledger.map(({ id, kind, bytes }) => [id, kind, bytes]), [[grant.promptId, "gpu", 1234]]);
    assertEquals([ledger[0]?.userId, Math.round(ledger[0]?.seconds ?? 0)], [userId, 61]);
    assertEquals((await store.shares()).people.get(userId)?.isSpent, true);
    await store.close();
  });
}
