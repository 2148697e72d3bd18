/** Measures the actor runtime on SQLite: how fast mail wakes its actor, and how many turns a process does per second. */
import { type Engine, startEngine } from "@/actors/runtime/engine.ts";
import { type ActorKind, type Outcome, unchanged, type View } from "@/actors/runtime/kind.ts";
import { enrol } from "@/actors/runtime/turn.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { type WakeMode } from "@/adapters/wake/mod.ts";
import { openWake } from "@/adapters/wake/mod.ts";
import type { Mail, NewJob } from "@/core/store.ts";
import { migrate } from "@/db/migrate.ts";
import { openDatabase } from "@/db/sqlite.ts";
import { openSqliteStore } from "@/db/store_sqlite.ts";
import { healthyComfy } from "@/tests/actors/runtime/studio.ts";
import { newToy, stepRow, toyPlan, type ToyState } from "@/tests/actors/runtime/toy.ts";
import { newToyState, shownOf } from "@/tests/actors/runtime/toy.ts";
import { at, print, silent } from "./report.ts";

/** Each message writes what a busy turn writes: one event, one step row, one effect; one mail was read. */
function busyKind(onReceive: (body: unknown) => void): ActorKind<ToyState, unknown> {
  return {
    kind: "toy",
    parseState: (json) => Object.assign({ ...newToyState }, json),
    parseMessage: (json) => json,
    wants: () => ["render"],
    receive: (view, message) => {
      onReceive(message);
      return writeMuch(view);
    },
    crashed: (view) => unchanged(view.state),
    shown: (view) => shownOf(view.state),
  };
}

function writeMuch(view: View<ToyState>): Outcome<ToyState> {
  const { state, actor } = view;
  const count = state.count + 1;
  return {
    ...unchanged({ ...state, count }),
    events: [{ kind: "counted", message: `Counted to ${count}.` }],
    steps: [{ ...(view.steps.get("render")?.[0] ?? stepRow()), attempt: count, state: "running" }],
    effects: [{ id: `${actor.id}:${count}`, kind: "idle", lane: "nobody", req: { count } }],
  };
}

interface Bench {
  engine: Engine;
  store: ReturnType<typeof openSqliteStore>;
  end(): Promise<void>;
}

async function startBench(mode: WakeMode, onReceive: (body: unknown) => void): Promise<Bench> {
  const dir = await Deno.makeTempDir();
  const database = openDatabase(`${dir}/bench.db`);
  await migrate(database.writer);
  const ids = systemIds();
  const store = openSqliteStore(database.writer, { newId: ids.uuid7, onClose: database.close });
  const clock = systemClock();
  const wake = await openWake(mode, { path: ":memory:", clock, log: silent });
  const engine = startEngine({
    store,
    clock,
    ids,
    hash: sha256,
    random: Math.random,
    log: silent,
    wake,
    kinds: [enrol(busyKind(onReceive))],
    handlers: [],
    lanes: { cpu: 1 },
    comfyFor: healthyComfy,
    onFatal: (part) => {
      throw new Error(`Part ${part} was given up`);
    },
    settings: { leaseMs: 15_000, sweepMs: 2000 },
  });
  const end = async () => {
    await engine.stop(1000);
    await wake.close();
    await store.close();
    await Deno.remove(dir, { recursive: true });
  };
  return { engine, store, end };
}

/** Milliseconds from the return of the commit that stored a mail to the start of the turn that reads it, one at a time. */
async function measureWake(mode: WakeMode, rounds: number): Promise<number[]> {
  let heard = (_at: number) => {};
  const bench = await startBench(mode, () => heard(performance.now()));
  await bench.store.admit([newToy("w")]);
  const waits: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = new Promise<number>((resolve) => heard = resolve);
    await bench.store.post([mailOf("w", round)]);
    const committedAt = performance.now();
    bench.engine.hint(["w"]);
    waits.push(await started - committedAt);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await bench.end();
  return waits.toSorted((a, b) => a - b);
}

/** Turns per second with one mail each: as many actors as turns, so that no two mails share a turn. */
async function measureTurns(turns: number): Promise<number> {
  let done = 0;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => finish = resolve);
  const bench = await startBench("hint", () => {
    if (++done === turns) finish();
  });
  const actors = Array.from({ length: turns }, (_, at) => `t${String(at).padStart(6, "0")}`);
  const jobs: NewJob[] = actors.map((id) => ({ ...newToy(id), plan: toyPlan() }));
  await bench.store.admit(jobs);
  await bench.store.post(actors.map((id) => mailOf(id, 0)));
  const from = performance.now();
  bench.engine.hint(actors);
  await finished;
  const perSecond = turns / (performance.now() - from) * 1000;
  await bench.end();
  return perSecond;
}

function mailOf(to: string, round: number): Mail {
  return { id: `${to}:${round}`, to, kind: "count", body: { type: "count" } };
}

export async function benchWake(): Promise<void> {
  for (const [mode, rounds] of [["hint", 500], ["hint+kv", 500], ["kv", 60]] as const) {
    const waits = await measureWake(mode, rounds);
    const target = mode === "kv" ? undefined : ["<= 5", "<= 50"] as const;
    print({ bench: `runtime.wake.${mode}.p50`, value: at(waits, 0.5), unit: "ms", target: target?.[0] });
    print({ bench: `runtime.wake.${mode}.p99`, value: at(waits, 0.99), unit: "ms", target: target?.[1] });
  }
  print({ bench: "runtime.turns", value: await measureTurns(3000), unit: "per second", actor: "toy" });
}
