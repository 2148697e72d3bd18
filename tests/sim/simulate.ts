/** One simulated life of the studio from one seed: random jobs, random people, random faults, and the checks. */
import type { JobMessage } from "@/actors/job/messages.ts";
import { firstSteps, newJobState } from "@/actors/job/messages.ts";
import { job as jobKind } from "@/actors/job/kind.ts";
import type { Plan } from "@/core/plan.ts";
import type { UsualLimits } from "@/core/schedule_memory.ts";
import { isStatus, isTerminal } from "@/core/status.ts";
import type { Mail, NewJob, Store } from "@/core/store.ts";
import type { Inspect, Snapshot } from "@/db/inspect.ts";
import type { Database } from "@/db/sqlite.ts";
import { openMemoryStore } from "@/db/store_memory.ts";
import { type Desk, openDesk, QUEUED_MAX, seatPeople } from "./desk.ts";
import { type FakeCall, FakeServer } from "./fake_comfy.ts";
import { Watch } from "./invariants.ts";
import { FIRST_SERVERS, Operators, planOf, readConfiguration } from "./operators.ts";
import { PoolWatch, readFacts } from "./pool_watch.ts";
import { takeKey } from "./provenance.ts";
import { assetBytes, changedPlan, hash, randomPlan, takePlan } from "./plans.ts";
import {
  bootStudio,
  type Faults,
  type Ground,
  hit,
  hostOf,
  netFate,
  NO_FAULTS,
  type Swap,
} from "./studio.ts";
import { watchedStore } from "./watched_store.ts";
import { World } from "./world.ts";

export interface SimOptions {
  seed: number;
  jobs?: number;
  /** Opens the store of this life; without it, memory. */
  open?: (now: () => number, limits: UsualLimits) => Promise<Store & Inspect & { db?: Database }>;
  /** Operators change the pool, the limits and the queue meanwhile. Needs a store with a database. */
  operated?: boolean;
  /** Breaks what operators do on purpose. */
  swapDesk?: (desk: Desk, ground: Ground) => Desk;
  /** Breaks something on purpose, to see that the checks notice. */
  swap?: Swap;
  trace?: (line: string) => void;
  /** No faults at all, and nobody interferes. */
  calm?: boolean;
  /** So many long takes instead of random jobs. Nobody interferes, and one prompt in twenty fails besides all other faults. */
  takes?: number;
  /** What each of them is; a take of three pieces without it. */
  makeTake?: (world: World, id: string) => Plan;
  /** How long a prompt runs; by chance without it. */
  promptMs?: number;
  /** Looks after every change of the store, and may do harm then. */
  meddle?: (snap: Snapshot, hand: Hand) => void;
  /** Processes sleep through their leases far more often than they should. */
  sleepy?: boolean;
}

export interface Hand {
  fillDisk(forMs: number): void;
  /** kill -9 of every process; others begin a while later. */
  killAll(): void;
  /** The person gives the first job the earlier end of a shorter take. */
  cut(pieces: number): void;
  /** The worker of a server hangs from now on, and nobody starts it anew. */
  hang(host: string): void;
  /** Takes a stored file away, by its name. */
  lose(name: string): void;
}

export interface SimResult {
  seed: number;
  violations: string[];
  hits: Map<string, number>;
  statuses: Map<string, number>;
  events: number;
  /** Changes of the store, each of them checked. */
  looks: number;
  virtualS: number;
  /** POSTs of prompts, all servers together. */
  posts: number;
  /** Prompts submitted by a process that no longer held their effect. */
  lateSubmits: number;
}

const SLOTS = 2;
const FAULTS_FOR_MS = 24_000;
const TAKE_PIECES = 3;
/** Twenty takes keep two servers busy for about a minute. */
const faultsForMs = ({ takes }: SimOptions) => takes === undefined ? FAULTS_FOR_MS : takes * 3000;
const QUIET_WITHIN_MS = 900_000;
const TROUBLE: Faults = {
  txAbort: 0.01,
  netBefore: 0.02,
  netAfter: 0.02,
  netCut: 0.02,
  hintDrop: 0.1,
  hintTwice: 0.05,
};

