/** What age does to a studio: whole jobs per second, and a page of the job list, over 1k, 10k and 100k finished jobs. */
import { generateJobs } from "@/db/generate.ts";
import type { Database } from "@/db/sqlite.ts";
import { openJobs } from "@/studio/door/jobs.ts";
import { type EngineBench, filmJob, runJobs, startEngineBench } from "./engine.ts";
import { at, interleave, median, print, sortUp } from "./report.ts";

const AGES = [1000, 10_000, 100_000];
const ROUNDS = 7;
const JOBS_PER_ROUND = 150;
const WARM_UP_JOBS = 50;
const OWNERS = ["owner-1", "owner-2", "owner-3"];
const PAGE = 50;
const PAGES = 400;

function aged(jobs: number) {
  return (db: Database, newId: () => string) =>
    generateJobs(db.writer, { jobs, owners: OWNERS, newestAt: Date.now(), newId, stepsPerJob: 5 });
}

/** Runs that many whole jobs; returns jobs per second. */
function runMany(bench: EngineBench, count: number): Promise<number> {
  return runJobs(
    bench,
    Array.from({ length: count }, (_, n) => filmJob(bench.newId(), OWNERS[n % OWNERS.length] ?? "")),
  );
}

/** Milliseconds for a page at a random place of the list, sorted. */
async function measurePages(db: Database): Promise<number[]> {
  const jobs = openJobs(db);
  const asked = {
    mode: null,
    statuses: null,
    batchId: null,
    projectId: null,
    trashed: false,
    limit: PAGE + 1,
  };
  const places = await db.reader.selectFrom("jobs").where("owner_id", "=", "owner-1")
    .select(["created_at as createdAt", "id"]).execute();
  const waits: number[] = [];
  for (let n = 0; n < PAGES; n++) {
    const before = n % 2 === 0 ? null : places[Math.floor(Math.random() * places.length)] ?? null;
    const from = performance.now();
    const page = await jobs.list("owner-1", { ...asked, before });
    waits.push(performance.now() - from);
    if (before === null && page.length !== PAGE + 1) throw new Error(`A page of ${page.length}`);
  }
  return sortUp(waits);
}

export async function benchJobs(): Promise<void> {
  const studios: { jobs: number; bench: EngineBench }[] = [];
  for (const jobs of AGES) studios.push({ jobs, bench: await startEngineBench({ prepare: aged(jobs) }) });
  for (const { bench } of studios) await runMany(bench, WARM_UP_JOBS);
  const cases = new Map(studios.map(({ jobs, bench }) => [`${jobs}`, () => runMany(bench, JOBS_PER_ROUND)]));
  const rounds = await interleave(cases, ROUNDS);
  const base = median(rounds.get(`${AGES[0]}`) ?? []);
  for (const [jobs, values] of rounds) {
    const value = median(values);
    print({
      bench: `jobs.whole.${jobs}`,
      value,
      unit: "per second",
      ratio: Number((value / base).toFixed(3)),
      target: "0.8 to 1.2 of the youngest",
      rounds: ROUNDS,
    });
  }
  for (const { jobs, bench } of studios) {
    const waits = await measurePages(bench.db);
    print({ bench: `jobs.page.${jobs}.p50`, value: at(waits, 0.5), unit: "ms" });
    print({ bench: `jobs.page.${jobs}.p99`, value: at(waits, 0.99), unit: "ms", target: "<= 10" });
    await bench.end();
  }
}
