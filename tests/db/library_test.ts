/** The library's rows: marks, projects, trash and links, each for its owner alone. */
import type { FilmFilter, Selection } from "@/core/library.ts";
import type { NewJob } from "@/core/store.ts";
import { StudioError } from "@/core/problem.ts";
import { createUser } from "@/db/accounts.ts";
import { createAsset, purgeAssets, setAssetContent } from "@/db/assets.ts";
import { purgeTrash } from "@/db/jobs.ts";
import { listUsedFiles } from "@/db/queries/mod.ts";
import { purgeShares } from "@/db/shares.ts";
import { openLibrary, openProjects, openShares } from "@/studio/door/library.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { behave, makeJob, makeShown, newId, openSqlite, sha } from "./fixtures.ts";

const ALL: FilmFilter = {
  search: "",
  mark: null,
  projectId: undefined,
  from: null,
  until: null,
  mode: null,
  engine: null,
  state: "any",
};
const FILES = { search: "", mark: null, projectId: undefined, from: null, until: null, kind: null };
const PAGE = { cursor: null, limit: 50 };

const films = (...ids: string[]): Selection => ({ films: ids, files: [] });
const files = (...ids: string[]): Selection => ({ films: [], files: ids });

async function openOwner() {
  const opened = await openSqlite();
  const on = opened.database.writer;
  const [ownerId, other] = [newId(), newId()];
  await createUser(on, { id: ownerId, email: "a@example.org", passwordHash: "h" });
  await createUser(on, { id: other, email: "b@example.org", passwordHash: "h" });
  const both = { writer: on, reader: on };
  return {
    ...opened,
    on,
    ownerId,
    other,
    library: openLibrary(both),
    projects: openProjects(both),
    shares: openShares(both),
    /** A job that ended with a film, unless another status is asked for. */
    async film(row: Partial<NewJob["row"]> = {}, status: "completed" | "failed" | "queued" = "completed") {
      const job = makeJob({ userId: ownerId, row: { prompt: "", ...row } });
      await opened.store.admit([job]);
      const outputs = status === "completed"
        ? [{
          run: 1,
          ord: 0,
          type: "video",
          file: `${sha(job.id)}.mp4`,
          poster: `${sha(job.id)}.webp`,
          metadata: {},
        }]
        : [];
      await opened.store.turn(job.id, behave(() => ({ shown: makeShown({ status }), outputs })));
      return job.id;
    },
    async file(filename: string, type = "image") {
      const id = newId();
      await createAsset(on, { id, ownerId, type, filename });
      const content = { sha256: sha(id), ext: "png", bytes: 3, mimeType: "image/png" };
      await setAssetContent(on, { ownerId, assetId: id, content });
      return id;
    },
    async project(name = "Harbour") {
      const id = newId();
      await openProjects(both).create({
        id,
        userId: ownerId,
        name,
        description: "",
        createdAt: 5,
        updatedAt: 5,
      });
      return id;
    },
  };
}

type Owner = Awaited<ReturnType<typeof openOwner>>;

async function listFilms(
  { library, ownerId }: Owner,
  filter: Partial<FilmFilter>,
  limit = 2,
): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await library.films(ownerId, { ...ALL, ...filter }, { cursor, limit });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== null);
  return ids;
}

Deno.test("films are filtered by words, state, mode, mark, project and time, page by page [YM64]", async () => {
  const owner = await openOwner();
  const { library, ownerId, on } = owner;
  const harbour = await owner.film({ title: "Harbour at dusk" });
  const singer = await owner.film({ title: "Singer", mode: "audio" });
  const storm = await owner.film({ title: "Storm over the pier" }, "failed");
  const live = await owner.film({ title: "Harbour, again" }, "queued");
  for (const [at, id] of [harbour, singer, storm, live].entries()) {
    await on.updateTable("jobs").where("id", "=", id).set({ created_at: 1000 * (at + 1) }).execute();
  }
  const project = await owner.project();
  await library.move(ownerId, films(singer), project);
  await library.mark(ownerId, films(harbour), "starred");
  await library.mark(ownerId, films(storm), "rejected");
  const cases: [Partial<FilmFilter>, string[]][] = [
    [{}, [live, storm, singer, harbour]],
    [{ state: "finished" }, [singer, harbour]],
    [{ state: "failed" }, [storm]],
    [{ state: "live" }, [live]],
    [{ search: "harb" }, [live, harbour]],
    [{ search: "harb", state: "finished" }, [harbour]],
    [{ mode: "audio" }, [singer]],
    [{ mode: "animate", submode: "mix" }, []],
    [{ mode: "animate", submode: "mix", search: "harbour" }, []],
    [{ mark: "starred" }, [harbour]],
    [{ mark: "rejected" }, [storm]],
    [{ mark: "kept" }, [live, singer, harbour]],
    [{ projectId: project }, [singer]],
    [{ projectId: null }, [live, storm, harbour]],
    [{ projectId: null, mark: "kept", search: "harbour", state: "finished" }, [harbour]],
    [{ from: 2000, until: 4000 }, [storm, singer]],
    [{ engine: "draft" }, []],
  ];
  for (const [filter, expected] of cases) {
    assertEquals(await listFilms(owner, filter), expected, JSON.stringify(filter));
  }
  assertEquals((await library.films(owner.other, ALL, PAGE)).items, []);
  const [shown] = (await library.films(ownerId, { ...ALL, mark: "starred" }, PAGE)).items;
  assertEquals([shown?.mark, shown?.projectId], ["starred", null]);
  await owner.close();
});

