/** Who waits how long: first come first served, greedy affinity and the studio's scheduler, on the same arrivals. */
import { type Board, pick } from "@/core/schedule.ts";
import { backend, board, slot, step } from "@/tests/core/board.ts";
import {
  type Arrival,
  firstCome,
  greedy,
  randomOf,
  replay,
  type Rule,
  type Served,
} from "@/tests/core/replay.ts";
import { at, print, sortUp } from "./report.ts";

const SEEDS = 20;
const SERVERS = 2;
const FAMILIES = 5;
const LOAD_S = 20;
const USERS = 8;
const JOBS = 1500;
/** Of these jobs one user makes half. */
const HEAVY = "user-0";
const [LEAST_S, MOST_S] = [4, 16];
const FLOOD_JOBS = 300;
const FLOOD_AT_S = 60;
/** One batch over a calm studio, as in the design; then floods of every family, which are all loading where nobody sorts them. */
const FLOODS: Flood[] = [
  { load: 0.25, jobs: 490, family: "family-0" },
  { load: 0.25, jobs: 490 },
  { load: 0.5, jobs: 490 },
];
/** What a flood may add to anybody else's wait: a quantum of its family and a load. */
const ADDED_MOST_S = 6 * LOAD_S;

interface Flood {
  load: number;
  jobs: number;
  /** All of the dump is of this family, as one batch is; of any family without it. */
  family?: string;
}

const RULES: Record<string, Rule> = { fifo: firstCome, greedy, ours: pick };

export function benchScheduler(): Promise<void> {
  const steady = [0.85, 0.6].map((load) => ({
    name: `load ${load}`,
    logOf: (seed: number) => steadyLog(seed, { load, jobs: JOBS }),
  }));
  const floods = FLOODS.map((flood) => ({
    name: `flood${flood.family === undefined ? "" : " of one family"} over ${flood.load}`,
    logOf: (seed: number) => floodLog(seed, flood),
    isFlood: true,
  }));
  for (const load of [...steady, ...floods]) {
    const { name } = load;
    const found = measureAll(load);
    const [fifo] = found;
    for (const figures of found) tell(name, figures, fifo);
    if ("isFlood" in load) tellAdded(name, found);
  }
  measurePick();
  return Promise.resolve();
}

interface Load {
  logOf(seed: number): Arrival[];
  isFlood?: boolean;
}

/** Every rule serves the same arrivals. A flood is over when first come, first served has served all of it. */
function measureAll({ logOf, isFlood = false }: Load): Figures[] {
  const overS = new Map<number, number>();
  const counts: Measuring["counts"] = (job, { seed, served }) => {
    if (job.userId === HEAVY) return false;
    if (!isFlood) return true;
    if (!overS.has(seed)) overS.set(seed, floodEndS(served));
    return job.atS >= FLOOD_AT_S && job.atS <= (overS.get(seed) ?? Infinity);
  };
  const all = Object.entries(RULES).map(([rule, choose]) => measure(rule, choose, { logOf, counts }));
  if (!isFlood) return all;
  const calmOf = (seed: number) => logOf(seed).filter(({ userId }) => userId !== HEAVY);
  return [...all, measure("ours, no flood", pick, { logOf: calmOf, counts })];
}

function tellAdded(load: string, found: Figures[]): void {
  const [light, calm] = ["ours", "ours, no flood"].map((name) =>
    found.find(({ rule }) => rule === name)?.light
  );
  print({
    bench: "scheduler.wait.light.added",
    value: at(light ?? [], 0.95) - at(calm ?? [], 0.95),
    unit: "s at p95",
    target: load.includes("one family") ? `<= ${ADDED_MOST_S}` : undefined,
    load,
    seeds: SEEDS,
  });
}

const floodEndS = (served: readonly Served[]) =>
  Math.max(...served.filter(({ userId }) => userId === HEAVY).map(({ endS }) => endS));

interface Figures {
  rule: string;
  switches: number;
  loadShare: number;
  waits: number[];
  light: number[];
}

interface Measuring {
  logOf(seed: number): Arrival[];
  /** Whether somebody light waited for it while it mattered. */
  counts(job: Served, of: { seed: number; served: readonly Served[] }): boolean;
}