interface Life {
  ground: Ground;
  store: Store & Inspect;
  plans: Map<string, Map<number, Plan>>;
  jobs: string[];
  watch: Watch;
  /** Those who change the pool, and what must hold then. */
  operated: { operators: Operators; watch: PoolWatch } | null;
  configured: Set<string>;
  limits: UsualLimits;
  /** Something was written since the last look. */
  changed: boolean;
  options: SimOptions;
  commands: number;
  booted: number;
}

export async function simulate(options: SimOptions): Promise<SimResult> {
  const life = await begin(options);
  const { ground, watch } = life;
  const { world } = ground;
  const startedAt = world.now;
  if (options.operated) await seatOperators(life);
  boot(life);
  boot(life);
  await admitJobs(life);
  if (options.calm) ground.faults = { ...NO_FAULTS };
  else scheduleFaults(life);
  if (options.sleepy) sleepOften(life);
  lookAtGates(life);
  let events = 0;
  let looks = 0;
  let snap: Snapshot = await life.store.inspect();
  const look = async () => {
    events++;
    while (ground.inFlight > 0) await undefined;
    if (!life.changed) return;
    life.changed = false;
    looks++;
    snap = await life.store.inspect(watch.seen);
    watch.safety(snap);
    if (ground.db) life.operated?.watch.safety(snap, await readFacts(ground.db, life.limits));
    options.meddle?.(snap, hand);
  };
  const hand: Hand = {
    fillDisk: (forMs) => {
      ground.disk.full = true;
      world.at(world.now + forMs, null, () => void (ground.disk.full = false));
    },
    hang: (host) => {
      ground.troubles.push({ host, from: world.now, until: Infinity });
      ground.servers.get(host)?.killWorker();
    },
    cut: (pieces) => void cutFirst(life, pieces),
    lose: (name) => {
      ground.disk.lost.set(name, ground.disk.files.get(name) ?? new Uint8Array());
      ground.disk.files.delete(name);
    },
    killAll: () => {
      for (const { process } of [...ground.studios]) if (!process.dead) crash(life);
    },
  };
  const broken = () => watch.violations.length > 0;
  await world.run({
    time: startedAt + (options.calm ? 9000 : faultsForMs(options)),
    each: look,
    done: broken,
  });
  await endFaults(life);
  snap = await life.store.inspect();
  const quiet = () => isQuiet(snap, watch);
  await world.run({ time: world.now + QUIET_WITHIN_MS, each: look, done: () => broken() || quiet() });
  snap = await life.store.inspect();
  if (!broken()) watch.safety(snap);
  if (!broken()) watch.liveness(snap);
  if (!broken()) await life.operated?.operators.check((rule, what) => watch.wrong(rule, what));
  options.trace?.(`end ${broken()} dead ${[...watch.dead]} quiet ${isQuiet(snap, watch)} now ${world.now}`);
  if (broken()) tellStory(snap, options);
  const statuses = new Map<string, number>();
  for (const { status } of snap.jobs) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const posts = [...ground.servers.values()].flatMap((server) => [...server.posts.values()]).reduce(
    (a, b) => a + b,
    0,
  );
  await life.store.close();
  return {
    seed: options.seed,
    violations: watch.violations,
    hits: ground.hits,
    statuses,
    events,
    looks,
    virtualS: (world.now - startedAt) / 1000,
    posts,
    lateSubmits: ground.late.length,
  };
}

