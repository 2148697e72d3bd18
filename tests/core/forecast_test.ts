/** The look ahead: places and times follow from the scheduler's own choices. */
import { foresee, type JobWork, type Outlook, type Scene, type Task } from "@/core/forecast.ts";
import { lanesOf, pick } from "@/core/schedule.ts";
import { type Memory, NO_MEMORY, NO_SHARES, peopleOf, remember, type Share } from "@/core/schedule_memory.ts";
import type { ReadyStep, SlotRow } from "@/core/store.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { backend, slot, step } from "./board.ts";

function task(stepId: string, more: Partial<Task> = {}): Task {
  return {
    stepId,
    take: 0,
    kind: "prompt",
    state: "later",
    engine: "comfy",
    family: "alpha",
    template: "t",
    shape: "s",
    weight: 10,
    ranS: null,
    share: null,
    ...more,
  };
}

function work(jobId: string, tasks: Task[], more: Partial<JobWork> = {}): JobWork {
  return { jobId, userId: "ada", priority: 0, rank: 0, tasks, ...more };
}

/** Jobs of one waiting step each, unless they say otherwise. */
function look(more: Partial<Scene>): Record<string, Outlook | undefined> {
  const scene: Scene = {
    backends: [backend("b1", { slots: 1 })],
    slots: [],
    ready: [],
    jobs: (more.ready ?? []).map((one) => work(one.jobId, [task("s", { state: "ready" })], one)),
    now: 0,
    shares: NO_SHARES,
    loads: new Map(),
    ...NO_MEMORY,
    canRun: () => true,
    ...more,
  };
  return Object.fromEntries(foresee(scene, ({ weight }) => weight));
}

const at = (
  place: number | null,
  startS: number | null,
  endS: number | null,
  backendId: string | null = "b1",
) => ({
  place,
  startS,
  endS,
  backendId,
});

Deno.test("jobs that wait are served one after another, in the scheduler's order", () => {
  const seen = look({
    ready: [
      step("j2", { readyAt: 2, rank: 2 }),
      step("j1", { readyAt: 1, rank: 1 }),
      step("j3", { priority: 1 }),
    ],
  });
  assertEquals(seen, { j3: at(1, 0, 10), j1: at(2, 10, 20), j2: at(3, 20, 30) });
});

Deno.test("what runs ends by its own progress, and what waits begins after it", () => {
  const running = work("run", [task("s", { state: "now", ranS: 10, share: 0.5 })]);
  const seen = look({
    slots: [slot("b1", 0, { jobId: "run" })],
    ready: [step("next")],
    jobs: [running, work("next", [task("s", { state: "ready" })])],
  });
  assertEquals(seen, { run: at(null, 0, 10), next: at(1, 10, 20) });
});

Deno.test("without progress the plan's seconds count, and a late step is never over before it is", () => {
  const left = (ranS: number) =>
    look({
      slots: [slot("b1", 0, { jobId: "run" })],
      jobs: [work("run", [task("s", { state: "now", ranS, weight: 100 })])],
    }).run?.endS;
  assertEquals([left(30), left(99), left(500)], [70, 5, 5]);
});

Deno.test("a server works off its two prompts one by one", () => {
  const held = (n: number, since: number): SlotRow => slot("b1", n, { jobId: `r${n}`, since });
  const seen = look({
    backends: [backend("b1")],
    slots: [held(0, 9), held(1, 1)],
    jobs: [0, 1].map((n) => work(`r${n}`, [task("s", { state: "now" })], { userId: `u${n}` })),
  });
  assertEquals([seen.r1?.endS, seen.r0?.endS], [10, 20]);
});

Deno.test("a film of several parts comes back to the queue for each, and ends with what joins it", () => {
  const parts = [task("p1", { state: "ready" }), task("p2"), task("join", { kind: "local", weight: 3 })];
  const seen = look({
    ready: [step("film", { stepId: "p1", rank: 1 }), step("other", { userId: "bob", readyAt: 5 })],
    jobs: [
      work("film", parts, { rank: 1 }),
      work("other", [task("s", { state: "ready" })], { userId: "bob" }),
    ],
  });
  assertEquals(seen, { film: at(1, 0, 33), other: at(2, 10, 20) });
});

