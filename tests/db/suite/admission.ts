/** How every store lets jobs in. */
import { assert, assertEquals, assertRejects } from "@/tests/assert.ts";
import { StudioError } from "@/core/problem.ts";
import { behave, makeJob, newId } from "../fixtures.ts";
import type { Rules } from "./harness.ts";

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
    await store.admit([job]);
    assertEquals(await store.inspect(), before);
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
