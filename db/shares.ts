/** Links that show one result to whoever has them, until they run out or are taken back. Tokens come in hashed. */
import type { Kysely, Selectable } from "kysely";
import type { Share, SharedFilm } from "@/core/library.ts";
import { decode } from "./codec.ts";
import type { Schema, SharesTable } from "./schema.ts";
import { readClock } from "./statements.ts";

export async function createShare(writer: Kysely<Schema>, share: Share, tokenHash: string): Promise<void> {
  await writer.insertInto("shares").values({
    id: share.id,
    owner_id: share.userId,
    job_id: share.jobId,
    output_id: share.outputId,
    token_hash: tokenHash,
    created_at: share.createdAt,
    expires_at: share.expiresAt,
    revoked_at: share.revokedAt,
  }).execute();
}

/** Newest first. */
export async function listShares(
  reader: Kysely<Schema>,
  { ownerId, jobId }: { ownerId: string; jobId: string },
): Promise<Share[]> {
  const rows = await reader.selectFrom("shares").where("job_id", "=", jobId).where("owner_id", "=", ownerId)
    .selectAll().orderBy("created_at", "desc").orderBy("id", "desc").limit(200).execute();
  return rows.map(toShare);
}

/** True when it is this owner's; the time at which it was first taken back stays. */
export async function revokeShare(
  writer: Kysely<Schema>,
  { ownerId, shareId }: { ownerId: string; shareId: string },
): Promise<boolean> {
  const at = await readClock(writer);
  const changed = await writer.updateTable("shares").where("id", "=", shareId).where("owner_id", "=", ownerId)
    .set((eb) => ({ revoked_at: eb.fn.coalesce("revoked_at", eb.val(at)) })).executeTakeFirst();
  return Number(changed.numUpdatedRows) === 1;
}

/** What the link with this token shows, also when it shows it no longer. Looked up by hash alone. */
export async function findShared(reader: Kysely<Schema>, tokenHash: string): Promise<SharedFilm | null> {
  const row = await buildShared(reader, tokenHash).executeTakeFirst();
  if (!row) return null;
  return {
    share: toShare(row),
    title: row.title,
    engine: row.engine === "draft" ? "draft" : "comfy",
    withdrawn: row.trashed_at !== null || row.disabled_at !== null,
    output: {
      id: row.output_id,
      type: row.output_type,
      file: row.file_path,
      poster: row.poster_path,
      metadata: decode(row.metadata_json),
      createdAt: row.made_at,
    },
  };
}

export function buildShared(reader: Kysely<Schema>, tokenHash: string) {
  return reader.selectFrom("shares").where("shares.token_hash", "=", tokenHash)
    .innerJoin("jobs", "jobs.id", "shares.job_id").innerJoin("users", "users.id", "shares.owner_id")
    .innerJoin("job_outputs", "job_outputs.id", "shares.output_id").selectAll("shares")
    .select(["jobs.title", "jobs.engine", "jobs.deleted_at as trashed_at", "users.disabled_at"])
    .select(["job_outputs.output_type", "job_outputs.file_path", "job_outputs.poster_path"])
    .select(["job_outputs.metadata_json", "job_outputs.created_at as made_at"]);
}

/** Forgets links that ran out longer than `ageMs` ago: until then their pages say what happened. */
export async function purgeShares(writer: Kysely<Schema>, { ageMs }: { ageMs: number }): Promise<number> {
  const at = await readClock(writer);
  const gone = await writer.deleteFrom("shares").where("expires_at", "<", at - ageMs).executeTakeFirst();
  return Number(gone.numDeletedRows);
}

function toShare(row: Selectable<SharesTable>): Share {
  return {
    id: row.id,
    userId: row.owner_id,
    jobId: row.job_id,
    outputId: row.output_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}