Deno.test("files are found by parts of their names, without case and accents, and only with content", async () => {
  const owner = await openOwner();
  const { library, ownerId, on } = owner;
  const door = await owner.file("Tür_vorn 100%.PNG");
  const coat = await owner.file("coat_ref.jpg");
  const voice = await owner.file("Voice.wav", "audio");
  await createAsset(on, { id: newId(), ownerId, type: "image", filename: "waiting.png" });
  const find = async (filter: Partial<Parameters<typeof library.files>[1]>) =>
    new Set((await library.files(ownerId, { ...FILES, ...filter }, PAGE)).items.map(({ id }) => id));
  assertEquals(await find({}), new Set([door, coat, voice]));
  assertEquals(await find({ search: "TUR png" }), new Set([door]));
  assertEquals(await find({ search: "100%" }), new Set([door]));
  assertEquals(await find({ search: "%" }), new Set([door]), "a sign of the query language is a letter");
  assertEquals(await find({ search: "_ref" }), new Set([coat]));
  assertEquals(await find({ kind: "audio" }), new Set([voice]));
  await library.mark(ownerId, files(coat), "starred");
  assertEquals(await find({ mark: "starred" }), new Set([coat]));
  await owner.close();
});

Deno.test("marks and moves reach only what is one's own and not in the trash", async () => {
  const owner = await openOwner();
  const { library, ownerId } = owner;
  const [film, file] = [await owner.film(), await owner.file("a.png")];
  await library.trashFiles(ownerId, [file]);
  const gone = { id: file, code: "request.not_found" as const };
  assertEquals(await library.mark(ownerId, { films: [film], files: [file] }, "starred"), {
    done: [film],
    kept: [gone],
  });
  assertEquals((await library.mark(owner.other, films(film), "rejected")).done, []);
  const refused = (thrown: unknown) =>
    assert(thrown instanceof StudioError && thrown.problem.fields?.[0]?.path === "projectId");
  await assertRejects(() => library.move(ownerId, films(film), newId()), refused);
  const project = await owner.project();
  await assertRejects(() => library.move(owner.other, films(film), project), refused);
  await assertRejects(
    () => owner.store.admit([makeJob({ userId: owner.other, row: { projectId: project } })]),
    refused,
  );
  await owner.close();
});

Deno.test("the trash holds films and files together, what was thrown away last first, and gives them back", async () => {
  const owner = await openOwner();
  const { library, ownerId, on } = owner;
  const thrown: string[] = [];
  for (let n = 0; n < 5; n++) {
    const id = n % 2 === 0 ? await owner.film() : await owner.file(`${n}.png`);
    await on.updateTable(n % 2 === 0 ? "jobs" : "assets").where("id", "=", id).set({ deleted_at: 100 + n })
      .execute();
    thrown.unshift(id);
  }
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await library.trash(ownerId, { cursor, limit: 2 });
    seen.push(...page.items.map((thing) => thing.type === "film" ? thing.film.id : thing.file.id));
    cursor = page.next;
  } while (cursor !== null);
  assertEquals(seen, thrown);
  assertEquals((await library.trash(owner.other, PAGE)).items, []);
  const [first = "", second = ""] = thrown;
  assertEquals((await library.restore(owner.other, { films: thrown, files: thrown })).done, []);
  assertEquals((await library.restore(ownerId, { films: [first], files: [second] })).done, [first, second]);
  assertEquals((await library.films(ownerId, ALL, PAGE)).items.map(({ id }) => id), [first]);
  const emptied = await library.empty(ownerId);
  assertEquals([new Set(emptied.done), emptied.kept], [new Set(thrown.slice(2)), []]);
  assertEquals((await library.trash(ownerId, PAGE)).items, []);
  await owner.close();
});

