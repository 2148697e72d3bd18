/** What happens to a job's rows besides its life as an actor: trash, restoring, purging, renaming. */
import type { Kysely, Transaction } from "kysely";
import { TERMINAL } from "@/core/status.ts";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";

export type Trashing = "trashed" | "live" | "unknown";

/** Moves an ended job to the trash. A live one has to be cancelled first. */
export async function trashJob(
  writer: Kysely<Schema>,
  { ownerId, jobId }: { ownerId: string; jobId: string },
): Promise<Trashing> {
  return await writer.transaction().execute(async (tx) => {
    const job = await tx.selectFrom("jobs").where("id", "=", jobId).where("owner_id", "=", ownerId)
      .select(["status", "deleted_at"]).executeTakeFirst();
    if (!job) return "unknown";
    if (!isEnded(job.status)) return "live";
    if (job.deleted_at !== null) return "trashed";
    const at = await readClock(tx);
    await tx.updateTable("jobs").where("id", "=", jobId).set({ deleted_at: at, updated_at: at }).execute();
    return "trashed";
  });
}

/** Brings a job back from the trash. False when it is not there. */
export async function restoreJob(
  writer: Kysely<Schema>,
  { ownerId, jobId }: { ownerId: string; jobId: string },
): Promise<boolean> {
  const at = await readClock(writer);
  const changed = await writer.updateTable("jobs").where("id", "=", jobId).where("owner_id", "=", ownerId)
    .where("deleted_at", "is not", null).set({ deleted_at: null, updated_at: at }).executeTakeFirst();
  return Number(changed.numUpdatedRows) === 1;
}

/** Removes one job from the trash for good, with all its rows. False when it is not there or still stops something. */
export async function purgeJob(
  writer: Kysely<Schema>,
  { ownerId, jobId }: { ownerId: string; jobId: string },
): Promise<boolean> {
  return await writer.transaction().execute(async (tx) => {
    const job = await tx.selectFrom("jobs").where("id", "=", jobId).where("owner_id", "=", ownerId)
      .where("deleted_at", "is not", null).select(["id", "status"]).executeTakeFirst();
    if (!job || !isEnded(job.status)) return false;
    return await removeRows(tx, job.id);
  });
}

/** Purges jobs that lay in the trash for longer than `ageMs`, each in a transaction of its own. */
export async function purgeTrash(
  writer: Kysely<Schema>,
  { ageMs, jobsMax = 100 }: { ageMs: number; jobsMax?: number },
): Promise<number> {
  const at = await readClock(writer);
  const old = await writer.selectFrom("jobs").where("deleted_at", "is not", null)
    .where("deleted_at", "<", at - ageMs).select(["id", "owner_id"]).limit(jobsMax).execute();
  let purged = 0;
  for (const job of old) {
    if (await purgeJob(writer, { ownerId: job.owner_id, jobId: job.id })) purged++;
  }
  return purged;
}

/** A slot that is not confirmed empty keeps its job: only that job's turn may free it. */
async function removeRows(tx: Transaction<Schema>, jobId: string): Promise<boolean> {
  const slot = await tx.selectFrom("slot").where("job_id", "=", jobId).select("n").executeTakeFirst();
  if (slot) return false;
  for (const table of ["mail", "event", "effect", "output", "deadletter"] as const) {
    await tx.deleteFrom(table).where("actor_id", "=", jobId).execute();
  }
  await tx.deleteFrom("webhook_deliveries").where("job_id", "=", jobId).execute();
  await tx.deleteFrom("step").where("job_id", "=", jobId).execute();
  await tx.deleteFrom("plan").where("job_id", "=", jobId).execute();
  await tx.deleteFrom("actor").where("id", "=", jobId).execute();
  await tx.deleteFrom("jobs").where("id", "=", jobId).execute();
  return true;
}

function isEnded(status: string): boolean {
  return TERMINAL.some((ended) => ended === status);
}
