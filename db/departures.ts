/** How a person leaves for good: signed out at once, then everything they own, as soon as it stands still. */
import { type Kysely, sql, type Transaction } from "kysely";
import { TERMINAL } from "@/core/status.ts";
import { hasOtherOperator } from "./accounts.ts";
import { forgetPerson } from "./audit.ts";
import { forgetDays } from "./ledger_days.ts";
import { purgeJob } from "./jobs.ts";
import { isLive } from "./queries/conditions.ts";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";

/** Signs a person out for good and frees their address; the rest is `listDepartures` and `removeLeaver`. */
export async function beginDeparture(
  writer: Kysely<Schema>,
  userId: string,
): Promise<"left" | "last_operator"> {
  return await writer.transaction().execute(async (tx) => {
    if (!await hasOtherOperator(tx, userId)) {
      const user = await tx.selectFrom("users").where("id", "=", userId).select("role").executeTakeFirst();
      if (user?.role === "operator") return "last_operator";
    }
    const at = await readClock(tx);
    // Nothing can be an address without an @, nor a hash without its form: nobody signs in here again.
    await tx.updateTable("users").where("id", "=", userId)
      .set({ email: `left ${userId}`, password_hash: "", disabled_at: at, updated_at: at }).execute();
    for (const table of ["sessions", "api_tokens"] as const) {
      await tx.deleteFrom(table).where("user_id", "=", userId).execute();
    }
    await tx.deleteFrom("webhooks").where("owner_id", "=", userId).execute();
    await tx.insertInto("departures").values({ user_id: userId, begun_at: at })
      .onConflict((conflict) => conflict.column("user_id").doNothing()).execute();
    return "left";
  });
}

/** People of whom something is still there. */
export async function listDepartures(on: Kysely<Schema>): Promise<string[]> {
  const rows = await on.selectFrom("departures").select("user_id").orderBy("begun_at").execute();
  return rows.map((row) => row.user_id);
}

/** Jobs that have to be stopped before they can go; `run` tells one life of a job from the next. */
export async function listLiveJobs(
  on: Kysely<Schema>,
  userId: string,
): Promise<{ id: string; run: number }[]> {
  return await on.selectFrom("jobs").where("owner_id", "=", userId).where(isLive("status"))
    .select(["id", "run"]).orderBy("id").execute();
}

/**
 * Removes what stands still, and the account itself once nothing else is left: then true. May be called again at any time.
 * The account's row stays for `graceMs`, so that a request which was under way can bring nothing that has no owner.
 */
export async function removeLeaver(
  writer: Kysely<Schema>,
  userId: string,
  { graceMs }: { graceMs: number },
): Promise<boolean> {
  const at = await readClock(writer);
  const ended = await writer.selectFrom("jobs").where("owner_id", "=", userId)
    .where("status", "in", [...TERMINAL]).select("id").execute();
  for (const { id: jobId } of ended) {
    await writer.updateTable("jobs").where("id", "=", jobId).set({ deleted_at: at }).execute();
    await purgeJob(writer, { ownerId: userId, jobId });
  }
  return await writer.transaction().execute(async (tx) => {
    const left = await tx.selectFrom("jobs").where("owner_id", "=", userId).select("id").limit(1)
      .executeTakeFirst();
    const fresh = await tx.selectFrom("departures").where("user_id", "=", userId)
      .where("begun_at", ">", await readClock(tx) - graceMs).select("user_id").executeTakeFirst();
    if (left || fresh) return false;
    await removeRows(tx, userId);
    return true;
  });
}

/** What belongs to the account's row goes with it; the rest is named here. */
async function removeRows(tx: Transaction<Schema>, userId: string): Promise<void> {
  // What was used stays in the sums: nobody's, of no film, and under a name that leads nowhere.
  await tx.updateTable("ledger").where("user_id", "=", userId)
    .set({ id: sql`'left ' || lower(hex(randomblob(12)))`, user_id: "", job_id: "", step_id: "" }).execute();
  await forgetDays(tx, userId);
  for (const table of ["idempotency", "quota"] as const) {
    await sql`delete from ${sql.table(table)} where user_id = ${userId}`.execute(tx);
  }
  await tx.deleteFrom("effect").where("user_id", "=", userId).execute();
  await forgetPerson(tx, userId);
  await tx.updateTable("invitations").where("used_by", "=", userId).set({ used_by: null }).execute();
  await tx.deleteFrom("users").where("id", "=", userId).execute();
}
