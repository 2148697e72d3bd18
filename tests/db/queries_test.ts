/** Lists and pages: right rows, right order, right owner. */
import { StudioError } from "@/core/problem.ts";
import { createUser } from "@/db/accounts.ts";
import { generateJobs } from "@/db/generate.ts";
import { createProject } from "@/db/projects.ts";
import {
  countOpen,
  type JobFilter,
  listBackends,
  listDeadletters,
  listEffects,
  listEveryJob,
  listJobEvents,
  listJobs,
  listNews,
  listUsedFiles,
  readActor,
  readJob,
  readQueue,
} from "@/db/queries/mod.ts";
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import {
  admitReady,
  behave,
  makeBackend,
  makeJob,
  makeShown,
  newId,
  type Opened,
  openSqlite,
  sha,
  tell,
} from "./fixtures.ts";

function test(rule: string, check: (opened: Opened) => Promise<void>): void {
  Deno.test(`queries: ${rule}`, async () => {
    const opened = await openSqlite();
    try {
      await check(opened);
    } finally {
      await opened.close();
    }
  });
}

/** All ids of a list, page by page. */
async function walk(opened: Opened, ownerId: string, filter: JobFilter = {}, limit = 7): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await listJobs(opened.database.reader, { ownerId, filter, cursor, limit });
    ids.push(...page.items.map((item) => item.id));
    cursor = page.next;
  } while (cursor !== null);
  return ids;
}

test("a list walked page by page has every job once, newest first", async (opened) => {
  const [owner, other] = [newId(), newId()];
  const made = { newestAt: 5_000_000, jobs: 60, owners: [owner, other] };
  await generateJobs(opened.database.writer, {
    ...made,
    newId: (n) => `job-${String(n).padStart(3, "0")}`,
  });
  const expected = Array.from({ length: 30 }, (_, n) => `job-${String(58 - 2 * n).padStart(3, "0")}`);
  assertEquals(await walk(opened, owner), expected);
  const statuses = ["completed", "cancelled"];
  const ended = await walk(opened, owner, { statuses });
  assertEquals(ended, expected.filter((id) => ended.includes(id)));
  const all = await listJobs(opened.database.reader, { ownerId: owner, limit: 200 });
  assertEquals(ended.length, all.items.filter((item) => statuses.includes(item.status)).length);
  assertEquals((await listEveryJob(opened.database.reader, { limit: 200 })).items.length, 60);
});

test("jobs of one moment are neither skipped nor shown twice", async (opened) => {
  const owner = newId();
  const jobs = Array.from({ length: 23 }, () => makeJob({ userId: owner }));
  await opened.store.admit(jobs);
  const ids = await walk(opened, owner, {}, 5);
  assertEquals(ids.length, 23);
  assertEquals(new Set(ids), new Set(jobs.map((job) => job.id)));
});

test("filters and search narrow a list, together and page by page", async (opened) => {
  const owner = newId();
  await createUser(opened.database.writer, { id: owner, email: "a@example.org", passwordHash: "h" });
  const p1 = { id: "p1", userId: owner, name: "Film", description: "", createdAt: 1, updatedAt: 1 };
  await createProject(opened.database.writer, p1);
  const add = (row: Parameters<typeof makeJob>[0]) => {
    const job = makeJob({ userId: owner, ...row });
    return opened.store.admit([job]).then(() => job.id);
  };
  const walkId = await add({ row: { title: "Morning walk", prompt: "Fog over the Élbe", projectId: "p1" } });
  const dance = await add({ row: { title: "Dance", prompt: "A fogbound ballroom", mode: "audio" } });
  await add({ engine: "draft", row: { title: "Sketch", prompt: '100% "odd" words_here OR (not)' } });
  assertEquals(await walk(opened, owner, { search: "fog" }), [dance, walkId]);
  assertEquals(await walk(opened, owner, { search: "FOG elbe" }), [walkId]);
  assertEquals(await walk(opened, owner, { search: "fog", mode: "audio" }), [dance]);
  assertEquals(await walk(opened, owner, { search: "fog", mode: "text" }), []);
  const sync = await add({
    row: { title: "Choir", prompt: "A sea shanty", mode: "ltx", submode: "lipsync" },
  });
  const lipSync = { mode: "ltx", submode: "lipsync" };
  assertEquals(await walk(opened, owner, lipSync), [sync]);
  assertEquals(await walk(opened, owner, { ...lipSync, search: "shanty" }), [sync]);
  assertEquals(await walk(opened, owner, { mode: "ltx", submode: "style" }), []);
  assertEquals(await walk(opened, owner, { search: "fog", mode: "audio", engine: "comfy" }), [dance]);
  assertEquals(await walk(opened, owner, { search: "fog", engine: "draft" }), []);
  assertEquals(await walk(opened, owner, { projectId: "p1" }), [walkId]);
  assertEquals((await walk(opened, owner, { engine: "draft" })).length, 1);
  assertEquals(
    (await walk(opened, owner, { search: `"odd" OR (` })).length,
    1,
    "no query syntax gets through",
  );
  assertEquals((await walk(opened, owner, { search: "*:^" })).length, 4, "no words is no search");
  assertEquals(await walk(opened, owner, { search: "fog" }, 1), [dance, walkId]);
});

