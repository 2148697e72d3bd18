/** Assets and the jobs that need them; trash; answers by request key. */
import { createUser } from "@/db/accounts.ts";
import { createAsset, purgeAssets, removeAsset, setAssetContent } from "@/db/assets.ts";
import { openOnceKeys } from "@/db/idempotency.ts";
import { search } from "@/db/migrations/0022_search.ts";
import { purgeJob, purgeTrash, restoreJob, trashJob } from "@/db/jobs.ts";
import { listAssets, listJobs, listTrash, readAsset, readJob } from "@/db/queries/mod.ts";
import { StudioError } from "@/core/problem.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { behave, makeJob, makeShown, newId, openSqlite, sha, tell } from "./fixtures.ts";

async function openOwner() {
  const opened = await openSqlite();
  const ownerId = newId();
  await createUser(opened.database.writer, { id: ownerId, email: "a@example.org", passwordHash: "h" });
  const add = async (filename: string) => {
    const id = newId();
    await createAsset(opened.database.writer, { id, ownerId, type: "image", filename });
    return id;
  };
  return { ...opened, ownerId, add, on: opened.database.writer };
}

const content = { sha256: sha("cat"), ext: "png", bytes: 3, mimeType: "image/png", width: 2, height: 4 };

Deno.test("an asset is named first and filled later, by its owner alone", async () => {
  const { on, ownerId, add, close } = await openOwner();
  const assetId = await add("../cat.png");
  assertEquals((await readAsset(on, { ownerId, assetId }))?.file, null);
  assertEquals(await setAssetContent(on, { ownerId: newId(), assetId, content }), false);
  assertEquals(await setAssetContent(on, { ownerId, assetId, content }), true);
  const asset = await readAsset(on, { ownerId, assetId });
  assertEquals([asset?.file, asset?.width, asset?.filename], [`${sha("cat")}.png`, 2, "../cat.png"]);
  assertEquals(await readAsset(on, { ownerId: newId(), assetId }), null);
  assertEquals((await listAssets(on, { ownerId: newId() })).items, []);
  await add("second.png");
  const first = await listAssets(on, { ownerId, limit: 1 });
  const rest = await listAssets(on, { ownerId, limit: 1, cursor: first.next });
  assertEquals(
    new Set([...first.items, ...rest.items].map(({ filename }) => filename)),
    new Set(["../cat.png", "second.png"]),
  );
  assertEquals(rest.next, null);
  await close();
});

Deno.test("an asset that a live job uses stays; afterwards it may go, and no job gets in with it", async () => {
  const { on, store, ownerId, add, close } = await openOwner();
  const assetId = await add("cat.png");
  const uses = { row: { assets: [{ assetId, role: "character", used: true }] } };
  const job = makeJob({ userId: ownerId, ...uses });
  await store.admit([job]);
  assertEquals(await removeAsset(on, { ownerId: newId(), assetId }), null);
  assertEquals(await removeAsset(on, { ownerId, assetId }), {
    removed: false,
    usedBy: [{ jobId: job.id, title: job.row.title, isStarted: false, isPaused: false }],
  });
  await store.turn(job.id, behave(() => ({ shown: makeShown({ status: "cancelled" }) })));
  assertEquals(await removeAsset(on, { ownerId, assetId }), { removed: true });
  assertEquals(await removeAsset(on, { ownerId, assetId }), null);
  assertEquals((await readJob(on, { ownerId, jobId: job.id }))?.assets, [
    { assetId, role: "character", used: true, there: false },
  ]);
  const late = makeJob({ userId: ownerId, ...uses });
  await assertRejects(
    () => store.admit([makeJob({ userId: ownerId }), late]),
    (thrown) => assert(thrown instanceof StudioError && thrown.problem.code === "asset.missing"),
  );
  assertEquals((await store.inspect()).jobs.length, 1, "none of the jobs got in");
  assertEquals(await purgeAssets(on, { ageMs: 60_000 }), 0);
  assertEquals(await purgeAssets(on, { ageMs: -1000 }), 1);
  await close();
});

Deno.test("a job goes to the trash when it has ended, comes back, and leaves nothing when purged", async () => {
  const { on, store, ownerId, close } = await openOwner();
  const job = makeJob({ userId: ownerId });
  const of = { ownerId, jobId: job.id };
  await store.admit([job]);
  assertEquals(await trashJob(on, of), "live");
  await store.turn(
    job.id,
    behave(() => ({
      shown: makeShown({ status: "completed" }),
      events: [{ kind: "job.completed", message: "Done." }],
      effects: [{ id: "e", kind: "k", lane: "net", req: {} }],
      outputs: [{ run: 1, ord: 0, type: "film", file: "f.mp4", poster: null, metadata: {} }],
    })),
  );
  assertEquals(await trashJob(on, { ...of, ownerId: newId() }), "unknown");
  assertEquals(await purgeJob(on, of), false);
  assertEquals(await trashJob(on, of), "trashed");
  assertEquals([
    (await listJobs(on, { ownerId })).items.length,
    (await listTrash(on, { ownerId })).items.length,
  ], [
    0,
    1,
  ]);
  assertEquals((await listJobs(on, { ownerId, filter: { search: "walk" } })).items.length, 0);
  assertEquals(await restoreJob(on, of), true);
  assertEquals((await listJobs(on, { ownerId })).items.length, 1);
  await trashJob(on, of);
  assertEquals(await purgeTrash(on, { ageMs: 60_000 }), 0);
  assertEquals(await purgeTrash(on, { ageMs: -1000 }), 1);
  const empty = { actors: [], steps: [], mail: [], events: [], effects: [], jobs: [], jobOutputs: [] };
  const left = await store.inspect();
  for (const [table, rows] of Object.entries(empty)) {
    assertEquals(Object.entries(left).find(([name]) => name === table)?.[1], rows, table);
  }
  await store.post([tell(job.id, "late")]);
  assertEquals((await store.inspect()).deadletters.length, 1);
  await close();
});

Deno.test("a job that is asked for with other words is found by them, and no longer by those before", async () => {
  const { on, store, ownerId, close } = await openOwner();
  const job = makeJob({ userId: ownerId });
  await store.admit([job]);
  const row = { title: "Quay", prompt: "Harbour at dawn", negativePrompt: "", settings: {} };
  const change = { plan: job.plan, row };
  assertEquals(await store.revise(job.id, { ...change, rev: 2, mail: tell(job.id, "edit") }), true);
  const find = async (search: string) => (await listJobs(on, { ownerId, filter: { search } })).items.length;
  const words = ["quay", "harbour dawn", job.row.title, job.row.prompt];
  assertEquals(await Promise.all(words.map(find)), [1, 1, 0, 0]);
  await on.updateTable("jobs").set({ search: "walk" }).execute();
  await search.up({ on, dialect: "sqlite" });
  assertEquals([await find("quay"), await find("walk")], [1, 0], "also where it was changed long ago");
  await close();
});

Deno.test("of two requests that race with one key, the first counts, and a refused one gives the key back", async () => {
  const { on, ownerId, close } = await openOwner();
  const keys = openOnceKeys(on);
  const ask = (ids: string[], digest = "b") =>
    keys.reserve({ userId: ownerId, route: "POST /x", key: "k", digest, ids, createdAt: 0 });
  const [one, two] = await Promise.all([ask(["1"]), ask(["2"])]);
  assertEquals([one.first, two.first], [true, false]);
  assertEquals(two.once.ids, ["1"]);
  assertEquals((await ask(["3"], "other")).once.digest, "b");
  await keys.release(one.once);
  assertEquals((await ask(["3"], "other")).first, true);
  await close();
});
