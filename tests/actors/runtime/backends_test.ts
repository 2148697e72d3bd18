/** The watch over the render servers on virtual time. */
import { BackendMonitor } from "@/actors/runtime/backends.ts";
import type { Comfy, ComfyStatus, PromptState } from "@/core/ports.ts";
import { fail } from "@/core/problem.ts";
import type { BackendRow, SlotRow } from "@/core/store.ts";
import { problems } from "@/core/words/problems.ts";
import { assertEquals } from "@/tests/assert.ts";
import { ManualClock } from "@/tests/contract/manual_clock.ts";
import { keepLog } from "./quiet.ts";

const PROBE_MS = 1000;

const row: BackendRow = {
  id: "b1",
  url: "http://127.0.0.1:8188",
  engine: "comfy",
  slots: 2,
  status: "up",
  epoch: 1,
  lastSeenAt: null,
  loadedFamily: "alpha",
  vram: null,
  version: null,
  problem: null,
};

const healthy: ComfyStatus = {
  version: "0.33.0",
  epoch: 1,
  vramTotal: 24,
  vramFree: 12,
  ramFree: 8e9,
  device: "gpu",
  queueRunning: 0,
  queuePending: 0,
  uploadMaxBytes: null,
  stuck: false,
};

interface Setting {
  clock: ManualClock;
  rows: BackendRow[];
  saves: BackendRow[];
  slots: SlotRow[];
  freed: string[];
  schedules: () => number;
  end(): Promise<void>;
}

function startMonitor(
  server: { status: () => Promise<ComfyStatus>; find?: (id: string) => Promise<PromptState> },
  first: Partial<BackendRow> = {},
): Setting {
  const clock = new ManualClock();
  const rows = [{ ...row, ...first }];
  const saves: BackendRow[] = [];
  const slots: SlotRow[] = [];
  const freed: string[] = [];
  let schedules = 0;
  const monitor = new BackendMonitor({
    store: {
      now: () => Promise.resolve(clock.now()),
      backends: () => Promise.resolve(rows.map((row) => ({ ...row }))),
      changeBackend: (id, decide) => {
        const at = rows.findIndex((row) => row.id === id);
        const before = rows[at];
        const change = before && decide(before);
        if (!before || !change) return Promise.resolve(null);
        const after = { ...before, ...change };
        saves.push(after);
        rows.splice(at, 1, after);
        return Promise.resolve({ before, after });
      },
      slots: () => Promise.resolve([...slots]),
      freeSlot: (promptId) => {
        freed.push(promptId);
        return Promise.resolve();
      },
    },
    clock,
    log: keepLog(),
    comfyFor: () => comfyOf(server),
    probeMs: PROBE_MS,
    probeTimeoutMs: 500,
    onAnswer: () => {},
    wakeSupervisor: () => schedules++,
  });
  const ending = new AbortController();
  const loop = monitor.run(ending.signal);
  const end = async () => {
    ending.abort();
    await loop;
  };
  return { clock, rows, saves, slots, freed, schedules: () => schedules, end };
}

function comfyOf(
  server: { status: () => Promise<ComfyStatus>; find?: (id: string) => Promise<PromptState> },
): Comfy {
  const refuse = () => Promise.reject(new Error("The monitor does not ask this"));
  return {
    status: server.status,
    find: server.find ?? refuse,
    submit: refuse,
    stop: refuse,
    wait: refuse,
    upload: refuse,
    download: refuse,
    exists: refuse,
    definitions: refuse,
    free: refuse,
    queue: refuse,
    close: () => Promise.resolve(),
  };
}

function stopping(promptId: string): SlotRow {
  return {
    backendId: "b1",
    n: 0,
    jobId: "j1",
    userId: "ada",
    weight: 60,
    stepId: "s",
    promptId,
    family: "alpha",
    state: "stopping",
    since: 0,
  };
}

Deno.test("a server is down after three missed probes and up after one answer", async () => {
  let answer = () => Promise.resolve(healthy);
  const setting = startMonitor({ status: () => answer() });
  await setting.clock.advance(0);
  const seenAt = setting.rows[0]?.lastSeenAt;
  answer = () => Promise.reject(fail("comfy.unreachable"));
  await setting.clock.advance(PROBE_MS * 2);
  assertEquals(setting.rows[0]?.status, "up");
  await setting.clock.advance(PROBE_MS);
  assertEquals(setting.rows[0]?.status, "down");
  assertEquals(setting.rows[0]?.problem, problems["comfy.unreachable"]);
  assertEquals(setting.rows[0]?.lastSeenAt, seenAt);
  answer = () => Promise.resolve(healthy);
  await setting.clock.advance(PROBE_MS);
  assertEquals([setting.rows[0]?.status, setting.rows[0]?.problem], ["up", null]);
  assertEquals(setting.schedules(), 1);
  await setting.end();
});

Deno.test("a server that never answers is given up in time, without holding up the probes", async () => {
  const setting = startMonitor({ status: () => new Promise(() => {}) });
  await setting.clock.advance(PROBE_MS * 3);
  assertEquals(setting.rows[0]?.status, "down");
  await setting.end();
});

Deno.test("a server that is well is written down rarely", async () => {
  const setting = startMonitor({ status: () => Promise.resolve(healthy) });
  await setting.clock.advance(PROBE_MS * 25);
  assertEquals(setting.saves.length, 3);
  await setting.end();
});

Deno.test("a drained server stays drained through silence and answers", async () => {
  let answer = () => Promise.reject<ComfyStatus>(fail("comfy.unreachable"));
  const setting = startMonitor({ status: () => answer() }, { status: "drain" });
  await setting.clock.advance(PROBE_MS * 4);
  assertEquals(setting.rows[0]?.status, "drain");
  answer = () => Promise.resolve(healthy);
  await setting.clock.advance(PROBE_MS);
  assertEquals(setting.rows[0]?.status, "drain");
  await setting.end();
});