async function begin(options: SimOptions): Promise<Life> {
  const world = new World(options.seed);
  // In some lives a person may have one job on servers at a time.
  const limits: UsualLimits = { running: !options.calm && world.chance(0.3) ? 1 : null, gpuMinutes: null };
  const opened: Store & Inspect & { db?: Database } = options.open
    ? await options.open(() => world.now, limits)
    : openMemoryStore({ now: () => world.now, limits });
  const store = watchedStore(opened, () => void (life.changed = true));
  const silent = () => {};
  const say = (text: string, fields?: unknown) =>
    options.trace?.(`${Math.round(world.now % 1e7)} ${text} ${JSON.stringify(fields ?? {})}`);
  const ground: Ground = {
    world,
    store,
    disk: { files: new Map(), lost: new Map(), full: false },
    servers: new Map(),
    slotsMost: new Map(),
    db: (options.operated ? opened.db : undefined) ?? null,
    troubles: [],
    // The first server can do everything.
    lacks: new Set(options.calm || world.chance(0.6) ? [] : ["b2 two"]),
    faults: { ...TROUBLE },
    inFlight: 0,
    studios: new Set(),
    hits: new Map(),
    leaseMs: 1200,
    claims: new Map(),
    broken: [],
    late: [],
    log: { debug: silent, info: say, warn: say, error: say },
  };
  for (const id of FIRST_SERVERS) {
    openServer({ ground, store, options }, id);
    await store.saveBackend({
      id,
      url: `http://${id}`,
      engine: "comfy",
      slots: SLOTS,
      status: "up",
      epoch: 1,
      lastSeenAt: world.now,
      loadedFamily: null,
      vram: null,
      version: "0.33.0",
      problem: null,
    });
  }
  const plans: Life["plans"] = new Map();
  const life: Life = {
    ground,
    store,
    plans,
    jobs: [],
    // Where operators change slots and limits, those who watch the pool judge them.
    watch: new Watch(ground, { slots: SLOTS, plans, runningMax: options.operated ? null : limits.running }),
    operated: null,
    configured: new Set(FIRST_SERVERS),
    limits,
    changed: false,
    options,
    commands: 0,
    booted: 0,
  };
  return life;
}

/** A render server at a host, whether or not the studio knows of it yet. */
function openServer(
  { ground, store, options }: Pick<Life, "ground" | "store" | "options">,
  host: string,
): void {
  const { world } = ground;
  const hook = async (call: FakeCall) => {
    const process = world.processes.find((process) => process.name === call.client && !process.dead);
    await process?.wait(world.between(0.5, 15));
    // Right before the POST: a process may also have slept within this very call.
    if (call.method === "submit" && call.promptId) {
      noteLateSubmit(ground, store, { server: host, promptId: call.promptId, client: call.client });
    }
    return netFate(ground);
  };
  const { promptMs } = options;
  const server = new FakeServer({
    id: host,
    clock: world.spawn(`server ${host}`).clock,
    random: world.random,
    hash,
    hook,
    pollMs: 400,
    interruptLagMs: 200,
    ...(promptMs === undefined ? {} : { durationMs: () => promptMs }),
  });
  ground.servers.set(host, server);
  ground.slotsMost.set(host, SLOTS);
}

/** Operators sit down, with the desk that one process of the studio serves them. */
async function seatOperators(life: Life): Promise<void> {
  const { ground, store, options, configured, watch } = life;
  const { db, world } = ground;
  if (db === null) throw new Error("Operators need a database");
  await seatPeople(db);
  const desk = openDesk({
    ground,
    db,
    store,
    clock: world.spawn("desk").clock,
    slots: SLOTS,
    async onChange() {
      const studio = world.pick([...ground.studios]);
      if (studio.process.dead) return;
      await studio.keepOnly((await store.backends()).map(hostOf));
      studio.engine.schedule();
    },
  });
  const changed = new Proxy(options.swapDesk?.(desk, ground) ?? desk, {
    get(target, name) {
      const method = Reflect.get(target, name);
      return async (...given: unknown[]) => {
        life.changed = true;
        return await Reflect.apply(method, target, given);
      };
    },
  });
  const operators = new Operators({
    ground,
    desk: changed,
    slots: SLOTS,
    openServer: (host) => openServer(life, host),
    letIn: async ({ id, owner, settings }, copyId, admit) => {
      const plan = planOf(settings);
      const userId = owner.slice(0, owner.indexOf("@"));
      life.plans.set(copyId, new Map([[1, plan]]));
      try {
        // What is there already is known by its id.
        await admit([newJob(id, plan, userId), newJob(copyId, plan, userId)]);
      } catch (thrown) {
        life.plans.delete(copyId);
        throw thrown;
      }
      life.jobs.push(copyId);
    },
    wakeAll: (id) => wakeAll(life, id),
    configured,
    trace: (text) => options.trace?.(`${Math.round(world.now % 1e7)} ${text}`),
  });
  life.operated = { operators, watch: new PoolWatch(ground, (rule, what) => watch.wrong(rule, what)) };
}