test("nobody sees what belongs to another", async (opened) => {
  const [owner, other] = [newId(), newId()];
  const job = makeJob({ userId: owner });
  await opened.store.admit([job]);
  await opened.store.turn(job.id, behave(() => ({ events: [{ kind: "job.note", message: "Noted." }] })));
  const { reader } = opened.database;
  assertEquals((await listJobs(reader, { ownerId: other })).items, []);
  assertEquals((await listJobs(reader, { ownerId: other, filter: { search: "walk" } })).items, []);
  assertEquals(await readJob(reader, { ownerId: other, jobId: job.id }), null);
  assertEquals(await listJobEvents(reader, { ownerId: other, jobId: job.id }), null);
  assertEquals(await listNews(reader, { ownerId: other, after: 0 }), {
    kind: "events",
    events: [],
    more: false,
  });
  assertEquals((await listJobEvents(reader, { ownerId: null, jobId: job.id }))?.length, 1);
});

test("a cursor that is not ours is refused", async (opened) => {
  for (const cursor of ["x", "!!", btoa("1"), btoa("drop table")]) {
    await assertRejects(
      () => listJobs(opened.database.reader, { ownerId: newId(), cursor }),
      (thrown) => assert(thrown instanceof StudioError && thrown.problem.code === "request.invalid"),
    );
  }
});

test("a job's page has its steps in plan order, inputs and outputs", async (opened) => {
  const job = makeJob({ prompts: 11, row: { settings: { seed: "18446744073709551615" } } });
  await opened.store.admit([job]);
  const film = `${sha("film")}.mp4`;
  const poster = `${sha("poster")}.jpg`;
  await opened.store.turn(
    job.id,
    behave(() => ({
      shown: makeShown({ status: "completed", share: 1, endedAt: 9 }),
      outputs: [{ run: 1, ord: 0, type: "film", file: film, poster, metadata: { draft: false } }],
    })),
  );
  const page = await readJob(opened.database.reader, { ownerId: job.userId, jobId: job.id });
  assertEquals(page?.steps.map((step) => step.id), job.plan.steps.map((step) => step.id));
  assertEquals([page?.steps[10]?.title, page?.status, page?.poster], ["Part 11", "completed", poster]);
  assertEquals(page?.settings, { seed: "18446744073709551615" });
  assertEquals(page?.outputs.map((output) => [output.file, output.metadata]), [[film, { draft: false }]]);
  const used = await listUsedFiles(opened.database.reader, [film, poster, `${sha("orphan")}.png`]);
  assertEquals(used, new Set([film, poster]));
});

test("history is readable in order, and in part, with time, kind, sentence and payload [XC10]", async (opened) => {
  const [job, noise] = [makeJob({ mail: [] }), makeJob()];
  await opened.store.admit([job, noise]);
  for (let n = 0; n < 5; n++) {
    await opened.store.post([tell(job.id, `n-${n}`)]);
    await opened.store.turn(
      job.id,
      behave(() => ({ events: [{ kind: "job.stage", message: `Stage ${n}`, body: { n } }] })),
    );
    await opened.store.turn(noise.id, behave(() => ({ events: [{ kind: "job.note", message: "Noise" }] })));
  }
  const { reader } = opened.database;
  const all = await listJobEvents(reader, { ownerId: job.userId, jobId: job.id });
  assertEquals(
    all?.map(({ kind, message, body }) => [kind, message, body]),
    [0, 1, 2, 3, 4].map((n) => [
      "job.stage",
      `Stage ${n}`,
      { n },
    ]),
  );
  assert(all?.every((event) => event.at > 0));
  const after = all?.[2]?.seq ?? 0;
  const rest = await listJobEvents(reader, { ownerId: job.userId, jobId: job.id, after });
  assertEquals(rest, all?.slice(3));
  const view = await reader.selectFrom("job_events").where("job_id", "=", job.id).selectAll().orderBy("id")
    .execute();
  assertEquals(view.map((row) => row.message), all?.map((event) => event.message));
});

