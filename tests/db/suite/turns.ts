/** What every store does in a turn. */
import { assertEquals, assertRejects } from "@/tests/assert.ts";
import { behave, makeJob, makePlan, makeShown, makeStep, newId, sha, tell } from "../fixtures.ts";
import type { Rules } from "./harness.ts";

const LONG_MS = 600_000;

function countOf(state: unknown): number {
  const holds = typeof state === "object" && state !== null && "count" in state;
  return holds && typeof state.count === "number" ? state.count : NaN;
}

export const turnsRules: Rules = {
  "a turn writes state, steps, events, effects and mail together": async ({ store }) => {
    const [job, other] = [makeJob(), makeJob({ mail: [] })];
    await store.admit([job, other]);
    const report = await store.turn(
      job.id,
      behave(({ steps }) => ({
        state: { rev: 1, count: 1 },
        steps: steps.slice(0, 1).map((step) => ({ ...step, state: "ready", attempt: 1 })),
        events: [{ kind: "step.ready", message: "Part 1 waits." }, { kind: "job.note", message: "Noted." }],
        effects: [{ id: `${job.id}:check`, kind: "check_inputs", lane: "net", req: { run: 1 } }],
        mail: [tell(other.id, "hello"), tell(job.id, "again", { delayMs: LONG_MS })],
        shown: makeShown({ status: "queued", stage: "Part 1 waits", share: 0.25, promptId: "p1" }),
      })),
    );
    assertEquals(report, { handled: 1, more: false, told: [other.id], effects: 1, schedule: true });
    const actor = await store.actor(job.id);
    assertEquals([actor?.state, actor?.ver], [{ rev: 1, count: 1 }, 2]);
    assertEquals((await store.steps(job.id))[0]?.state, "ready");
    const { events, effects, jobs } = await store.inspect();
    assertEquals(events.map(({ ver, kind }) => [ver, kind]), [[1, "step.ready"], [2, "job.note"]]);
    assertEquals(effects.map(({ id, status, token }) => [id, status, token]), [[
      `${job.id}:check`,
      "open",
      0,
    ]]);
    const shown = jobs.find(({ id }) => id === job.id);
    assertEquals([shown?.status, shown?.share, shown?.promptId], ["queued", 0.25, "p1"]);
  },

  "a turn that fails changes nothing": async ({ store }) => {
    const job = makeJob();
    await store.admit([job]);
    const before = await store.inspect();
    await assertRejects(() =>
      store.turn(
        job.id,
        behave(() => {
          throw new Error("a bug");
        }),
      )
    );
    const twoChosen = [makeStep("part-0"), makeStep("part-0", { take: 1 })];
    await assertRejects(() =>
      store.turn(
        job.id,
        behave(() => ({
          state: { rev: 1, count: 9 },
          steps: twoChosen,
          events: [{ kind: "x", message: "x" }],
        })),
      )
    );
    assertEquals(await store.inspect(), before);
    assertEquals((await store.turn(job.id, behave()))?.handled, 1);
  },

  "events of an actor are numbered without gaps, however many turns run at once": async ({ store }) => {
    const job = makeJob({ mail: [] });
    await store.admit([job]);
    const counting = behave(({ actor, mail }) => ({
      state: { rev: 1, count: countOf(actor.state) + mail.length },
      events: mail.map(({ kind }) => ({ kind, message: "Counted." })),
    }));
    const all = Array.from({ length: 60 }, async (_, at) => {
      await store.post([tell(job.id, `n-${at}`)]);
      await store.turn(job.id, counting);
    });
    await Promise.all(all);
    const actor = await store.actor(job.id);
    assertEquals(actor?.state, { rev: 1, count: 60 });
    const { events } = await store.inspect();
    assertEquals(events.map(({ ver }) => ver), Array.from({ length: 60 }, (_, at) => at + 1));
    assertEquals(new Set(events.map(({ kind }) => kind)).size, 60);
  },

  "an unknown actor and one without due mail have no turn": async ({ store }) => {
    const job = makeJob({ mail: [] });
    await store.admit([job]);
    assertEquals(await store.turn(job.id, behave()), null);
    assertEquals(await store.turn(newId(), behave()), null);
  },

  "a turn loads active steps and the wanted ones with all their takes": async ({ store }) => {
    const job = makeJob({ prompts: 4 });
    job.steps = [
      makeStep("part-0", { state: "done", chosen: false }),
      makeStep("part-0", { take: 1, state: "done" }),
      makeStep("part-1", { state: "running", attempt: 1 }),
      makeStep("part-2", { state: "waiting_for_person" }),
      makeStep("part-3", { state: "pending" }),
      makeStep("join"),
    ];
    await store.admit([job]);
    const loaded: string[] = [];
    await store.turn(
      job.id,
      behave(
        ({ steps }) => (loaded.push(...steps.map((step) => `${step.id}/${step.take}`)), {}),
        () => ["part-0"],
      ),
    );
    assertEquals(loaded.sort(), ["part-0/0", "part-0/1", "part-1/0", "part-2/0"]);
  },

  "another take can be chosen in one turn": async ({ store }) => {
    const job = makeJob();
    await store.admit([job]);
    const done = makeStep("part-0", { state: "done" });
    await store.turn(job.id, behave(() => ({ steps: [done] })));
    await store.post([tell(job.id, "retake")]);
    await store.turn(
      job.id,
      behave(() => ({ steps: [{ ...done, take: 1, chosen: true }, { ...done, chosen: false }] })),
    );
    const takes = (await store.steps(job.id)).filter((step) => step.id === "part-0");
    assertEquals(takes.map(({ take, chosen }) => [take, chosen]), [[0, false], [1, true]]);
  },

  "a plan revision is stored once, with the mail that names it": async ({ store }) => {
    const job = makeJob({ mail: [] });
    await store.admit([job]);
    const [longer, shorter] = [makePlan({ prompts: 3 }), makePlan({ prompts: 1 })];
    const edit = (n: number) => tell(job.id, `edit-${n}`, { body: { type: "edit", rev: 2 } });
    assertEquals(await store.revise(job.id, { rev: 2, plan: longer, mail: edit(1) }), true);
    assertEquals(await store.revise(job.id, { rev: 2, plan: shorter, mail: edit(2) }), false);
    assertEquals((await store.plan(job.id, 2))?.steps.length, 4);
    assertEquals(await store.plan(job.id, 3), null);
    const revs: number[][] = [];
    await store.turn(job.id, behave(({ plans }) => (revs.push([...plans.keys()].sort()), {})));
    assertEquals(revs, [[1, 2]]);
    assertEquals((await store.inspect()).mail.length, 1);
  },

  "the outputs of a run are written once": async ({ store }) => {
    const job = makeJob();
    await store.admit([job]);
    const output = { run: 1, ord: 0, type: "film", file: `${sha("film")}.mp4`, poster: null, metadata: {} };
    // The next run may have begun in the turn that ended this one.
    const finish = behave(() => ({ outputs: [output], shown: makeShown({ status: "queued", run: 2 }) }));
    await store.turn(job.id, finish);
    await store.post([tell(job.id, "twice")]);
    await store.turn(job.id, finish);
    assertEquals((await store.inspect()).jobOutputs.map(({ run, ord }) => [run, ord]), [[1, 0]]);
    await store.post([tell(job.id, "again")]);
    await store.turn(
      job.id,
      behave(() => ({
        outputs: [{ ...output, run: 2 }],
        shown: makeShown({ status: "completed", run: 2 }),
      })),
    );
    assertEquals((await store.inspect()).jobOutputs.map(({ run, ord }) => [run, ord]), [[1, 0], [2, 0]]);
  },

  "the first prompt of a job stays the one that is shown": async ({ store }) => {
    const job = makeJob();
    await store.admit([job]);
    await store.turn(job.id, behave(() => ({ shown: makeShown({ promptId: "one" }) })));
    await store.post([tell(job.id, "next")]);
    await store.turn(job.id, behave(() => ({ shown: makeShown({ promptId: "two" }) })));
    assertEquals((await store.inspect()).jobs[0]?.promptId, "one");
  },
};
