/** From kill -9 of the studio to the same job moving again, read from the job's own history. `--kills N`, `--lease MS`. */
import { parseArgs } from "node:util";
import { openReader } from "@/db/sqlite.ts";
import type { Cast } from "@/tests/rig/person.ts";
import { openStage, type Stage } from "./server.ts";
import { at, print, sortUp } from "./report.ts";

const SHORT_LEASE_MS = 1200;
const PRODUCTION_LEASE_MS = 15_000;
const LIMIT_MS = 60_000;

export async function benchRecovery(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { kills: { type: "string", default: "100" } } });
  await measure({ leaseMs: SHORT_LEASE_MS, kills: Number(values.kills) });
  await measure({ leaseMs: PRODUCTION_LEASE_MS, kills: 1 });
}

async function measure({ leaseMs, kills }: { leaseMs: number; kills: number }): Promise<void> {
  const stage = await openStage({ LEASE_MS: String(leaseMs), LOG_LEVEL: "error" }, 50);
  const waits: number[] = [];
  const starts: number[] = [];
  try {
    const cast = await stage.person.bringCast();
    for (let n = 0, tries = 0; n < kills; n++, tries++) {
      const killed = await killOnce(stage, cast, tries);
      if (killed === null) {
        n--;
        continue;
      }
      waits.push(killed.waitMs);
      starts.push(killed.startMs);
    }
  } finally {
    await stage.end();
  }
  const sorted = sortUp(waits);
  const name = `recovery.lease_${leaseMs}`;
  const target = `<= ${leaseMs + 3000}`;
  print({ bench: `${name}.p50`, value: at(sorted, 0.5), unit: "ms", kills });
  print({ bench: `${name}.p99`, value: at(sorted, 0.99), unit: "ms", target, kills });
  print({ bench: `${name}.start.p50`, value: at(sortUp(starts), 0.5), unit: "ms of it for the new process" });
}

/**
 * Kills the studio at a random moment of a job; the job moves again with the first event after that. Null when the job
 * had ended before the kill.
 */
async function killOnce(
  stage: Stage,
  cast: Cast,
  n: number,
): Promise<{ waitMs: number; startMs: number } | null> {
  const job = await stage.person.perform(cast, { seconds: 0.5, seed: String(n) });
  await new Promise((wake) => setTimeout(wake, 100 + 600 * Math.random()));
  const db = openReader(`${stage.dir}/data/studio.db`);
  try {
    const killedAt = await stage.kill();
    const startMs = Date.now() - killedAt;
    const limitAt = Date.now() + LIMIT_MS;
    for (;;) {
      const event = await db.selectFrom("event").where("actor_id", "=", job.id).where("at", ">", killedAt)
        .select("at").orderBy("ver").executeTakeFirst();
      if (event) {
        await stage.person.waitForEnd(job.id, LIMIT_MS);
        return { waitMs: event.at - killedAt, startMs };
      }
      const { ended_at: endedAt } = await db.selectFrom("jobs").where("id", "=", job.id).select("ended_at")
        .executeTakeFirstOrThrow();
      if (endedAt !== null && endedAt <= killedAt) return null;
      if (Date.now() > limitAt) throw new Error(`Job ${job.id} did not move within ${LIMIT_MS} ms`);
      await new Promise((wake) => setTimeout(wake, 10));
    }
  } finally {
    await db.destroy();
  }
}