Deno.test("what a live job needs is never deleted, by hand or by age", async () => {
  const owner = await openOwner();
  const { library, ownerId, on, store } = owner;
  const file = await owner.file("cat.png");
  const job = makeJob({
    userId: ownerId,
    row: { assets: [{ assetId: file, role: "groundTruth", used: true }] },
  });
  await store.admit([job]);
  const used = { id: file, code: "asset.in_use" as const };
  assertEquals(await library.trashFiles(ownerId, [file]), { done: [], kept: [used] });
  const become = (status: string) =>
    on.updateTable("jobs").where("id", "=", job.id).set({ status }).execute();
  await become("failed");
  assertEquals((await library.trashFiles(ownerId, [file])).done, [file]);
  await become("queued");
  assertEquals(await library.purge(ownerId, files(file)), { done: [], kept: [used] });
  assertEquals(await purgeAssets(on, { ageMs: -1000 }), 0);
  await on.updateTable("jobs").where("id", "=", job.id).set({ deleted_at: 1 }).execute();
  const stopping = { id: job.id, code: "job.stopping" as const };
  assertEquals(await library.purge(ownerId, films(job.id)), { done: [], kept: [stopping] });
  assertEquals(await purgeTrash(on, { ageMs: 0 }), 0);
  await become("cancelled");
  assertEquals((await library.purge(ownerId, { films: [job.id], files: [file] })).kept, []);
  assertEquals(await listUsedFiles(on, [`${sha(file)}.png`]), new Set());
  await owner.close();
});

Deno.test("a deleted project leaves its films and files, and counts only what is not in the trash", async () => {
  const owner = await openOwner();
  const { library, projects, ownerId } = owner;
  const project = await owner.project();
  const [film, file, thrown] = [await owner.film(), await owner.file("a.png"), await owner.file("b.png")];
  await library.move(ownerId, { films: [film], files: [file, thrown] }, project);
  await library.trashFiles(ownerId, [thrown]);
  const note = await projects.find(ownerId, project);
  assertEquals([note?.name, note?.films, note?.files, note?.cover?.jobId], ["Harbour", 1, 1, film]);
  assertEquals((await projects.list(ownerId, PAGE)).items, [note]);
  assertEquals(await projects.find(owner.other, project), null);
  assertEquals(await projects.change(owner.other, project, { name: "Mine" }), false);
  assertEquals(await projects.change(ownerId, project, { name: "Quay" }), true);
  assertEquals((await projects.find(ownerId, project))?.name, "Quay");
  assertEquals(await projects.remove(owner.other, project), false);
  assertEquals(await projects.remove(ownerId, project), true);
  assertEquals(await projects.find(ownerId, project), null);
  assertEquals((await library.films(ownerId, { ...ALL, projectId: null }, PAGE)).items.length, 1);
  assertEquals((await library.files(ownerId, { ...FILES, projectId: null }, PAGE)).items.length, 1);
  await owner.close();
});

Deno.test("a link shows one output to whoever has it, until its owner, the trash or a purge takes it away", async () => {
  const owner = await openOwner();
  const { library, shares, ownerId, on } = owner;
  const film = await owner.film({ title: "Harbour" });
  const [output] = await on.selectFrom("job_outputs").where("job_id", "=", film).selectAll().execute();
  assert(output);
  const share = {
    id: newId(),
    userId: ownerId,
    jobId: film,
    outputId: output.id,
    createdAt: 5,
    expiresAt: 9e15,
  };
  await shares.create({ ...share, revokedAt: null }, "hash");
  const found = await shares.find("hash");
  assertEquals([found?.title, found?.output.file, found?.withdrawn], ["Harbour", output.file_path, false]);
  assertEquals(await shares.find("hush"), null);
  assertEquals((await shares.list(ownerId, film)).length, 1);
  assertEquals(await shares.list(owner.other, film), []);
  assertEquals(await listUsedFiles(on, [output.file_path]), new Set([output.file_path]));
  await on.updateTable("jobs").where("id", "=", film).set({ deleted_at: 1 }).execute();
  assertEquals((await shares.find("hash"))?.withdrawn, true);
  await library.restore(ownerId, films(film));
  assertEquals((await shares.find("hash"))?.withdrawn, false);
  assertEquals(await shares.revoke(owner.other, share.id), false);
  assertEquals(await shares.revoke(ownerId, share.id), true);
  const first = (await shares.find("hash"))?.share.revokedAt;
  await shares.revoke(ownerId, share.id);
  assertEquals((await shares.find("hash"))?.share.revokedAt, first);
  await on.updateTable("jobs").where("id", "=", film).set({ deleted_at: 1 }).execute();
  await library.purge(ownerId, films(film));
  assertEquals(await shares.find("hash"), null);
  await owner.close();
});

Deno.test("a link that ran out long ago is forgotten", async () => {
  const owner = await openOwner();
  const film = await owner.film();
  const { id } = await owner.on.selectFrom("job_outputs").select("id").executeTakeFirstOrThrow();
  const share = { userId: owner.ownerId, jobId: film, outputId: id, createdAt: 1, revokedAt: null };
  await owner.shares.create({ ...share, id: newId(), expiresAt: 2 }, "old");
  await owner.shares.create({ ...share, id: newId(), expiresAt: 9e15 }, "new");
  assertEquals(await purgeShares(owner.on, { ageMs: 1000 }), 1);
  assertEquals([await owner.shares.find("old"), (await owner.shares.find("new"))?.share.jobId], [null, film]);
  await owner.close();
});
