/** The real engine and job actor on a SQLite file and local storage, against a render server that takes no time. */
import type { BoundPrompt } from "@/actors/job/effects/ports.ts";
import { jobEffects } from "@/actors/job/effects/mod.ts";
import { job } from "@/actors/job/kind.ts";
import { firstSteps, newJobState } from "@/actors/job/messages.ts";
import { shownOf } from "@/actors/job/status.ts";
import { type Engine, startEngine } from "@/actors/runtime/engine.ts";
import { enrol } from "@/actors/runtime/turn.ts";
import type { EngineWatch } from "@/actors/runtime/watch.ts";
import { openLocalStorage } from "@/adapters/storage/mod.ts";
import { systemClock } from "@/adapters/system/clock.ts";
import { sha256 } from "@/adapters/system/hash.ts";
import { systemIds } from "@/adapters/system/ids.ts";
import { localWake } from "@/adapters/wake/local.ts";
import { NO_PACES } from "@/core/paces.ts";
import type { Plan } from "@/core/plan.ts";
import type { Comfy, ComfyOutput } from "@/core/ports.ts";
import type { BackendRow, NewJob } from "@/core/store.ts";
import { migrate } from "@/db/migrate.ts";
import { type Database, openDatabase } from "@/db/sqlite.ts";
import { openSqliteStore, type SqliteStore } from "@/db/store_sqlite.ts";
import { bindSim, localSim, textHash } from "@/tests/sim/plans.ts";
import { silent } from "./report.ts";

const OUTPUT_BYTES = 4096;
const LOOK_MS = 20;

export interface EngineBench {
  engine: Engine;
  store: SqliteStore;
  db: Database;
  dir: string;
  newId(): string;
  end(): Promise<void>;
}

export interface EngineBenchOptions {
  lanes?: Record<string, number>;
  onTurn?: (actorId: string) => void;
  /** Real servers instead of the one that takes no time, and the graph for a step. */
  pool?: {
    servers: { url: string; comfy: Comfy }[];
    bind: (promptId: string, family: string) => BoundPrompt;
  };
  watch?: EngineWatch;
  loads?: (db: Database) => Promise<ReadonlyMap<string, number>>;
  /** Runs on the migrated database before the engine starts. */
  prepare?: (db: Database, newId: () => string) => Promise<void>;
}

export async function startEngineBench(options: EngineBenchOptions = {}): Promise<EngineBench> {
  const dir = await Deno.makeTempDir();
  const db = openDatabase(`${dir}/studio.db`);
  await migrate(db.writer);
  const [clock, ids] = [systemClock(), systemIds()];
  const newId = () => ids.uuid7();
  await options.prepare?.(db, newId);
  const store = openSqliteStore(db.writer, { newId });
  const { pool } = options;
  const clients = new Map((pool?.servers ?? [{ url: "http://one.example", comfy: instantComfy() }]).map(
    ({ url, comfy }, n) => [`server-${n + 1}`, { url, comfy }],
  ));
  for (const [id, { url }] of clients) await store.saveBackend(serverRow(id, url));
  const comfyOf = ({ id }: { id: string }) => {
    const client = clients.get(id);
    if (!client) throw new Error(`There is no server ${id}`);
    return client.comfy;
  };
  const storage = await openLocalStorage({
    root: `${dir}/files`,
    scratchRoot: `${dir}/work`,
    log: silent,
    clock,
    ids,
  });
  const handlers = jobEffects({
    paces: () => Promise.resolve(NO_PACES),
    store,
    storage,
    comfy: comfyOf,
    bind: (step, of) => pool ? pool.bind(of.promptId, step.family) : bindSim(step, of),
    classes: () => ["SaveVideo"],
    lacks: () => null,
    spend: () => Promise.resolve(),
    judge: () => Promise.resolve(null),
    hasOther: () => Promise.resolve(false),
    advice: () => "Take the preset Fast.",
    async local(op, { values, scratch }) {
      const files = localSim(op, values);
      for (const { role, bytes } of files) await Deno.writeFile(scratch.path(role), bytes);
      return { files: files.map(({ role }) => ({ role, path: scratch.path(role), ext: "bin" })), facts: {} };
    },
    progress: { publish() {}, listen: () => () => {}, latest: () => undefined },
    clock,
    log: silent,
    isOpen: () => Promise.resolve(true),
    limits: { downMs: 60_000, diskMinBytes: 0 },
  });
  const engine = startEngine({
    store,
    clock,
    ids,
    hash: sha256,
    random: Math.random,
    log: silent,
    wake: localWake(),
    kinds: [enrol(job)],
    handlers,
    lanes: options.lanes ?? { gpu: 64, cpu: 2, net: 8, upload: 1 },
    comfyFor: comfyOf,
    watch: options.watch,
    ...(options.loads ? { loads: () => options.loads?.(db) ?? Promise.resolve(new Map()) } : {}),
    onTurn: (actorId) => options.onTurn?.(actorId),
    onFatal: (part) => {
      throw new Error(`Part ${part} was given up`);
    },
    settings: { leaseMs: 15_000, sweepMs: 2000 },
  });
  const end = async () => {
    await engine.stop(1000);
    await db.close();
    await Deno.remove(dir, { recursive: true });
  };
  return { engine, store, db, dir, newId, end };
}

