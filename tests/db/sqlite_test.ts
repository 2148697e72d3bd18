/** The SQLite dialect: transactions do not mix, readers do not wait, values arrive as they were. */
import { DatabaseSync } from "node:sqlite";
import { sql } from "kysely";
import { generateJobs } from "@/db/generate.ts";
import { openDatabase, openReader, WAL_BYTES_MAX } from "@/db/sqlite.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { admitReady, makeJob, newId, openSqlite, tell } from "./fixtures.ts";

async function inFolder(check: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await check(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("transactions on one connection run one after the other", async () => {
  const { database, close } = await openSqlite();
  const seen: string[] = [];
  const transact = (name: string) =>
    database.writer.transaction().execute(async (tx) => {
      seen.push(`${name} begins`);
      for (let n = 0; n < 3; n++) await sql`select 1`.execute(tx);
      await tx.insertInto("mark").values({ name, value: 1 }).execute();
      seen.push(`${name} ends`);
    });
  await Promise.all([transact("a"), transact("b"), transact("c")]);
  assertEquals(seen, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  await close();
});

Deno.test("a reader sees what was committed and does not wait for the writer", async () => {
  await inFolder(async (folder) => {
    const { database, store, close } = await openSqlite(`${folder}/studio.db`);
    const count = async () =>
      (await sql<{ n: number }>`select count(*) as n from mark`.execute(database.reader)).rows[0]?.n;
    await database.writer.transaction().execute(async (tx) => {
      await tx.insertInto("mark").values({ name: "a", value: 1 }).execute();
      assertEquals(await count(), 0);
    });
    assertEquals(await count(), 1);
    await assertRejects(() => database.reader.insertInto("mark").values({ name: "b", value: 1 }).execute());
    const own = openReader(`${folder}/studio.db`);
    assertEquals((await own.selectFrom("mark").selectAll().execute()).length, 1);
    await own.destroy();
    assert(await store.now() > 1.7e12);
    await close();
  });
});

Deno.test("two writers on one file: every mail is read once, events have no gaps", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/studio.db`;
    const { store, close } = await openSqlite(path);
    const job = makeJob({ mail: [] });
    await store.admit([job]);
    const read = (await Promise.all(["a", "b"].map((name) => runWriter({ path, jobId: job.id, name }))))
      .flat();
    assertEquals([read.length, new Set(read).size], [40, 40]);
    const { events } = await store.inspect();
    assertEquals(events.map(({ ver }) => ver), Array.from({ length: 40 }, (_, at) => at + 1));
    await close();
  });
});

/** Resolves with the mail that the writer read. */
async function runWriter(work: { path: string; jobId: string; name: string }): Promise<string[]> {
  const worker = new Worker(new URL("./writer_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<string[]>();
  worker.onmessage = (event) => resolve(event.data);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage(work);
  try {
    return await promise;
  } finally {
    worker.terminate();
  }
}

Deno.test("what was stored is there after closing and opening", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/studio.db`;
    const before = await openSqlite(path);
    const job = await admitReady(before.store);
    const snapshot = await before.store.inspect();
    await before.close();
    const after = await openSqlite(path);
    assertEquals(await after.store.inspect(), snapshot);
    assertEquals(await after.store.plan(job.id, 1), job.plan);
    await after.close();
  });
});

Deno.test("a value that SQLite cannot hold is refused by name, not stored as something else", async () => {
  const { database, close } = await openSqlite();
  await assertRejects(
    () => sql`select ${true}`.execute(database.writer),
    (thrown) => assert(thrown instanceof TypeError && /boolean/.test(thrown.message)),
  );
  await close();
});

Deno.test("a database that was never used can be closed", async () => {
  await openDatabase(":memory:").close();
});

Deno.test("the broom takes settled mail, finished effects and ended sessions, and nothing that is open", async () => {
  const { database, store, close } = await openSqlite();
  await generateJobs(database.writer, { jobs: 30, owners: [newId()], newestAt: 1e12, newId });
  const live = await admitReady(store);
  await store.post([tell(live.id, "open", { delayMs: 1000 })]);
  const swept = await store.sweepRetention({ rowsPerBatch: 7 });
  assertEquals([swept.mail, swept.effects, swept.events], [30, 30, 0]);
  const { mail, events } = await store.inspect();
  assertEquals(mail.map(({ kind }) => kind), ["start", "open"]);
  assertEquals(events.length, 60);
  await close();
});

Deno.test("the log of a database that grew beside a long reader is cut again", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/a.db`;
  const database = openDatabase(path);
  const blob = new Uint8Array(1024 * 1024);
  const write = (n: number) => sql`insert into big (n, b) values (${n}, ${blob})`.execute(database.writer);
  await sql`create table big (n integer, b blob)`.execute(database.writer);
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec("begin");
  reader.prepare("select count(*) from big").get();
  for (let n = 0; n < 48; n++) await write(n);
  assert((await Deno.stat(`${path}-wal`)).size > WAL_BYTES_MAX);
  reader.exec("commit");
  reader.close();
  for (let n = 0; n < 3; n++) await write(n);
  const { size } = await Deno.stat(`${path}-wal`);
  await database.close();
  await Deno.remove(dir, { recursive: true });
  assert(size <= WAL_BYTES_MAX, `${size} bytes of log`);
});
