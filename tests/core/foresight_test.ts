/** A job that is not made yet, in the look ahead. */
import type { Scene } from "@/core/forecast.ts";
import { foreseeNew } from "@/core/foresight.ts";
import type { Plan } from "@/core/plan.ts";
import { NO_MEMORY, NO_SHARES } from "@/core/schedule_memory.ts";
import type { BackendRow } from "@/core/store.ts";
import { assertEquals } from "@/tests/assert.ts";
import { makePlan } from "@/tests/db/fixtures.ts";

const backend: BackendRow = {
  id: "b1",
  url: "http://gpu",
  engine: "comfy",
  slots: 1,
  status: "up",
  version: null,
  loadedFamily: null,
  vram: null,
  lastSeenAt: null,
  problem: null,
  epoch: 1,
};

/** Two parts and a join, 10 seconds each. */
function planOf(): Plan {
  const plan = makePlan({ prompts: 2 });
  return { ...plan, steps: plan.steps.map((step) => ({ ...step, weight: 10 })) };
}

function sceneOf(change: Partial<Scene> = {}): Scene {
  return {
    backends: [backend],
    slots: [],
    ready: [],
    jobs: [],
    now: 1000,
    shares: NO_SHARES,
    loads: new Map(),
    ...NO_MEMORY,
    canRun: () => true,
    ...change,
  };
}

const look = (scene: Scene, priority = 0) =>
  foreseeNew(scene, { userId: "mika", plan: planOf(), priority }, (task) => task.weight);

Deno.test("with nobody before it a job starts at once", () => {
  assertEquals(look(sceneOf()), { place: 1, startS: 0, backendId: "b1" });
});

Deno.test("a job waits for what a server holds and for its own elders, unless it is more urgent", () => {
  const facts = {
    stepId: "s",
    take: 1,
    engine: "comfy" as const,
    family: "wan",
    template: "t",
    shape: "s",
    weight: 60,
  };
  const elder = { jobId: "elder", userId: "mika", priority: 0, rank: 1 };
  const busy = { jobId: "busy", userId: "jo", priority: 0, rank: 1 };
  const scene = sceneOf({
    slots: [{
      backendId: "b1",
      n: 0,
      jobId: "busy",
      userId: "jo",
      weight: 60,
      stepId: "s",
      promptId: "p",
      family: "wan",
      state: "held",
      since: 0,
    }],
    jobs: [
      { ...busy, tasks: [{ ...facts, kind: "prompt", state: "now", ranS: 20, share: null }] },
      { ...elder, tasks: [{ ...facts, kind: "prompt", state: "ready", ranS: null, share: null }] },
    ],
    ready: [{ ...elder, ...facts, attempt: 1, digest: null, near: null, readyAt: 1 }],
  });
  const behind = look(scene);
  assertEquals([behind.place, behind.startS], [2, 100]);
  const urgent = look(scene, 10);
  assertEquals([urgent.place, urgent.startS], [1, 40]);
});

Deno.test("without a server that could take it a job has no time, and stands behind all who wait", () => {
  const backends: BackendRow[] = [{ ...backend, status: "down" }];
  assertEquals(look(sceneOf({ backends })), { place: 1, startS: null, backendId: null });
  const facts = {
    stepId: "s",
    take: 1,
    engine: "comfy" as const,
    family: "wan",
    template: "t",
    shape: "s",
    weight: 60,
  };
  const waits = { jobId: "waits", userId: "jo", priority: 0, rank: 1 };
  const jobs = [{
    ...waits,
    tasks: [{ ...facts, kind: "prompt" as const, state: "ready" as const, ranS: null, share: null }],
  }];
  const ready = [{ ...waits, ...facts, attempt: 1, digest: null, near: null, readyAt: 1 }];
  assertEquals(look(sceneOf({ backends, jobs, ready })), { place: 2, startS: null, backendId: null });
});
