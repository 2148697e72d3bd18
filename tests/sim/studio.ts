/** One studio process of the simulation: the production engine and effects over ports that can fail at any moment. */
import { jobEffects } from "@/actors/job/effects/mod.ts";
import { job } from "@/actors/job/kind.ts";
import { type Engine, startEngine } from "@/actors/runtime/engine.ts";
import type { EffectHandler } from "@/actors/runtime/handler.ts";
import { enrol } from "@/actors/runtime/turn.ts";
import { NO_PACES } from "@/core/paces.ts";
import type { Comfy, Log, WakeBus } from "@/core/ports.ts";
import { fail } from "@/core/problem.ts";
import type { BackendRow, ReadyStep, Store } from "@/core/store.ts";
import type { Database } from "@/db/sqlite.ts";
import { openUpkeep } from "@/studio/door/upkeep.ts";
import type { FakeServer } from "./fake_comfy.ts";
import { type Disk, memoryStorage } from "./memory_storage.ts";
import { bindSim, hash, localSim } from "./plans.ts";
import type { Process, World } from "./world.ts";

/** Chances of trouble per call; all zero once the faults are over. */
export interface Faults {
  txAbort: number;
  netBefore: number;
  netAfter: number;
  netCut: number;
  hintDrop: number;
  hintTwice: number;
}

export const NO_FAULTS: Faults = {
  txAbort: 0,
  netBefore: 0,
  netAfter: 0,
  netCut: 0,
  hintDrop: 0,
  hintTwice: 0,
};

/** What outlives every process. */
export interface Ground {
  world: World;
  store: Store;
  disk: Disk;
  /** By the host of their address. */
  servers: Map<string, FakeServer>;
  /** Most prompts that a server may ever have had at once, by host. */
  slotsMost: Map<string, number>;
  /** Where operators change the pool: what the production code behind their pages works on. */
  db: Database | null;
  /** When something was wrong with a server that may cost it a prompt, by host. */
  troubles: { host: string; from: number; until: number }[];
  /** Families whose models a server lacks, as `server family`. */
  lacks: ReadonlySet<string>;
  faults: Faults;
  /** Database calls that have begun and not ended: the world lets them settle before the next event. */
  inFlight: number;
  /** Living processes by name, for wake-ups between them. */
  studios: Set<Studio>;
  /** How often each kind of fault happened. */
  hits: Map<string, number>;
  log: Log;
  leaseMs: number;
  /** Who claimed each effect last, and with which token. */
  claims: Map<string, string>;
  /** POSTs by processes that no longer held the effect they acted for. */
  late: { server: string; promptId: string }[];
  /** Rules that were broken where no snapshot shows it. */
  broken: string[];
}

export interface Studio {
  process: Process;
  engine: Engine;
  wake(actor: string): void;
  /** Closes the clients of all other hosts. */
  keepOnly(hosts: string[]): Promise<void>;
}

export const hostOf = (row: Pick<BackendRow, "url">): string => new URL(row.url).host;

export function hit(ground: Ground, fault: string): void {
  ground.hits.set(fault, (ground.hits.get(fault) ?? 0) + 1);
}

export function bootStudio(ground: Ground, name: string, swap?: Swap): Studio {
  const { world } = ground;
  const process = world.spawn(name);
  const step = () => process.wait(world.between(0.1, 4));
  const store = troubledStore(ground, process);
  const storage = memoryStorage(ground.disk, process, { hash, step });
  const clients = new Map<string, Comfy>();
  const comfyFor = (id: string): Comfy => {
    const server = ground.servers.get(id);
    if (!server) throw new Error(`no server ${id}`);
    const known = clients.get(id) ?? server.client(name);
    clients.set(id, known);
    return known;
  };
  const sound: Parts = {
    store,
    comfyFor,
    handlers: (made) => made,
    canRun: ({ family }, { id }) => !ground.lacks.has(`${id} ${family}`),
    isOpen: upkeepOf(ground, process),
  };
  const parts = swap?.(sound, { ground, process }) ?? sound;
  const handlers = jobEffects({
    store: parts.store,
    storage,
    comfy: (backend) => parts.comfyFor(hostOf(backend)),
    bind: bindSim,
    classes: () => ["LoadImage", "SaveVideo", "PrimitiveString"],
    lacks: () => null,
    paces: () => Promise.resolve(NO_PACES),
    spend: async (_, { names }) => {
      await process.wait(world.between(1, 50));
      for (const name of names) {
        ground.disk.lost.set(name, ground.disk.files.get(name) ?? new Uint8Array());
        ground.disk.files.delete(name);
      }
    },
    judge: () => Promise.resolve(null),
    hasOther: async (_, backend) =>
      (await store.backends()).some(({ id, status }) => id !== backend.id && status === "up"),
    advice: () => "Take the preset Fast.",
    async local(op, { values, scratch }) {
      await process.wait(world.between(10, 500));
      return {
        files: localSim(op, values).map(({ role, bytes }) => {
          storage.writeScratch(scratch.path(role), bytes);
          return { role, path: scratch.path(role), ext: "bin" };
        }),
        facts: {},
      };
    },
    progress: { publish() {}, listen: () => () => {}, latest: () => undefined },
    clock: process.clock,
    log: ground.log,
    isOpen: parts.isOpen,
    limits: { downMs: 8000, diskMinBytes: 1 },
  });
  const { bus, wake } = wakeBus(ground, process);
  let count = 0;
  const uuid = () => `${name}-${++count}-${Math.floor(world.random() * 1e9).toString(16)}`;
  const engine = startEngine({
    store: parts.store,
    clock: process.clock,
    ids: { uuid7: uuid, uuid4: uuid, token: uuid },
    hash,
    random: world.random,
    log: ground.log,
    wake: bus,
    kinds: [enrol(job)],
    handlers: parts.handlers(handlers),
    lanes: { gpu: 8, cpu: 2, net: 8, upload: 1 },
    comfyFor: (backend) => parts.comfyFor(hostOf(backend)),
    isOpen: parts.isOpen,
    canRun: (step, backend) => Promise.resolve(parts.canRun(step, backend)),
    onFatal: () => process.crash(),
    settings: { leaseMs: ground.leaseMs, sweepMs: 2000, probeMs: 2500, probeTimeoutMs: 800, tickMs: 4000 },
  });
  const keepOnly = async (hosts: string[]) => {
    for (const [host, client] of clients) {
      if (hosts.includes(host)) continue;
      clients.delete(host);
      await client.close();
    }
  };
  const studio = { process, engine, wake, keepOnly };
  ground.studios.add(studio);
  return studio;
}

