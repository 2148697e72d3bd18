/** The queue over a real database: places, times and order as the studio tells them. */
import { openProgressBus } from "@/adapters/system/progress.ts";
import type { Queues } from "@/core/queue.ts";
import { NO_LIMITS, type UsualLimits } from "@/core/schedule_memory.ts";
import { openAhead, openLoads, openPaces } from "@/studio/door/ahead.ts";
import { openQueue } from "@/studio/door/queue.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { FakeClock } from "@/tests/api/fake_studio.ts";
import {
  admitReady,
  behave,
  makeBackend,
  makePlan,
  makeShown,
  makeStep,
  newId,
  type Opened,
  openSqlite,
  tell,
} from "@/tests/db/fixtures.ts";

interface Rig extends Opened {
  queue: Queues;
  clock: FakeClock;
  scheduled: () => number;
}

async function withQueue(
  use: (rig: Rig) => Promise<void>,
  usual: UsualLimits = NO_LIMITS,
): Promise<void> {
  const opened = await openSqlite();
  const clock = new FakeClock();
  let scheduled = 0;
  const { reader } = opened.database;
  const progress = openProgressBus(clock, new AbortController().signal);
  const [paces, loads] = [openPaces({ reader, clock }), openLoads({ reader, clock })];
  const ahead = openAhead({ reader, clock, progress, paces, loads, usual: () => usual });
  const queue = openQueue({ reader, store: opened.store, clock, ahead, schedule: () => void scheduled++ });
  await use({ ...opened, queue, clock, scheduled: () => scheduled });
  await opened.close();
}

Deno.test("the pool counts servers, jobs that render and jobs that wait, and is asked at most once a second", () =>
  withQueue(async ({ queue, store, clock }) => {
    assertEquals(await queue.pool(), { servers: 0, up: 0, draftOnly: false, rendering: 0, waiting: 0 });
    await store.saveBackend(makeBackend({ id: "draft", engine: "draft" }));
    const job = await admitReady(store);
    await admitReady(store, { prompts: 3 });
    assertEquals((await queue.pool()).waiting, 0, "still the first answer");
    clock.advance(1001);
    assertEquals(await queue.pool(), { servers: 1, up: 1, draftOnly: true, rendering: 0, waiting: 2 });
    await store.saveBackend(makeBackend({ id: "a" }));
    await store.saveBackend(makeBackend({ id: "b", status: "down" }));
    await store.saveBackend(makeBackend({ id: "c", status: "drain" }));
    const grant = {
      stepId: "part-0",
      take: 0,
      attempt: 1,
      backendId: "a",
      n: 0,
      promptId: newId(),
      family: "wan",
    };
    assert(await store.grant({ ...grant, jobId: job.id }));
    clock.advance(1001);
    assertEquals(await queue.pool(), { servers: 2, up: 1, draftOnly: false, rendering: 1, waiting: 1 });
  }));

Deno.test("a person sees the place of each own job among everybody's, and when it comes", () =>
  withQueue(async ({ queue, store }) => {
    await store.saveBackend(makeBackend({ slots: 1 }));
    const userId = newId();
    const running = await admitReady(store, { userId });
    const grant = {
      stepId: "part-0",
      take: 0,
      attempt: 1,
      backendId: "alpha",
      n: 0,
      promptId: newId(),
      family: "wan",
    };
    assert(await store.grant({ ...grant, jobId: running.id }));
    const foreign = await admitReady(store);
    const mine = await admitReady(store, { userId });
    const { jobs, servers } = await queue.own(userId);
    assertEquals(servers, [{ id: "alpha", engine: "comfy", n: 1, of: 1, isUp: true }]);
    assertEquals(
      jobs.map(({ jobId, runs, waits, place, backendId }) => [jobId, runs, waits, place, backendId]),
      [
        [running.id, true, false, null, "alpha"],
        [mine.id, false, true, 2, "alpha"],
      ],
    );
    const start = jobs[1]?.start;
    assert(start && start.lowS < start.likelyS && start.likelyS < start.highS);
    assertEquals((await queue.own(foreign.userId)).jobs.map(({ place }) => place), [1]);
  }));

Deno.test("an order stays, shows at once and tells the scheduler", () =>
  withQueue(async ({ queue, store, scheduled }) => {
    await store.saveBackend(makeBackend({ slots: 1 }));
    const userId = newId();
    const [a, b] = [await admitReady(store, { userId }), await admitReady(store, { userId })];
    const order = async () => (await queue.own(userId)).jobs.map(({ jobId, place }) => [jobId, place]);
    assertEquals(await order(), [[a.id, 1], [b.id, 2]]);
    assertEquals(await queue.arrange(userId, [b.id, a.id]), true);
    assertEquals(await order(), [[b.id, 1], [a.id, 2]]);
    assertEquals(scheduled(), 1);
    assertEquals(await queue.arrange(newId(), [b.id, a.id]), false);
    assertEquals(scheduled(), 1);
  }));

Deno.test("jobs that ended, lie in the trash or wait for nothing hold no place", () =>
  withQueue(async ({ queue, store, database }) => {
    await store.saveBackend(makeBackend());
    const userId = newId();
    const [ended, trashed, resting] = [
      await admitReady(store, { userId }),
      await admitReady(store, { userId }),
      await admitReady(store, { userId }),
    ];
    await store.post([tell(ended.id, "end"), tell(resting.id, "rest")]);
    await store.turn(
      ended.id,
      behave(() => ({
        shown: makeShown({ status: "failed" }),
        steps: [makeStep("part-0", { state: "failed" })],
      })),
    );
    await store.turn(resting.id, behave(() => ({ steps: [makeStep("part-0", { state: "pending" })] })));
    await database.writer.updateTable("jobs").set({ deleted_at: 1 }).where("id", "=", trashed.id).execute();
    const { jobs } = await queue.own(userId);
    assertEquals(jobs.map(({ jobId, runs, waits, place }) => [jobId, runs, waits, place]), [
      [resting.id, false, false, null],
    ]);
  }));

