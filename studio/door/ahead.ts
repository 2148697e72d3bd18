/** The look ahead over the whole queue: made at most once a second, for everybody who asks. */
import type { Kysely } from "kysely";
import { type Expect, foresee, type JobWork, type Outlook, type Scene, type Task } from "@/core/forecast.ts";
import type { Clock, ProgressBus } from "@/core/ports.ts";
import { learnPaces, type Pace, paceOf, type Paces } from "@/core/paces.ts";
import { learnLoads } from "@/core/loads.ts";
import type { QueuedJob, Range } from "@/core/queue.ts";
import { isFull } from "@/core/schedule.ts";
import { NO_MEMORY, peopleOf, type UsualLimits } from "@/core/schedule_memory.ts";
import {
  type Floor,
  type LiveJob,
  type OpenStep,
  readFloor,
  readRuns,
  readSamples,
  type Standing,
} from "@/db/queries/mod.ts";
import type { Schema } from "@/db/schema.ts";

const FRESH_MS = 1000;
/** Fetching what a server made takes about this long. */
const COLLECT_S = 3;
const FETCHING = "fetching";
/** What work took changes slowly. */
const LEARNED_MS = 60_000;

export interface Ahead {
  floor: Floor;
  scene: Scene;
  paces: Paces;
  likely: Map<string, Outlook>;
  low: Map<string, Outlook>;
  high: Map<string, Outlook>;
}

/** Something that is read anew when it is older than a second, or was told to be. */
export interface Fresh<T> {
  (): Promise<T>;
  forget(): void;
}

/** What the studio's own history says of times; read anew once a minute. */
export function openPaces({ reader, clock }: { reader: Kysely<Schema>; clock: Clock }): Fresh<Paces> {
  return keepFresh(clock, async () => learnPaces(await readSamples(reader)), LEARNED_MS);
}

/** How long servers take to load other models; read anew once a minute. */
export function openLoads({ reader, clock }: { reader: Kysely<Schema>; clock: Clock }) {
  return keepFresh(clock, async () => learnLoads(await readRuns(reader)), LEARNED_MS);
}

export function openAhead(
  { reader, clock, progress, paces, loads, usual }: {
    reader: Kysely<Schema>;
    clock: Clock;
    progress: Pick<ProgressBus, "latest">;
    paces: Fresh<Paces>;
    loads: Fresh<Map<string, number>>;
    /** Limits of whoever has none of their own. */
    usual: () => UsualLimits;
  },
): Fresh<Ahead> {
  return keepFresh(
    clock,
    async () =>
      lookAhead(await readFloor(reader, usual()), { progress, paces: await paces(), loads: await loads() }),
  );
}

/** What takes long is kept for that many times as long, so that it never takes more than a small share of the processor. */
const KEPT_TIMES = 20;

/** Asks once for everybody who comes within that time; what failed is asked again. */
export function keepFresh<T>(clock: Clock, load: () => Promise<T>, forMs = FRESH_MS): Fresh<T> {
  let kept: { until: number; value: Promise<T> } | null = null;
  const ask = () => {
    const at = clock.monotonic();
    if (kept && at < kept.until) return kept.value;
    const value = load();
    const now = kept = { until: at + forMs, value };
    value.then(() => {
      const tookMs = clock.monotonic() - at;
      now.until = at + tookMs + Math.max(forMs, tookMs * KEPT_TIMES);
    }, () => kept = null);
    return value;
  };
  return Object.assign(ask, { forget: () => void (kept = null) });
}

function lookAhead(
  floor: Floor,
  { progress, paces, loads }: {
    progress: Pick<ProgressBus, "latest">;
    paces: Paces;
    loads: ReadonlyMap<string, number>;
  },
): Ahead {
  const jobs = worksOf(floor, progress);
  const { at: now, backends, slots, ready, shares } = floor;
  const known = { now, backends, slots, ready, shares, jobs, loads };
  const scene: Scene = { ...known, ...NO_MEMORY, canRun: () => true };
  return {
    floor,
    scene,
    paces,
    likely: foresee(scene, expectBy(paces, "likely")),
    low: foresee(scene, expectBy(paces, "low")),
    high: foresee(scene, expectBy(paces, "high")),
  };
}

export function expectBy(paces: Paces, which: keyof Omit<Pace, "known">): Expect {
  return ({ kind, template, shape, engine, weight }, backendId) =>
    weight * paceOf(paces, { template: kind === "prompt" ? template : "", shape, engine, backendId })[which];
}

function worksOf({ at, jobs, steps }: Floor, progress: Pick<ProgressBus, "latest">): JobWork[] {
  const byJob = Map.groupBy(steps, (step) => step.jobId);
  return jobs.map(({ id, ownerId, priority, rank, front }) => {
    const news = progress.latest(id)?.step;
    const tasks = (byJob.get(id) ?? []).map((step) =>
      taskOf(step, { at, share: news?.id === step.stepId ? news.share : null })
    );
    return { jobId: id, userId: ownerId, priority, rank, front, tasks };
  });
}

function taskOf(step: OpenStep, { at, share }: { at: number; share: number | null }): Task {
  const { stepId, take, engine, family, template, shape, state, startedAt } = step;
  const facts = { stepId, take, engine, family, template, shape };
  if (state === "collecting") {
    const fetching = { ...facts, template: "", shape: FETCHING };
    return { ...fetching, kind: "local", state: "now", weight: COLLECT_S, ranS: null, share: null };
  }
  const ranS = startedAt === null ? null : Math.max(0, at - startedAt) / 1000;
  const isNow = state === "granted" || state === "running";
  return {
    ...facts,
    kind: step.kind === "prompt" ? "prompt" : "local",
    state: isNow ? "now" : state === "ready" ? "ready" : "later",
    weight: step.weight,
    ranS: isNow ? ranS : null,
    share: isNow ? share : null,
  };
}

/** A limit of the person that keeps a job waiting, whatever the servers do. */
function keptOf({ id, ownerId }: { id: string; ownerId: string }, { floor }: Ahead): QueuedJob["kept"] {
  const { shares, slots } = floor;
  const person = peopleOf({ shares, slots, turns: new Map(), waiting: [ownerId] }).get(ownerId);
  if (!person) return null;
  return person.isSpent ? "minutes" : isFull(person, id) ? "limit" : null;
}

export function queuedOf(
  { id, ownerId, priority, rank }: Omit<LiveJob, "front">,
  { runs, waits, ahead }: Standing & { ahead: Ahead },
): QueuedJob {
  const { likely, low, high } = ahead;
  const outlook = likely.get(id);
  const range = (name: "startS" | "endS"): Range | null => {
    const figures = [likely, low, high].map((look) => look.get(id)?.[name] ?? null);
    const [likelyS, lowS, highS] = figures;
    if (likelyS == null || lowS == null || highS == null) return null;
    return { likelyS, lowS: Math.min(lowS, likelyS), highS: Math.max(highS, likelyS) };
  };
  const isWaiting = waits.has(id);
  return {
    jobId: id,
    ownerId,
    priority,
    rank,
    runs: runs.has(id),
    waits: isWaiting,
    kept: isWaiting ? keptOf({ id, ownerId }, ahead) : null,
    fits: outlook === undefined || outlook.place !== null || outlook.startS !== null,
    place: runs.has(id) ? null : outlook?.place ?? null,
    backendId: outlook?.backendId ?? null,
    start: range("startS"),
    end: range("endS"),
  };
}