export interface Parts {
  store: Store;
  comfyFor(id: string): Comfy;
  handlers(made: EffectHandler[]): EffectHandler[];
  canRun(step: ReadyStep, backend: BackendRow): boolean;
  isOpen(): Promise<boolean>;
}

/** As in the house: read at most once a second by each process. */
function upkeepOf(ground: Ground, process: Process): () => Promise<boolean> {
  if (ground.db === null) return () => Promise.resolve(true);
  const upkeep = openUpkeep({ ...ground.db, clock: process.clock });
  return async () => {
    await process.wait(ground.world.between(0.05, 2));
    ground.inFlight++;
    try {
      return await upkeep.read() === null;
    } finally {
      ground.inFlight--;
    }
  };
}

/** Breaks something of one process on purpose, to see that the checks notice. */
export type Swap = (parts: Parts, at: { ground: Ground; process: Process }) => Parts;

/** Every call may find the process gone before or after it, or the database busy. */
function troubledStore(ground: Ground, process: Process): Store {
  const { world } = ground;
  return new Proxy(ground.store, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== "function" || typeof name !== "string") return method;
      return async (...given: unknown[]) => {
        await process.wait(world.between(0.05, 2));
        if (world.chance(ground.faults.txAbort)) {
          hit(ground, "transaction aborted");
          throw fail("studio.busy");
        }
        ground.inFlight++;
        let result: unknown;
        try {
          result = await Reflect.apply(method, target, given);
          watchTokens(ground, process, { name, given, result });
        } finally {
          ground.inFlight--;
        }
        await process.wait(world.between(0.05, 2));
        return result;
      };
    },
  });
}

/** TokenOwner: an effect is finished by the process that claimed it last, with that claim's token. */
function watchTokens(
  ground: Ground,
  process: Process,
  call: { name: string; given: unknown[]; result: unknown },
): void {
  const { name, given, result } = call;
  if (
    name === "claim" && typeof result === "object" && result !== null && "id" in result && "token" in result
  ) {
    ground.claims.set(String(result.id), `${process.name} ${result.token}`);
  }
  if (
    name === "finish" && result === true &&
    ground.claims.get(String(given[0])) !== `${process.name} ${given[1]}`
  ) {
    ground.broken.push(
      `TokenOwner: ${process.name} finished ${given[0]}, which ${ground.claims.get(String(given[0]))} holds`,
    );
  }
}

/** Hints may be lost, doubled or late; they reach every living process. */
function wakeBus(ground: Ground, process: Process): { bus: WakeBus; wake(actor: string): void } {
  const { world } = ground;
  const ears: ((actor: string) => void)[] = [];
  const wake = (actor: string) => {
    if (!process.dead) { for (const ear of ears) ear(actor); }
  };
  const bus: WakeBus = {
    hint(actors) {
      for (const actor of actors) {
        if (world.chance(ground.faults.hintDrop)) {
          hit(ground, "hint dropped");
          continue;
        }
        const times = world.chance(ground.faults.hintTwice) ? 3 : 1;
        for (let n = 0; n < times; n++) {
          const studio = world.pick([...ground.studios]);
          world.at(
            world.now + world.between(0.1, times > 1 ? 500 : 2),
            studio.process,
            () => studio.wake(actor),
          );
        }
      }
    },
    onHint: (ear) => void ears.push(ear),
    close: () => Promise.resolve(),
  };
  return { bus, wake };
}

/** What the network does to one call of a ComfyUI client. */
export function netFate(ground: Ground): "ok" | "before" | "after" | "cut" {
  const { world, faults } = ground;
  if (world.chance(faults.netBefore)) return hit(ground, "request lost"), "before";
  if (world.chance(faults.netAfter)) return hit(ground, "reply lost"), "after";
  if (world.chance(faults.netCut)) return hit(ground, "download cut"), "cut";
  return "ok";
}
