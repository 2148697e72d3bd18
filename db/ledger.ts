/** Budgets of jobs for paid providers, over the ledger: set aside, settled or released, each in one transaction. */
import type { Kysely } from "kysely";
import { type Budget, type Budgets, fitsBudget, type Reservation } from "@/core/ledger.ts";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";

export function openBudgets(writer: Kysely<Schema>): Budgets {
  return {
    of: (jobId) => readBudget(writer, jobId),
    reserve: (reservation) => writer.transaction().execute((tx) => reserve(tx, reservation)),
    async settle(id, { money, seconds = 0, bytes = 0 }) {
      // A call that was given up may still have been made: what it cost counts all the same.
      await writer.updateTable("ledger").where("id", "=", id).where("state", "in", ["reserved", "released"])
        .set({ state: "spent", money, seconds, bytes, at: await readClock(writer) }).execute();
    },
    async release(id) {
      await writer.updateTable("ledger").where("id", "=", id).where("state", "=", "reserved")
        .set({ state: "released" }).execute();
    },
  };
}

async function reserve(tx: Kysely<Schema>, reservation: Reservation): Promise<boolean> {
  const { id, userId, jobId, stepId, place, estimate, cap } = reservation;
  const known = await tx.selectFrom("ledger").where("id", "=", id).select("state").executeTakeFirst();
  if (known) return known.state !== "released";
  if (!fitsBudget(await readBudget(tx, jobId), estimate, cap)) return false;
  await tx.insertInto("ledger").values({
    id,
    user_id: userId,
    job_id: jobId,
    step_id: stepId,
    kind: "provider",
    place,
    state: "reserved",
    seconds: 0,
    bytes: 0,
    estimate,
    money: 0,
    at: await readClock(tx),
  }).execute();
  return true;
}

async function readBudget(on: Kysely<Schema>, jobId: string): Promise<Budget> {
  const rows = await on.selectFrom("ledger").where("job_id", "=", jobId)
    .select((
      eb,
    ) => ["state", eb.fn.sum<number>("money").as("money"), eb.fn.sum<number>("estimate").as("set")])
    .groupBy("state").execute();
  const of = (state: string) => rows.find((row) => row.state === state);
  // What was rolled up.
  const old = await on.selectFrom("spent_job").where("job_id", "=", jobId).select("money")
    .executeTakeFirst();
  return {
    spent: Number(of("spent")?.money ?? 0) + (old?.money ?? 0),
    reserved: Number(of("reserved")?.set ?? 0),
  };
}
