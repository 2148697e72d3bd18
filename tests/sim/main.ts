/** `deno task sim`: seeds on both stores, one seed with its story, or the mutants that prove the checks. */
import { parseArgs } from "node:util";
import { runComfyMutants } from "../contract/mutants.ts";
import { type Batch, type BatchResult, faultsOf, runParallel, runSeed } from "./batch.ts";
import { simulateLine, simulateShares } from "./line.ts";
import { ENGINE_MUTANTS } from "./mutants.ts";
import { POOL_MUTANTS } from "./pool_mutants.ts";

const say = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
const MUTANT_SEEDS = 60;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    /** Seeds on SQLite besides. */
    sqlite: { type: "string", default: "200" },
    /** Seeds on SQLite with operators who change the pool meanwhile. */
    pool: { type: "string", default: "200" },
    /** First seed; with --seeds 1 its whole story is told. */
    seed: { type: "string", default: "1" },
    mutants: { type: "boolean", default: false },
  },
});

async function main(): Promise<boolean> {
  if (values.mutants) return await killMutants();
  const from = Number(values.seed);
  if (Number(values.seeds) === 1) return await tellSeed(from, { store: "memory" });
  if (Number(values.pool) === 1) return await tellSeed(from, { store: "sqlite", operated: true });
  let good = true;
  const { seeds, sqlite, pool } = values;
  const batches: Batch[] = [
    { from, seeds: Number(seeds), store: "memory" },
    { from, seeds: Number(sqlite), store: "sqlite" },
    { from, seeds: Number(pool), store: "sqlite", operated: true },
  ];
  for (const batch of batches.filter(({ seeds }) => seeds > 0)) {
    const begun = performance.now();
    good = report(batch, await runParallel(batch), (performance.now() - begun) / 1000) && good;
  }
  return runLine(from, Math.ceil(Number(values.seeds) / 4)) && good;
}

/** The scheduler alone, with longer lines than whole lives have; one takes as long as four lives. */
function runLine(from: number, seeds: number): boolean {
  let [failed, passed, grants, apart] = [0, 0, 0, 0];
  for (let seed = from; seed < from + seeds; seed++) {
    const result = simulateLine(seed);
    passed = Math.max(passed, result.passed);
    const { apartS, boundS } = simulateShares(seed);
    if (apartS > boundS) result.violations.push(`Shares: ${Math.round(apartS)} s apart`);
    apart = Math.max(apart, apartS);
    grants += result.grants;
    if (result.violations.length === 0) continue;
    failed++;
    if (failed <= 10) say(`line ${seed}: ${result.violations.slice(0, 3).join("; ")}`);
  }
  say(JSON.stringify({ line: seeds, failed, grants, passedAtMost: passed, apartAtMostS: Math.round(apart) }));
  return failed === 0;
}

async function tellSeed(seed: number, life: Pick<Batch, "store" | "operated">): Promise<boolean> {
  const { violations, statuses } = await runSeed(seed, life, say);
  for (const violation of violations) say(violation);
  say(
    `seed ${seed}: ${violations.length === 0 ? "good" : "broken"}, ${
      JSON.stringify(Object.fromEntries(statuses))
    }`,
  );
  return violations.length === 0;
}

function report({ store, operated = false }: Batch, result: BatchResult, tookS: number): boolean {
  const name = operated ? "pool" : store;
  for (const { seed, violations } of result.failed.slice(0, 10)) {
    say(
      `seed ${seed} of ${name}: ${violations.slice(0, 3).join("; ")}\n  deno task sim ${
        operated ? "--seeds 0 --pool 1" : "--seeds 1"
      } --seed ${seed}`,
    );
  }
  const never = result.seeds >= 100
    ? faultsOf({ operated }).filter((fault) => (result.hits[fault] ?? 0) === 0)
    : [];
  if (never.length > 0) say(`faults that never happened: ${never.join(", ")}`);
  say(JSON.stringify({
    store: name,
    seeds: result.seeds,
    failed: result.failed.length,
    events: result.events,
    tookS: Math.round(tookS * 10) / 10,
    virtualHours: Math.round(result.virtualS / 360) / 10,
    jobs: result.statuses,
    lateSubmits: result.lateSubmits,
    faults: result.hits,
  }));
  return result.failed.length === 0 && never.length === 0;
}

async function killMutants(): Promise<boolean> {
  let good = true;
  for (const mutant of [...ENGINE_MUTANTS, ...POOL_MUTANTS]) {
    const killed = await mutant.kill(MUTANT_SEEDS);
    good &&= killed;
    say(`${killed ? "killed  " : "SURVIVED"} engine: ${mutant.name} (${mutant.rule})`);
  }
  for (const verdict of await runComfyMutants()) {
    good &&= verdict.killed;
    say(`${verdict.killed ? "killed  " : "SURVIVED"} client rule ${verdict.rule}`);
  }
  return good;
}

if (import.meta.main) Deno.exit(await main() ? 0 : 1);