function boot(life: Life): void {
  void readConfiguration(life.ground, { configured: life.configured, slots: SLOTS });
  const studio = bootStudio(life.ground, `p${++life.booted}`, life.options.swap);
  life.options.trace?.(`boot ${studio.process.name}`);
}

async function admitJobs(life: Life): Promise<void> {
  const { world, disk } = life.ground;
  const { takes, calm } = life.options;
  const count = takes ?? life.options.jobs ?? Math.floor(world.between(2, 5));
  for (let n = 1; n <= count; n++) {
    const id = `job-${n}`;
    const plan = takes === undefined
      ? randomPlan(world, world.chance(0.3) ? "shared" : id)
      : life.options.makeTake?.(world, id) ?? takePlan(world, id, TAKE_PIECES);
    for (const name of ["clip", "picture"].flatMap((kind) => [`${id} ${kind}`, `shared ${kind}`])) {
      disk.files.set(`${hash(assetBytes(name))}.png`, assetBytes(name));
    }
    life.plans.set(id, new Map([[1, plan]]));
    life.jobs.push(id);
    const isLeft = !calm && takes === undefined;
    if (isLeft && world.chance(0.15)) life.watch.leftAlone.add(id);
    const job = newJob(id, plan, world.pick(["ann", "ben"]));
    if (takes !== undefined) job.state = newJobState({ failuresMax: 4, retryBaseMs: 500, tenacious: true });
    const limit = life.operated ? { openMax: QUEUED_MAX } : {};
    world.at(world.now + (takes === undefined ? world.between(0, 8000) : 0), null, () => {
      void life.store.admit([job], limit).then(() => wakeAll(life, id), () => {
        hit(life.ground, "refused queue");
        life.jobs.splice(life.jobs.indexOf(id), 1);
        life.plans.delete(id);
      });
    });
    for (let c = 0; c < 3; c++) {
      if (isLeft && world.chance(0.7)) {
        world.at(world.now + world.between(2000, FAULTS_FOR_MS), null, () => void command(life, id));
      }
    }
  }
  await undefined;
}

function newJob(id: string, plan: Plan, userId: string): NewJob {
  const state = newJobState({ failuresMax: 4, retryBaseMs: 500 });
  const view = {
    actor: { id, userId, priority: 0 },
    state,
    plan,
    plans: new Map([[1, plan]]),
    steps: new Map(),
  };
  return {
    id,
    userId,
    kind: "job",
    priority: 0,
    state,
    plan,
    steps: firstSteps(plan),
    mail: [{ id: `${id} start`, to: id, kind: "start", body: { type: "start" } }],
    shown: jobKind.shown(view),
    row: {
      mode: "animate",
      submode: "move",
      title: id,
      prompt: "p",
      negativePrompt: "",
      settings: { plan: JSON.stringify(plan) },
      template: { name: "sim/any", version: "1.0.0" },
      engine: "comfy",
      batchId: null,
      projectId: null,
      assets: [],
      parentId: null,
      draftId: null,
    },
  };
}

