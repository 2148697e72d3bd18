/**
 * How fast this studio works, learned from its own history: per template, with what each server, each shape of work
 * (preset, size, frames) and both together add. Pure.
 */
import type { Plan } from "./plan.ts";

type Engine = Plan["engine"];

/** What a step asks of whom. */
export interface Work {
  engine: Engine;
  /** Empty for work in the studio. */
  template: string;
  /** Preset, size and frames of a prompt; the operation of work in the studio. */
  shape: string;
  /** Null where it is not known yet who will do it. */
  backendId: string | null;
}

/** A step that is done. */
export interface Sample extends Work {
  jobId: string;
  /** Seconds by the plan. */
  weight: number;
  tookS: number;
}

/** Factors on seconds by the plan; four of five films take between `low` and `high`. */
export interface Pace {
  likely: number;
  low: number;
  high: number;
  /** Whether such work was ever done here; if not, these are first guesses. */
  known: boolean;
}

/** What was learned, as logarithms of factors. */
export interface Paces {
  /** One map for each of `LEVELS`. */
  effects: readonly ReadonlyMap<string, number>[];
  /** How far films of a template lie from what is expected of them. */
  reach: ReadonlyMap<string, { low: number; high: number }>;
  /** Servers that did work of a template, and how much of it counts. */
  servers: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Until the studio has done such work itself. The templates' own seconds are a graphics card's, the draft renderer has none. */
const UNKNOWN: Record<Engine, Omit<Pace, "known">> = {
  comfy: { likely: 1, low: 0.75, high: 1.5 },
  draft: { likely: 0.1, low: 0.05, high: 0.3 },
};

/** After so many newer runs of the same work on the same server a run counts half: servers become faster and slower. */
const HALF_LIFE = 16;
const ROUNDS = 20;
/** Fewer runs than these on either side show no change of speed. */
const CHANGE_MIN = 3;
/** In standard errors: with less, a difference is chance. */
const SURE = 4;
/** What runs from before a change of speed still count. */
const STALE = 0.03;
/** Two films never take exactly as long. */
const NOISE_MIN = 0.05;
/** Standard deviations from which a run is an odd one. */
const ODD = 2.5;
/** Of a median distance, to be a standard deviation. */
const NORMAL = 1.48;
/** The range leaves out the fastest and the slowest tenth. */
const TAIL = 0.1;
/** How many runs the first guess of the range is worth. */
const GUESS_RUNS = 2;
/** What was learned fits its own history better than what is to come. */
const WIDER = 1.1;

/** Each level explains what the ones before left over. `doubt`: runs until it is believed by half. */
const LEVELS: readonly { keyOf: (work: Work) => string; doubt: number }[] = [
  { keyOf: templateOf, doubt: 0.1 },
  { keyOf: ({ engine, backendId }) => `${engine} ${backendId}`, doubt: 0.5 },
  { keyOf: (work) => `${templateOf(work)} ${work.shape}`, doubt: 1 },
  { keyOf: (work) => `${templateOf(work)} ${work.shape} ${work.backendId}`, doubt: 2 },
];

export const NO_PACES: Paces = { effects: LEVELS.map(() => new Map()), reach: new Map(), servers: new Map() };

interface Weighed {
  value: number;
  counts: number;
}

/** The parts of one film that are alike, done by one server. */
interface Run extends Work {
  /** Logarithm of how much longer it took than the first guess. */
  over: number;
  counts: number;
}

/** `samples`: the newest first. */
export function learnPaces(samples: readonly Sample[]): Paces {
  const all = runsOf(samples.filter(({ weight, tookS }) => weight > 0 && tookS > 0).map(inStudio));
  const runs = forgetOld(all, fit(all));
  const effects = fit(runs);
  const byTemplate = Map.groupBy(runs, templateOf);
  return {
    effects,
    reach: mapValues(byTemplate, (alike) => reachOf(alike, effects)),
    servers: mapValues(byTemplate, (alike) => {
      const byServer = Map.groupBy(alike, ({ backendId }) => backendId ?? "");
      return mapValues(byServer, (own) => own.reduce((total, { counts }) => total + counts, 0));
    }),
  };
}

/** Level by level, again and again: each explains what the others left. */
function fit(runs: readonly Run[]): Map<string, number>[] {
  const effects = LEVELS.map(() => new Map<string, number>());
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, { keyOf, doubt }] of LEVELS.entries()) {
      effects[at] = new Map();
      for (const [key, alike] of Map.groupBy(runs, keyOf)) {
        const left = alike.map((run) => ({ value: run.over - sumOf(effects, run), counts: run.counts }));
        const worth = worthOf(left);
        effects[at].set(key, centreOf(left) * worth / (worth + doubt));
      }
    }
  }
  return effects;
}

/** A server that was changed: what it did before counts little. `runs`: the newest first. */
function forgetOld(runs: readonly Run[], effects: Paces["effects"]): Run[] {
  const byServer = Map.groupBy(runs, (run) => `${run.engine} ${run.backendId}`);
  return [...byServer.values()].flatMap((own) => {
    const since = changeIn(own.map((run) => run.over - sumOf(effects, { ...run, backendId: null })));
    return own.map((run, age) => age < since ? run : { ...run, counts: run.counts * STALE });
  });
}

/** How many of the newest values belong together, where the ones before them clearly lie elsewhere; else all. */
function changeIn(values: readonly number[]): number {
  const middle = (part: readonly number[]) => weighedAt(part.map((value) => ({ value, counts: 1 })), 0.5);
  const spread = (part: readonly number[]) =>
    middle(part.map((value) => Math.abs(value - middle(part)))) * NORMAL;
  let best = { at: values.length, sure: SURE };
  for (let at = CHANGE_MIN; at <= values.length - CHANGE_MIN; at++) {
    const [newer, older] = [values.slice(0, at), values.slice(at)];
    const noise = Math.max(NOISE_MIN, (spread(newer) * at + spread(older) * older.length) / values.length);
    const sure = Math.abs(middle(newer) - middle(older)) / noise *
      Math.sqrt(at * older.length / values.length);
    if (sure > best.sure) best = { at, sure };
  }
  return best.at;
}

