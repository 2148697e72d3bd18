/** Queries that run all the time use an index, so that a studio with a long past is as fast as a new one. */
import { CompiledQuery, sql } from "kysely";
import { generateJobs } from "@/db/generate.ts";
import { buildPending } from "@/db/queries/admin.ts";
import { buildCounts, buildPlaces, buildRunning } from "@/db/queries/queue.ts";
import { buildBounds, buildNews } from "@/db/queries/events.ts";
import type { Position } from "@/db/queries/cursor.ts";
import { buildRecords } from "@/db/queries/job_records.ts";
import type { Places } from "@/db/prepared.ts";
import { buildNewest, buildSamples } from "@/db/queries/pace.ts";
import { buildList, buildSearch, type JobFilter } from "@/db/queries/jobs.ts";
import type { SqliteStore } from "@/db/store_sqlite.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import {
  admitReady,
  behave,
  makeBackend,
  makeJob,
  makeShown,
  newId,
  type Opened,
  openSqlite,
  tell,
} from "./fixtures.ts";

/** The steps of SQLite's plan, one per line. */
async function explain({ database }: Opened, query: { sql: string; parameters: readonly unknown[] }) {
  const plan = CompiledQuery.raw(`explain query plan ${query.sql}`, [...query.parameters]);
  const explained: CompiledQuery<{ detail: string }> = plan;
  const { rows } = await database.writer.executeQuery(explained);
  return rows.map((row) => row.detail).join("\n");
}

/** Values in the places of a prepared query. */
const ANY: Places = Object.assign(<Value>() => "any" as Value, { each: () => sql<string>`('any')` });

/** A database with a past: what SQLite chooses may depend on how much there is. */
async function openAged(): Promise<Opened> {
  const opened = await openSqlite();
  const owners = [newId(), newId(), newId()];
  await generateJobs(opened.database.writer, { jobs: 2000, owners, newestAt: 1e12, newId });
  return opened;
}