function wakeAll(life: Life, actor: string): void {
  for (const studio of life.ground.studios) if (!studio.process.dead) studio.wake(actor);
}

/** A person does something at a random moment. */
async function command(life: Life, id: string, only?: JobMessage["type"]): Promise<void> {
  const { world } = life.ground;
  const kinds = [
    "pause",
    "pause",
    "resume",
    "cancel",
    "edit",
    "retake",
    "retake",
    "retry",
    "reprioritise",
    "approve",
    "approve",
  ] as const;
  const kind = only ?? world.pick(kinds);
  const revs = life.plans.get(id);
  const latest = revs ? Math.max(...revs.keys()) : 1;
  const plan = revs?.get(latest);
  if (!revs || !plan || await life.store.actor(id) === null) return;
  hit(life.ground, `command ${kind}`);
  if (kind !== "approve") life.operated?.watch.touched.add(id);
  const name = `${id} command ${++life.commands}`;
  life.options.trace?.(`${Math.round(world.now % 1e7)} ${name} ${kind}`);
  if (kind === "edit" || kind === "retake") {
    const step = world.pick(plan.steps.filter((step) => step.kind === "prompt")).id;
    const rev = latest + 1;
    const next = changedPlan(plan, step, name);
    const follow = world.pick(["rerun", "keep", "ask"] as const);
    const body: JobMessage = kind === "edit" ? { type: "edit", rev } : { type: "retake", rev, step, follow };
    revs.set(rev, next);
    const mail = { id: name, to: id, kind, body };
    if (!await life.store.revise(id, { rev, plan: next, mail })) revs.delete(rev);
  } else if (kind === "approve") {
    // Often of a step that does not wait, or of a take that was taken again.
    const step = world.pick(plan.steps.filter((step) => step.kind === "prompt")).id;
    const takes = (await life.store.steps(id)).filter((row) => row.id === step);
    await life.store.post([approval(life, id, { step, take: world.pick(takes).take })]);
  } else {
    const body = simple(kind, life);
    await life.store.post([{ id: name, to: id, kind, body }]);
  }
  wakeAll(life, id);
}

async function cutFirst(life: Life, pieces: number): Promise<void> {
  const [id = ""] = life.jobs;
  const plan = takePlan(life.ground.world, id, pieces);
  const rev = 2;
  life.plans.get(id)?.set(rev, plan);
  const mail = { id: `${id} cut`, to: id, kind: "cut", body: { type: "cut", rev } };
  await life.store.revise(id, { rev, plan, mail });
  wakeAll(life, id);
}

function approval(life: Life, to: string, { step, take }: { step: string; take: number }): Mail {
  life.watch.approvals.add(takeKey(to, step, take));
  const id = `${to} approval ${++life.commands}`;
  return { id, to, kind: "approve", body: { type: "approve", step, take } };
}

/** Somebody looks every now and then at what waits, and goes on with it; of some jobs nobody ever does. */
function lookAtGates(life: Life): void {
  const { world } = life.ground;
  world.at(world.now + world.between(1000, 4000), null, () => {
    void approveAll(life).then(() => lookAtGates(life));
  });
}

async function approveAll(life: Life): Promise<void> {
  const { ground, store, watch, options } = life;
  const note = (what: string) => options.calm || hit(ground, what);
  for (const row of (await store.inspect()).steps) {
    if (row.state !== "waiting_for_person") continue;
    if (watch.leftAlone.has(row.jobId)) {
      note("gate left alone");
      continue;
    }
    note("gate approved");
    await store.post([approval(life, row.jobId, { step: row.id, take: row.take })]);
    wakeAll(life, row.jobId);
  }
}

function simple(kind: JobMessage["type"], { ground: { world } }: Life): unknown {
  if (kind === "pause") return { type: kind, now: world.chance(0.5) };
  if (kind === "reprioritise") return { type: kind, priority: Math.floor(world.between(-5, 6)) };
  return { type: kind };
}