function measure(rule: string, choose: Rule, { logOf, counts }: Measuring): Figures {
  const figures: Figures = { rule, switches: 0, loadShare: 0, waits: [], light: [] };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const served = replay({ log: logOf(seed), servers: SERVERS, loadS: LOAD_S, rule: choose });
    const loads = served.filter(({ loaded }) => loaded).length;
    const busyS = served.reduce((sum, { startS, endS }) => sum + endS - startS, 0);
    figures.switches += loads / SEEDS;
    figures.loadShare += loads * LOAD_S / busyS / SEEDS;
    figures.waits.push(...served.map(waitOf));
    figures.light.push(...served.filter((job) => counts(job, { seed, served })).map(waitOf));
  }
  return { ...figures, waits: sortUp(figures.waits), light: sortUp(figures.light) };
}

const waitOf = ({ atS, startS }: Served) => startS - atS;

function tell(load: string, figures: Figures, fifo: Figures | undefined): void {
  const { rule, switches, loadShare, waits, light } = figures;
  const common = { load, rule, seeds: SEEDS };
  const isOurs = rule === "ours";
  print({ bench: "scheduler.switches", value: switches, unit: "loads", ...common });
  print({ bench: "scheduler.loading", value: loadShare, unit: "share of GPU time", ...common });
  print({
    bench: "scheduler.wait.p95",
    value: at(waits, 0.95),
    unit: "s",
    p50: Math.round(at(waits, 0.5)),
    max: Math.round(at(waits, 1)),
    ...common,
  });
  print({ bench: "scheduler.wait.light.p95", value: at(light, 0.95), unit: "s", ...common });
  if (!fifo || !isOurs) return;
  print({
    bench: "scheduler.switches.ratio",
    value: switches / fifo.switches,
    unit: "of FIFO",
    target: load === "load 0.85" ? "<= 0.25" : undefined,
    ...common,
  });
  print({
    bench: "scheduler.wait.light.ratio",
    value: at(light, 0.95) / at(fifo.light, 0.95),
    unit: "of FIFO",
    target: load.startsWith("flood") ? "<= 0.1" : undefined,
    ...common,
  });
}

/** Random arrivals that keep the servers busy for this share of the time, were nothing ever loaded. */
function steadyLog(seed: number, { load, jobs }: { load: number; jobs: number }): Arrival[] {
  const random = randomOf(seed);
  const meanS = (LEAST_S + MOST_S) / 2;
  const rate = load * SERVERS / meanS;
  const log: Arrival[] = [];
  for (let atS = 0; log.length < jobs;) {
    atS += -Math.log(1 - random()) / rate;
    log.push({ atS, ...jobOf(random) });
  }
  return log;
}

function jobOf(random: () => number): Omit<Arrival, "atS"> {
  const userId = random() < 0.5 ? HEAVY : `user-${1 + Math.floor(random() * (USERS - 1))}`;
  const family = `family-${Math.floor(random() * FAMILIES)}`;
  return { userId, family, seconds: LEAST_S + random() * (MOST_S - LEAST_S) };
}

/** The others work on as at this load when one of them drops 300 jobs at once. */
function floodLog(seed: number, { load, jobs, family }: Flood): Arrival[] {
  const random = randomOf(seed + 1000);
  const calm = steadyLog(seed, { load, jobs }).map((one) => ({
    ...one,
    userId: one.userId === HEAVY ? `user-${1 + Math.floor(random() * (USERS - 1))}` : one.userId,
  }));
  const dump = Array.from({ length: FLOOD_JOBS }, (): Arrival => {
    const job = jobOf(random);
    return { ...job, family: family ?? job.family, userId: HEAVY, atS: FLOOD_AT_S };
  });
  return [...calm, ...dump];
}

/** One choice over 10,000 waiting steps of 50 people and 7 families, for 4 servers that all hold something. */
function measurePick(): void {
  const ready = Array.from(
    { length: 10_000 },
    (_, n) => step(`j${n}`, { userId: `u${n % 50}`, family: `f${n % 7}`, rank: n, readyAt: n }),
  );
  const backends = [1, 2, 3, 4].map((n) => backend(`b${n}`, { loadedFamily: `f${n}` }));
  const slots = backends.map(({ id, loadedFamily }) => slot(id, 0, { family: loadedFamily ?? "" }));
  const scene: Board = board({ ready, backends, slots, now: 1e6 });
  const times: number[] = [];
  for (let n = 0; n < 300; n++) {
    const from = performance.now();
    pick(scene);
    times.push(performance.now() - from);
  }
  const sorted = sortUp(times.slice(50));
  print({
    bench: "scheduler.pick.p50",
    value: at(sorted, 0.5),
    unit: "ms",
    target: "<= 2",
    steps: ready.length,
  });
  print({ bench: "scheduler.pick.p99", value: at(sorted, 0.99), unit: "ms", steps: ready.length });
}

if (import.meta.main) await benchScheduler();
