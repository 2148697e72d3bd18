/** What people use, read from the ledger, their jobs and their files. */
import { createUser } from "@/db/accounts.ts";
import { readFilmSizes, readSpend, readUse } from "@/db/queries/mod.ts";
import type { Limits } from "@/core/quota.ts";
import { DAY_MS } from "@/core/quota.ts";
import { NO_PACES } from "@/core/paces.ts";
import { learnSizes } from "@/core/reserve.ts";
import { assertEquals } from "@/tests/assert.ts";
import { admitReady, makeBackend, newId, type Opened, openSqlite, sha } from "./fixtures.ts";

const learned = () => Promise.resolve({ paces: NO_PACES, sizes: learnSizes([]) });
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
  const { use, limits } = await readUse(writer, userId, { usual, all: true, learned });
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

Deno.test("renders that wait or run are set aside for their person until they are done, where a limit asks for it", async () => {
  const opened = await openSqlite();
  const { database: { writer }, store } = opened;
  await store.saveBackend(makeBackend({ slots: 2 }));
  const userId = newId();
  const job = await admitReady(store, { userId });
  await admitReady(store, { userId: newId() });
  await writer.updateTable("step").set({ weight: 40 }).where("kind", "=", "prompt").execute();
  const renders = await writer.selectFrom("step").where("job_id", "=", job.id).where("kind", "=", "prompt")
    .select("id").execute();
  const reserved = async (limits: Limits = usual) =>
    (await readUse(writer, userId, { usual: limits, all: false, learned })).use.reserved.gpuSeconds;
  // The draft renderer takes a tenth of what a graphics card does.
  const { engine } = await writer.selectFrom("step").where("job_id", "=", job.id).select("engine")
    .executeTakeFirstOrThrow();
  const each = engine === "draft" ? 4 : 40;
  assertEquals(await reserved(), each * renders.length);
  assertEquals(await reserved({ ...usual, gpuMinutes: null }), 0, "nobody asks");
  await enter(opened, { userId, seconds: 100 });
  const { use } = await readUse(writer, userId, { usual, all: false, learned });
  assertEquals(use.freesAt !== null, 100 + use.reserved.gpuSeconds >= 120);
  await writer.updateTable("step").set({ state: "done" }).where("id", "=", renders[0]?.id ?? "").execute();
  assertEquals(await reserved(), each * (renders.length - 1));
  await writer.updateTable("jobs").set({ status: "cancelled" }).where("id", "=", job.id).execute();
  assertEquals(await reserved(), 0);
  await opened.close();
});

Deno.test("what films left in files is read for each of their templates, once for the whole film", async () => {
  const opened = await openSqlite();
  const { database: { writer }, store } = opened;
  const job = await admitReady(store, { userId: newId() });
  await writer.updateTable("step").set({ weight: 10, state: "done" }).where("kind", "=", "prompt").execute();
  await writer.updateTable("jobs").set({ status: "completed" }).execute();
  for (const [n, bytes] of [1000, 500].entries()) {
    const file = {
      node: "save",
      ord: 0,
      actor_id: job.id,
      token: 1,
      ext: "mp4",
      role: "clip",
      created_at: 1,
    };
    await writer.insertInto("output").values({ ...file, effect_id: `e${n}`, sha256: sha(`${n}`), bytes })
      .execute();
  }
  const { n } = await writer.selectFrom("step").where("job_id", "=", job.id).where("kind", "=", "prompt")
    .select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirstOrThrow();
  const sizes = await readFilmSizes(writer);
  assertEquals(sizes.map(({ weight, bytes }) => [weight, bytes]), [[10 * Number(n), 1500]]);
  await opened.close();
});
