/** The engine as a whole, on virtual time and a store in memory. */
import { silentWake } from "@/adapters/wake/local.ts";
import type { WakeBus } from "@/core/ports.ts";
import { fail } from "@/core/problem.ts";
import type { BackendRow } from "@/core/store.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import {
  backendRow,
  healthyComfy,
  heldBy,
  LEASE_MS,
  mortal,
  RENDER_MS,
  say,
  startStudio,
  stepState,
  SWEEP_MS,
} from "./studio.ts";
import { newToy } from "./toy.ts";

const render = (to: string, digest: string | null = null) =>
  say(to, `${to}:render`, { type: "render", digest });

Deno.test("mail is handled without any time passing, and its effects are run and answered", async () => {
  const studio = startStudio();
  await studio.store.admit([newToy("t1")]);
  await studio.engine.tell(
    say("t1", "m1", { type: "add", n: 2 }),
    say("t1", "m2", { type: "work", name: "w" }),
  );
  const passedMs = await studio.pass(async () => (await studio.state("t1")).worked.length === 1);
  assertEquals(passedMs, 0);
  assertEquals((await studio.state("t1")).count, 2);
  await studio.end();
});

Deno.test("[XC6] a message posted twice and hinted many times changes the state once", async () => {
  const bus = doubledWake();
  const studio = startStudio(() => ({ wake: bus }));
  await studio.store.admit([newToy("t1")]);
  const mail = say("t1", "m1", { type: "add", n: 1 });
  await studio.engine.tell(mail);
  await studio.engine.tell(mail);
  await studio.pass(async () => (await studio.state("t1")).count > 0);
  await studio.engine.tell(mail);
  await studio.clock.advance(SWEEP_MS * 2);
  assertEquals((await studio.state("t1")).count, 1);
  assertEquals((await studio.store.inspect()).events.length, 1);
  await studio.end();
});

/** Every hint arrives three times, in reverse order. */
function doubledWake(): WakeBus {
  const listeners: ((actor: string) => void)[] = [];
  return {
    hint: (actors) =>
      queueMicrotask(() => {
        for (const actor of [...actors, ...actors, ...actors].reverse()) {
          for (const wake of listeners) wake(actor);
        }
      }),
    onHint: (wake) => listeners.push(wake),
    close: () => Promise.resolve(),
  };
}

Deno.test("a lost hint costs at most one sweep", async () => {
  const studio = startStudio(() => ({ wake: silentWake() }));
  await studio.store.admit([newToy("t1")]);
  await studio.clock.advance(100);
  await studio.engine.tell(say("t1", "m1", { type: "work", name: "w" }));
  const passedMs = await studio.pass(async () => (await studio.state("t1")).worked.length === 1);
  assert(
    passedMs > 0 && passedMs <= SWEEP_MS * 2.4,
    `found after ${passedMs} ms: one sweep for each of two mails`,
  );
  await studio.end();
});

Deno.test("delayed mail is handled when its time comes, with the sweeper switched off", async () => {
  const studio = startStudio(() => ({ settings: { leaseMs: LEASE_MS, sweepMs: 0 } }));
  await studio.store.admit([newToy("t1")]);
  await studio.engine.tell(say("t1", "m1", { type: "add_later", n: 5, delayMs: 3000 }));
  const passedMs = await studio.pass(async () => (await studio.state("t1")).count === 5);
  assert(passedMs >= 3000 && passedMs <= 3020, `handled after ${passedMs} ms`);
  await studio.end();
});

Deno.test("delayed mail of another process is handled when its time comes, not at the next sweep", async () => {
  const studio = startStudio(() => ({ settings: { leaseMs: LEASE_MS, sweepMs: 60_000 } }));
  await studio.store.admit([newToy("t1")]);
  await studio.store.post([{ ...say("t1", "m1", { type: "add", n: 5 }), delayMs: 700 }]);
  const passedMs = await studio.pass(async () => (await studio.state("t1")).count === 5);
  assert(passedMs >= 700 && passedMs <= 720, `handled after ${passedMs} ms`);
  await studio.end();
});

Deno.test("a failing message is tried six times with growing waits, then its actor ends and others go on", async () => {
  const studio = startStudio();
  await studio.store.admit([newToy("t1"), newToy("t2")]);
  await studio.engine.tell(say("t1", "m1", { type: "explode" }), say("t2", "m2", { type: "add", n: 1 }));
  const passedMs = await studio.pass(async () => (await studio.state("t1")).problem !== null, 120_000);
  assert(passedMs >= 31_000 * 0.8 && passedMs <= 31_000 * 1.2 + 200, `ended after ${passedMs} ms`);
  const { deadletters } = await studio.store.inspect();
  assertEquals(deadletters.map(({ id, error }) => [id, error]), [["m1", "Error: Bang"]]);
  assertEquals((await studio.state("t2")).count, 1);
  await studio.end();
});

