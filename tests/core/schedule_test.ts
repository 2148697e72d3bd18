/** Who renders next: the rules of the scheduler as tables of plain values. */
import { lanesOf, pick, QUANTUM } from "@/core/schedule.ts";
import type { BackendRow, ReadyStep, SlotRow } from "@/core/store.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { backend, board, type Scene, slot, step } from "./board.ts";

function chosen(more: Scene): string | null {
  const choice = pick(board(more));
  return choice ? `${choice.step.jobId}@${choice.backend.id}/${choice.n}` : null;
}

Deno.test("an idle backend takes the only step in its first slot", () => {
  assertEquals(chosen({ ready: [step("j1")] }), "j1@b1/0");
});

Deno.test("[XC7] a backend never gets more prompts than its configured number", () => {
  const ready = Array.from({ length: 9 }, (_, at) => step(`j${at}`));
  for (const slots of [1, 2, 3]) {
    let held: SlotRow[] = [];
    const backends = [backend("b1", { slots }), backend("b2", { slots })];
    let left = ready;
    for (;;) {
      const choice = pick(board({ backends, slots: held, ready: left }));
      if (!choice) break;
      held = [...held, slot(choice.backend.id, choice.n, { jobId: choice.step.jobId })];
      left = left.filter((other) => other !== choice.step);
    }
    assertEquals(held.filter(({ backendId }) => backendId === "b1").map(({ n }) => n), [
      ...Array(slots).keys(),
    ]);
    assertEquals(held.length, slots * 2);
  }
});

Deno.test("[XC7] slots beyond a lowered number still count", () => {
  const backends = [backend("b1", { slots: 1 })];
  assertEquals(chosen({ backends, slots: [slot("b1", 1)], ready: [step("j1")] }), null);
});

Deno.test("[XC7] a prompt that is being stopped still fills its slot", () => {
  const slots = [slot("b1", 0, { state: "stopping" }), slot("b1", 1)];
  assertEquals(chosen({ slots, ready: [step("j1")] }), null);
});

Deno.test("backends that are down or drained get nothing", () => {
  for (const status of ["down", "drain"] as const) {
    assertEquals(chosen({ backends: [backend("b1", { status })], ready: [step("j1")] }), null);
  }
});

Deno.test("a step only goes to a backend of its engine that can run it", () => {
  const backends = [backend("b1", { engine: "draft" }), backend("b2"), backend("b3")];
  const canRun = (_: ReadyStep, { id }: BackendRow) => id !== "b2";
  assertEquals(chosen({ backends, ready: [step("j1")], canRun }), "j1@b3/0");
});

Deno.test("a further slot takes the family that is held there and no other", () => {
  const ready = [step("j1", { family: "beta", readyAt: 1 }), step("j2", { readyAt: 2 })];
  assertEquals(chosen({ slots: [slot("b1", 0)], ready }), "j2@b1/1");
  assertEquals(chosen({ slots: [slot("b1", 0)], ready: ready.slice(0, 1) }), null);
});

Deno.test("a free first slot prefers the warm family", () => {
  const backends = [backend("b1", { loadedFamily: "beta" })];
  const ready = [step("j1", { readyAt: 1 }), step("j2", { family: "beta", readyAt: 2 })];
  assertEquals(chosen({ backends, ready }), "j2@b1/0");
});

Deno.test("priority comes before a warm family, before turn and before age", () => {
  const backends = [backend("b1", { loadedFamily: "alpha" })];
  const ready = [step("old", { readyAt: 1 }), step("urgent", { family: "beta", priority: 5, readyAt: 9 })];
  assertEquals(chosen({ backends, ready }), "urgent@b1/0");
  assertEquals(
    chosen({ slots: [slot("b1", 0)], ready }),
    null,
    "the backend runs empty for the urgent family",
  );
});

Deno.test("within a priority, whoever holds fewest prompts is first, then who waited longest", () => {
  const ready = [
    step("flood", { userId: "bob", readyAt: 1 }),
    step("second", { userId: "eve", readyAt: 3 }),
    step("first", { userId: "ada", readyAt: 2 }),
  ];
  assertEquals(chosen({ ready, running: new Map([["bob", 4]]) }), "first@b1/0");
});

Deno.test("after a quantum of one family another that waits gets the backend", () => {
  const backends = [backend("b1", { loadedFamily: "alpha" })];
  const ready = [step("j1", { readyAt: 1 }), step("j2", { family: "beta", readyAt: 9 })];
  const streaks = new Map([["b1", { family: "alpha", grants: QUANTUM }]]);
  assertEquals(chosen({ backends, ready, streaks }), "j2@b1/0");
  assertEquals(chosen({ backends, ready, streaks, slots: [slot("b1", 0)] }), null);
  assertEquals(
    chosen({ backends, ready: ready.slice(0, 1), streaks }),
    "j1@b1/0",
    "nobody else waits, so it goes on",
  );
});

