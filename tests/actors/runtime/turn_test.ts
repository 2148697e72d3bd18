/** Turns: folding mail, merging outcomes, and what becomes of messages that fail. */
import { FailureWindow } from "@/actors/runtime/failures.ts";
import { behaviourOf, enrol, retryDelayMs } from "@/actors/runtime/turn.ts";
import type { Behaviour, StepRow, StoredMail, TurnInput } from "@/core/store.ts";
import { assert, assertEquals, assertMatch } from "@/tests/assert.ts";
import { hash, keepLog } from "./quiet.ts";
import { newToyState, stepRow, toy, toyPlan } from "./toy.ts";

function makeBehaviour(): Behaviour {
  return behaviourOf([enrol(toy)], { hash, log: keepLog(), failures: new FailureWindow() });
}

function mailOf(...bodies: unknown[]): StoredMail[] {
  return bodies.map((body, at) => ({ seq: at + 1, id: `m${at}`, kind: "x", body, attempts: 0, trace: null }));
}

function inputOf(
  mail: StoredMail[],
  more: { at?: number; steps?: StepRow[]; state?: unknown } = {},
): TurnInput {
  return {
    actor: {
      id: "a1",
      kind: "toy",
      userId: "ada",
      state: more.state ?? newToyState,
      ver: 0,
      priority: 0,
      rank: 0,
    },
    at: more.at ?? 1000,
    mail,
    plans: new Map([[1, toyPlan()]]),
    steps: more.steps ?? [stepRow()],
  };
}

Deno.test("a turn folds its mail in order into one write", () => {
  const write = makeBehaviour().decide(inputOf(mailOf({ type: "add", n: 2 }, { type: "add", n: 3 })));
  assertEquals(write.state, { ...newToyState, count: 5 });
  assertEquals(write.events.map((event) => event.message), ["Added 2.", "Added 3."]);
  assertEquals(write.fates, [{ seq: 1, fate: "done" }, { seq: 2, fate: "done" }]);
});

Deno.test("a turn takes 32 mails and leaves the rest as they are", () => {
  const write = makeBehaviour().decide(inputOf(mailOf(...Array(40).fill({ type: "add", n: 1 }))));
  assertEquals(write.fates.length, 32);
  assertEquals(write.state, { ...newToyState, count: 32 });
});

Deno.test("a later message sees and overwrites the rows of an earlier one", () => {
  const grant = {
    type: "grant",
    step: "render",
    take: 0,
    attempt: 0,
    backendId: "b1",
    promptId: "p1",
  };
  const write = makeBehaviour().decide(inputOf(mailOf({ type: "render", digest: "d" }, grant)));
  assertEquals(write.steps, [{
    ...stepRow(),
    state: "granted",
    digest: "d",
    promptId: "p1",
    backendId: "b1",
  }]);
});

Deno.test("an effect that is revoked in the turn that asked for it never begins", () => {
  const mail = mailOf({ type: "work", name: "w" }, { type: "stop_work", name: "w" });
  const write = makeBehaviour().decide(inputOf(mail));
  assertEquals(write.effects, []);
  assertEquals(write.revoke, ["a1:w"]);
});

Deno.test("an effect that is asked for again after its revocation is kept", () => {
  const work = { type: "work", name: "w" };
  const write = makeBehaviour().decide(inputOf(mailOf(work, { type: "stop_work", name: "w" }, work)));
  assertEquals(write.effects.map((effect) => effect.id), ["a1:w"]);
  assertEquals(write.revoke, []);
});

Deno.test("a message that throws is tried later, and the others of the turn go on", () => {
  const write = makeBehaviour().decide(inputOf(mailOf({ type: "explode" }, { type: "add", n: 1 })));
  assertEquals(write.state, { ...newToyState, count: 1 });
  assertEquals(write.fates.map((fate) => fate.fate), ["later", "done"]);
  const [first] = write.fates;
  assert(first?.fate === "later");
  assertEquals(first.delayMs, retryDelayMs({ seq: 1, attempts: 0 }, "a1", hash));
  assertEquals(first.error, "Error: Bang");
});