test("news since a number is exact, and a number out of reach asks for a snapshot", async (opened) => {
  const job = makeJob({ mail: [] });
  await opened.store.admit([job]);
  for (let n = 0; n < 6; n++) {
    await opened.store.post([tell(job.id, `n-${n}`)]);
    await opened.store.turn(job.id, behave(() => ({ events: [{ kind: "job.stage", message: `${n}` }] })));
  }
  const { reader } = opened.database;
  const news = await listNews(reader, { ownerId: job.userId, after: 0, limit: 4 });
  assert(news.kind === "events" && news.more);
  assertEquals(news.events.map((event) => event.message), ["0", "1", "2", "3"]);
  const after = news.events[3]?.seq ?? 0;
  const rest = await listNews(reader, { ownerId: job.userId, after });
  assert(rest.kind === "events" && !rest.more);
  assertEquals(rest.events.map((event) => event.message), ["4", "5"]);
  assertEquals((await listNews(reader, { ownerId: job.userId, after: after + 99 })).kind, "snapshot");
  const swept = await opened.store.sweepRetention({ eventMs: -1000, rowsPerBatch: 4 });
  assertEquals(swept.events, 6);
  const pruned = await listNews(reader, { ownerId: job.userId, after });
  assert(pruned.kind === "snapshot");
  assertEquals(await listNews(reader, { ownerId: job.userId, after: pruned.seq }), {
    kind: "events",
    events: [],
    more: false,
  });
  await opened.store.post([tell(job.id, "later")]);
  await opened.store.turn(job.id, behave(() => ({ events: [{ kind: "job.stage", message: "new" }] })));
  const fresh = await listNews(reader, { ownerId: job.userId, after: pruned.seq });
  assertEquals(fresh.kind === "events" && fresh.events.map((event) => event.message), ["new"]);
});

test("operators see queue, servers, actors, effects and dead letters", async (opened) => {
  const { store, database: { reader } } = opened;
  await store.saveBackend(makeBackend());
  await store.saveBackend(makeBackend({ id: "sketch", engine: "draft" }));
  const [runs, waits] = [await admitReady(store), await admitReady(store)];
  await admitReady(store, { engine: "draft" });
  const grant = { jobId: runs.id, stepId: "part-0", take: 0, attempt: 1, backendId: "alpha", n: 0 };
  await store.grant({ ...grant, promptId: newId(), family: "wan" });
  await store.post([tell(waits.id, "poison")]);
  await store.turn(
    waits.id,
    behave(({ mail }) => ({
      effects: [{ id: "e1", kind: "check_inputs", lane: "net", req: {} }],
      fates: mail.map(({ seq }) => ({ seq, fate: "dead", error: "cannot be read" })),
    })),
  );
  const queue = await readQueue(reader);
  assertEquals(queue.running.map(({ jobId, title }) => [jobId, title]), [[runs.id, "A walk"]]);
  assertEquals(
    queue.pending.map(({ engine, steps, people }) => [engine, steps, people]).sort(),
    [["comfy", 1, 1], ["draft", 1, 1]],
  );
  const servers = await listBackends(reader);
  assertEquals(servers.map(({ id, held }) => [id, held.length]), [["alpha", 1], ["sketch", 0]]);
  assertEquals((await readActor(reader, runs.id))?.openMail.map(({ kind }) => kind), ["grant"]);
  assertEquals((await readActor(reader, waits.id))?.openEffects.map(({ id }) => id), ["e1"]);
  assertEquals((await listEffects(reader)).map(({ id }) => id), ["e1"]);
  assertEquals((await listDeadletters(reader)).items.map(({ error }) => error), ["cannot be read"]);
  assertEquals(await countOpen(reader), {
    openMail: 1,
    openEffects: 1,
    readySteps: 2,
    heldSlots: 1,
    deadletters: 1,
    liveJobs: 3,
  });
});
