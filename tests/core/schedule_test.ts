/** Who renders next: the rules of the scheduler as tables of plain values. */
import { type Board, pick, QUANTUM } from "@/core/schedule.ts";
import type { BackendRow, ReadyStep, SlotRow } from "@/core/store.ts";
import { assert, assertEquals } from "@/tests/assert.ts";

function backend(id: string, more: Partial<BackendRow> = {}): BackendRow {
  return {
    id,
    url: "http://127.0.0.1:8188",
    engine: "comfy",
    slots: 2,
    status: "up",
    epoch: 1,
    lastSeenAt: 0,
    loadedFamily: null,
    vram: null,
    version: null,
    problem: null,
    ...more,
  };
}

function step(jobId: string, more: Partial<ReadyStep> = {}): ReadyStep {
  return {
    jobId,
    userId: "ada",
    stepId: "s",
    take: 0,
    attempt: 0,
    engine: "comfy",
    family: "alpha",
    template: "t",
    digest: null,
    priority: 0,
    readyAt: 0,
    near: null,
    ...more,
  };
}

function slot(backendId: string, n: number, more: Partial<SlotRow> = {}): SlotRow {
  return {
    backendId,
    n,
    jobId: `job-${backendId}-${n}`,
    stepId: "s",
    promptId: `p-${backendId}-${n}`,
    family: "alpha",
    state: "held",
    since: 0,
    ...more,
  };
}

function board(more: Partial<Board>): Board {
  return {
    backends: [backend("b1")],
    slots: [],
    ready: [],
    running: new Map(),
    streaks: new Map(),
    canRun: () => true,
    ...more,
  };
}

function chosen(more: Partial<Board>): string | null {
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
