/** A person's files: lists, one with its facts, and which live jobs still need it. */
import type { Kysely, Selectable } from "kysely";
import type { AssetUse } from "@/core/studio.ts";
import { decodeOrNull } from "../codec.ts";
import type { AssetsTable, Schema } from "../schema.ts";
import { isLive } from "./conditions.ts";
import { clampLimit, cutPage, type Page, readCursor } from "./cursor.ts";

export interface AssetItem {
  id: string;
  ownerId: string;
  projectId: string | null;
  type: string;
  mimeType: string | null;
  filename: string;
  sha256: string | null;
  ext: string | null;
  /** Name in storage; null until the content was put. */
  file: string | null;
  thumbnail: string | null;
  bytes: number | null;
  width: number | null;
  height: number | null;
  durationS: number | null;
  probe: Record<string, unknown> | null;
  createdAt: number;
  updatedAt: number;
}

export async function listAssets(
  reader: Kysely<Schema>,
  { ownerId, type, projectId, cursor, limit: wanted }: {
    ownerId: string;
    type?: string;
    projectId?: string;
    cursor?: string | null;
    limit?: number;
  },
): Promise<Page<AssetItem>> {
  const limit = clampLimit(wanted);
  const after = readCursor(cursor);
  let query = reader.selectFrom("assets").where("owner_id", "=", ownerId).where("deleted_at", "is", null);
  if (type !== undefined) query = query.where("asset_type", "=", type);
  if (projectId !== undefined) query = query.where("project_id", "=", projectId);
  if (after) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("created_at", "id"), "<", tuple(after.at, after.id))
    );
  }
  const rows = await query.selectAll().orderBy("created_at", "desc").orderBy("id", "desc").limit(limit + 1)
    .execute();
  return cutPage(rows, { limit, positionOf: (row) => ({ at: row.created_at, id: row.id }), toItem: toAsset });
}

/** Null when there is no such asset of this owner, or it was deleted. */
export async function readAsset(
  reader: Kysely<Schema>,
  { ownerId, assetId }: { ownerId: string; assetId: string },
): Promise<AssetItem | null> {
  const row = await reader.selectFrom("assets").where("id", "=", assetId).where("owner_id", "=", ownerId)
    .where("deleted_at", "is", null).selectAll().executeTakeFirst();
  return row ? toAsset(row) : null;
}

/** Jobs that have not ended and were made with this asset. */
export async function listLiveUses(
  on: Kysely<Schema>,
  { ownerId, assetId }: { ownerId: string; assetId: string },
): Promise<AssetUse[]> {
  const rows = await on.selectFrom("job_assets").innerJoin("jobs", "jobs.id", "job_assets.job_id")
    .where("job_assets.asset_id", "=", assetId).where("jobs.owner_id", "=", ownerId)
    .where(isLive("jobs.status")).select(["jobs.id as jobId", "jobs.title", "jobs.status", "jobs.paused"])
    .distinct().orderBy("jobs.id").execute();
  return rows.map(({ jobId, title, status, paused }) => ({
    jobId,
    title,
    isStarted: status !== "created",
    isPaused: paused === 1,
  }));
}

/** Of these names in storage, the ones that an asset, a step or a job still needs; the rest may go. */
export async function listUsedFiles(
  reader: Kysely<Schema>,
  names: readonly string[],
): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const used = new Set<string>();
  const shas = names.map((name) => name.split(".")[0] ?? name);
  const steps = await reader.selectFrom("output").where("sha256", "in", shas).select(["sha256", "ext"])
    .distinct().execute();
  for (const { sha256, ext } of steps) used.add(`${sha256}.${ext}`);
  for (const column of ["storage_path", "thumbnail_path"] as const) {
    const rows = await reader.selectFrom("assets").where(column, "in", names).select(`${column} as name`)
      .distinct().execute();
    for (const { name } of rows) if (name !== null) used.add(name);
  }
  for (const column of ["file_path", "poster_path"] as const) {
    const rows = await reader.selectFrom("job_outputs").where(column, "in", names).select(`${column} as name`)
      .distinct().execute();
    for (const { name } of rows) if (name !== null) used.add(name);
  }
  return used;
}

function toAsset(row: Selectable<AssetsTable>): AssetItem {
  return {
    id: row.id,
    ownerId: row.owner_id,
    projectId: row.project_id,
    type: row.asset_type,
    mimeType: row.mime_type,
    filename: row.original_filename,
    sha256: row.sha256,
    ext: row.ext,
    file: row.storage_path,
    thumbnail: row.thumbnail_path,
    bytes: row.size_bytes,
    width: row.width,
    height: row.height,
    durationS: row.duration_seconds,
    probe: decodeOrNull(row.probe_json),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
