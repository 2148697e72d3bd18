/** Who renders next: the rules of the scheduler as tables of plain values. */
import { NOBODY } from "@/core/fair.ts";
import { lanesOf, PASSED_MAX, pick, QUANTUM } from "@/core/schedule.ts";
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

Deno.test("[TA48] priority between people is worth a quantum at most, and never unloads a family before its quantum ends", () => {
  const backends = [backend("b1", { loadedFamily: "alpha" })];
  const warm = step("warm", { readyAt: 1 });
  const urgent = step("urgent", { userId: "bob", family: "beta", priority: 100, readyAt: 9 });
  assertEquals(chosen({ backends, ready: [warm, urgent] }), "warm@b1/0");
  const same = [warm, step("urgent", { userId: "bob", priority: 100, readyAt: 9 })];
  const served = (seconds: number) => new Map([["bob", { ...NOBODY, served: seconds }]]);
  assertEquals(chosen({ backends, ready: same, people: served(99) }), "urgent@b1/0");
  assertEquals(chosen({ backends, ready: same, people: served(101) }), "warm@b1/0");
});

Deno.test("whoever was served least is first, by weight, then who waited longest", () => {
  const ready = [
    step("flood", { userId: "bob", readyAt: 1 }),
    step("second", { userId: "eve", readyAt: 3 }),
    step("first", { userId: "ada", readyAt: 2 }),
  ];
  const people = new Map([["bob", { ...NOBODY, served: 240 }]]);
  assertEquals(chosen({ ready, people }), "first@b1/0");
  const weighed = new Map(
    ["ada", "bob", "eve"].map((id) => [id, { ...NOBODY, served: 100, weight: id === "bob" ? 3 : 1 }]),
  );
  assertEquals(chosen({ ready, people: weighed }), "flood@b1/0");
});

Deno.test("who has as many jobs on servers as they may, or used up the day, gets nothing more, and others do", () => {
  const people = new Map([["ada", { ...NOBODY, jobs: new Set(["one", "two"]), runningMax: 2 }]]);
  const mine = step("mine", { userId: "ada", readyAt: 1 });
  assertEquals(chosen({ ready: [mine], people }), null);
  assertEquals(chosen({ ready: [mine, step("other", { userId: "bob", readyAt: 2 })], people }), "other@b1/0");
  assertEquals(chosen({ ready: [mine, step("two", { readyAt: 2 })], people }), "two@b1/0", "a job that runs");
  const spent = new Map([["ada", { ...NOBODY, isSpent: true }]]);
  assertEquals(chosen({ ready: [mine], people: spent }), null);
});

Deno.test("nobody is passed over for ever: after the bound it is their turn, in their family and between families", () => {
  const people = new Map([
    ["ada", { ...NOBODY, served: 9000, passed: PASSED_MAX }],
    ["bob", NOBODY],
  ]);
  const ready = [step("ada", { readyAt: 1 }), step("bob", { userId: "bob", readyAt: 2 })];
  assertEquals(chosen({ ready, people }), "ada@b1/0");
  const families = [step("ada", { readyAt: 1, family: "beta" }), step("bob", { userId: "bob", readyAt: 2 })];
  assertEquals(chosen({ ready: families, people, now: 5000 }), "ada@b1/0");
});

Deno.test("a server kept for short work takes no long one while another can", () => {
  const backends = [backend("b1", { tags: ["interactive"] }), backend("b2")];
  const long = step("long");
  assertEquals(chosen({ backends, ready: [long] }), "long@b2/0");
  assertEquals(chosen({ backends, slots: [slot("b2", 0), slot("b2", 1)], ready: [long] }), null);
  const short = step("short", { weight: 4, family: "quick" });
  assertEquals(
    chosen({ backends, slots: [slot("b2", 0), slot("b2", 1)], ready: [long, short] }),
    "short@b1/0",
  );
  const alone = [backend("b1", { tags: ["interactive"] }), backend("b2", { status: "down" })];
  assertEquals(chosen({ backends: alone, ready: [long] }), "long@b1/0", "nobody else is there");
});

Deno.test("[PR44] servers tagged for a family or a template do that work, and others take it while those are down", () => {
  const tagged = backend("b1", { tags: ["beta", "t.two"] });
  const other = backend("b2");
  const [byFamily, byTemplate] = [step("fam", { family: "beta" }), step("tem", { template: "t/two" })];
  for (const one of [byFamily, byTemplate]) {
    assertEquals(chosen({ backends: [tagged, other], ready: [one] }), `${one.jobId}@b1/0`);
    const full = [slot("b1", 0, { family: "x" }), slot("b1", 1, { family: "x" })];
    assertEquals(chosen({ backends: [tagged, other], slots: full, ready: [one] }), null);
    const down = [{ ...tagged, status: "down" as const }, other];
    assertEquals(chosen({ backends: down, ready: [one] }), `${one.jobId}@b2/0`);
  }
});

Deno.test("[TA45] two cards share the work as their tags say: a folder of templates here, one template there, the rest anywhere", () => {
  const primary = backend("primary", { tags: ["wan", "animate.move"] });
  const secondary = backend("secondary", { tags: ["ltx"] });
  const route = (template: string, backends = [primary, secondary]) =>
    chosen({ backends, ready: [step("j", { template, family: "files" })] })?.replace("j@", "");
  assertEquals(["wan/i2v", "wan/vace", "animate/move", "ltx/t2v"].map((template) => route(template)), [
    "primary/0",
    "primary/0",
    "primary/0",
    "secondary/0",
  ]);
  const swapped = [{ ...primary, tags: ["ltx"] }, { ...secondary, tags: ["wan"] }];
  assertEquals([route("wan/i2v", swapped), route("ltx/t2v", swapped)], ["secondary/0", "primary/0"]);
  // Neither is kept for these, and a name that only begins alike is another one.
  for (const template of ["animate/mix", "wan2/i2v"]) {
    assertEquals(route(template, [{ ...primary, status: "drain" }, secondary]), "secondary/0");
    assertEquals(route(template, [primary, { ...secondary, status: "drain" }]), "primary/0");
  }
  assertEquals(route("wan/i2v", [{ ...primary, status: "down" }, secondary]), "secondary/0");
});