export function paceOf(paces: Paces, asked: Work): Pace {
  const work = inStudio(asked);
  const guess = UNKNOWN[work.engine];
  const servers = paces.servers.get(templateOf(work));
  const reach = paces.reach.get(templateOf(work));
  if (!servers || !reach) return { ...guess, known: false };
  const isMet = work.backendId !== null && paces.effects[1]?.has(`${work.engine} ${work.backendId}`);
  const asOn = isMet
    ? [{ value: sumOf(paces.effects, work), counts: 1 }]
    : [...servers].map(([backendId, counts]) => ({
      value: sumOf(paces.effects, { ...work, backendId }),
      counts,
    }));
  const values = asOn.map(({ value }) => value);
  const likely = asOn.reduce((sum, { value, counts }) => sum + value * counts, 0) /
    asOn.reduce((sum, { counts }) => sum + counts, 0);
  // What was never done in this shape is less certain.
  const isNew = !paces.effects[2]?.has(`${templateOf(work)} ${work.shape}`);
  const first = reachOfGuess(work.engine);
  const low = Math.min(...values) + (isNew ? Math.min(reach.low, first.low) : reach.low);
  const high = Math.max(...values) + (isNew ? Math.max(reach.high, first.high) : reach.high);
  const factor = (over: number) => guess.likely * Math.exp(over);
  return { likely: factor(likely), low: factor(low), high: factor(high), known: true };
}

function templateOf({ engine, template }: Work): string {
  return `${engine} ${template}`;
}

/** Work in the studio is the same for every engine, and no server does it. */
function inStudio<T extends Work>(work: T): T {
  return work.template === "" ? { ...work, engine: "comfy", backendId: "" } : work;
}

/** A film of thirty parts is one run like any other. */
function runsOf(samples: readonly Sample[]): Run[] {
  const newer = new Map<string, number>();
  const runs = Map.groupBy(
    samples,
    (sample) => `${sample.jobId} ${templateOf(sample)} ${sample.shape} ${sample.backendId}`,
  );
  return [...runs.values()].flatMap((parts) => {
    const [one] = parts;
    if (!one) return [];
    const line = `${one.engine} ${one.backendId}`;
    const age = newer.get(line) ?? 0;
    newer.set(line, age + 1);
    const { engine, template, shape, backendId } = one;
    const over = weighedAt(
      parts.map(({ weight, tookS }) => ({ value: Math.log(tookS / weight), counts: 1 })),
      0.5,
    ) - Math.log(UNKNOWN[engine].likely);
    return [{ engine, template, shape, backendId, over, counts: 2 ** (-age / HALF_LIFE) }];
  });
}

/** The mean of what lies around the median: the odd ones do not count. */
function centreOf(values: readonly Weighed[]): number {
  const middle = weighedAt(values, 0.5);
  const off = weighedAt(
    values.map(({ value, counts }) => ({ value: Math.abs(value - middle), counts })),
    0.5,
  );
  const near = values.filter(({ value }) => Math.abs(value - middle) <= ODD * NORMAL * off + NOISE_MIN);
  const counts = near.reduce((sum, one) => sum + one.counts, 0);
  return near.reduce((sum, one) => sum + one.value * one.counts, 0) / counts;
}

/** As how many equal ones they count (Kish): old runs are few, but where there are no others they are believed. */
function worthOf(runs: readonly { counts: number }[]): number {
  const sum = runs.reduce((total, { counts }) => total + counts, 0);
  return sum ** 2 / runs.reduce((total, { counts }) => total + counts ** 2, 0);
}

function sumOf(effects: Paces["effects"], work: Work): number {
  return LEVELS.reduce((sum, { keyOf }, at) => sum + (effects[at]?.get(keyOf(work)) ?? 0), 0);
}

function reachOf(runs: readonly Run[], effects: Paces["effects"]): { low: number; high: number } {
  const first = reachOfGuess(runs[0]?.engine ?? "comfy");
  const guessed = [first.low, 0, first.high].map((value) => ({ value, counts: GUESS_RUNS / 3 }));
  const off = runs.map((run) => ({ value: run.over - sumOf(effects, run), counts: run.counts }));
  return {
    low: weighedAt([...guessed, ...off], TAIL) * WIDER,
    high: weighedAt([...guessed, ...off], 1 - TAIL) * WIDER,
  };
}

function reachOfGuess(engine: Engine): { low: number; high: number } {
  const { likely, low, high } = UNKNOWN[engine];
  return { low: Math.log(low / likely), high: Math.log(high / likely) };
}

/** The value below which this share of the counts lies, between the two nearest. */
function weighedAt(values: readonly { value: number; counts: number }[], share: number): number {
  const sorted = values.toSorted((a, b) => a.value - b.value);
  const wanted = share * sorted.reduce((sum, { counts }) => sum + counts, 0);
  let passed = 0;
  let before: { value: number; at: number } | null = null;
  for (const { value, counts } of sorted) {
    const at = passed + counts / 2;
    if (at >= wanted) {
      if (before === null) return value;
      return before.value + (value - before.value) * (wanted - before.at) / (at - before.at);
    }
    before = { value, at };
    passed += counts;
  }
  return before?.value ?? 0;
}

function mapValues<K, V, W>(map: ReadonlyMap<K, V>, change: (value: V) => W): Map<K, W> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
