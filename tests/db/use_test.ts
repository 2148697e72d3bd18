/** What people use, read from the ledger, their jobs and their files. */
import { createUser } from "@/db/accounts.ts";
import { readSpend, readUse } from "@/db/queries/mod.ts";
import type { Limits } from "@/core/quota.ts";
import { DAY_MS } from "@/core/quota.ts";
import { assertEquals } from "@/tests/assert.ts";
import { admitReady, makeBackend, newId, type Opened, openSqlite, sha } from "./fixtures.ts";

const usual: Limits = { queued: 200, running: null, gpuMinutes: 2, diskBytes: null };

async function enter(
  { database, store }: Opened,
  of: { userId: string; seconds: number; money?: number; agoMs?: number; kind?: string },
): Promise<void> {
  await database.writer.insertInto("ledger").values({
    id: newId(),
    user_id: of.userId,
    job_id: "job",
    step_id: "s",
    kind: of.kind ?? "gpu",
    place: "alpha",
    state: "spent",
    seconds: of.seconds,
    bytes: 0,
    estimate: 0,
    money: of.money ?? 0,
    at: await store.now() - (of.agoMs ?? 0),
  }).execute();
}

Deno.test("use counts jobs, minutes of a day, money of a month, and the same file once", async () => {
  const opened = await openSqlite();
  const { database: { writer }, store } = opened;
  await store.saveBackend(makeBackend({ slots: 2 }));
  const userId = newId();
  const job = await admitReady(store, { userId });
  await admitReady(store, { userId });
  const grant = { stepId: "part-0", take: 0, attempt: 1, backendId: "alpha", n: 0, family: "wan" };
  await store.grant({ ...grant, jobId: job.id, promptId: newId() });
  await enter(opened, { userId, seconds: 90, money: 2 });
  await enter(opened, { userId, seconds: 50, money: 1, agoMs: 3_600_000 });
  await enter(opened, { userId, seconds: 999, money: 4, agoMs: 2 * DAY_MS });
  await enter(opened, { userId, seconds: 999, money: 100, agoMs: 31 * DAY_MS });
  await enter(opened, { userId, seconds: 500, kind: "local" });
  for (const [n, content] of ["one", "one", "two"].entries()) {
    await writer.insertInto("output").values({
      effect_id: `e${n}`,
      node: "save",
      ord: 0,
      actor_id: job.id,
      token: 1,
      sha256: sha(content),
      ext: "mp4",
      bytes: 1000,
      role: "clip",
      created_at: 1,
    }).execute();
  }
  const { use, limits } = await readUse(writer, userId, { usual, all: true });
  assertEquals(limits, usual);
  assertEquals([use.queued, use.running, use.gpuSeconds, use.money, use.diskBytes], [2, 1, 140, 7, 2000]);
  const inHours = ((use.freesAt ?? 0) - await store.now()) / 3_600_000;
  assertEquals(Math.round(inHours), 23, "when the older fifty seconds are a day old");
  await opened.close();
});

Deno.test("operators see who used how much within a day and a month, who used most first", async () => {
  const opened = await openSqlite();
  const { database: { writer } } = opened;
  const [ada, bob] = [newId(), newId()];
  await createUser(writer, { id: ada, email: "ada@example.org", passwordHash: "h" });
  await createUser(writer, { id: bob, email: "bob@example.org", passwordHash: "h" });
  await enter(opened, { userId: ada, seconds: 60, money: 1 });
  await enter(opened, { userId: bob, seconds: 30, money: 0.5 });
  await enter(opened, { userId: bob, seconds: 600, money: 10, agoMs: 2 * DAY_MS });
  await enter(opened, { userId: "", seconds: 5 });
  const spend = await readSpend(writer);
  assertEquals(spend.map(({ email, day, month }) => [email, day.gpuSeconds, month.gpuSeconds, month.money]), [
    ["bob@example.org", 30, 630, 10.5],
    ["ada@example.org", 60, 60, 1],
    [null, 5, 5, 0],
  ]);
  await opened.close();
});