Deno.test("what waits for less time than loading takes is left to the server that has it loaded", () => {
  const backends = [backend("b1", { loadedFamily: "alpha" }), backend("b2")];
  const slots = [slot("b1", 0, { weight: 4 }), slot("b1", 1, { weight: 4 })];
  const short = step("j1", { weight: 4 });
  assertEquals(chosen({ backends, slots, ready: [short] }), null);
  assertEquals(chosen({ backends, slots, ready: [short], loads: new Map([["comfy alpha", 2]]) }), "j1@b2/0");
});

Deno.test("after a quantum of one family another that waits gets the backend", () => {
  const backends = [backend("b1", { loadedFamily: "alpha" })];
  const ready = [step("j1", { readyAt: 1 }), step("j2", { userId: "bob", family: "beta", readyAt: 9 })];
  const streaks = new Map([["b1", { family: "alpha", grants: QUANTUM, seconds: 360 }]]);
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
  const streaks = new Map([["b1", { family: "alpha", grants: 0, seconds: 0 }]]);
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
    const { grants = 0, seconds = 0 } = streaks.get("b1") ?? {};
    streaks.set("b1", { family, grants: grants + 1, seconds: seconds + 60 });
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

Deno.test("two idle backends: the step goes where its models are, then where its files lie", () => {
  const backends = [backend("b1"), backend("b2", { loadedFamily: "alpha" }), backend("b3")];
  assertEquals(chosen({ backends, ready: [step("j1", { near: "b3" })] }), "j1@b2/0");
  const cold = [backend("b1"), backend("b3")];
  assertEquals(chosen({ backends: cold, ready: [step("j1", { near: "b3" })] }), "j1@b3/0");
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

Deno.test("[TA48] priority comes before one's own order", () => {
  const ready = [step("first", { rank: 1 }), step("urgent", { rank: 2, priority: 1 })];
  assertEquals(chosen({ ready }), "urgent@b1/0");
});

Deno.test("[TA48] of one person and family higher priorities go first, and inside a level whoever came first", () => {
  const asked = [[1, 10], [10, 10], [5, 10], [5, 1], [10, 1], [1, 1], [5, 5]];
  const ready = asked.map(([priority = 0, readyAt = 0]) =>
    step(`p${priority}-${readyAt}`, { priority, readyAt })
  );
  const order: string[] = [];
  for (let left = ready; left.length > 0;) {
    const choice = pick(board({ ready: left }));
    assert(choice);
    order.push(choice.step.jobId);
    left = left.filter((one) => one !== choice.step);
  }
  assertEquals(order, ["p10-1", "p10-10", "p5-1", "p5-5", "p5-10", "p1-1", "p1-10"]);
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

Deno.test("[AX37] what operators put in front comes before everybody's, whoever was served least, whatever is loaded", () => {
  const light = step("light", { userId: "bob", priority: 100, readyAt: 1 });
  const heavy = { ...NOBODY, served: 9000, passed: 0 };
  const people = new Map([["ada", heavy], ["bob", { ...NOBODY, passed: PASSED_MAX }]]);
  const ahead = step("ahead", { priority: -100, rank: 9, readyAt: 9, front: 1 });
  assertEquals(chosen({ ready: [light, ahead], people }), "ahead@b1/0");
  const other = step("ahead", { family: "beta", readyAt: 9, front: 2 });
  const backends = [backend("b1", { loadedFamily: "alpha" })];
  assertEquals(chosen({ backends, ready: [light, other], people }), "ahead@b1/0", "before the warm family");
  assertEquals(chosen({ ready: [other, { ...light, front: 1 }], people }), "light@b1/0", "in their order");
  const own = [step("own", { priority: 100 }), ahead];
  assertEquals(chosen({ ready: own }), "ahead@b1/0", "before others of the same person");
});

Deno.test("beside another family what stands in front waits for the server to run empty, and nothing is added there", () => {
  const ahead = step("ahead", { family: "beta", front: 1 });
  const ready = [step("same", { userId: "bob" }), ahead];
  assertEquals(chosen({ slots: [slot("b1", 0)], ready }), null);
  assertEquals(chosen({ slots: [slot("b1", 0)], ready: [ready[0] ?? ahead] }), "same@b1/1");
  const backends = [backend("b1"), backend("b2")];
  assertEquals(
    chosen({ backends, slots: [slot("b1", 0)], ready }),
    "ahead@b2/0",
    "an idle one has it at once",
  );
});

Deno.test("what stands in front keeps to its owner's limits and to what servers can do, and holds up nobody meanwhile", () => {
  const ahead = step("ahead", { front: 1 });
  const ready = [ahead, step("other", { userId: "bob" })];
  const spent = new Map([["ada", { ...NOBODY, isSpent: true }]]);
  assertEquals(chosen({ ready, people: spent }), "other@b1/0");
  const canRun = ({ jobId }: ReadyStep) => jobId !== "ahead";
  assertEquals(chosen({ ready, canRun }), "other@b1/0");
});
