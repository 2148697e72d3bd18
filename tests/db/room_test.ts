/** What lies in storage, by kind: the same content once, where it is kept longest. */
import { createUser } from "@/db/accounts.ts";
import { readStored } from "@/db/queries/mod.ts";
import { assertEquals } from "@/tests/assert.ts";
import { admitReady, newId, openSqlite, sha } from "./fixtures.ts";

Deno.test("files are summed by kind, the same content once and where it is kept longest; what came of late is counted", async () => {
  const { database: { writer }, store, close } = await openSqlite();
  assertEquals(await readStored(writer), { kinds: [], cameBytes: 0 });
  const userId = newId();
  await createUser(writer, { id: userId, email: "mika@example.org", passwordHash: "h" });
  const [kept, gone] = [await admitReady(store, { userId }), await admitReady(store, { userId })];
  await writer.updateTable("jobs").where("id", "=", gone.id).set({ deleted_at: 1 }).execute();
  let n = 0;
  const make = (jobId: string, content: string, bytes: number) =>
    writer.insertInto("output").values({
      effect_id: `e${++n}`,
      node: "save",
      ord: 0,
      actor_id: jobId,
      token: 1,
      sha256: sha(content),
      ext: "mp4",
      bytes,
      role: "clip",
      created_at: 1,
    }).execute();
  await make(kept.id, "film", 100);
  await make(kept.id, "piece", 10);
  await make(kept.id, "piece", 10);
  await make(gone.id, "film", 100);
  await make(gone.id, "old", 1);
  await writer.insertInto("job_outputs").values({
    id: newId(),
    job_id: kept.id,
    run: 1,
    ord: 0,
    output_type: "video",
    file_path: `${sha("film")}.mp4`,
    poster_path: null,
    metadata_json: "{}",
    created_at: 1,
  }).execute();
  await writer.insertInto("ledger").values({
    id: newId(),
    user_id: userId,
    job_id: kept.id,
    step_id: "s",
    kind: "gpu",
    place: "alpha",
    state: "spent",
    seconds: 1,
    bytes: 7,
    estimate: 0,
    money: 0,
    at: await store.now(),
  }).execute();
  const { kinds, cameBytes } = await readStored(writer);
  assertEquals(kinds.toSorted((a, b) => b.bytes - a.bytes), [
    { kind: "films", files: 1, bytes: 100 },
    { kind: "pieces", files: 1, bytes: 10 },
    { kind: "trash", files: 1, bytes: 1 },
  ]);
  assertEquals(cameBytes, 7);
  await close();
});
