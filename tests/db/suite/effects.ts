/** What every store does with effects and their leases. */
import { assertEquals } from "@/tests/assert.ts";
import type { Store } from "@/core/store.ts";
import { behave, makeBackend, makeJob, newId, sha, tell } from "../fixtures.ts";
import type { Rules } from "./harness.ts";

const LONG_MS = 600_000;

/** A job with one open effect in the lane "net". */
async function admitEffect(store: Store, id = newId()): Promise<{ job: { id: string }; id: string }> {
  const job = makeJob();
  await store.admit([job]);
  const effect = { id, kind: "check_inputs", lane: "net", req: { run: 1 } };
  await store.turn(job.id, behave(() => ({ effects: [effect] })));
  return { job, id };
}

export const effectsRules: Rules = {
  "an effect is claimed by one runner, of its lane, when its time has come": async ({ store, pass }) => {
    const { job, id } = await admitEffect(store);
    await store.post([tell(job.id, "more")]);
    const slow = { id: newId(), kind: "slow", lane: "cpu", req: {}, delayMs: 30 };
    await store.turn(job.id, behave(() => ({ effects: [slow] })));
    assertEquals(await store.claim("a", ["gpu"], LONG_MS), null);
    const claim = await store.claim("a", ["gpu", "net"], LONG_MS);
    assertEquals([claim?.id, claim?.actorId, claim?.userId, claim?.token, claim?.tries, claim?.note], [
      id,
      job.id,
      (await store.actor(job.id))?.userId,
      1,
      1,
      null,
    ]);
    assertEquals(claim?.req, { run: 1 });
    assertEquals(await store.claim("b", ["net"], LONG_MS), null);
    await pass(30);
    assertEquals((await store.claim("b", ["net", "cpu"], LONG_MS))?.id, slow.id);
  },

  "trace context goes from mail to effects, to what follows from them, and on until other mail brings another":
    async ({ store }) => {
      const job = makeJob();
      await store.admit([job]);
      const effect = (id: string) => ({ id, kind: "check", lane: "net", req: {} });
      const [first, second, third] = [newId(), newId(), newId()];
      await store.post([{ ...tell(job.id, "click", { id: newId() }), trace: "one" }]);
      await store.turn(job.id, behave(() => ({ effects: [effect(first)] })));
      const claim = await store.claim("a", ["net"], LONG_MS);
      assertEquals([claim?.id, claim?.trace], [first, "one"]);
      const reply = tell(job.id, "reply", { id: newId() });
      await store.finish(first, claim?.token ?? 0, { status: "done", result: null, mail: [reply] });
      const traces: (string | null)[] = [];
      await store.turn(
        job.id,
        behave(({ mail }) => {
          traces.push(...mail.map(({ trace }) => trace));
          return { effects: [effect(second)] };
        }),
      );
      assertEquals([traces, (await store.claim("a", ["net"], LONG_MS))?.trace], [["one"], "one"]);
      await store.post([{ ...tell(job.id, "another click", { id: newId() }), trace: "two" }]);
      await store.turn(job.id, behave(() => ({ effects: [effect(third)] })));
      assertEquals((await store.claim("a", ["net"], LONG_MS))?.trace, "two");
    },

  "the same effect again is ignored, whatever became of it": async ({ store }) => {
    const { job, id } = await admitEffect(store);
    const claim = await store.claim("a", ["net"], LONG_MS);
    assertEquals(
      await store.finish(id, claim?.token ?? 0, { status: "done", result: { ok: 1 }, mail: [] }),
      true,
    );
    await store.post([tell(job.id, "again")]);
    const report = await store.turn(
      job.id,
      behave(() => ({ effects: [{ id, kind: "other", lane: "net", req: {} }] })),
    );
    assertEquals(report?.effects, 0);
    assertEquals(await store.claim("a", ["net"], LONG_MS), null);
    assertEquals((await store.inspect()).effects.map(({ status, result }) => [status, result]), [[
      "done",
      { ok: 1 },
    ]]);
  },

  "a lease that ended goes to the next runner, and the first one's news no longer count": async (h) => {
    const { store, pass } = h;
    const { job, id } = await admitEffect(store);
    const first = await store.claim("a", ["net"], 20);
    assertEquals(await store.note(id, first?.token ?? 0, "accepted"), true);
    await pass(20);
    const second = await store.claim("b", ["net"], LONG_MS);
    assertEquals([second?.token, second?.tries, second?.note], [2, 2, "accepted"]);
    const stale = first?.token ?? 0;
    const finish = {
      status: "done" as const,
      result: null,
      mail: [tell(job.id, "stale")],
      outputs: [{ node: "9", ord: 0, sha256: sha("x"), ext: "png", bytes: 1, role: "main" }],
    };
    assertEquals(
      [
        await store.beat(id, stale, LONG_MS),
        await store.note(id, stale, "late"),
        await store.putOff(id, stale, 0),
        await store.finish(id, stale, finish),
      ],
      [false, false, false, false],
    );
    const { mail, outputs, effects } = await store.inspect();
    assertEquals([mail.filter((item) => item.kind === "stale").length, outputs.length], [0, 0]);
    assertEquals([effects[0]?.status, effects[0]?.note, effects[0]?.owner], ["open", "accepted", "b"]);
  },

  "a beat keeps the lease": async ({ store, pass }) => {
    const { id } = await admitEffect(store);
    const claim = await store.claim("a", ["net"], 30);
    assertEquals(await store.beat(id, claim?.token ?? 0, LONG_MS), true);
    await pass(30);
    assertEquals(await store.claim("b", ["net"], LONG_MS), null);
  },

  "a result is stored once, together with its mail, files and outputs": async ({ store }) => {
    const { job, id } = await admitEffect(store);
    await store.saveBackend(makeBackend({ epoch: 7 }));
    const claim = await store.claim("a", ["net"], LONG_MS);
    const finish = {
      status: "done" as const,
      result: { n: 1 },
      mail: [tell(job.id, "found")],
      files: [{ backendId: "alpha", epoch: 7, sha256: sha("in"), ref: "in.png" }],
      outputs: [{ node: "9", ord: 0, sha256: sha("x"), ext: "png", bytes: 1, role: "main" }],
    };
    assertEquals(await store.finish(id, claim?.token ?? 0, finish), true);
    assertEquals(await store.finish(id, claim?.token ?? 0, finish), false);
    assertEquals(await store.dueActors(5), [job.id]);
    assertEquals(await store.backendFile("alpha", sha("in")), "in.png");
    const { outputs } = await store.inspect();
    assertEquals(outputs.map(({ effectId, node, ord, token }) => [effectId, node, ord, token]), [[
      id,
      "9",
      0,
      1,
    ]]);
  },

  "a revoked effect is never claimed and its runner loses it": async ({ store }) => {
    const { job, id } = await admitEffect(store);
    const claim = await store.claim("a", ["net"], LONG_MS);
    await store.post([tell(job.id, "cancel")]);
    await store.turn(job.id, behave(() => ({ revoke: [id] })));
    const token = claim?.token ?? 0;
    assertEquals(await store.beat(id, token, LONG_MS), false);
    assertEquals(await store.finish(id, token, { status: "done", result: null, mail: [] }), false);
    assertEquals(await store.claim("b", ["net"], LONG_MS), null);
    assertEquals((await store.inspect()).effects[0]?.status, "cancelled");
    assertEquals(await store.nextDueIn(), null);
  },

  "an effect that was put off or released is claimed again with a higher token": async ({ store, pass }) => {
    const { id } = await admitEffect(store);
    const first = await store.claim("a", ["net"], LONG_MS);
    assertEquals(await store.putOff(id, first?.token ?? 0, 30), true);
    assertEquals(await store.beat(id, first?.token ?? 0, LONG_MS), false);
    await pass(30);
    assertEquals((await store.claim("a", ["net"], LONG_MS))?.token, 2);
    assertEquals(await store.release("b"), 0);
    assertEquals(await store.release("a"), 1);
    assertEquals((await store.claim("b", ["net"], LONG_MS))?.token, 3);
  },
};