Deno.test("a step gets a slot, is rendered, and frees its slot", async () => {
  const studio = startStudio();
  await studio.store.saveBackend(backendRow("b1"));
  await studio.store.admit([newToy("t1")]);
  await studio.engine.tell(render("t1"));
  await studio.pass(() => studio.world.rendering.size === 1);
  assertEquals((await studio.store.slots()).map(({ n, jobId, state }) => [n, jobId, state]), [[
    0,
    "t1",
    "held",
  ]]);
  assertEquals((await studio.store.backends())[0]?.loadedFamily, "alpha");
  await studio.pass(async () => await stepState(studio.store, "t1") === "done");
  assertEquals(await studio.store.slots(), []);
  await studio.end();
});

Deno.test("[XC7] many jobs on few servers: never more prompts on one than its slots, and all are done", async () => {
  const studio = startStudio();
  await studio.store.saveBackend(backendRow("b1", { slots: 2 }));
  await studio.store.saveBackend(backendRow("b2", { slots: 1 }));
  const ids = Array.from({ length: 12 }, (_, at) => `t${at}`);
  await studio.store.admit(ids.map((id, at) => newToy(id, { userId: `u${at % 3}`, family: `f${at % 2}` })));
  await studio.engine.tell(...ids.map((id) => render(id)));
  assertEquals(await studio.pass(() => studio.world.rendering.size === 3), 0, "one look fills every slot");
  let most: Record<string, number> = {};
  await studio.pass(async () => {
    const held = heldBy(await studio.store.slots());
    most = { b1: Math.max(most.b1 ?? 0, held.b1 ?? 0), b2: Math.max(most.b2 ?? 0, held.b2 ?? 0) };
    const states = await Promise.all(ids.map((id) => stepState(studio.store, id)));
    return states.every((state) => state === "done");
  });
  assertEquals(most, { b1: 2, b2: 1 });
  assertEquals(studio.world.renders.length, 12);
  assertEquals(studio.world.mostRendering, 3);
  await studio.end();
});

Deno.test("a step whose work its owner already has is reused without a slot; other people's work never is", async () => {
  const studio = startStudio();
  await studio.store.saveBackend(backendRow("b1"));
  await studio.store.admit([newToy("t1"), newToy("t2"), newToy("t3", { userId: "bob" })]);
  await studio.engine.tell(render("t1", "same"));
  await studio.pass(async () => await stepState(studio.store, "t1") === "done");
  await studio.engine.tell(render("t2", "same"), render("t3", "same"));
  await studio.pass(async () =>
    await stepState(studio.store, "t2") === "done" && await stepState(studio.store, "t3") === "done"
  );
  assertEquals(studio.world.renders.map(({ backendId }) => backendId), ["t1", "t3"]);
  await studio.end();
});

Deno.test("a step that waited while its work was done elsewhere is reused when its turn comes", async () => {
  const studio = startStudio();
  await studio.store.saveBackend(backendRow("b1", { slots: 1 }));
  await studio.store.admit([newToy("t1"), newToy("t2")]);
  await studio.engine.tell(render("t1", "same"), render("t2", "same"));
  await studio.pass(async () =>
    await stepState(studio.store, "t1") === "done" && await stepState(studio.store, "t2") === "done"
  );
  assertEquals(studio.world.renders.length, 1);
  await studio.end();
});

Deno.test("a grant that the database refuses is looked at anew, and the step is granted later", async () => {
  let refusals = 0;
  const studio = startStudio((store) => ({
    store: {
      ...store,
      grant: (grant) => refusals++ === 0 ? Promise.resolve(false) : store.grant(grant),
    },
  }));
  await studio.store.saveBackend(backendRow("b1"));
  await studio.store.admit([newToy("t1")]);
  await studio.engine.tell(render("t1"));
  const passedMs = await studio.pass(async () => await stepState(studio.store, "t1") === "done");
  assert(passedMs <= SWEEP_MS + RENDER_MS + 100, `granted after ${passedMs} ms`);
  await studio.end();
});

Deno.test("a backend that cannot run a step does not get it, and the step waits", async () => {
  const able: string[] = [];
  const canRun = (_: unknown, { id }: BackendRow) => Promise.resolve(able.includes(id));
  const studio = startStudio(() => ({ canRun }));
  await studio.store.saveBackend(backendRow("b1"));
  await studio.store.admit([newToy("t1")]);
  await studio.engine.tell(render("t1"));
  await studio.clock.advance(20_000);
  assertEquals([await stepState(studio.store, "t1"), studio.world.renders], ["ready", []]);
  able.push("b1");
  await studio.pass(async () => await stepState(studio.store, "t1") === "done");
  await studio.end();
});