Deno.test("a film that is only being prepared has a start but no place, and takes none from those that wait", () => {
  const prepared = [task("clip", { kind: "local", state: "now", weight: 3 }), task("s")];
  const seen = look({
    ready: [step("first", { readyAt: 1 }), step("second", { userId: "bob", readyAt: 2 })],
    jobs: [
      work("first", [task("s", { state: "ready" })]),
      work("second", [task("s", { state: "ready" })], { userId: "bob" }),
      work("soon", prepared, { userId: "eve", priority: 1 }),
    ],
  });
  assertEquals(seen, { first: at(1, 0, 10), soon: at(null, 10, 20), second: at(2, 20, 30) });
});

Deno.test("two servers share the work, and a job says where it would go", () => {
  const seen = look({
    backends: [backend("b1", { slots: 1 }), backend("b2", { slots: 1 })],
    ready: [1, 2, 3].map((n) => step(`j${n}`, { userId: `u${n}`, readyAt: n })),
  });
  assertEquals(seen, { j1: at(1, 0, 10), j2: at(2, 0, 10, "b2"), j3: at(3, 10, 20) });
});

Deno.test("a job that no server can take has no place and no time", () => {
  const seen = look({
    backends: [backend("b1"), backend("b2", { status: "down" })],
    ready: [
      step("poor", { template: "big" }),
      step("draft", { engine: "draft" }),
      step("fine", { readyAt: 9 }),
    ],
    canRun: ({ template }) => template !== "big",
  });
  const nothing = at(null, null, null, null);
  assertEquals(seen, { poor: nothing, draft: nothing, fine: at(1, 0, 10) });
});

Deno.test("the order is the one in which the scheduler grants, families and people mixed", () => {
  const ready = Array.from({ length: 30 }, (_, n): ReadyStep =>
    step(`j${n}`, {
      userId: `u${n % 4}`,
      family: n % 3 ? "alpha" : "beta",
      rank: (n * 11) % 30,
      readyAt: (n * 7) % 30,
    }));
  const backends = [backend("b1", { slots: 1 })];
  const jobs = ready.map((one) => work(one.jobId, [task("s", { state: "ready", family: one.family })], one));
  const rest = { now: 0, slots: [], loads: new Map(), canRun: () => true };
  const seen = foresee({ ...rest, ...NO_MEMORY, shares: NO_SHARES, backends, ready, jobs }, () => 60);
  const byPlace = [...seen].sort(([, a], [, b]) => (a.place ?? 0) - (b.place ?? 0)).map(([id]) => id);
  const granted: string[] = [];
  let left = ready;
  let [row] = backends;
  const shares = new Map<string, Share>();
  let memory: Memory = NO_MEMORY;
  for (let now = 0; left.length > 0; now += 60_000) {
    assert(row);
    const { streaks, turns } = memory;
    const people = peopleOf({ shares: { people: shares, runningMax: null }, slots: [], turns, waiting: [] });
    const board = { ...rest, now, backends: [row], lanes: lanesOf(left), people, streaks };
    const choice = pick(board);
    assert(choice);
    memory = remember(memory, choice, board);
    const { family, jobId, userId, weight } = choice.step;
    const served = (shares.get(userId)?.served ?? 0) + weight;
    shares.set(userId, { served, weight: 1, runningMax: null, isSpent: false });
    row = { ...row, loadedFamily: family };
    granted.push(jobId);
    left = left.filter((one) => one !== choice.step);
  }
  assertEquals(byPlace, granted);
});

Deno.test("a queue too long to be played keeps its places and gets no time", () => {
  const ready = Array.from(
    { length: 1200 },
    (_, n) => step(`j${n}`, { userId: `u${n % 300}`, family: `f${n % 7}`, readyAt: n }),
  );
  const seen = Object.values(look({ ready, backends: [backend("b1"), backend("b2")] }));
  const places = seen.map((one) => one?.place ?? 0).sort((a, b) => a - b);
  assertEquals(places, ready.map((_, n) => n + 1));
  assert(seen.some((one) => one?.startS === null) && seen.some((one) => one?.startS !== null));
});
