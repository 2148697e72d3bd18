/** Housekeeping: what lay in the trash long enough goes with its files, and everything that is still named stays. */
import { openLocalStorage } from "@/adapters/storage/local.ts";
import type { HouseStorage } from "@/adapters/storage/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { createUser } from "@/db/accounts.ts";
import { createAsset, setAssetContent } from "@/db/assets.ts";
import { createShare } from "@/db/shares.ts";
import { removeOrphans } from "@/studio/housekeeping.ts";
import { assertEquals } from "@/tests/assert.ts";
import { behave, makeJob, makeShown, newId, openSqlite } from "@/tests/db/fixtures.ts";
import { configFor, silent } from "@/tests/rig/rig.ts";

const DAY_MS = 86_400_000;

async function openHome({ hours = "1", laterMs = DAY_MS, rowsLaterMs = 0, env = {} } = {}) {
  const dir = await Deno.makeTempDir();
  const time = { laterMs: 0 };
  const opened = await openSqlite(":memory:", { now: () => Date.now() + time.laterMs });
  const stored = systemClock();
  const clock = { ...stored, now: () => stored.now() + laterMs };
  const storage = await openLocalStorage({
    root: `${dir}/files`,
    scratchRoot: `${dir}/work`,
    log: silent,
    clock: stored,
    ids: systemIds(),
  });
  const on = opened.database.writer;
  const ownerId = newId();
  await createUser(on, { id: ownerId, email: "a@example.org", passwordHash: "h" });
  const config = configFor(dir, { ORPHAN_HOURS: hours, TRASH_DAYS: "7", ...env });
  const closing = new AbortController().signal;
  return {
    opened,
    on,
    ownerId,
    storage,
    put: (text: string, ext: string) => storage.put(new TextEncoder().encode(text), { ext }),
    time,
    async clean(youngerMs = 0, broken: Partial<HouseStorage> = {}) {
      time.laterMs = Math.max(time.laterMs, rowsLaterMs);
      const kept = Object.assign(Object.create(storage), broken);
      const parts = { config, clock, log: silent, db: opened.database, storage: kept, closing };
      return await removeOrphans({ ...parts, youngerMs });
    },
    async names() {
      return new Set((await Array.fromAsync(storage.list())).map(({ name }) => name));
    },
    /** A film of this file, thrown away that many days ago. */
    async film(file: string, trashedDays: number | null) {
      const job = makeJob({ userId: ownerId });
      await opened.store.admit([job]);
      const outputs = [{ run: 1, ord: 0, type: "video", file, poster: null, metadata: {} }];
      await opened.store.turn(job.id, behave(() => ({ shown: makeShown({ status: "completed" }), outputs })));
      if (trashedDays !== null) {
        const deleted_at = Date.now() - trashedDays * DAY_MS;
        await on.updateTable("jobs").where("id", "=", job.id).set({ deleted_at }).execute();
      }
      return job.id;
    },
    async [Symbol.asyncDispose]() {
      await opened.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

Deno.test("[LX23] files that nothing refers to go after four hours, or as many as are configured; a job's own stay", async () => {
  const HOUR_MS = 3_600_000;
  const left = async (hours: string, laterMs: number) => {
    await using home = await openHome({ hours, laterMs });
    await home.put("nobody's", "mp4");
    const own = await home.put("of a job", "mp4");
    await home.film(own.name, null);
    await home.clean();
    const names = await home.names();
    return [names.size, names.has(own.name)];
  };
  assertEquals(await left("", 3.9 * HOUR_MS), [2, true]);
  assertEquals(await left("", 4.1 * HOUR_MS), [1, true]);
  assertEquals(await left("6", 5.9 * HOUR_MS), [2, true]);
  assertEquals(await left("6", 6.1 * HOUR_MS), [1, true]);
});

Deno.test("pieces of a take go so many days after its end, and its history says so; younger and unfinished ones keep theirs", async () => {
  const days = (pieces: string, laterMs: number) =>
    openHome({ laterMs, rowsLaterMs: laterMs, env: { PIECES_DAYS: pieces } });
  const left = async (pieces: string, laterMs: number, status: "completed" | "failed") => {
    await using home = await days(pieces, laterMs);
    const { on, opened, ownerId, put } = home;
    const [piece, film] = [await put("piece", "mkv"), await put("film", "mp4")];
    const job = makeJob({ userId: ownerId, row: { mode: "take" } });
    await opened.store.admit([job]);
    const outputs = [{ run: 1, ord: 0, type: "video", file: film.name, poster: null, metadata: {} }];
    const shown = makeShown({ status, endedAt: Date.now() });
    await opened.store.turn(job.id, behave(() => ({ shown, outputs })));
    const { sha256, ext, bytes } = piece;
    const made = { effect_id: newId(), node: "1", ord: 0, actor_id: job.id, token: 1, created_at: 0 };
    await on.insertInto("output").values({ ...made, sha256, ext, bytes, role: "clip" }).execute();
    await home.clean();
    await home.clean();
    const names = await home.names();
    const told = await on.selectFrom("event").where("actor_id", "=", job.id).where(
      "kind",
      "=",
      "pieces.dropped",
    )
      .select("message").execute();
    return [names.has(piece.name), names.has(film.name), told.length];
  };
  assertEquals(await left("7", 8 * DAY_MS, "completed"), [false, true, 1]);
  assertEquals(await left("7", 6 * DAY_MS, "completed"), [true, true, 0]);
  assertEquals(await left("7", 8 * DAY_MS, "failed"), [true, true, 0]);
  assertEquals(await left("0", 800 * DAY_MS, "completed"), [true, true, 0]);
});

Deno.test("trash goes for good after the configured days, with its files; what is younger, shown or used stays", async () => {
  await using home = await openHome();
  const { on, ownerId, put } = home;
  const [old, young, shown, orphan] = [
    await put("old", "mp4"),
    await put("young", "mp4"),
    await put("shown", "mp4"),
    await put("orphan", "mp4"),
  ];
  const gone = await home.film(old.name, 8);
  await home.film(young.name, 6);
  const film = await home.film(shown.name, null);
  const { id: outputId } = await on.selectFrom("job_outputs").where("job_id", "=", film).select("id")
    .executeTakeFirstOrThrow();
  const share = { id: newId(), userId: ownerId, jobId: film, outputId, createdAt: 1, revokedAt: null };
  await createShare(on, { ...share, expiresAt: Date.now() + DAY_MS }, "hash");
  assertEquals(await home.clean(), 2);
  assertEquals(await home.names(), new Set([young.name, shown.name]));
  assertEquals(await on.selectFrom("jobs").where("id", "=", gone).selectAll().execute(), []);
  assertEquals((await on.selectFrom("shares").selectAll().execute()).length, 1);
  assertEquals(orphan.ext, "mp4");
});

Deno.test("a file in the trash stays as long as a job that was tried again needs it", async () => {
  await using home = await openHome();
  const { on, ownerId, opened } = home;
  const stored = await home.put("picture", "png");
  const assetId = newId();
  await createAsset(on, { id: assetId, ownerId, type: "image", filename: "a.png" });
  const { sha256, ext, bytes } = stored;
  await setAssetContent(on, { ownerId, assetId, content: { sha256, ext, bytes, mimeType: "image/png" } });
  const job = makeJob({ userId: ownerId, row: { assets: [{ assetId, role: "groundTruth", used: true }] } });
  await opened.store.admit([job]);
  await on.updateTable("assets").set({ deleted_at: Date.now() - 8 * DAY_MS }).execute();
  assertEquals([await home.clean(), (await home.names()).size], [0, 1]);
  await on.updateTable("jobs").set({ status: "failed" }).execute();
  assertEquals([await home.clean(), (await home.names()).size], [1, 0]);
});

Deno.test("a part that another film took over stays when the film that made it is deleted", async () => {
  await using home = await openHome();
  const { on, ownerId, opened } = home;
  const part = await home.put("part", "mkv");
  const [maker, heir] = [makeJob({ userId: ownerId }), makeJob({ userId: ownerId })];
  await opened.store.admit([maker, heir]);
  for (const job of [maker, heir]) {
    const effects = [{ id: `collect-${job.id}`, kind: "k", lane: "net" as const, req: {} }];
    await opened.store.turn(job.id, behave(() => ({ shown: makeShown({ status: "completed" }), effects })));
    const claim = await opened.store.claim("me", ["net"], 60_000);
    const outputs = [{
      node: "9",
      ord: 0,
      role: "clip",
      sha256: part.sha256,
      ext: part.ext,
      bytes: part.bytes,
    }];
    await opened.store.finish(claim?.id ?? "", claim?.token ?? 0, {
      status: "done",
      result: null,
      mail: [],
      outputs,
    });
  }
  const throwAway = (id: string) =>
    on.updateTable("jobs").where("id", "=", id).set({ deleted_at: Date.now() - 8 * DAY_MS }).execute();
  await throwAway(maker.id);
  assertEquals([await home.clean(), (await home.names()).size], [0, 1]);
  await throwAway(heir.id);
  assertEquals([await home.clean(), (await home.names()).size], [1, 0]);
});

Deno.test("[PR34] what a take was made from goes after it is complete, unless it was to be kept; its film stays", async () => {
  await using home = await openHome();
  const { on, ownerId, opened } = home;
  const files: Record<string, string> = {};
  const takes = [["dropped", false, "completed"], ["failed", false, "failed"], ["kept", true, "completed"]];
  for (const [name, keep, status] of takes) {
    const job = makeJob({ userId: ownerId, row: { mode: "take", settings: { take: { keep } } } });
    await opened.store.admit([job]);
    const rows = [];
    for (const role of ["latent", "clip", "film"]) {
      const stored = await home.put(`${name} ${role}`, "mp4");
      const { sha256, ext, bytes } = stored;
      files[`${name} ${role}`] = stored.name;
      const row = { effect_id: `${job.id} ${role}`, node: "1", ord: 0, actor_id: job.id, token: 0 };
      rows.push({ ...row, sha256, ext, bytes, role, created_at: 1 });
    }
    const isDone = status === "completed";
    const film = {
      run: 1,
      ord: 0,
      type: "film",
      file: files[`${name} film`] ?? "",
      poster: null,
      metadata: {},
    };
    const shown = makeShown({ status: String(status) });
    await opened.store.turn(job.id, behave(() => ({ shown, outputs: isDone ? [film] : [] })));
    await on.insertInto("output").values(rows).execute();
  }
  await home.clean();
  const names = await home.names();
  const left = Object.entries(files).flatMap(([file, name]) => names.has(name) ? [file] : []);
  const all = ["latent", "clip", "film"];
  const whole = [...all.map((role) => `failed ${role}`), ...all.map((role) => `kept ${role}`)];
  assertEquals(left, ["dropped film", ...whole]);
});

Deno.test("an old draft goes to the trash and from there with its files, also while there is no room for anything new", async () => {
  const env = { DRAFTS_DAYS: "7", DISK_MIN_GB: "99999" };
  await using home = await openHome({ laterMs: 20 * DAY_MS, rowsLaterMs: 8 * DAY_MS, env });
  const { on, put, time } = home;
  const [draft, film] = [await put("draft", "mp4"), await put("film", "mp4")];
  const id = await home.film(draft.name, null);
  const final = await home.film(film.name, null);
  const at = Date.now();
  await on.updateTable("jobs").set({ ended_at: at, updated_at: at }).execute();
  await on.updateTable("jobs").where("id", "=", id).set({ engine: "draft" }).execute();
  await on.updateTable("jobs").where("id", "=", final).set({ engine: "comfy" }).execute();
  await home.clean();
  const inTrash = async () =>
    (await on.selectFrom("jobs").where("deleted_at", "is not", null).select("id").execute()).map((job) =>
      job.id
    );
  assertEquals([await inTrash(), (await home.names()).size], [[id], 2]);
  time.laterMs = 16 * DAY_MS;
  await home.clean();
  assertEquals([await inTrash(), await home.names()], [[], new Set([film.name])]);
});

Deno.test("while a clock that was set ahead is not believed, neither trash nor files that nobody names yet go", async () => {
  await using home = await openHome({ laterMs: 30 * DAY_MS, rowsLaterMs: 30 * DAY_MS });
  const trashed = await home.put("trashed", "mp4");
  await home.film(trashed.name, 1);
  await home.put("just put", "mp4");
  await home.clean(30 * DAY_MS);
  assertEquals((await home.names()).size, 2);
  await home.clean();
  assertEquals((await home.names()).size, 0);
});

Deno.test("a part of housekeeping that fails keeps nothing else from being done", async () => {
  await using home = await openHome();
  const [stuck, loose] = [await home.put("stuck", "mp4"), await home.put("loose", "mp4")];
  const old = await home.film("gone.mp4", 8);
  const storage = home.storage;
  const removed = await home.clean(0, {
    sweepParts: () => Promise.reject(new Error("No such folder")),
    remove: (name, options) =>
      name === stuck.name ? Promise.reject(new Error("Busy")) : storage.remove(name, options),
  });
  assertEquals([removed, [...await home.names()]], [1, [stuck.name]]);
  assertEquals(loose.name === stuck.name, false);
  const left = await home.on.selectFrom("jobs").where("id", "=", old).select("id").execute();
  assertEquals(left.length, 0);
});
