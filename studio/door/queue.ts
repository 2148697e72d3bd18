/** The queue as people ask for it: their places in the whole of it, and when their jobs will be served and done. */
import type { Kysely } from "kysely";
import { type Expect, foresee, type JobWork, type Outlook, type Scene, type Task } from "@/core/forecast.ts";
import type { Clock, ProgressBus } from "@/core/ports.ts";
import { nameServers, type PoolState, type QueuedJob, type Queues, type Range } from "@/core/queue.ts";
import type { Store } from "@/core/store.ts";
import {
  countQueue,
  type Floor,
  listPlaces,
  type LiveJob,
  type OpenStep,
  readFloor,
  readStanding,
} from "@/db/queries/mod.ts";
import type { Schema } from "@/db/schema.ts";
import { readBackends } from "@/db/store/slot_rows.ts";

export interface QueueParts {
  reader: Kysely<Schema>;
  store: Pick<Store, "arrange">;
  clock: Clock;
  progress: ProgressBus;
  /** Places changed: the scheduler should look. */
  schedule(): void;
}

/** One look ahead serves everybody for this long. */
const FRESH_MS = 1000;
/** Fetching what a server made takes about this long. */
const COLLECT_S = 3;
/** Until the studio knows better: a film may be this much faster or slower than its plan says. */
const FASTER = 0.75;
const SLOWER = 1.5;

export interface Ahead {
  floor: Floor;
  likely: Map<string, Outlook>;
  low: Map<string, Outlook>;
  high: Map<string, Outlook>;
}

export function openQueue({ reader, store, clock, progress, schedule }: QueueParts): Queues {
  const pool = keepFresh(clock, () => readPool(reader));
  const ahead = keepFresh(clock, async () => lookAhead(await readFloor(reader), progress));
  return {
    pool,
    async own(userId) {
      const jobs = await listPlaces(reader, userId);
      const standing = await readStanding(reader, jobs.map((job) => job.id));
      const seen = await ahead();
      return {
        jobs: jobs.map((job) => queuedOf(job, { ...standing, ahead: seen })),
        servers: nameServers(seen.floor.backends),
      };
    },
    async arrange(userId, jobIds) {
      if (!await store.arrange(userId, jobIds)) return false;
      ahead.forget();
      schedule();
      return true;
    },
  };
}

/** Asks once for everybody who comes within a second; what failed is asked again. */
function keepFresh<T>(clock: Clock, load: () => Promise<T>): (() => Promise<T>) & { forget(): void } {
  let kept: { at: number; value: Promise<T> } | null = null;
  const ask = () => {
    if (kept && clock.monotonic() - kept.at < FRESH_MS) return kept.value;
    const value = load();
    kept = { at: clock.monotonic(), value };
    value.catch(() => kept = null);
    return value;
  };
  return Object.assign(ask, { forget: () => void (kept = null) });
}

async function readPool(reader: Kysely<Schema>): Promise<PoolState> {
  const rows = await readBackends(reader);
  const real = rows.filter((row) => row.engine === "comfy" && row.status !== "drain");
  const counted = real.length > 0 ? real : rows.filter((row) => row.engine === "draft");
  return {
    servers: counted.length,
    up: counted.filter((row) => row.status === "up").length,
    draftOnly: real.length === 0 && counted.length > 0,
    ...await countQueue(reader),
  };
}

export function lookAhead(floor: Floor, progress: Pick<ProgressBus, "latest">): Ahead {
  const jobs = worksOf(floor, progress);
  const { backends, slots, ready } = floor;
  const scene: Scene = { backends, slots, ready, jobs, streaks: new Map(), canRun: () => true };
  const at = (factor: number): Expect => (task) => task.weight * factor;
  return {
    floor,
    likely: foresee(scene, at(1)),
    low: foresee(scene, at(FASTER)),
    high: foresee(scene, at(SLOWER)),
  };
}

function worksOf({ at, jobs, steps }: Floor, progress: Pick<ProgressBus, "latest">): JobWork[] {
  const byJob = Map.groupBy(steps, (step) => step.jobId);
  return jobs.map(({ id, ownerId, priority, rank }) => {
    const news = progress.latest(id)?.step;
    const tasks = (byJob.get(id) ?? []).map((step) =>
      taskOf(step, { at, share: news?.id === step.stepId ? news.share : null })
    );
    return { jobId: id, userId: ownerId, priority, rank, tasks };
  });
}

function taskOf(step: OpenStep, { at, share }: { at: number; share: number | null }): Task {
  const { stepId, take, engine, family, template, state, startedAt } = step;
  const facts = { stepId, take, engine, family, template };
  if (state === "collecting") {
    return { ...facts, kind: "local", state: "now", weight: COLLECT_S, ranS: null, share: null };
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

interface Seen {
  runs: ReadonlySet<string>;
  waits: ReadonlySet<string>;
  ahead: Ahead;
}

export function queuedOf({ id, ownerId, priority, rank }: LiveJob, { runs, waits, ahead }: Seen): QueuedJob {
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
    fits: outlook === undefined || outlook.place !== null || outlook.startS !== null,
    place: runs.has(id) ? null : outlook?.place ?? null,
    backendId: outlook?.backendId ?? null,
    start: range("startS"),
    end: range("endS"),
  };
}
