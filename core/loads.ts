/** How long servers take to load the models of a family: what work took right after another family, over what it takes else. Pure. */

/** A prompt that ran to its end. */
export interface LoadRun {
  backendId: string;
  family: string;
  /** What takes as long: template, preset, size and frames. */
  work: string;
  /** Seconds by the plan. */
  weight: number;
  startedAt: number;
  tookS: number;
}

/** Fewer runs than these on either side say nothing. */
const RUNS_MIN = 2;

/** Seconds by family; only where there were enough runs with and without a load before them. */
export function learnLoads(runs: readonly LoadRun[]): Map<string, number> {
  const marked = [...Map.groupBy(runs, ({ backendId }) => backendId).values()].flatMap(markLoads);
  const usual = new Map<string, number>();
  const warm = marked.filter(({ run, isCold }) => !isCold && run.weight > 0);
  for (const [work, alike] of Map.groupBy(warm, ({ run }) => run.work)) {
    if (alike.length >= RUNS_MIN) usual.set(work, median(alike.map(({ run }) => run.tookS / run.weight)));
  }
  const over = marked.flatMap(({ run, isCold }) => {
    const pace = usual.get(run.work);
    return isCold && pace !== undefined ? [{ ...run, overS: run.tookS - run.weight * pace }] : [];
  });
  const loads = new Map<string, number>();
  for (const [family, alike] of Map.groupBy(over, (run) => run.family)) {
    if (alike.length >= RUNS_MIN) loads.set(family, Math.max(0, median(alike.map(({ overS }) => overS))));
  }
  return loads;
}

/** Of the first run on each server nobody knows what was loaded before it. */
function markLoads(runs: readonly LoadRun[]): { run: LoadRun; isCold: boolean }[] {
  const sorted = runs.toSorted((a, b) => a.startedAt - b.startedAt);
  return sorted.slice(1).map((run, at) => ({ run, isCold: sorted[at]?.family !== run.family }));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