Deno.test("lists of jobs walk an index in order: no sorting, no reading of other people's jobs", async () => {
  const opened = await openAged();
  const { reader } = opened.database;
  const page = { ownerId: newId(), rows: 51 };
  const after = { at: 1e12, id: newId() };
  const list = (
    filter: JobFilter,
    from: { ownerId: string | null; after: Position | null } = { ...page, after },
  ) => buildList(reader, { ...page, ...from, filter })[0];
  const cases = [
    [/INDEX jobs_owner \(owner_id=\?/, list({}, { ownerId: page.ownerId, after: null })],
    [/INDEX jobs_owner \(owner_id=\? AND \(created_at,id\)</, list({})],
    [/INDEX jobs_owner_status \(owner_id=\? AND status=\?/, list({ statuses: ["failed", "completed"] })],
    [/INDEX jobs_owner_mode \(owner_id=\? AND mode=\?/, list({ mode: "audio" })],
    [/INDEX jobs_owner_project \(owner_id=\? AND project_id=\?/, list({ projectId: "p" })],
    [/INDEX jobs_owner_engine \(owner_id=\? AND engine=\?/, list({ engine: "draft" })],
    [/INDEX jobs_owner_project \(owner_id=\? AND project_id=\?/, list({ projectId: null })],
    [/INDEX jobs_owner_mark \(owner_id=\? AND mark=\?/, list({ mark: "starred" })],
    [/INDEX jobs_owner \(owner_id=\? AND \(created_at,id\)</, list({ mark: "kept", having: "film" })],
    [/INDEX jobs_owner \(owner_id=\? AND created_at>\?/, list({ from: 5e11, until: 9e11 })],
    [/INDEX jobs_all/, list({}, { ownerId: null, after: null })],
  ] as const;
  for (const [pattern, query] of cases) {
    assert(query);
    const plan = await explain(opened, query.compile());
    assertMatch(plan, pattern);
    const own = plan.split("\n").filter((line) => !line.includes("job_outputs"));
    assert(own.every((line) => !/^SCAN jobs$/.test(line)), plan);
    assert(!/TEMP B-TREE FOR ORDER BY/.test(own.slice(0, 2).join("\n")), plan);
  }
  await opened.close();
});

Deno.test("the API's list of jobs walks an index in order for each status", async () => {
  const opened = await openAged();
  const asked = {
    ownerId: newId(),
    mode: null,
    statuses: null,
    batchId: null,
    projectId: null,
    trashed: false,
    limit: 51,
  };
  const before = { at: 1e12, id: newId() };
  const cases = [
    [/INDEX jobs_owner \(owner_id=\?/, { ...asked, before: null }],
    [/INDEX jobs_owner \(owner_id=\? AND \(created_at,id\)</, { ...asked, before }],
    [/INDEX jobs_owner_status \(owner_id=\? AND status=\?/, {
      ...asked,
      before,
      statuses: ["queued", "failed"],
    }],
    [/INDEX jobs_owner_mode \(owner_id=\? AND mode=\?/, { ...asked, before, mode: "audio" }],
    [/INDEX jobs_owner_project \(owner_id=\? AND project_id=\?/, { ...asked, before, projectId: "p" }],
  ] as const;
  for (const [pattern, filter] of cases) {
    const plan = await explain(opened, buildRecords(opened.database.reader, ANY, filter).compile());
    const walks = plan.split("\n").filter((line) => pattern.test(line));
    assertEquals(walks.length, filter.statuses?.length ?? 1, plan);
    // Only the few that the walks of several statuses found are sorted.
    const sorts = plan.split("\n").filter((line) => line.includes("TEMP B-TREE"));
    assertEquals(sorts.length, walks.length > 1 ? 1 : 0, plan);
  }
  await opened.close();
});

Deno.test("a search hands out matches newest first, without sorting them", async () => {
  const opened = await openAged();
  const query = buildSearch(opened.database.reader, {
    ownerId: newId(),
    words: ["fog"],
    rows: 51,
    after: null,
  });
  const plan = await explain(opened, query.compile());
  assertMatch(plan, /SCAN jobs_words VIRTUAL TABLE INDEX/);
  assertMatch(plan, /SEARCH jobs USING INDEX \S+ \(no=\?\)/);
  assert(!/TEMP B-TREE/.test(plan.split("CORRELATED")[0] ?? ""), plan);
  await opened.close();
});

Deno.test("news and the queue are read from indexes", async () => {
  const opened = await openAged();
  const { reader } = opened.database;
  const news = await explain(opened, buildNews(reader, { ownerId: newId(), after: 5, limit: 9 }).compile());
  assertMatch(news, /INDEX event_user \(user_id=\? AND seq>\?\)/);
  assert(!news.includes("TEMP B-TREE"), news);
  const bounds = await explain(opened, buildBounds(reader, newId()).compile());
  assertEquals(
    bounds.match(/SEARCH event USING COVERING INDEX event_user \(user_id=\?\)/g)?.length,
    2,
    bounds,
  );
  const newest = await explain(opened, buildNewest(reader).compile());
  assertMatch(newest, /^SCAN jobs USING INDEX jobs_all$/);
  const samples = await explain(opened, buildSamples(reader, [newId(), newId()]).compile());
  assertMatch(samples, /^SEARCH step USING INDEX \S+ \(job_id=\?\)$/);
  assertMatch(await explain(opened, buildPending(reader).compile()), /INDEX step_lane/);
  assertMatch(await explain(opened, buildRunning(reader).compile()), /COVERING INDEX step_active/);
  assertMatch(await explain(opened, buildCounts(reader).compile()), /COVERING INDEX step_active/);
  assertMatch(
    await explain(opened, buildPlaces(reader, newId()).compile()),
    /INDEX jobs_live \(owner_id=\?\)/,
  );
  await opened.close();
});

Deno.test("no statement of the store reads a whole table", async () => {
  const seen = new Map<string, readonly unknown[]>();
  let watching = false;
  const opened = await openSqlite(":memory:", {
    onQuery: ({ sql, parameters }) => {
      if (watching) seen.set(sql, parameters);
    },
  });
  await generateJobs(opened.database.writer, { jobs: 500, owners: [newId()], newestAt: 1e12, newId });
  watching = true;
  await exercise(opened.store);
  watching = false;
  assert(seen.size > 40, `only ${seen.size} statements were seen`);
  for (const [text, parameters] of seen) {
    if (/^(begin|commit|rollback)/i.test(text)) continue;
    const plan = await explain(opened, { sql: text, parameters });
    // What runs in every turn is planned once: a bare bound limit would be planned at each run. The broom may.
    const isPlannedOnce = !/limit \?(?! \+ 0)/.test(text);
    assert(isPlannedOnce || /^(delete|select max)/.test(text), text);
    // A studio has a handful of servers and slots; the broom reads events from the oldest on and stops after a batch.
    if (text.includes("from event order by seq limit ?")) continue;
    const scans = plan.split("\n").filter((line) =>
      /^SCAN (?!backend|slot|CONSTANT ROW|\S+ USING)/.test(line)
    );
    assertEquals(scans, [], `${text}\n${plan}`);
  }
  await opened.close();
});

/** Calls every method of the store at least once, so that each of its statements is seen. */
async function exercise(store: SqliteStore): Promise<void> {
  await store.saveBackend(makeBackend());
  const [job, other] = [await admitReady(store), makeJob()];
  await store.admit([other], { openMax: 99 });
  await store.admit([other]);
  await store.revise(job.id, {
    rev: 2,
    plan: job.plan,
    mail: tell(job.id, "edit", { body: { type: "edit", rev: 2 } }),
    row: { title: "t", prompt: "p", negativePrompt: "", settings: {} },
  });
  await store.arrange(job.userId, [job.id]);
  const promptId = newId();
  const key = { stepId: "part-0", take: 0, attempt: 1 };
  await store.ready(9);
  await store.grant({ ...key, jobId: job.id, backendId: "alpha", n: 0, promptId, family: "wan" });
  await store.rememberFile("alpha", 1, "a", "b");
  await store.backendFile("alpha", "a");
  const effects = ["e1", "e2", "e3"].map((id) => ({ id, kind: "k", lane: "net", req: {} }));
  await store.turn(
    job.id,
    behave(({ steps }) => ({
      effects,
      priority: 3,
      revoke: ["e3"],
      slots: [{ promptId, op: "stopping" }, { promptId: "other", op: "free" }],
      steps: steps.slice(0, 2).map((step) => ({ ...step, state: "ready", uses: { "part-0": 0 } })),
      events: [{ kind: "k", message: "m" }],
      mail: [tell(other.id, "hello"), tell(newId(), "nobody")],
      shown: makeShown(),
      outputs: [{ run: 1, ord: 0, type: "film", file: "f", poster: null, metadata: {} }],
    }), () => ["part-1"]),
  );
  const claim = await store.claim("me", ["net"], 60_000);
  assert(claim);
  await store.beat(claim.id, claim.token, 60_000);
  await store.note(claim.id, claim.token, "n");
  await store.putOff(claim.id, claim.token, 60_000);
  const second = await store.claim("me", ["net"], 60_000);
  assert(second);
  const output = { node: "1", ord: 0, sha256: "s", ext: "png", bytes: 1, role: "main" };
  const files = [{ backendId: "alpha", epoch: 1, sha256: "x", ref: "y" }];
  await store.finish(second.id, second.token, {
    status: "done",
    result: 1,
    mail: [tell(job.id, "found")],
    files,
    outputs: [output],
  });
  await store.release("me");
  await store.turn(
    job.id,
    behave(({ mail }) => ({
      fates: mail.map(({ seq }, at) =>
        at === 0 ? { seq, fate: "dead", error: "e" } : { seq, fate: "later", delayMs: 9, error: "e" }
      ),
    })),
  );
  await store.freeSlot(promptId);
  await store.findDone(job.userId, "d");
  await store.disown(job.userId, "d");
  await Promise.all([store.plan(job.id, 1), store.steps(job.id), store.actor(job.id), store.slots()]);
  await Promise.all([store.backends(), store.dueActors(5), store.nextDueIn(), store.now()]);
  await store.sweepRetention({ mailMs: 0, effectMs: 0, eventMs: 0 });
}