function scheduleFaults(life: Life): void {
  const { world } = life.ground;
  const lastMs = faultsForMs(life.options);
  const at = (act: () => void) => world.at(world.now + world.between(500, lastMs), null, act);
  const some = (chance: number, times: number, act: () => void) => {
    for (let n = 0; n < times; n++) if (world.chance(chance)) at(act);
  };
  const process = () =>
    world.pick([...life.ground.studios].map((studio) => studio.process).filter((one) => !one.dead));
  const server = () => world.pick([...life.ground.servers.values()]);
  /** What may cost the server a prompt, until so long after. */
  const troubled = (one: FakeServer, forMs: number): FakeServer => {
    life.ground.troubles.push({ host: one.id, from: world.now, until: world.now + forMs });
    return one;
  };
  some(0.8, 4, () => crash(life));
  some(0.5, 3, () => {
    hit(life.ground, "process paused");
    process().pause(world.between(500, 3500));
  });
  some(0.3, 2, () => {
    hit(life.ground, "clock skew");
    process().skewMs = world.between(-3_600_000, 3_600_000);
  });
  some(0.5, 2, () => {
    const one = server();
    hit(life.ground, `restart ${one.id}`);
    hit(life.ground, "server restarted");
    troubled(one, 0).restart();
  });
  some(0.3, 1, () => {
    hit(life.ground, "server dead for good");
    const one = life.ground.servers.get("b2");
    if (one) troubled(one, Infinity).die();
    life.watch.dead.add("b2");
  });
  some(0.4, 2, () => {
    hit(life.ground, "server cut off");
    const forMs = world.between(500, 15_000);
    troubled(server(), forMs).cutOff(forMs);
  });
  some(0.4, 3, () => {
    const kind = world.pick(["oom", "error", "reject", "interrupt"] as const);
    hit(life.ground, `next ${kind}`);
    troubled(server(), Infinity).plan(kind);
  });
  some(1, (life.options.takes ?? 0) * 2 * TAKE_PIECES / 20, () => {
    hit(life.ground, "next error");
    server().plan("error");
  });
  some(0.2, 1, () => {
    hit(life.ground, "disk full");
    life.ground.disk.full = true;
    world.at(world.now + world.between(1000, 8000), null, () => void (life.ground.disk.full = false));
  });
  some(0.15, 1, () => loseStoredFile(life));
  some(0.2, 1, () => {
    hit(life.ground, "server muted");
    server().muted = true;
  });
  if (life.operated) scheduleOperators(life, { some, server, troubled });
}

/** How often operators do something in one life. */
const ACTS_MAX = 16;

function scheduleOperators(
  { ground, operated }: Life,
  { some, server, troubled }: {
    some(chance: number, times: number, act: () => void): void;
    server(): FakeServer;
    troubled(one: FakeServer, forMs: number): FakeServer;
  },
): void {
  const { world } = ground;
  operated?.operators.schedule(Math.floor(world.between(4, ACTS_MAX)), FAULTS_FOR_MS);
  some(0.3, 1, () => {
    hit(ground, "server hung");
    const one = troubled(server(), Infinity);
    one.killWorker();
    // Nobody may ever come to start it anew; the first server is the one that somebody looks after.
    if (one.id !== "b1" && world.chance(0.5)) return hit(ground, "server hung for good");
    world.at(world.now + world.between(1000, 12_000), null, () => one.restart());
  });
  some(0.3, 1, () => {
    hit(ground, "server short of memory");
    const one = server();
    const { ramFree } = one;
    one.ramFree = 100e6;
    world.at(world.now + world.between(2000, 12_000), null, () => void (one.ramFree = ramFree));
  });
}

function sleepOften(life: Life): void {
  const { world } = life.ground;
  for (let n = 0; n < 40; n++) {
    world.at(world.now + world.between(500, FAULTS_FOR_MS), null, () => {
      const alive = [...life.ground.studios].map((studio) => studio.process).filter((process) =>
        !process.dead
      );
      hit(life.ground, "process paused");
      world.pick(alive).pause(world.between(1000, 3500));
    });
  }
}