Deno.test("what others change of a server between the question and its answer stays", async () => {
  const setting = startMonitor({
    status() {
      const [now] = setting.rows;
      if (now) setting.rows[0] = { ...now, status: "drain", loadedFamily: "beta" };
      return Promise.resolve(healthy);
    },
  });
  await setting.clock.advance(PROBE_MS);
  const [last] = setting.rows;
  assertEquals([last?.status, last?.loadedFamily, last?.version], ["drain", "beta", "0.33.0"]);
  await setting.end();
});

Deno.test("after a restart stopping slots are freed, but for a prompt that the server has again", async () => {
  const server = {
    status: () => Promise.resolve({ ...healthy, epoch: 2 }),
    find: (id: string): Promise<PromptState> =>
      Promise.resolve(id === "again" ? { state: "running" } : { state: "unknown" }),
  };
  const setting = startMonitor(server);
  setting.slots.push(stopping("gone"), stopping("again"), { ...stopping("held"), state: "held" });
  await setting.clock.advance(0);
  assertEquals(setting.freed, ["gone"]);
  assertEquals([setting.rows[0]?.epoch, setting.rows[0]?.loadedFamily], [2, null]);
  assertEquals(setting.schedules(), 1);
  await setting.end();
});

Deno.test("a restart is not taken for settled before the server told of its prompts", async () => {
  let find = (): Promise<PromptState> => Promise.reject(fail("comfy.unreachable"));
  const status = () => Promise.resolve({ ...healthy, epoch: 2 });
  const setting = startMonitor({ status, find: () => find() });
  setting.slots.push(stopping("gone"));
  await setting.clock.advance(0);
  assertEquals([setting.freed, setting.rows[0]?.epoch], [[], 1]);
  find = () => Promise.resolve({ state: "unknown" });
  await setting.clock.advance(PROBE_MS);
  assertEquals([setting.freed, setting.rows[0]?.epoch], [["gone"], 2]);
  await setting.end();
});

Deno.test("a process that noticed fewer restarts than others takes none of them back", async () => {
  const find = (): Promise<PromptState> => Promise.resolve({ state: "unknown" });
  const status = () => Promise.resolve(healthy);
  const setting = startMonitor({ status, find }, { epoch: 2, lastSeenAt: 0 });
  setting.slots.push(stopping("asked-for"));
  await setting.clock.advance(5 * PROBE_MS);
  const [row] = setting.rows;
  assertEquals([row?.epoch, row?.loadedFamily, setting.freed, setting.schedules()], [2, "alpha", [], 0]);
  await setting.end();
});

for (const [what, before, after] of [["answers", "down", "down"], ["is silent", "up", "up"]] as const) {
  Deno.test(`that the former address of a server ${what} is no news of the one that has moved`, async () => {
    const moved = Promise.withResolvers<void>();
    let asked = 0;
    const status = async () => {
      asked += 1;
      const isLast = what === "answers" || asked === 3;
      if (isLast) await moved.promise;
      return what === "answers" ? healthy : await Promise.reject(fail("comfy.unreachable"));
    };
    const setting = startMonitor({ status }, { status: before });
    await setting.clock.advance(0);
    if (what === "is silent") { for (const _ of [2, 3]) await setting.clock.advance(PROBE_MS); }
    setting.rows.splice(0, 1, { ...row, status: after, url: "http://127.0.0.1:9999" });
    moved.resolve();
    await setting.clock.advance(1);
    assertEquals(setting.rows[0]?.status, after);
    await setting.end();
  });
}

Deno.test("a stuck server is reported in words for pages, stays up, and stays stuck until it works, begins anew or has rested", async () => {
  let now: Partial<ComfyStatus> = { stuck: true };
  const setting = startMonitor({ status: () => Promise.resolve({ ...healthy, ...now }) });
  const told = () => [setting.rows[0]?.status, setting.rows[0]?.problem];
  const STUCK = ["up", problems["comfy.stuck"]];
  await setting.clock.advance(0);
  assertEquals(told(), STUCK);
  // What waited there was taken away.
  now = {};
  await setting.clock.advance(60 * PROBE_MS);
  assertEquals([told(), setting.schedules()], [STUCK, 0]);
  for (const life of [{ queueRunning: 1 }, { epoch: 2 }]) {
    now = life;
    await setting.clock.advance(PROBE_MS);
    assertEquals(told(), ["up", null], Object.keys(life).join());
    now = { ...life, queueRunning: 0, stuck: true };
    await setting.clock.advance(PROBE_MS);
    assertEquals(told(), STUCK);
  }
  assertEquals(setting.schedules(), 2);
  now = { epoch: 2 };
  await setting.clock.advance(301 * PROBE_MS);
  assertEquals([told(), setting.schedules()], [["up", null], 3]);
  await setting.end();
});

Deno.test("[PR48] a server short of memory says so, with what is free, and the schedule hears when it has more", async () => {
  let ramFree = 1e8;
  const status = () => Promise.resolve({ ...healthy, ramFree, vramFree: 12 });
  const setting = startMonitor({ status });
  await setting.clock.advance(0);
  const [low] = setting.rows;
  assertEquals([low?.short, low?.ramFree, low?.vramFree, low?.device], [true, 1e8, 12, "gpu"]);
  assertEquals(setting.schedules(), 0);
  ramFree = 8e9;
  await setting.clock.advance(PROBE_MS);
  assertEquals([setting.rows[0]?.short, setting.schedules()], [false, 1]);
  await setting.end();
});