Deno.test("in maintenance what runs ends, nothing that waits begins, and it does once the studio is open again", async () => {
  let open = true;
  const studio = startStudio(() => ({ isOpen: () => Promise.resolve(open) }));
  await studio.store.saveBackend(backendRow("b1"));
  await studio.store.admit([newToy("t1"), newToy("t2")]);
  await studio.engine.tell(render("t1"));
  await studio.pass(() => studio.world.renders.length === 1);
  open = false;
  await studio.engine.tell(render("t2"));
  await studio.clock.advance(20_000);
  assertEquals(await stepState(studio.store, "t1"), "done");
  assertEquals([await stepState(studio.store, "t2"), studio.world.renders.length], ["ready", 1]);
  open = true;
  studio.engine.schedule();
  await studio.pass(async () => await stepState(studio.store, "t2") === "done");
  await studio.end();
});

Deno.test("[PR35] a disk that is too full pauses what waits in the middle of a run, and it goes on when there is room", async () => {
  let room = true;
  const studio = startStudio(() => ({ hasRoom: () => Promise.resolve(room) }));
  await studio.store.saveBackend(backendRow("b1"));
  await studio.store.admit([newToy("t1"), newToy("t2")]);
  await studio.engine.tell(render("t1"));
  await studio.pass(() => studio.world.renders.length === 1);
  room = false;
  await studio.engine.tell(render("t2"));
  await studio.clock.advance(20_000);
  assertEquals(await stepState(studio.store, "t1"), "done");
  assertEquals([await stepState(studio.store, "t2"), studio.world.renders.length], ["ready", 1]);
  room = true;
  await studio.pass(async () => await stepState(studio.store, "t2") === "done");
  await studio.end();
});

Deno.test("a server that is stuck gets nothing new until it works again", async () => {
  const comfy = healthyComfy();
  let now: { stuck?: boolean; queueRunning?: number } = { stuck: true };
  const status = async (signal?: AbortSignal) => ({ ...await comfy.status(signal), ...now });
  const studio = startStudio(() => ({ comfyFor: () => ({ ...comfy, status }) }));
  await studio.store.saveBackend(backendRow("b1", { engine: "comfy" }));
  await studio.clock.advance(5000);
  const toy = newToy("t1");
  await studio.store.admit([{ ...toy, plan: { ...toy.plan, engine: "comfy" } }]);
  await studio.engine.tell(render("t1"));
  await studio.clock.advance(20_000);
  assertEquals([await stepState(studio.store, "t1"), studio.world.renders], ["ready", []]);
  now = { queueRunning: 1 };
  await studio.pass(async () => await stepState(studio.store, "t1") === "done");
  await studio.end();
});

for (const pressed of [{ ramFree: 1e6 }, { vramTotal: 24e9, vramFree: 0.1e9 }]) {
  Deno.test(`[PR48] a server short of memory pauses the queue and fails nothing: ${Object.keys(pressed).join()}`, async () => {
    const comfy = healthyComfy();
    let now = {};
    const status = async (signal?: AbortSignal) => ({ ...await comfy.status(signal), ...now });
    const studio = startStudio(() => ({ comfyFor: () => ({ ...comfy, status }) }));
    now = pressed;
    await studio.store.saveBackend(backendRow("b1", { engine: "comfy" }));
    await studio.clock.advance(5000);
    const toy = newToy("t1");
    await studio.store.admit([{ ...toy, plan: { ...toy.plan, engine: "comfy" } }]);
    await studio.engine.tell(render("t1"));
    await studio.clock.advance(20_000);
    assertEquals([await stepState(studio.store, "t1"), studio.world.renders], ["ready", []]);
    now = {};
    await studio.pass(async () => await stepState(studio.store, "t1") === "done");
    await studio.end();
  });
}

Deno.test("[XC5] a process that dies at any moment leaves work that the next one goes on with, under the same prompt", async () => {
  for (let dieAfterMs = 0; dieAfterMs <= RENDER_MS + 100; dieAfterMs += 50) {
    const life = { over: false };
    const first = startStudio((store, clock) => ({ store: mortal(store, life), clock: mortal(clock, life) }));
    await first.store.saveBackend(backendRow("b1"));
    await first.store.admit([newToy("t1")]);
    await first.store.post([render("t1"), say("t1", "m1", { type: "work", name: "w" })]);
    await first.clock.advance(dieAfterMs);
    life.over = true;
    const second = startStudio(() => ({}), first, "two");
    const limitMs = LEASE_MS + RENDER_MS + 2 * SWEEP_MS;
    await second.pass(async () => await stepState(second.store, "t1") === "done", limitMs);
    const { worked, count } = await second.state("t1");
    assertEquals([worked, count, await second.store.slots()], [["w"], 1, []]);
    assertEquals(new Set(second.world.renders.map(({ promptId }) => promptId)).size, 1);
    await second.end();
  }
});