Deno.test("[XC8] tries of a message wait 1, 2, 4, 8, 16 s with 20 % jitter, never more than 72 s", () => {
  const waits = [0, 1, 2, 3, 4, 5, 12].map((attempts) => retryDelayMs({ seq: 7, attempts }, "a1", hash));
  for (const [at, plainMs] of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000].entries()) {
    const wait = waits[at] ?? 0;
    assert(wait >= plainMs * 0.8 && wait <= plainMs * 1.2, `${wait} is not within 20 % of ${plainMs}`);
  }
  const jitters = new Set(
    Array.from({ length: 20 }, (_, seq) => retryDelayMs({ seq, attempts: 0 }, "a1", hash)),
  );
  assert(jitters.size > 15, "jitter differs between messages");
});

Deno.test("after six failures a message is set aside and the actor ends", () => {
  const [mail] = mailOf({ type: "explode" });
  assert(mail);
  const fifth = makeBehaviour().decide(inputOf([{ ...mail, attempts: 4 }]));
  assertEquals(fifth.fates[0]?.fate, "later");
  const sixth = makeBehaviour().decide(inputOf([{ ...mail, attempts: 5 }]));
  assertEquals(sixth.fates[0]?.fate, "dead");
  assertEquals(sixth.state, { ...newToyState, problem: "studio.bug" });
  assertEquals(sixth.events.map((event) => event.kind), ["crashed"]);
  assertEquals(sixth.shown?.status, "failed");
});

Deno.test("a message that cannot be read is dead at once and harms nothing", () => {
  const write = makeBehaviour().decide(inputOf(mailOf({ type: "nonsense" }, { type: "add", n: 1 })));
  assertEquals(write.fates.map((fate) => fate.fate), ["dead", "done"]);
  assertEquals(write.state, { ...newToyState, count: 1 });
});

Deno.test("more than five failures within a minute end the actor", () => {
  const bombs = mailOf(...Array(6).fill({ type: "explode" }));
  const write = makeBehaviour().decide(inputOf(bombs));
  assertEquals(write.fates.map((fate) => fate.fate), ["later", "later", "later", "later", "later", "dead"]);
  assertEquals(write.state, { ...newToyState, problem: "studio.bug" });
});

Deno.test("five failures in one minute and a sixth in the next do not end the actor", () => {
  const behaviour = makeBehaviour();
  behaviour.decide(inputOf(mailOf(...Array(5).fill({ type: "explode" }))));
  const [bomb] = mailOf({ type: "explode" });
  assert(bomb);
  const write = behaviour.decide(inputOf([{ ...bomb, seq: 99 }], { at: 61_001 }));
  assertEquals(write.fates[0]?.fate, "later");
});

Deno.test("a turn decided again after a rollback counts its failures once", () => {
  const behaviour = makeBehaviour();
  const input = inputOf(mailOf(...Array(5).fill({ type: "explode" })));
  assertEquals(behaviour.decide(input), behaviour.decide(input));
  assert(behaviour.decide(input).fates.every((fate) => fate.fate === "later"));
});

Deno.test("an outcome whose plan is missing changes nothing", () => {
  const write = makeBehaviour().decide(inputOf(mailOf({ type: "lose_plan" })));
  assertEquals(write.state, newToyState);
  assertEquals(write.fates[0]?.fate, "later");
});

Deno.test("a state that cannot be read stays as it is, and its mail waits", () => {
  const broken = { v: 2, what: "ever" };
  const behaviour = makeBehaviour();
  const input = inputOf(mailOf({ type: "add", n: 1 }), { state: broken });
  assertEquals(behaviour.wants(input), "all");
  const write = behaviour.decide(input);
  assertEquals(write.state, broken);
  assertEquals(write.shown, null);
  assertEquals(write.fates[0]?.fate, "later");
});

Deno.test("mail to a kind that this build does not know waits", () => {
  const input = inputOf(mailOf({ type: "add", n: 1 }));
  const write = makeBehaviour().decide({ ...input, actor: { ...input.actor, kind: "movie" } });
  const [fate] = write.fates;
  assert(fate?.fate === "later");
  assertMatch(fate.error, /movie/);
});
