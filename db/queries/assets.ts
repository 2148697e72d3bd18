/** A person's files: lists, one with its facts, and which live jobs still need it. */
import { type Kysely, type Selectable, sql } from "kysely";
import type { AssetUse } from "@/core/assets.ts";
import { decodeOrNull } from "../codec.ts";
import type { AssetsTable, Schema } from "../schema.ts";
import { isLive } from "./conditions.ts";
import { clampLimit, cutPage, type Page, type Position, readCursor } from "./cursor.ts";
import { narrowThings, type ThingFilter } from "./things.ts";

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
  deletedAt: number | null;
  /** 1 is starred, -1 is rejected. */
  mark: number;
}

export interface AssetFilter extends ThingFilter {
  type?: string;
  /** Only those whose content was put. */
  filled?: boolean;
  /** Parts of the name, without case and accents; all must be there. */
  words?: readonly string[];
}

export async function listAssets(
  reader: Kysely<Schema>,
  { ownerId, filter, cursor, limit: wanted }: {
    ownerId: string;
    filter?: AssetFilter;
    cursor?: string | null;
    limit?: number;
  },
): Promise<Page<AssetItem>> {
  const limit = clampLimit(wanted);
  const after = readCursor(cursor);
  const rows = await buildAssets(reader, { ownerId, filter, after, rows: limit + 1 }).execute();
  return cutPage(rows, { limit, positionOf: (row) => ({ at: row.created_at, id: row.id }), toItem });
}

export function buildAssets(
  reader: Kysely<Schema>,
  { ownerId, filter = {}, after, rows }: {
    ownerId: string;
    filter?: AssetFilter;
    after: Position | null;
    rows: number;
  },
) {
  let query = reader.selectFrom("assets").where("owner_id", "=", ownerId).where("deleted_at", "is", null)
    .where(narrowThings("assets", filter));
  if (filter.type !== undefined) query = query.where("asset_type", "=", filter.type);
  if (filter.filled) query = query.where("storage_path", "is not", null);
  for (const word of filter.words ?? []) {
    const pattern = `%${word.replace(/[\\%_]/g, "\\$&")}%`;
    query = query.where(sql<boolean>`search like ${pattern} escape '\\'`);
  }
  if (after) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("created_at", "id"), "<", tuple(after.at, after.id))
    );
  }
  return query.selectAll().orderBy("created_at", "desc").orderBy("id", "desc").limit(rows);
}

/** What a person threw away and may bring back, newest first. */
export async function listTrashedAssets(
  reader: Kysely<Schema>,
  { ownerId, cursor, limit: wanted }: { ownerId: string; cursor?: string | null; limit?: number },
): Promise<Page<AssetItem>> {
  const limit = clampLimit(wanted);
  const rows = await buildTrashedAssets(reader, { ownerId, after: readCursor(cursor), rows: limit + 1 })
    .execute();
  const positionOf = (row: Selectable<AssetsTable>) => ({ at: row.deleted_at ?? 0, id: row.id });
  return cutPage(rows, { limit, positionOf, toItem });
}

export function buildTrashedAssets(
  reader: Kysely<Schema>,
  { ownerId, after, rows }: { ownerId: string; after: Position | null; rows: number },
) {
  let query = reader.selectFrom("assets").where("owner_id", "=", ownerId)
    .where("deleted_at", "is not", null);
  if (after) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("deleted_at", "id"), "<", tuple(after.at, after.id))
    );
  }
  return query.selectAll().orderBy("deleted_at", "desc").orderBy("id", "desc").limit(rows);
}

/** Null when there is no such asset of this owner, or it is in the trash and that was not asked for. */
export async function readAsset(
  reader: Kysely<Schema>,
  { ownerId, assetId, trashed = false }: { ownerId: string; assetId: string; trashed?: boolean },
): Promise<AssetItem | null> {
  let query = reader.selectFrom("assets").where("id", "=", assetId).where("owner_id", "=", ownerId);
  if (!trashed) query = query.where("deleted_at", "is", null);
  const row = await query.selectAll().executeTakeFirst();
  return row ? toItem(row) : null;
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

export function toItem(row: Selectable<AssetsTable>): AssetItem {
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
    deletedAt: row.deleted_at,
    mark: row.mark,
  };
}