function crash(life: Life): void {
  const alive = [...life.ground.studios].filter((studio) => !studio.process.dead);
  const studio = life.ground.world.pick(alive);
  hit(life.ground, "process crashed");
  life.options.trace?.(`crash ${studio.process.name}`);
  studio.process.crash();
  life.ground.studios.delete(studio);
  life.ground.world.at(life.ground.world.now + life.ground.world.between(50, 2000), null, () => boot(life));
  if (life.ground.studios.size === 0) boot(life);
}

/** A carried file of a done step vanishes from the disk: whoever needs it must have it made again. */
function loseStoredFile(life: Life): void {
  const names = [...life.ground.disk.files.keys()].filter((name) => !name.endsWith(".png"));
  if (names.length === 0) return;
  hit(life.ground, "stored file lost");
  const { files, lost } = life.ground.disk;
  const name = life.ground.world.pick(names);
  lost.set(name, files.get(name) ?? new Uint8Array());
  files.delete(name);
}

/** From here on everything works: every job must come to its end. */
async function endFaults(life: Life): Promise<void> {
  const { ground } = life;
  ground.faults = { ...NO_FAULTS };
  ground.disk.full = false;
  for (const server of ground.servers.values()) server.muted = false;
  await life.operated?.operators.mend();
  for (const id of life.jobs) {
    const mail: Mail = { id: `${id} last resume`, to: id, kind: "resume", body: { type: "resume" } };
    await life.store.post([mail]);
    const steps = life.plans.get(id)?.get(1)?.steps ?? [];
    const follows = steps.map((step): Mail => ({
      id: `${id} last follow ${step.id}`,
      to: id,
      kind: "follow",
      body: { type: "follow", step: step.id, choice: "rerun" },
    }));
    await life.store.post(follows);
    wakeAll(life, id);
  }
}

function isQuiet(snap: Snapshot, watch: Watch): boolean {
  const gone = (backendId: string) => watch.dead.has(backendId);
  const isOver = (job: Snapshot["jobs"][number]) =>
    isStatus(job.status) && isTerminal(job.status) || watch.restsAtGate(job.id, snap);
  return snap.jobs.length > 0 && snap.jobs.every(isOver) &&
    snap.slots.every((slot) => gone(slot.backendId)) && snap.mail.every((mail) => mail.doneAt !== null) &&
    snap.effects.every((effect) => effect.status !== "open" || watch.waitsForTheDead(effect));
}

/** What happened to each job, for whoever looks into a failing seed. */
function tellStory(snap: Snapshot, { trace }: SimOptions): void {
  for (const mail of snap.mail.slice(-60)) {
    trace?.(
      `mail ${mail.seq} ${mail.to} ${mail.id} ${JSON.stringify(mail.body)} done ${
        mail.doneAt === null ? "no" : mail.doneAt % 1e7
      }`,
    );
  }
  for (const slot of snap.slots) trace?.(`slot ${JSON.stringify(slot)}`);
  for (const effect of snap.effects.filter((effect) => effect.status === "open")) {
    trace?.(`open ${JSON.stringify(effect)}`);
  }
}

/** A runner that lost its lease must not ask anything of the outside; the fence keeps that rare. */
function noteLateSubmit(
  ground: Ground,
  store: Inspect,
  { server, promptId, client }: { server: string; promptId: string; client: string },
): void {
  // The checks wait for this: on a real database it takes a while.
  ground.inFlight++;
  void store.inspect().then((snap) => {
    const effect = snap.effects.find((effect) => effect.id === promptId);
    const mine = effect?.status === "open" && effect.owner?.startsWith(`${client}-`) &&
      effect.leaseUntil >= ground.world.now;
    if (!mine) ground.late.push({ server, promptId });
  }).finally(() => ground.inFlight--);
}