Deno.test("no family waits for ever beside a flood of another", () => {
  let at = 0;
  const flood = () => step(`f${at++}`, { userId: "bob", readyAt: at });
  let ready = [flood(), flood(), step("rare", { userId: "ada", family: "beta", readyAt: 0.5 })];
  let held: SlotRow[] = [];
  let loadedFamily: string | null = "alpha";
  const streaks = new Map([["b1", { family: "alpha", grants: 0 }]]);
  for (let round = 0; round < 40; round++) {
    const choice = pick(
      board({ backends: [backend("b1", { loadedFamily })], slots: held, ready, streaks }),
    );
    if (!choice) {
      // The oldest prompt ends.
      held = held.slice(1);
      continue;
    }
    if (choice.step.jobId === "rare") return;
    const { family } = choice.step;
    loadedFamily = family;
    streaks.set("b1", { family, grants: (streaks.get("b1")?.grants ?? 0) + 1 });
    held = [...held, slot("b1", choice.n, { family, jobId: choice.step.jobId })];
    ready = [...ready.filter((other) => other !== choice.step), flood()];
  }
  assert(false, "the rare family was never chosen");
});

Deno.test("a family that another backend runs is left to it while others wait", () => {
  const backends = [backend("b1"), backend("b2", { slots: 1 })];
  const ready = [step("j1", { readyAt: 1 }), step("j2", { family: "beta", readyAt: 2 })];
  assertEquals(chosen({ backends, slots: [slot("b2", 0)], ready }), "j2@b1/0");
});

Deno.test("two idle backends: the step goes where its files lie, then where its models are", () => {
  const backends = [backend("b1"), backend("b2", { loadedFamily: "alpha" }), backend("b3")];
  assertEquals(chosen({ backends, ready: [step("j1", { near: "b3" })] }), "j1@b3/0");
  assertEquals(chosen({ backends, ready: [step("j1")] }), "j1@b2/0");
});

Deno.test("an idle backend comes before a second prompt on a busy one", () => {
  const backends = [backend("b1", { loadedFamily: "alpha" }), backend("b2")];
  assertEquals(chosen({ backends, slots: [slot("b1", 0)], ready: [step("j1")] }), "j1@b2/0");
});

Deno.test("one's own steps are served in the order that one gave them, whatever their age and family", () => {
  const ready = [
    step("old", { rank: 3, readyAt: 1 }),
    step("mine", { rank: 1, readyAt: 8 }),
    step("other", { rank: 2, readyAt: 4, family: "beta" }),
  ];
  const order: string[] = [];
  let left = ready;
  while (left.length > 0) {
    const choice = pick(board({ ready: left }));
    assert(choice);
    order.push(choice.step.jobId);
    left = left.filter((one) => one !== choice.step);
  }
  assertEquals(order, ["mine", "other", "old"]);
});

Deno.test("an order of one's own changes nothing for others: turns go by what each wants next", () => {
  const ready = [
    step("kept", { userId: "bob", rank: 9, readyAt: 1 }),
    step("pushed", { userId: "bob", rank: 1, readyAt: 7 }),
    step("ada", { userId: "ada", rank: 5, readyAt: 4 }),
  ];
  assertEquals(chosen({ ready }), "ada@b1/0", "a newer job pushed to the front does not inherit a place");
  const agreed = ready.map((one) => ({ ...one, rank: one.jobId === "kept" ? 0 : one.rank }));
  assertEquals(chosen({ ready: agreed }), "kept@b1/0");
});

Deno.test("priority comes before one's own order", () => {
  const ready = [step("first", { rank: 1 }), step("urgent", { rank: 2, priority: 1 })];
  assertEquals(chosen({ ready }), "urgent@b1/0");
});

Deno.test("whoever moves new jobs to the front again and again starves nobody", () => {
  let at = 10;
  let ready = [
    step("bob-old", { userId: "bob", rank: 1000, readyAt: 1 }),
    step("ada", { userId: "ada", rank: 500, readyAt: 9 }),
  ];
  const served: string[] = [];
  for (let round = 0; round < 5 && !served.includes("ada"); round++) {
    ready = [...ready, step(`bob-${++at}`, { userId: "bob", rank: -at, readyAt: at })];
    const choice = pick(board({ backends: [backend("b1", { slots: 1 })], ready }));
    assert(choice);
    served.push(choice.step.jobId);
    ready = ready.filter((one) => one !== choice.step);
  }
  assert(served.includes("ada"), served.join());
});

Deno.test("the choice never depends on how the lanes are listed", () => {
  const ready = Array.from({ length: 24 }, (_, n) =>
    step(`j${n}`, {
      userId: `u${n % 3}`,
      family: n % 2 ? "alpha" : "beta",
      priority: n % 5 === 0 ? 1 : 0,
      rank: (n * 7) % 24,
      readyAt: (n * 5) % 11,
    }));
  const wanted = chosen({ ready });
  for (let turn = 1; turn < ready.length; turn++) {
    const lanes = lanesOf([...ready.slice(turn), ...ready.slice(0, turn)]);
    const choice = pick({ ...board({}), lanes });
    assertEquals(`${choice?.step.jobId}@${choice?.backend.id}/${choice?.n}`, wanted);
  }
});
