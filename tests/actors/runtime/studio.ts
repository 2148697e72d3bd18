/** A small studio for tests: toy actors, toy effects and fake render servers around a real engine and a real store. */
import { type Engine, type EngineParts, startEngine } from "@/actors/runtime/engine.ts";
import type { EffectHandler } from "@/actors/runtime/handler.ts";
import { enrol } from "@/actors/runtime/turn.ts";
import { localWake } from "@/adapters/wake/local.ts";
import type { Clock, Comfy, Ids } from "@/core/ports.ts";
import type { BackendRow, Claim, Finish, Mail, SlotRow, Store } from "@/core/store.ts";
import { type MemoryStore, openMemoryStore } from "@/db/store_memory.ts";
import { ManualClock } from "@/tests/contract/manual_clock.ts";
import { hash, keepLog, type KeptLog } from "./quiet.ts";
import { toy, type ToyState } from "./toy.ts";

export const RENDER_MS = 500;
export const LEASE_MS = 1000;
export const SWEEP_MS = 2000;

export function countedIds(prefix: string): Ids {
  let count = 0;
  const next = () => `${prefix}-${String(++count).padStart(4, "0")}`;
  return { uuid7: next, uuid4: next, token: next };
}

export function backendRow(id: string, more: Partial<BackendRow> = {}): BackendRow {
  return {
    id,
    url: `http://${id}.example`,
    engine: "draft",
    slots: 2,
    status: "up",
    epoch: 1,
    lastSeenAt: null,
    loadedFamily: null,
    vram: null,
    version: null,
    problem: null,
    ...more,
  };
}

export function healthyComfy(): Comfy {
  const refuse = () => Promise.reject(new Error("The toy studio does not ask this"));
  return {
    status: () =>
      Promise.resolve({
        version: "1",
        epoch: 1,
        vramTotal: null,
        vramFree: null,
        ramFree: null,
        device: "toy",
        queueRunning: 0,
        queuePending: 0,
        uploadMaxBytes: null,
        stuck: false,
      }),
    find: () => Promise.resolve({ state: "unknown" }),
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

/** What the toy effects did, seen from outside the process that ran them. */
export interface World {
  renders: { promptId: string; backendId: string }[];
  /** Prompts under way now. */
  rendering: Set<string>;
  mostRendering: number;
}

export function newWorld(): World {
  return { renders: [], rendering: new Set(), mostRendering: 0 };
}

function replyOf(claim: Claim, body: { type: string; [key: string]: unknown }): { finish: Finish } {
  const mail: Mail = { id: `${claim.id}:reply`, to: claim.actorId, kind: body.type, body };
  return { finish: { status: "done", result: null, mail: [mail] } };
}

export function toyHandlers(world: World, clock: Clock, renderMs = RENDER_MS): EffectHandler[] {
  return [
    {
      kind: "toy_work",
      run: (claim) => Promise.resolve(replyOf(claim, { type: "worked", name: claim.id.split(":")[1] ?? "" })),
    },
    {
      kind: "toy_render",
      async run(claim, context) {
        context.fence();
        if (!world.rendering.has(claim.id)) {
          world.renders.push({ promptId: claim.id, backendId: claim.actorId });
        }
        world.rendering.add(claim.id);
        world.mostRendering = Math.max(world.mostRendering, world.rendering.size);
        await clock.sleep(renderMs, context.signal);
        world.rendering.delete(claim.id);
        return replyOf(claim, { type: "rendered", promptId: claim.id });
      },
    },
  ];
}

/** A clock and a store of one process that can die: from then on nothing it asked for is ever answered. */
export function mortal<T extends object>(target: T, life: { over: boolean }): T {
  return new Proxy(target, {
    get(from, name, receiver) {
      const value = Reflect.get(from, name, receiver);
      if (typeof value !== "function") return value;
      return (...input: unknown[]) => {
        if (life.over) return new Promise(() => {});
        const answer = Reflect.apply(value, from, input);
        if (!(answer instanceof Promise)) return answer;
        return new Promise((resolve, reject) => {
          answer.then(
            (result) => life.over || resolve(result),
            (thrown) => life.over || reject(thrown),
          );
        });
      };
    },
  });
}

export interface Studio {
  clock: ManualClock;
  store: MemoryStore;
  engine: Engine;
  world: World;
  log: KeptLog;
  fatal: string[];
  state(id: string): Promise<ToyState>;
  /** Lets virtual time pass until the condition holds; returns how much did. */
  pass(holds: () => boolean | Promise<boolean>, limitMs?: number): Promise<number>;
  end(): Promise<void>;
}

export type StudioChange = (store: MemoryStore, clock: ManualClock) => Partial<EngineParts>;

/** Starts an engine on a store in memory and on virtual time. Also a second one on the store and world of a first. */
export function startStudio(change: StudioChange = () => ({}), shared?: Studio, name = "one"): Studio {
  const clock = shared?.clock ?? new ManualClock();
  const store = shared?.store ?? openMemoryStore({ now: () => clock.now() });
  const world = shared?.world ?? newWorld();
  const log = keepLog();
  const fatal: string[] = [];
  const engine = startEngine({
    store,
    clock,
    ids: countedIds(name),
    hash,
    random: () => 0.5,
    log,
    wake: localWake(),
    kinds: [enrol(toy)],
    handlers: toyHandlers(world, clock),
    lanes: { cpu: 2, gpu: 4, net: 2 },
    comfyFor: healthyComfy,
    onFatal: (part) => fatal.push(part),
    settings: { leaseMs: LEASE_MS, sweepMs: SWEEP_MS },
    ...change(store, clock),
  });
  const pass: Studio["pass"] = async (holds, limitMs = 30_000) => {
    for (let passedMs = 0; passedMs <= limitMs; passedMs += 10) {
      await clock.advance(passedMs === 0 ? 0 : 10);
      if (await holds()) return passedMs;
    }
    throw new Error(
      `The condition did not hold within ${limitMs} ms: ${JSON.stringify(log.lines.slice(-5))}`,
    );
  };
  const end = async () => {
    let ended = false;
    const stop = engine.stop(100).then(() => ended = true);
    await pass(() => ended);
    await stop;
  };
  return { clock, store, engine, world, log, fatal, state: (id) => readState(store, id), pass, end };
}

export async function readState(store: Store, id: string): Promise<ToyState> {
  return toy.parseState((await store.actor(id))?.state);
}

export async function stepState(store: Store, id: string): Promise<string | undefined> {
  return (await store.steps(id))[0]?.state;
}

export function say(to: string, id: string, body: { type: string; [key: string]: unknown }): Mail {
  return { id, to, kind: body.type, body };
}

/** Held slots by backend. */
export function heldBy(slots: readonly SlotRow[]): Record<string, number> {
  const held: Record<string, number> = {};
  for (const { backendId } of slots) held[backendId] = (held[backendId] ?? 0) + 1;
  return held;
}
