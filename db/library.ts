/** What a person does to many films and files at once: mark them, put them in a project, bring them back, let them go. */
import type { Kysely } from "kysely";
import type { Outcome, Selection } from "@/core/library.ts";
import { purgeAsset, removeAsset, restoreAsset } from "./assets.ts";
import { purgeJob, restoreJob } from "./jobs.ts";
import { hasProject, noProject } from "./projects.ts";
import type { Schema } from "./schema.ts";

type Change = { mark: number } | { project_id: string | null };

/** Marks or moves what is there and not in the trash; one transaction. The project must be this owner's. */
export async function changeThings(
  writer: Kysely<Schema>,
  { ownerId, things, change }: { ownerId: string; things: Selection; change: Change },
): Promise<Outcome> {
  const done = await writer.transaction().execute(async (tx) => {
    const touched: string[] = [];
    if ("project_id" in change && change.project_id !== null) {
      if (!(await hasProject(tx, { ownerId, projectId: change.project_id }))) throw noProject();
    }
    for (const [table, ids] of [["jobs", things.films], ["assets", things.files]] as const) {
      if (ids.length === 0) continue;
      const rows = await tx.updateTable(table).where("id", "in", ids).where("owner_id", "=", ownerId)
        .where("deleted_at", "is", null).set(change).returning("id").execute();
      touched.push(...rows.map((row) => row.id));
    }
    return touched;
  });
  return { done, kept: missingOf([...things.films, ...things.files], done) };
}

function missingOf(ids: readonly string[], done: readonly string[]): Outcome["kept"] {
  const there = new Set(done);
  return ids.filter((id) => !there.has(id)).map((id) => ({ id, code: "request.not_found" }));
}

/** Each file on its own, so that one which is in use keeps no other from going. */
export async function trashAssets(
  writer: Kysely<Schema>,
  { ownerId, assetIds }: { ownerId: string; assetIds: readonly string[] },
): Promise<Outcome> {
  const outcome: Outcome = { done: [], kept: [] };
  for (const assetId of assetIds) {
    const removal = await removeAsset(writer, { ownerId, assetId });
    if (removal?.removed) outcome.done.push(assetId);
    else outcome.kept.push({ id: assetId, code: removal ? "asset.in_use" : "request.not_found" });
  }
  return outcome;
}

export async function restoreThings(
  writer: Kysely<Schema>,
  { ownerId, things }: { ownerId: string; things: Selection },
): Promise<Outcome> {
  const done: string[] = [];
  for (const jobId of things.films) if (await restoreJob(writer, { ownerId, jobId })) done.push(jobId);
  for (const assetId of things.files) {
    if (await restoreAsset(writer, { ownerId, assetId })) done.push(assetId);
  }
  return { done, kept: missingOf([...things.films, ...things.files], done) };
}

/** For good. A job that has not ended, or still holds a slot, stays; so does a file that a live job uses. */
export async function purgeThings(
  writer: Kysely<Schema>,
  { ownerId, things }: { ownerId: string; things: Selection },
): Promise<Outcome> {
  const outcome: Outcome = { done: [], kept: [] };
  for (const jobId of things.films) {
    if (await purgeJob(writer, { ownerId, jobId })) outcome.done.push(jobId);
    else outcome.kept.push({ id: jobId, code: await whyKept(writer, { ownerId, jobId }) });
  }
  for (const assetId of things.files) {
    const removal = await purgeAsset(writer, { ownerId, assetId });
    if (removal?.removed) outcome.done.push(assetId);
    else outcome.kept.push({ id: assetId, code: removal ? "asset.in_use" : "request.not_found" });
  }
  return outcome;
}

async function whyKept(
  on: Kysely<Schema>,
  { ownerId, jobId }: { ownerId: string; jobId: string },
): Promise<"job.stopping" | "request.not_found"> {
  const job = await on.selectFrom("jobs").where("id", "=", jobId).where("owner_id", "=", ownerId)
    .where("deleted_at", "is not", null).select("id").executeTakeFirst();
  return job ? "job.stopping" : "request.not_found";
}

/** Purges all that lies in a person's trash. */
export async function emptyTrash(writer: Kysely<Schema>, ownerId: string): Promise<Outcome> {
  const idsOf = async (table: "jobs" | "assets") =>
    (await writer.selectFrom(table).where("owner_id", "=", ownerId).where("deleted_at", "is not", null)
      .select("id").execute()).map((row) => row.id);
  return await purgeThings(writer, {
    ownerId,
    things: { films: await idsOf("jobs"), files: await idsOf("assets") },
  });
}
