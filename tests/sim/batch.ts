/** Many seeds, on all cores: what broke, what the faults hit, and how long it took. */
import { type SimResult, simulate } from "./simulate.ts";
import { OPERATED } from "./operators.ts";
import { openSimSqlite } from "./stores.ts";

export interface Batch {
  from: number;
  seeds: number;
  store: "memory" | "sqlite";
  /** Operators change the pool meanwhile. */
  operated?: boolean;
}

export interface BatchResult {
  failed: { seed: number; violations: string[] }[];
  seeds: number;
  events: number;
  virtualS: number;
  hits: Record<string, number>;
  statuses: Record<string, number>;
  lateSubmits: number;
}

/** Faults that must have happened somewhere in a batch: a fault that never comes tests nothing. */
export const FAULTS = [
  "process crashed",
  "process paused",
  "clock skew",
  "transaction aborted",
  "hint dropped",
  "request lost",
  "reply lost",
  "download cut",
  "server restarted",
  "server dead for good",
  "server cut off",
  "server muted",
  "next oom",
  "next error",
  "next reject",
  "next interrupt",
  "disk full",
  "stored file lost",
  "command pause",
  "command resume",
  "command cancel",
  "command edit",
  "command retake",
  "command retry",
  "command approve",
  "gate approved",
  "gate left alone",
  "command reprioritise",
];

/** Faults that a batch should have. */
export const faultsOf = ({ operated = false }: Pick<Batch, "operated">): string[] =>
  operated ? [...FAULTS, ...OPERATED] : FAULTS;

export async function runBatch(batch: Batch): Promise<BatchResult> {
  const sum: BatchResult = {
    failed: [],
    seeds: 0,
    events: 0,
    virtualS: 0,
    hits: {},
    statuses: {},
    lateSubmits: 0,
  };
  for (let seed = batch.from; seed < batch.from + batch.seeds; seed++) {
    add(sum, await runSeed(seed, batch));
  }
  return sum;
}

export function runSeed(
  seed: number,
  { store, operated = false }: Pick<Batch, "store" | "operated">,
  trace?: (line: string) => void,
): Promise<SimResult> {
  return simulate({
    seed,
    operated,
    ...(trace ? { trace } : {}),
    ...(store === "sqlite" ? { open: openSimSqlite } : {}),
  });
}

function add(sum: BatchResult, one: SimResult): void {
  sum.seeds++;
  sum.events += one.events;
  sum.virtualS += one.virtualS;
  sum.lateSubmits += one.lateSubmits;
  if (one.violations.length > 0) sum.failed.push({ seed: one.seed, violations: one.violations });
  for (const [fault, times] of one.hits) sum.hits[fault] = (sum.hits[fault] ?? 0) + times;
  for (const [status, times] of one.statuses) sum.statuses[status] = (sum.statuses[status] ?? 0) + times;
}

export function merge(results: BatchResult[]): BatchResult {
  const sum: BatchResult = {
    failed: [],
    seeds: 0,
    events: 0,
    virtualS: 0,
    hits: {},
    statuses: {},
    lateSubmits: 0,
  };
  for (const one of results) {
    sum.failed.push(...one.failed);
    sum.seeds += one.seeds;
    sum.events += one.events;
    sum.virtualS += one.virtualS;
    sum.lateSubmits += one.lateSubmits;
    for (const [fault, times] of Object.entries(one.hits)) sum.hits[fault] = (sum.hits[fault] ?? 0) + times;
    for (const [status, times] of Object.entries(one.statuses)) {
      sum.statuses[status] = (sum.statuses[status] ?? 0) + times;
    }
  }
  return sum;
}

/** Splits a batch over workers; one per core. */
export async function runParallel(
  batch: Batch,
  workers = navigator.hardwareConcurrency,
): Promise<BatchResult> {
  const share = Math.ceil(batch.seeds / workers);
  const parts = Array.from({ length: workers }, (_, n) => ({
    ...batch,
    from: batch.from + n * share,
    seeds: Math.max(0, Math.min(share, batch.seeds - n * share)),
  })).filter((part) => part.seeds > 0);
  return merge(await Promise.all(parts.map(runInWorker)));
}

function runInWorker(batch: Batch): Promise<BatchResult> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise<BatchResult>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<BatchResult>) => resolve(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    worker.postMessage(batch);
  }).finally(() => worker.terminate());
}
