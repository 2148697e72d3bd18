/** Joins pump, pool, supervisor, sweeper and monitor into one engine that restarts its parts and can be stopped. */
import type { Clock, Comfy, Hash, Ids, Log, Random, WakeBus } from "@/core/ports.ts";
import type { Problem } from "@/core/problem.ts";
import type { ActorRow, BackendRow, Mail, ReadyStep, SlotRow, Store, TurnReport } from "@/core/store.ts";
import type { Tracing } from "@/core/tracing.ts";
import { Alarm } from "./alarm.ts";
import { BackendMonitor } from "./backends.ts";
import { FailureWindow, type Intensity } from "./failures.ts";
import type { EffectHandler } from "./handler.ts";
import { Pool } from "./pool.ts";
import { PostOffice } from "./post_office.ts";
import { Pump } from "./pump.ts";
import { keepRunning } from "./restart.ts";
import { Supervisor } from "./supervisor.ts";
import { Sweeper } from "./sweeper.ts";
import { behaviourOf, type EnrolledKind } from "./turn.ts";
import type { EngineWatch } from "./watch.ts";

export interface EngineParts {
  store: Store;
  clock: Clock;
  ids: Ids;
  hash: Hash;
  random: Random;
  log: Log;
  /** Stays the caller's: the engine does not close it. */
  wake: WakeBus;
  kinds: EnrolledKind[];
  handlers: EffectHandler[];
  /** Effects at once per lane; read before each claim, so the caller may change it. */
  lanes: Readonly<Record<string, number>>;
  comfyFor(backend: BackendRow): Comfy;
  /** Whether a backend has the node classes and models of a step; absent: every backend of the step's engine. */
  canRun?(step: ReadyStep, backend: BackendRow): Promise<boolean>;
  /** Seconds that loading takes by engine and family; absent: nothing was measured. */
  loads?(): Promise<ReadonlyMap<string, number>>;
  /** Whether there is room for what prompts make; absent: always. */
  hasRoom?(): Promise<boolean>;
  /** Whether anything new may begin; absent: always. */
  isOpen?(): Promise<boolean>;
  /** Told of each answer of a backend, with its row as it then is. */
  onAnswer?(row: BackendRow): void;
  /** Mail that asks for the end of a prompt whose job has ended; none when the slot is as it should be. */
  stopStray?(slot: SlotRow, actor: ActorRow | null): Mail[];
  /** Puts right what waits too long because the clock was set back; returns by how many milliseconds it was. */
  mend?(): Promise<number>;
  retain?(): Promise<void>;
  /** Told after each commit that handled mail: events may be there. */
  onTurn?(actorId: string, report: TurnReport): void;
  /** A part failed more often than the intensity allows: the process should end and be started anew. */
  onFatal(part: string, problem: Problem): void;
  watch?: EngineWatch;
  /** Absent: nothing is traced. */
  tracing?: Tracing;
  settings: EngineSettings;
}

export interface EngineSettings {
  leaseMs: number;
  /** 0 switches the sweeper off after its first sweep. */
  sweepMs: number;
  /** Turns at once in this process. */
  turnsMax?: number;
  probeMs?: number;
  probeTimeoutMs?: number;
  tickMs?: number;
  retainEveryMs?: number;
  /** Failures of one part, and of one actor, before it is given up. */
  intensity?: Intensity;
}

export interface Engine {
  /** Names this process in leases. */
  readonly owner: string;
  /** Posts mail and wakes who gets it. */
  tell(...mail: Mail[]): Promise<void>;
  /** Wakes actors whose mail is already stored, for instance by an admission. */
  hint(actors: string[]): void;
  /** Backends or slots changed: the supervisor should look. */
  schedule(): void;
  /** Effects were stored by somebody else: the pool should look. */
  work(): void;
  /** Effects under way by lane. */
  busy(): Record<string, number>;
  /** Takes no more work, finishes turns, aborts effects and gives their leases back. Slots stay as they are. */
  stop(graceMs: number): Promise<void>;
}

