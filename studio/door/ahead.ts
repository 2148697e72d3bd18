/** The look ahead over the whole queue: made at most once a second, for everybody who asks. */
import type { Kysely } from "kysely";
import {
  type Expect,
  FASTER,
  foresee,
  type JobWork,
  type Outlook,
  type Scene,
  SLOWER,
  type Task,
} from "@/core/forecast.ts";
import type { Clock, ProgressBus } from "@/core/ports.ts";
import type { QueuedJob, Range } from "@/core/queue.ts";
import { type Floor, type LiveJob, type OpenStep, readFloor, type Standing } from "@/db/queries/mod.ts";
import type { Schema } from "@/db/schema.ts";

const FRESH_MS = 1000;
/** Fetching what a server made takes about this long. */
const COLLECT_S = 3;

export interface Ahead {
  floor: Floor;
  scene: Scene;
  likely: Map<string, Outlook>;
  low: Map<string, Outlook>;
  high: Map<string, Outlook>;
}

/** Something that is read anew when it is older than a second, or was told to be. */
export interface Fresh<T> {
  (): Promise<T>;
  forget(): void;
}

export function openAhead(
  { reader, clock, progress }: {
    reader: Kysely<Schema>;
    clock: Clock;
    progress: Pick<ProgressBus, "latest">;
  },
): Fresh<Ahead> {
  return keepFresh(clock, async () => lookAhead(await readFloor(reader), progress));
}

/** Asks once for everybody who comes within a second; what failed is asked again. */
export function keepFresh<T>(clock: Clock, load: () => Promise<T>): Fresh<T> {
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

function lookAhead(floor: Floor, progress: Pick<ProgressBus, "latest">): Ahead {
  const jobs = worksOf(floor, progress);
  const { backends, slots, ready } = floor;
  const scene: Scene = { backends, slots, ready, jobs, streaks: new Map(), canRun: () => true };
  const at = (factor: number): Expect => (task) => task.weight * factor;
  return {
    floor,
    scene,
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

export function queuedOf(
  { id, ownerId, priority, rank }: LiveJob,
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
    fits: outlook === undefined || outlook.place !== null || outlook.startS !== null,
    place: runs.has(id) ? null : outlook?.place ?? null,
    backendId: outlook?.backendId ?? null,
    start: range("startS"),
    end: range("endS"),
  };
}
