/** The engine on SQLite and real time: woken by the KV queue alone, and on a file that a second process goes on with. */
import { type Engine, startEngine } from "@/actors/runtime/engine.ts";
import { enrol } from "@/actors/runtime/turn.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { openKvWake } from "@/adapters/wake/kv.ts";
import type { Clock, WakeBus } from "@/core/ports.ts";
import type { Store } from "@/core/store.ts";
import { watchSetBack } from "@/db/clock.ts";
import { assert, assertEquals } from "@/tests/assert.ts";
import { openSqlite } from "@/tests/db/fixtures.ts";
import { keepLog, until } from "./quiet.ts";
import { backendRow, healthyComfy, newWorld, readState, say, stepState, toyHandlers } from "./studio.ts";
import { newToy, toy } from "./toy.ts";

function startReal(
  store: Store,
  wake: WakeBus,
  sweepMs: number,
  mend?: (clock: Clock) => () => Promise<number>,
): Engine {
  const clock = systemClock();
  return startEngine({
    store,
    clock,
    ids: systemIds(),
    hash: sha256,
    random: () => 0.5,
    log: keepLog(),
    wake,
    kinds: [enrol(toy)],
    handlers: toyHandlers(newWorld(), clock, 1),
    lanes: { cpu: 2, gpu: 2 },
    comfyFor: healthyComfy,
    onFatal: (part) => {
      throw new Error(`Part ${part} was given up`);
    },
    ...mend ? { mend: mend(clock) } : {},
    settings: { leaseMs: 5000, sweepMs },
  });
}

Deno.test("[XC26] with in-process hint and sweeper switched off a job completes through the KV queue alone", async () => {
  const { store, close } = await openSqlite();
  const wake = await openKvWake({ path: ":memory:", clock: systemClock(), log: keepLog() });
  assert(wake, "this Deno has KV");
  const engine = startReal(store, wake, 0);
  await store.saveBackend(backendRow("b1"));
  await store.admit([newToy("t1")]);
  await engine.tell(say("t1", "m1", { type: "render", digest: null }));
  await engine.tell(say("t1", "m2", { type: "work", name: "w" }));
  await until(async () =>
    await stepState(store, "t1") === "done" && (await readState(store, "t1")).worked.length === 1
  );
  await engine.stop(1000);
  await wake.close();
  await close();
});

Deno.test("with every wake-up switched off nothing happens, so that the test of the KV queue proves something", async () => {
  const { store, close } = await openSqlite();
  const deaf: WakeBus = { hint: () => {}, onHint: () => {}, close: () => Promise.resolve() };
  const engine = startReal(store, deaf, 0);
  await store.admit([newToy("t1")]);
  await engine.tell(say("t1", "m1", { type: "add", n: 1 }));
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals((await readState(store, "t1")).count, 0);
  await engine.stop(1000);
  await close();
});

Deno.test("[XC6] a KV message that is delivered twice changes the state once", async () => {
  const { store, close } = await openSqlite();
  const wake = await openKvWake({ path: ":memory:", clock: systemClock(), log: keepLog() });
  assert(wake, "this Deno has KV");
  let delivered = 0;
  const twice: WakeBus = {
    ...wake,
    hint: (actors) => wake.hint(actors),
    onHint: (hear) =>
      wake.onHint((actor) => {
        delivered += 2;
        hear(actor);
        hear(actor);
      }),
  };
  const engine = startReal(store, twice, 0);
  await store.admit([newToy("t1")]);
  await engine.tell(say("t1", "m1", { type: "add", n: 1 }));
  await until(() => delivered >= 2);
  await until(async () => (await readState(store, "t1")).count > 0);
  engine.hint(["t1"]);
  await until(() => delivered >= 4);
  await engine.stop(1000);
  assertEquals((await readState(store, "t1")).count, 1);
  assertEquals((await store.inspect()).events.length, 1);
  await wake.close();
  await close();
});

Deno.test("[XC20] on a file: the end leaves every mailbox resumable, and a new process goes on", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const first = await openSqlite(`${dir}/studio.db`);
    const bus = await openKvWake({ path: `${dir}/wake.kv`, clock: systemClock(), log: keepLog() });
    assert(bus);
    const engine = startReal(first.store, bus, 2000);
    const ids = Array.from({ length: 20 }, (_, at) => `t${at}`);
    await first.store.admit(ids.map((id) => newToy(id)));
    await engine.tell(...ids.map((id) => say(id, `${id}:w`, { type: "work", name: "w" })));
    await until(async () => (await first.store.inspect()).effects.length > 0);
    await engine.stop(1000);
    await bus.close();
    await first.close();
    for (const file of ["wake.kv", "wake.kv-wal", "wake.kv-shm"]) {
      await Deno.remove(`${dir}/${file}`).catch(() => {});
    }
    const second = await openSqlite(`${dir}/studio.db`);
    const again = await openKvWake({ path: `${dir}/wake.kv`, clock: systemClock(), log: keepLog() });
    assert(again);
    const next = startReal(second.store, again, 2000);
    await until(async () => {
      const states = await Promise.all(ids.map((id) => readState(second.store, id)));
      return states.every((state) => state.worked.length === 1);
    });
    await next.stop(1000);
    await again.close();
    await second.close();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a timer that was set before the clock was set back by an hour goes off when it was to", async () => {
  let ahead = 0;
  const { store, database, close } = await openSqlite(":memory:", { now: () => Date.now() + ahead });
  const deaf: WakeBus = { hint: () => {}, onHint: () => {}, close: () => Promise.resolve() };
  let looks = 0;
  const engine = startReal(store, deaf, 20, (clock) => {
    const look = watchSetBack(database.writer, { clock, leaseMs: 5000 });
    return async () => {
      const back = await look();
      looks++;
      return back;
    };
  });
  await store.admit([newToy("t1")]);
  await until(() => Promise.resolve(looks > 0));
  await store.post([{ ...say("t1", "m1", { type: "add", n: 1 }), delayMs: 500 }]);
  ahead = -3_600_000;
  await until(async () => (await readState(store, "t1")).count === 1);
  await engine.stop(1000);
  await close();
});