export function startEngine(parts: EngineParts): Engine {
  const tree = buildTree(parts);
  const { alarm, office, pump, pool, supervisor, sweeper, monitor, owner } = tree;
  let stopping = false;
  parts.wake.onHint((actorId) => {
    if (!stopping) pump.wake(actorId);
  });
  const ending = new AbortController();
  const failures = new FailureWindow(parts.settings.intensity);
  const keep = (name: string, part: { run(signal: AbortSignal): Promise<void> }) =>
    keepRunning(name, (signal) => part.run(signal), { ...parts, signal: ending.signal, failures });
  const loops = [
    keep("alarm", alarm),
    keep("pump", pump),
    keep("pool", pool),
    keep("supervisor", supervisor),
    keep("monitor", monitor),
    keep("sweeper", sweeper),
  ];
  return {
    owner,
    async tell(...mail) {
      await parts.store.post(mail);
      office.announce(mail);
    },
    hint: (actors) => parts.wake.hint(actors),
    schedule: () => supervisor.wake(),
    work: () => pool.wake(),
    busy: () => pool.busy(),
    async stop(graceMs) {
      stopping = true;
      ending.abort();
      await Promise.all(loops);
      await pump.settle();
      await pool.stop(graceMs);
    },
  };
}

function buildTree(parts: EngineParts) {
  const { store, clock, ids, hash, random, log, wake, watch, settings } = parts;
  const owner = ids.uuid7();
  const alarm = new Alarm(clock);
  const office = new PostOffice(wake, alarm);
  const supervisor = new Supervisor({
    store,
    clock,
    ids,
    log,
    office,
    tickMs: settings.tickMs ?? 5000,
    // One that answers and has a problem takes what it is given and does nothing with it.
    canRun: async (step, backend) =>
      !backend.short && backend.problem === null && (await parts.canRun?.(step, backend) ?? true),
    loads: () => parts.loads?.() ?? Promise.resolve(new Map()),
    isOpen: () => parts.isOpen?.() ?? Promise.resolve(true),
    hasRoom: () => parts.hasRoom?.() ?? Promise.resolve(true),
    watch,
  });
  const pool = new Pool({
    store,
    clock,
    hash,
    log,
    alarm,
    owner,
    leaseMs: settings.leaseMs,
    lanes: parts.lanes,
    handlers: parts.handlers,
    onMail: (mail) => office.announce(mail),
    watch,
    tracing: parts.tracing,
  });
  const pump = new Pump({
    store,
    clock,
    log,
    office,
    alarm,
    behaviour: behaviourOf(parts.kinds, { hash, log, failures: new FailureWindow(settings.intensity) }),
    width: settings.turnsMax ?? 4,
    onTurn: (actorId, report) => {
      if (report.effects > 0) pool.wake();
      if (report.schedule) supervisor.wake();
      for (const { backendId, faring: { holds, heldUntil, last } } of report.held ?? []) {
        const until = heldUntil === null ? null : new Date(heldUntil).toISOString();
        log.warn("backend is on hold: films fail there in a row", {
          backend: backendId,
          holds,
          until,
          job: last?.jobId,
          cause: last?.cause,
        });
      }
      parts.onTurn?.(actorId, report);
    },
    onRevoked: (effects) => pool.revoked(effects),
    watch,
  });
  const sweeper = new Sweeper({
    store,
    clock,
    random,
    log,
    office,
    sweepMs: settings.sweepMs,
    wakeActor: (actorId) => pump.wake(actorId),
    wakePool: () => pool.wake(),
    wakeSupervisor: () => supervisor.wake(),
    stopStray: parts.stopStray,
    mend: parts.mend,
    retain: parts.retain,
    retainEveryMs: settings.retainEveryMs ?? 3_600_000,
  });
  const monitor = new BackendMonitor({
    store,
    clock,
    log,
    comfyFor: parts.comfyFor,
    probeMs: settings.probeMs ?? 3000,
    probeTimeoutMs: settings.probeTimeoutMs ?? 5000,
    wakeSupervisor: () => supervisor.wake(),
    onAnswer: (row) => parts.onAnswer?.(row),
  });
  return { alarm, office, pump, pool, supervisor, sweeper, monitor, owner };
}