Deno.test("a job that is not made yet is told the place and the time that it then has", () =>
  withQueue(async ({ queue, store, clock }) => {
    const userId = newId();
    const job = { plan: makePlan(), priority: 0 };
    assertEquals(await queue.foresee({ userId, ...job }).then(({ place, startS }) => [place, startS]), [
      1,
      null,
    ]);
    await store.saveBackend(makeBackend({ slots: 1 }));
    clock.advance(1001);
    assertEquals(await queue.foresee({ userId, ...job }).then(({ place, startS }) => [place, startS]), [
      1,
      0,
    ]);
    const other = newId();
    for (let n = 0; n < 3; n++) await admitReady(store, { userId: other, prompts: 3 });
    await admitReady(store, { userId });
    for (const priority of [0, 5]) {
      clock.advance(1001);
      const { place, startS } = await queue.foresee({ ...job, userId, priority });
      assertEquals((await queue.own(userId)).jobs.length, priority === 0 ? 1 : 2, "nothing was made");
      const made = await admitReady(store, { userId, priority });
      clock.advance(1001);
      const own = (await queue.own(userId)).jobs.find(({ jobId }) => jobId === made.id);
      assertEquals([place, startS], [own?.place, own?.start?.likelyS]);
      assert(startS !== null && (startS > 0 || priority > 0));
    }
  }));

Deno.test("an estimate follows from what such work took lately, and counts no wait", () =>
  withQueue(async ({ queue, store, database, clock }) => {
    await store.saveBackend(makeBackend({ slots: 1 }));
    const job = { plan: makePlan({ prompts: 3 }), priority: 0 };
    const work = async () => (await queue.foresee({ userId: newId(), ...job })).work;
    assertEquals(await work(), { likelyS: 4, lowS: 3, highS: 6 });
    for (const seconds of [8, 9, 10]) {
      const done = await admitReady(store);
      for (const [id, tookS] of [["part-0", seconds], ["part-1", seconds], ["join", 2]] as const) {
        await database.writer.updateTable("step").where("job_id", "=", done.id).where("id", "=", id)
          .set({
            state: "done",
            backend_id: id === "join" ? null : "alpha",
            started_at: 1000,
            ended_at: 1000 + tookS * 1000,
          }).execute();
      }
    }
    const drafts = await admitReady(store, { engine: "draft" });
    await database.writer.updateTable("step").where("job_id", "=", drafts.id)
      .set({ state: "done", backend_id: "draft", started_at: 1, ended_at: 2 }).execute();
    // Taken over from an earlier job: no server did it.
    const reused = await admitReady(store);
    await database.writer.updateTable("step").where("job_id", "=", reused.id)
      .set({ state: "done", backend_id: null, started_at: 1, ended_at: 2000 }).where("kind", "=", "prompt")
      .execute();
    clock.advance(60_001);
    const { likelyS, lowS, highS } = await work();
    assert(Math.abs(likelyS - (3 * 9 + 2)) < 3, `${likelyS}`);
    assert(lowS > 15 && lowS < 29 && highS > 29 && highS < 50, `${lowS} to ${highS}`);
  }));

Deno.test("work in the studio counts as running and ends by itself", () =>
  withQueue(async ({ queue, store }) => {
    const userId = newId();
    const job = await admitReady(store, { userId });
    await store.post([tell(job.id, "join")]);
    await store.turn(
      job.id,
      behave(({ at }) => ({
        steps: [
          makeStep("part-0", { state: "done" }),
          makeStep("part-1", { state: "done" }),
          makeStep("join", { state: "running", startedAt: at }),
        ],
      })),
    );
    const [shown] = (await queue.own(userId)).jobs;
    assertEquals([shown?.runs, shown?.start, shown?.backendId], [true, null, null]);
    assert(shown?.end && shown.end.likelyS <= 1);
  }));

Deno.test("who waits for a limit of their own is told so, and which", () =>
  withQueue(async ({ queue, store, database, clock }) => {
    await store.saveBackend(makeBackend({ slots: 2 }));
    const userId = newId();
    const [running, waiting] = [await admitReady(store, { userId }), await admitReady(store, { userId })];
    const other = await admitReady(store);
    const grant = {
      stepId: "part-0",
      take: 0,
      attempt: 1,
      backendId: "alpha",
      n: 0,
      promptId: newId(),
      family: "wan",
    };
    assert(await store.grant({ ...grant, jobId: running.id }));
    const keptOf = async (id: string, of = userId) => {
      clock.advance(1001);
      return (await queue.own(of)).jobs.find(({ jobId }) => jobId === id)?.kept;
    };
    assertEquals(await keptOf(waiting.id), "limit");
    assertEquals(await keptOf(other.id, other.userId), null);
    const at = await store.now();
    const spent = { job_id: waiting.id, step_id: "s", kind: "gpu", place: "alpha", state: "spent", bytes: 0 };
    await database.writer.insertInto("ledger").values({
      ...spent,
      id: newId(),
      user_id: userId,
      seconds: 600,
      estimate: 0,
      money: 0,
      at,
    }).execute();
    assertEquals(await keptOf(waiting.id), "minutes");
  }, { running: 1, gpuMinutes: 10 }));
