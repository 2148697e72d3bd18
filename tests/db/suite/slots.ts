/** What every store does with servers, slots and the steps that wait for them. */
import { assert, assertEquals } from "@/tests/assert.ts";
import type { Grant, StepRow } from "@/core/store.ts";
import {
  admitReady,
  behave,
  makeBackend,
  makeJob,
  makeShown,
  makeStep,
  newId,
  sha,
  tell,
} from "../fixtures.ts";
import type { Rules } from "./harness.ts";

function grantOf(job: { id: string }, change: Partial<Grant> = {}): Grant {
  return {
    jobId: job.id,
    stepId: "part-0",
    take: 0,
    attempt: 1,
    backendId: "alpha",
    n: 0,
    promptId: newId(),
    family: "wan",
    ...change,
  };
}

export const slotsRules: Rules = {
  "a grant holds the slot, marks the step and tells the job, together": async ({ store }) => {
    await store.saveBackend(makeBackend());
    const job = await admitReady(store);
    const grant = grantOf(job);
    assertEquals((await store.ready(10)).map(({ jobId, stepId }) => [jobId, stepId]), [[job.id, "part-0"]]);
    assertEquals(await store.grant(grant), true);
    const [slot] = await store.slots();
    assertEquals([slot?.promptId, slot?.n, slot?.state, slot?.jobId], [grant.promptId, 0, "held", job.id]);
    const [step] = await store.steps(job.id);
    assertEquals([step?.state, step?.promptId, step?.backendId], ["granted", grant.promptId, "alpha"]);
    assertEquals(await store.ready(10), []);
    const bodies: unknown[] = [];
    await store.turn(job.id, behave(({ mail }) => (bodies.push(...mail.map((m) => m.body)), {})));
    assertEquals(bodies, [{
      type: "grant",
      step: "part-0",
      take: 0,
      attempt: 1,
      backendId: "alpha",
      promptId: grant.promptId,
    }]);
  },

  "a grant is refused when anything about it is no longer true": async ({ store }) => {
    await store.saveBackend(makeBackend({ slots: 2 }));
    await store.saveBackend(makeBackend({ id: "down", status: "down" }));
    await store.saveBackend(makeBackend({ id: "drain", status: "drain" }));
    await store.saveBackend(makeBackend({ id: "draft", engine: "draft" }));
    const [job, other] = [await admitReady(store), await admitReady(store)];
    const refused = [
      grantOf(job, { attempt: 2 }),
      grantOf(job, { take: 1 }),
      grantOf(job, { stepId: "part-1" }),
      grantOf(job, { stepId: "join", attempt: 0 }),
      grantOf(job, { n: 2 }),
      grantOf(job, { n: -1 }),
      grantOf(job, { backendId: "down" }),
      grantOf(job, { backendId: "drain" }),
      grantOf(job, { backendId: "draft" }),
      grantOf(job, { backendId: "unknown" }),
      grantOf({ id: newId() }),
    ];
    for (const grant of refused) assertEquals(await store.grant(grant), false);
    assertEquals(await store.slots(), []);
    const first = grantOf(job);
    assertEquals(await store.grant(first), true);
    assertEquals(await store.grant(grantOf(job, { n: 1 })), false, "granted twice");
    assertEquals(await store.grant(grantOf(other)), false, "slot taken");
    assertEquals(
      await store.grant(grantOf(other, { n: 1, promptId: first.promptId })),
      false,
      "prompt known",
    );
    assertEquals(await store.grant(grantOf(other, { n: 1 })), true);
  },

  "two schedulers that grant at once give a step one slot [XC7]": async ({ store }) => {
    await store.saveBackend(makeBackend({ slots: 2 }));
    const jobs = await Promise.all(Array.from({ length: 6 }, () => admitReady(store)));
    const tries = jobs.flatMap((job) => [0, 1].map((n) => store.grant(grantOf(job, { n }))));
    const given = (await Promise.all(tries)).filter((granted) => granted).length;
    const slots = await store.slots();
    assertEquals([given, slots.length], [2, 2]);
    assertEquals(new Set(slots.map((slot) => slot.jobId)).size, 2);
  },

  "where slots were taken away while they were held, none is granted before fewer are held than are left [XC7]":
    async ({ store }) => {
      await store.saveBackend(makeBackend({ slots: 3 }));
      const [one, two, next] = [await admitReady(store), await admitReady(store), await admitReady(store)];
      assertEquals(await store.grant(grantOf(one, { n: 1 })), true);
      const last = grantOf(two, { n: 2 });
      assertEquals(await store.grant(last), true);
      for (const slots of [1, 2]) {
        await store.saveBackend(makeBackend({ slots }));
        assertEquals(await store.grant(grantOf(next, { n: 0 })), false, `${slots} slots, 2 held`);
      }
      await store.freeSlot(last.promptId);
      assertEquals(await store.grant(grantOf(next, { n: 0 })), true);
    },

  "a slot is freed by the job's turn; a stopping one stays until the prompt is gone": async ({ store }) => {
    await store.saveBackend(makeBackend());
    const [job, other] = [await admitReady(store), await admitReady(store)];
    const [mine, theirs] = [grantOf(job), grantOf(other, { n: 1 })];
    await store.grant(mine);
    await store.grant(theirs);
    const report = await store.turn(
      job.id,
      behave(() => ({
        slots: [{ promptId: mine.promptId, op: "stopping" }, { promptId: theirs.promptId, op: "free" }],
      })),
    );
    assertEquals(report?.schedule, false);
    assertEquals((await store.slots()).map(({ state }) => state), ["stopping", "held"]);
    assertEquals(await store.grant(grantOf(await admitReady(store), { n: 0 })), false);
    await store.freeSlot(mine.promptId);
    assertEquals((await store.slots()).map(({ n }) => n), [1]);
    const freed = await store.turn(
      other.id,
      behave(() => ({ slots: [{ promptId: theirs.promptId, op: "free" }] })),
    );
    assertEquals([freed?.schedule, (await store.slots()).length], [true, 0]);
  },

  "what a prompt took of its server counts for its owner, whether it ended or was stopped": async (
    { store },
  ) => {
    await store.saveBackend(makeBackend());
    const userId = newId();
    const [done, stopped, unseen] = [
      await admitReady(store, { userId }),
      await admitReady(store, { userId }),
      await admitReady(store, { userId }),
    ];
    const servedBy = async (job: { id: string }, seconds: number | null, op: "free" | "stopping") => {
      const grant = grantOf(job);
      assertEquals(await store.grant(grant), true);
      const [slot] = await store.slots();
      assertEquals([slot?.userId, slot?.weight], [userId, 1]);
      await store.turn(
        job.id,
        behave(({ steps, at }) => ({
          steps: seconds === null ? [] : steps.slice(0, 1).map((step) => ({
            ...step,
            state: "collecting",
            startedAt: at - seconds * 1000,
          })),
          slots: [{ promptId: grant.promptId, op }],
        })),
      );
      await store.freeSlot(grant.promptId);
      return (await store.shares()).people.get(userId)?.served ?? 0;
    };
    const near = (seconds: number, wanted: number) => assert(Math.abs(seconds - wanted) < 0.5, `${seconds}`);
    near(await servedBy(done, 30, "free"), 30);
    near(await servedBy(stopped, 12, "stopping"), 42);
    near(await servedBy(unseen, null, "free"), 42);
  },

  "a step that left a silent server may run on another one meanwhile": async ({ store }) => {
    await store.saveBackend(makeBackend());
    await store.saveBackend(makeBackend({ id: "beta" }));
    const job = await admitReady(store);
    const lost = grantOf(job);
    await store.grant(lost);
    await store.turn(
      job.id,
      behave(({ steps }) => ({
        steps: steps.slice(0, 1).map((step) => ({ ...step, state: "ready", attempt: 2 })),
        slots: [{ promptId: lost.promptId, op: "stopping" }],
      })),
    );
    assertEquals(await store.grant(grantOf(job, { attempt: 2, backendId: "beta" })), true);
    assertEquals((await store.slots()).map(({ backendId, state }) => [backendId, state]), [
      ["alpha", "stopping"],
      ["beta", "held"],
    ]);
  },

  "candidates come one per person and model first, by priority and age": async ({ store, pass }) => {
    const [flood, light] = [newId(), newId()];
    const flooded = [];
    for (let n = 0; n < 4; n++) flooded.push(await admitReady(store, { userId: flood }));
    await pass(2);
    const single = await admitReady(store, { userId: light });
    const otherModel = await admitReady(store, { userId: light, family: "ltx", priority: 5 });
    const ids = (await store.ready(10)).map(({ jobId }) => jobId);
    assertEquals(ids.length, 6);
    assertEquals(ids[0], otherModel.id);
    assert(ids.indexOf(single.id) <= 2);
    assertEquals((await store.ready(3)).length, 3);
    assertEquals(new Set((await store.ready(3)).map(({ userId, family }) => `${userId} ${family}`)).size, 3);
    const last = flooded[3];
    assert(last);
    await store.post([tell(last.id, "hurry")]);
    await store.turn(last.id, behave(() => ({ priority: 9 })));
    assertEquals((await store.ready(10))[0]?.jobId, last.id);
  },

  "jobs exchange their places in the queue, also for steps that are not waiting yet": async ({ store }) => {
    const userId = newId();
    const [a, b, c] = [
      await admitReady(store, { userId }),
      await admitReady(store, { userId }),
      await admitReady(store, { userId }),
    ];
    const order = async () => (await store.ready(9)).map(({ jobId }) => jobId);
    assertEquals(await order(), [a.id, b.id, c.id], "as they came");
    assertEquals(await store.arrange(userId, [c.id, a.id]), true);
    assertEquals(await order(), [c.id, b.id, a.id], "the one in between keeps its place");
    await store.turn(c.id, behave());
    await store.post([tell(c.id, "next")]);
    await store.turn(
      c.id,
      behave(({ steps }) => ({
        steps: steps.map((step, at) => ({ ...step, state: at === 1 ? "ready" : "done", attempt: 1 })),
      })),
    );
    assertEquals(await order(), [c.id, b.id, a.id], "the next part has the place of its job");
    assertEquals((await store.ready(1))[0]?.stepId, "part-1");
  },

  "a place is exchanged with its priority": async ({ store }) => {
    const userId = newId();
    const plain = await admitReady(store, { userId });
    const urgent = await admitReady(store, { userId, priority: 5 });
    assertEquals(await store.arrange(userId, [plain.id, urgent.id]), true);
    assertEquals((await store.ready(9)).map(({ jobId, priority }) => [jobId, priority]), [[plain.id, 5], [
      urgent.id,
      0,
    ]]);
  },

  "nobody moves another's job, one that has ended, or one twice": async ({ store }) => {
    const userId = newId();
    const [mine, ended] = [await admitReady(store, { userId }), await admitReady(store, { userId })];
    const foreign = await admitReady(store);
    await store.post([tell(ended.id, "end")]);
    await store.turn(ended.id, behave(() => ({ shown: makeShown({ status: "completed" }) })));
    const before = await store.ready(9);
    for (const ids of [[mine.id, foreign.id], [ended.id, mine.id], [mine.id, mine.id], [newId(), mine.id]]) {
      assertEquals(await store.arrange(userId, ids), false);
    }
    assertEquals(await store.ready(9), before);
    assertEquals(await store.arrange(userId, []), true);
  },

  "a ready step says where what it is made from ran": async ({ store }) => {
    await store.saveBackend(makeBackend());
    const job = await admitReady(store);
    await store.grant(grantOf(job));
    await store.turn(
      job.id,
      behave(({ steps }) => ({
        steps: steps.flatMap((step): StepRow[] => {
          if (step.id === "part-0") return [{ ...step, state: "done", endedAt: 5 }];
          if (step.id !== "part-1") return [];
          return [{ ...step, state: "ready", attempt: 1, uses: { "part-0": 0 } }];
        }),
      })),
    );
    assertEquals((await store.ready(5)).map(({ stepId, near }) => [stepId, near]), [["part-1", "alpha"]]);
  },

  "changes of a server at the same time keep one another": async ({ store }) => {
    await store.saveBackend(makeBackend({ loadedFamily: null, vram: 1, status: "up" }));
    const seen: number[] = [];
    const changes = await Promise.all([
      store.changeBackend("alpha", () => ({ status: "drain" })),
      store.changeBackend("alpha", () => ({ loadedFamily: "wan" })),
      ...Array.from(
        { length: 5 },
        () => store.changeBackend("alpha", ({ vram }) => (seen.push(vram ?? 0), { vram: (vram ?? 0) + 1 })),
      ),
      store.changeBackend("alpha", () => null),
      store.changeBackend("nowhere", () => ({ status: "up" })),
    ]);
    const [row] = await store.backends();
    assertEquals([row?.status, row?.loadedFamily, row?.vram], ["drain", "wan", 6]);
    assertEquals(seen.toSorted(), [1, 2, 3, 4, 5]);
    assertEquals(changes.map((change) => change !== null), [
      true,
      true,
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    assertEquals(changes[0]?.before.status, "up");
    await store.rememberFile("alpha", row?.epoch ?? 0, sha("in"), "in.png");
    await store.changeBackend("alpha", ({ epoch }) => ({ epoch: epoch + 1 }));
    assertEquals(await store.backendFile("alpha", sha("in")), null, "another epoch forgets the files");
  },

  "files on a server are forgotten when it restarts": async ({ store }) => {
    await store.saveBackend(makeBackend({ epoch: 1 }));
    await store.rememberFile("alpha", 1, sha("in"), "in.png");
    assertEquals(await store.backendFile("alpha", sha("in")), "in.png");
    await store.saveBackend(makeBackend({ epoch: 2 }));
    assertEquals(await store.backendFile("alpha", sha("in")), null);
    assertEquals((await store.backends()).map(({ id, epoch }) => [id, epoch]), [["alpha", 2]]);
  },

  "done work is found by the same owner alone, until it is disowned": async ({ store }) => {
    const [digest, userId] = [sha("work"), newId()];
    const outputs = [{ role: "main", ord: 0, sha256: sha("out"), ext: "mp4", bytes: 4 }];
    const job = makeJob({ userId });
    job.steps = [makeStep("part-0", { state: "done", digest, outputs, endedAt: 1 }), makeStep("join")];
    const hidden = makeJob({ userId });
    hidden.steps = [makeStep("part-0", { state: "done", digest, outputs, endedAt: 9, chosen: false })];
    await store.admit([job, hidden]);
    assertEquals(await store.findDone(userId, digest), { jobId: job.id, stepId: "part-0", take: 0, outputs });
    assertEquals(await store.findDone(newId(), digest), null);
    await store.disown(newId(), digest);
    assert(await store.findDone(userId, digest));
    await store.disown(userId, digest);
    assertEquals(await store.findDone(userId, digest), null);
  },
};