/** Admits these jobs and waits until all are completed; returns jobs per second. */
export async function runJobs(bench: EngineBench, jobs: NewJob[]): Promise<number> {
  const ids = jobs.map(({ id }) => id);
  const from = performance.now();
  await bench.store.admit(jobs);
  bench.engine.hint(ids);
  while (await countDone(bench.db, ids) < ids.length) await new Promise((wake) => setTimeout(wake, LOOK_MS));
  return ids.length / (performance.now() - from) * 1000;
}

async function countDone({ reader }: Database, ids: string[]): Promise<number> {
  const row = await reader.selectFrom("jobs").where("id", "in", ids).where("status", "=", "completed")
    .select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirst();
  return Number(row?.n ?? 0);
}

/** One prompt whose clip a local step makes into film, poster and metadata: the smallest whole film. */
export function filmPlan(mark: string, family = "one"): Plan {
  const common = { weight: 1, timeLimitS: 600, form: textHash(mark) };
  return {
    v: 1,
    mode: "animate",
    submode: "move",
    engine: "comfy",
    steps: [
      {
        kind: "prompt",
        id: "part",
        title: "Part 1 of 1",
        phase: "render",
        needs: [],
        template: { id: "bench/one", version: "1.0.0" },
        variant: "",
        preset: "",
        values: {},
        family,
        ...common,
      },
      {
        kind: "local",
        id: "join",
        title: "Joining the film",
        phase: "finish",
        needs: ["part"],
        op: "join",
        values: { clips: { files: [{ from: "step", step: "part", role: "clip" }] } },
        ...common,
      },
    ],
    result: { step: "join", main: "film", poster: "poster", metadata: "metadata" },
    film: null,
    inputs: [],
  };
}

export function filmJob(id: string, userId: string, family = "one"): NewJob {
  const plan = filmPlan(id, family);
  const state = newJobState({ failuresMax: 4, retryBaseMs: 1000 });
  return {
    id,
    userId,
    kind: "job",
    priority: 0,
    state,
    plan,
    steps: firstSteps(plan),
    mail: [{ id: `${id}:start`, to: id, kind: "start", body: { type: "start" } }],
    shown: shownOf(state),
    row: {
      mode: "animate",
      submode: "move",
      title: id,
      prompt: "A dancer in the harbour",
      negativePrompt: "",
      settings: {},
      template: { name: "bench/one", version: "1.0.0" },
      engine: "comfy",
      batchId: null,
      projectId: null,
      assets: [],
      parentId: null,
      draftId: null,
    },
  };
}

function serverRow(id: string, url: string): BackendRow {
  return {
    id,
    url,
    engine: "comfy",
    slots: 2,
    status: "up",
    epoch: 1,
    lastSeenAt: Date.now(),
    loadedFamily: null,
    vram: null,
    version: null,
    problem: null,
  };
}

/** Every prompt is done as soon as it is sent. Its file holds the prompt's id, so no two are the same. */
function instantComfy(): Comfy {
  const done = new Set<string>();
  const outputOf = (id: string): ComfyOutput => ({
    node: "save",
    key: "videos",
    ord: 0,
    filename: `${id}_00001_.mp4`,
    subfolder: "",
    type: "output",
  });
  return {
    find: (id) =>
      Promise.resolve(
        done.has(id)
          ? { state: "finished", outputs: [outputOf(id)], startedAt: null, endedAt: null }
          : { state: "unknown" },
      ),
    submit: (id) => Promise.resolve(void done.add(id)),
    stop: () => Promise.resolve(true),
    wait: () => Promise.resolve(),
    upload: ({ name }) => Promise.resolve(name),
    download({ filename }) {
      const content = new Uint8Array(OUTPUT_BYTES);
      content.set(new TextEncoder().encode(filename));
      return Promise.resolve(ReadableStream.from([content]));
    },
    exists: () => Promise.resolve(true),
    definitions: (classes) =>
      Promise.resolve(Object.fromEntries(classes.map((name) => [name, { input: {}, output: [] }]))),
    status: () =>
      Promise.resolve({
        version: "0.33.0",
        epoch: 1,
        vramTotal: null,
        vramFree: null,
        ramFree: null,
        device: "none",
        queueRunning: 0,
        queuePending: 0,
        uploadMaxBytes: null,
        stuck: false,
      }),
    free: () => Promise.resolve(),
    queue: () => Promise.resolve({ running: [], pending: [] }),
    close: () => Promise.resolve(),
  };
}