Deno.test("[XC20] a graceful end gives leases back at once, keeps slots, and the next start goes on without waiting", async () => {
  const first = startStudio();
  await first.store.saveBackend(backendRow("b1"));
  await first.store.admit([newToy("t1")]);
  await first.engine.tell(render("t1"));
  await first.pass(() => first.world.rendering.size === 1);
  await first.end();
  const { effects } = await first.store.inspect();
  assertEquals(effects.map(({ status, owner }) => [status, owner]), [["open", null]]);
  assertEquals((await first.store.slots()).length, 1);
  await first.engine.tell(say("t1", "m2", { type: "add", n: 7 }));
  await first.clock.advance(SWEEP_MS);
  assertEquals((await first.state("t1")).count, 0, "nothing is handled after the end");
  const second = startStudio(() => ({}), first, "two");
  const passedMs = await second.pass(async () => (await second.state("t1")).count === 8);
  assert(passedMs <= RENDER_MS + 20, `went on after ${passedMs} ms`);
  await second.end();
});

Deno.test("a revoked effect stops at once, and its slot stays until its prompt is gone", async () => {
  const studio = startStudio();
  await studio.store.saveBackend(backendRow("b1"));
  await studio.store.admit([newToy("t1")]);
  await studio.engine.tell(render("t1"));
  await studio.pass(() => studio.world.rendering.size === 1);
  await studio.engine.tell(say("t1", "m2", { type: "halt" }));
  assertEquals(await studio.pass(() => studio.engine.busy().gpu === undefined), 0);
  assertEquals((await studio.store.slots()).map((slot) => slot.state), ["stopping"]);
  await studio.clock.advance(60_000);
  assertEquals((await studio.store.slots()).length, 1, "no timer frees it");
  await studio.end();
});

Deno.test("a slot of an ended job is told of, and its job is asked to stop it", async () => {
  const studio = startStudio(() => ({
    // A prompt that never ends, of a job that counts as ended.
    handlers: [{ kind: "toy_render", run: () => new Promise(() => {}) }],
    stopStray: ({ jobId, promptId }) => [say(jobId, `stray:${promptId}`, { type: "halt" })],
  }));
  await studio.store.saveBackend(backendRow("b1"));
  await studio.store.admit([newToy("t1")]);
  await studio.engine.tell(render("t1"));
  await studio.pass(async () => (await studio.store.slots())[0]?.state === "stopping", 40_000);
  await studio.end();
});

Deno.test("one actor that the database refuses does not stop the others, and is taken again later", async () => {
  let refuses = true;
  const studio = startStudio((store) => ({
    store: {
      ...store,
      turn: (id, behaviour) =>
        id === "t1" && refuses ? Promise.reject(new Error("database is locked")) : store.turn(id, behaviour),
    },
    settings: { leaseMs: LEASE_MS, sweepMs: 0 },
  }));
  await studio.store.admit([newToy("t1"), newToy("t2")]);
  await studio.engine.tell(...["t1", "t2"].map((id) => say(id, `m-${id}`, { type: "add", n: 1 })));
  await studio.pass(async () => (await studio.state("t2")).count === 1);
  await studio.clock.advance(5000);
  assertEquals((await studio.state("t1")).count, 0);
  refuses = false;
  await studio.pass(async () => (await studio.state("t1")).count === 1);
  assertEquals(studio.fatal, []);
  await studio.end();
});

Deno.test("a part that fails more than five times in a minute is given up; a busy database is waited out", async () => {
  let answer: () => Promise<never> = () => Promise.reject(fail("studio.busy"));
  const studio = startStudio((store) => ({ store: { ...store, claim: () => answer() } }));
  await studio.clock.advance(120_000);
  assertEquals(studio.fatal, []);
  answer = () => Promise.reject(new TypeError("Not a function"));
  await studio.clock.advance(300_000);
  assertEquals(studio.fatal, [], "a failure every 30 s stays within the intensity");
  await studio.end();
  const second = startStudio((store) => ({ store: { ...store, claim: () => answer() } }), undefined, "two");
  await second.clock.advance(60_000);
  assertEquals(second.fatal, ["pool"]);
  await second.end();
});

Deno.test("retention runs at its interval and never before", async () => {
  let runs = 0;
  const studio = startStudio(() => ({
    retain: () => Promise.resolve(void runs++),
    settings: { leaseMs: LEASE_MS, sweepMs: SWEEP_MS, retainEveryMs: 60_000 },
  }));
  await studio.clock.advance(59_000);
  assertEquals(runs, 0);
  await studio.clock.advance(123_000);
  assertEquals(runs, 3);
  await studio.end();
});
