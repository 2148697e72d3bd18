/** Jobs as the API asks for them, over a real database in memory. */
import { firstSteps, newJobState } from "@/actors/job/messages.ts";
import { shownOf } from "@/actors/job/status.ts";
import type { BackendRow, Store } from "@/core/store.ts";
import { problems } from "@/core/words/problems.ts";
import { migrate } from "@/db/migrate.ts";
import { type Database, openDatabase } from "@/db/sqlite.ts";
import { openSqliteStore } from "@/db/store_sqlite.ts";
import { DRAFT_ID, requeueDrafts } from "@/studio/backends.ts";
import { openJobs } from "@/studio/door/jobs.ts";
import { chainPlan } from "@/tests/actors/job/bench.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

const JOB = "01990000-0000-7000-8000-000000000001";

function backend(status: BackendRow["status"], id = "b1"): BackendRow {
  return {
    id,
    url: "http://b",
    engine: "comfy",
    slots: 2,
    status,
    epoch: 1,
    lastSeenAt: null,
    loadedFamily: null,
    vram: null,
    version: null,
    problem: null,
  };
}

async function admit(store: Store): Promise<void> {
  const plan = chainPlan(1);
  const state = {
    ...newJobState({ failuresMax: 4, retryBaseMs: 1 }),
    phase: "open" as const,
    reached: "queued" as const,
  };
  const steps = firstSteps(plan).map((row) =>
    row.id === "chunk-1"
      ? { ...row, state: "ready" as const, attempt: 1 }
      : { ...row, state: "done" as const }
  );
  const row = {
    mode: "animate",
    submode: "move",
    title: "t",
    prompt: "p",
    negativePrompt: "",
    settings: {},
    template: { name: "animate/move", version: "1.0.0" },
    engine: "comfy" as const,
    batchId: null,
    projectId: null,
    assets: [],
    parentId: null,
    draftId: null,
  };
  const shown = { ...shownOf(state), stage: "Part 1 of 1: waits for a render server" };
  await store.admit([{
    id: JOB,
    userId: "ann",
    kind: "job",
    priority: 0,
    state,
    plan,
    steps,
    mail: [],
    shown,
    row,
  }]);
}

async function withStore(
  use: (store: Store, jobs: ReturnType<typeof openJobs>, db: Database) => Promise<void>,
): Promise<void> {
  const db = openDatabase(":memory:");
  await migrate(db.writer);
  const store = openSqliteStore(db.writer, { newId: () => crypto.randomUUID(), onClose: () => db.close() });
  await use(store, openJobs(db), db);
  await store.close();
}

Deno.test("a job that waits while no server answers stays queued and says so [AX28]", () =>
  withStore(async (store, jobs) => {
    await admit(store);
    await store.saveBackend(backend("down"));
    const waiting = await jobs.find("ann", JOB);
    assertEquals([waiting?.status, waiting?.stage], ["queued", problems["comfy.unreachable"]]);
    await store.saveBackend(backend("up"));
    assertEquals((await jobs.find("ann", JOB))?.stage, "Part 1 of 1: waits for a render server");
  }));

Deno.test("a list has each film's pieces by their newest take, and the film of the newest run", () =>
  withStore(async (store, jobs, db) => {
    await admit(store);
    assertEquals((await jobs.find("ann", JOB))?.pieces, ["todo"]);
    const take = { job_id: JOB, user_id: "ann", ord: 0, engine: "comfy", family: "", template: "" };
    const rest = { weight: 1, chosen: 0, stale: 0, run: 1, rev: 1, uses: "{}", outputs: "[]" };
    const zeros = { attempt: 0, failures: 0, losses: 0, priority: 0 };
    const second = { id: "chunk-1", take: 1, kind: "prompt", state: "done" as const };
    await db.writer.insertInto("step").values({ ...take, ...rest, ...zeros, ...second }).execute();
    const output = { job_id: JOB, ord: 0, output_type: "film", file_path: "a.mp4", created_at: 1 };
    await db.writer.insertInto("job_outputs").values([
      { ...output, id: "o1", run: 1, poster_path: "a.jpg", metadata_json: "{}" },
      {
        ...output,
        id: "o2",
        run: 2,
        poster_path: null,
        metadata_json: '{"durationS":5,"width":832,"height":480}',
      },
    ]).execute();
    const asked = {
      mode: null,
      statuses: null,
      batchId: null,
      projectId: null,
      trashed: false,
      before: null,
      limit: 9,
    };
    const [listed] = await jobs.list("ann", asked);
    assertEquals(listed?.pieces, ["done"]);
    assertEquals(listed?.film, {
      output: "o2",
      type: "film",
      hasPoster: false,
      seconds: 5,
      width: 832,
      height: 480,
      loop: null,
    });
  }));

Deno.test("what the studio's own draft renderer held waits for a slot again after a restart", () =>
  withStore(async (store) => {
    await admit(store);
    await store.saveBackend(backend("up", DRAFT_ID));
    const grant = {
      jobId: JOB,
      stepId: "chunk-1",
      take: 0,
      attempt: 1,
      backendId: DRAFT_ID,
      n: 0,
      promptId: "p1",
      family: "a",
    };
    assert(await store.grant(grant));
    await requeueDrafts(store);
    await requeueDrafts(store);
    const mail: unknown[] = [];
    await store.turn(JOB, {
      wants: () => "all",
      decide(input) {
        mail.push(...input.mail.map((letter) => letter.body));
        const fates = input.mail.map(({ seq }) => ({ seq, fate: "done" as const }));
        const nothing = {
          steps: [],
          effects: [],
          revoke: [],
          mail: [],
          events: [],
          slots: [],
          outputs: [],
          shown: null,
        };
        return { ...nothing, state: input.actor.state, fates };
      },
    });
    const unreachable = { type: "prompt.unreachable", step: "chunk-1", take: 0, attempt: 1, promptId: "p1" };
    assertEquals(mail.at(-1), unreachable);
    assertEquals(mail.length, 2);
  }));
