/** How every store lets jobs in. */
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { StudioError } from "@/core/problem.ts";
import { behave, makeJob, newId, sha } from "../fixtures.ts";
import type { Rules } from "./harness.ts";

const LONG_MS = 600_000;

export const admissionRules: Rules = {
  "the history of a job begins when it is let in, once, and goes on from there": async ({ store }) => {
    const begins = { kind: "status", message: "The job was made.", body: { status: "created", run: 1 } };
    const job = { ...makeJob(), begins };
    await store.admit([job]);
    await store.admit([job]);
    await store.turn(job.id, behave(() => ({ events: [{ kind: "status", message: "Checked." }] })));
    const { events } = await store.inspect();
    assertEquals(events.map(({ seq, ver, message }) => [seq, ver, message]), [
      [1, 0, "The job was made."],
      [2, 1, "Checked."],
    ]);
    assertEquals(events[0]?.body, begins.body);
    assert(events.every(({ at }) => at > 0));
  },

  "the same job again changes nothing": async ({ store }) => {
    const job = makeJob();
    await store.admit([job]);
    await store.turn(job.id, behave(() => ({ state: { rev: 1, count: 5 } })));
    const before = await store.inspect();
    assertEquals(await store.admit([job]), { repeated: null });
    assertEquals(await store.inspect(), before);
  },

  "a request sent twice gets the first answer; another body under its key is refused": async ({ store }) => {
    const [job, twin] = [makeJob(), makeJob()];
    const once = {
      userId: job.userId,
      route: "POST /api/jobs",
      key: "k1",
      bodyHash: sha("body"),
      status: 202,
      response: { id: job.id },
      ttlMs: LONG_MS,
    };
    assertEquals(await store.admit([job], { once }), { repeated: null });
    assertEquals(
      await store.admit([twin], { once: { ...once, response: { id: twin.id } } }),
      { repeated: { status: 202, response: { id: job.id } } },
    );
    await assertRejects(
      () => store.admit([twin], { once: { ...once, bodyHash: sha("other") } }),
      (thrown) =>
        assert(thrown instanceof StudioError && thrown.problem.code === "request.idempotency_reused"),
    );
    assertEquals((await store.inspect()).jobs.map(({ id }) => id), [job.id]);
    assertEquals(await store.admit([twin], { once: { ...once, userId: newId() } }), { repeated: null });
  },

  "jobs are admitted all or none": async ({ store }) => {
    const userId = newId();
    await store.admit([makeJob({ userId }), makeJob({ userId, shown: { status: "completed" } })]);
    await assertRejects(
      () => store.admit([makeJob({ userId }), makeJob({ userId })], { openMax: 2 }),
      (thrown) => assert(thrown instanceof StudioError && thrown.problem.code === "job.queue_full"),
    );
    assertEquals((await store.inspect()).jobs.length, 2);
    await store.admit([makeJob({ userId })], { openMax: 2 });
    assertEquals((await store.inspect()).jobs.length, 3);
  },
};
