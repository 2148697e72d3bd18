/** Turns per second of the real job actor on a SQLite file: each reads one mail and writes one event, one step, one effect. */
import { newJobState } from "@/actors/job/messages.ts";
import type { Mail, NewJob } from "@/core/store.ts";
import { textHash } from "@/tests/sim/plans.ts";
import { filmJob, startEngineBench } from "./engine.ts";
import { median, print } from "./report.ts";

const TURNS = 2000;
const ROUNDS = 5;

/** A job whose one prompt waits: told that the same work was done before, it reads those files again. */
function waitingJob(id: string): NewJob {
  const made = filmJob(id, "owner");
  const policy = { failuresMax: 4, retryBaseMs: 1000 };
  const steps = made.steps.map((row) =>
    row.id === "part" ? { ...row, state: "ready" as const, attempt: 1 } : row
  );
  return { ...made, mail: [], steps, state: { ...newJobState(policy), phase: "open", reached: "queued" } };
}

function reusedMail(to: string): Mail {
  const outputs = [{ role: "clip", ord: 0, sha256: textHash(to), ext: "mp4", bytes: 1 }];
  const body = { type: "step.reused", step: "part", take: 0, attempt: 1, outputs };
  return { id: `${to}:reused`, to, kind: "step.reused", body };
}

async function measureTurns(): Promise<number> {
  let left = TURNS;
  const over = Promise.withResolvers<void>();
  const bench = await startEngineBench({
    lanes: { gpu: 0, cpu: 0, net: 0 },
    onTurn: () => --left === 0 && over.resolve(),
  });
  const ids = Array.from({ length: TURNS }, () => bench.newId());
  // The server is away, so that the scheduler grants nothing meanwhile.
  for (const row of await bench.store.backends()) await bench.store.saveBackend({ ...row, status: "drain" });
  await bench.store.admit(ids.map(waitingJob));
  await bench.store.post(ids.map(reusedMail));
  const from = performance.now();
  bench.engine.hint(ids);
  await over.promise;
  const perSecond = TURNS / (performance.now() - from) * 1000;
  await checkWork(bench.store);
  await bench.end();
  return perSecond;
}

/** A figure counts only if every turn did all of its work. */
async function checkWork(store: Awaited<ReturnType<typeof startEngineBench>>["store"]): Promise<void> {
  const { effects, events } = await store.inspect();
  if (effects.length !== TURNS || events.length !== TURNS) {
    throw new Error(`${TURNS} turns made ${effects.length} effects and ${events.length} events`);
  }
}

export async function benchTurns(): Promise<void> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measureTurns());
  print({ bench: "job.turns", value: median(rounds), unit: "per second", target: ">= 1000", rounds: ROUNDS });
}
