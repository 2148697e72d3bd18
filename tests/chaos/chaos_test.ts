/** Films are made while real processes are killed and stopped at random; what is left is judged from the database alone. */
import { assert, assertEquals } from "@/tests/assert.ts";
import { type ChaosOptions, runChaos } from "./run.ts";

const SIZES: Record<string, Omit<ChaosOptions, "seed">> = {
  short: { jobs: 7, faultsMs: 8000, restMs: 120_000 },
  full: { jobs: 100, faultsMs: 60_000, restMs: 900_000 },
};

/** Skipped unless asked for, as it takes minutes of both processors: CHAOS=1 (`deno task chaos`) runs the full size, CHAOS=short the small one; CHAOS_SEED repeats a run. */
const size = Deno.env.get("CHAOS") === "1" ? SIZES.full : SIZES[Deno.env.get("CHAOS") ?? ""];

Deno.test("kill -9 and SIGSTOP at random lose nothing: every job ends, once, with its film", {
  ignore: size === undefined,
}, async () => {
  if (!size) return;
  const seed = Number(Deno.env.get("CHAOS_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  say(`chaos seed ${seed}`);
  const report = await runChaos({ seed, ...size });
  say(JSON.stringify(report));
  assertEquals(report.completed + report.cancelled, size.jobs);
  assert(report.kills + report.stops > 0, "nothing was killed or stopped");
  // A process that was stopped between asking and sending may send once more: the server then has the work already.
  assert(report.twice <= report.stops, `${report.twice} prompts were sent twice`);
  assert(report.films >= report.completed);
});

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
