/** A person's files as rows: named first, filled with content later, thrown away when no live job needs them. */
import type { Kysely } from "kysely";
import type { AssetUse } from "@/core/studio.ts";
import { encodeOrNull } from "./codec.ts";
import { listLiveUses } from "./queries/assets.ts";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";

export interface NewAsset {
  id: string;
  ownerId: string;
  type: string;
  filename: string;
  mimeType?: string | null;
  projectId?: string | null;
}

/** The row exists without content until `setAssetContent`. Same id again changes nothing. */
export async function createAsset(writer: Kysely<Schema>, asset: NewAsset): Promise<void> {
  const at = await readClock(writer);
  await writer.insertInto("assets").values({
    id: asset.id,
    owner_id: asset.ownerId,
    project_id: asset.projectId ?? null,
    asset_type: asset.type,
    mime_type: asset.mimeType ?? null,
    original_filename: asset.filename,
    sha256: null,
    ext: null,
    storage_path: null,
    thumbnail_path: null,
    size_bytes: null,
    width: null,
    height: null,
    duration_seconds: null,
    probe_json: null,
    created_at: at,
    updated_at: at,
    deleted_at: null,
  }).onConflict((conflict) => conflict.column("id").doNothing()).execute();
}

export interface AssetContent {
  sha256: string;
  ext: string;
  bytes: number;
  mimeType: string;
  width?: number | null;
  height?: number | null;
  durationS?: number | null;
  /** Name of a small picture in storage. */
  thumbnail?: string | null;
  probe?: unknown;
}

/** Says what the file is, once it is stored. False when there is no such asset of this owner. */
export async function setAssetContent(
  writer: Kysely<Schema>,
  { ownerId, assetId, content }: { ownerId: string; assetId: string; content: AssetContent },
): Promise<boolean> {
  const at = await readClock(writer);
  const changed = await writer.updateTable("assets").where("id", "=", assetId).where("owner_id", "=", ownerId)
    .where("deleted_at", "is", null).set({
      sha256: content.sha256,
      ext: content.ext,
      storage_path: `${content.sha256}.${content.ext}`,
      thumbnail_path: content.thumbnail ?? null,
      mime_type: content.mimeType,
      size_bytes: content.bytes,
      width: content.width ?? null,
      height: content.height ?? null,
      duration_seconds: content.durationS ?? null,
      probe_json: encodeOrNull(content.probe),
      updated_at: at,
    }).executeTakeFirst();
  return Number(changed.numUpdatedRows) === 1;
}

export type Removal =
  | { removed: true }
  /** These jobs have not ended and were made with it. */
  | { removed: false; usedBy: AssetUse[] };

/**
 * Throws an asset away, unless a live job uses it. Null when there is no such asset of this owner. Admitting a job and
 * this exclude each other, so that no job gets in with an asset that is just going.
 */
export async function removeAsset(
  writer: Kysely<Schema>,
  { ownerId, assetId }: { ownerId: string; assetId: string },
): Promise<Removal | null> {
  return await writer.transaction().execute(async (tx) => {
    const found = await tx.selectFrom("assets").where("id", "=", assetId).where("owner_id", "=", ownerId)
      .where("deleted_at", "is", null).select("id").executeTakeFirst();
    if (!found) return null;
    const usedBy = await listLiveUses(tx, { ownerId, assetId });
    if (usedBy.length > 0) return { removed: false, usedBy };
    const at = await readClock(tx);
    await tx.updateTable("assets").where("id", "=", assetId).set({ deleted_at: at, updated_at: at })
      .execute();
    return { removed: true };
  });
}

/** Removes the rows of assets that were thrown away longer than `ageMs` ago; their files are unused from then on. */
export async function purgeAssets(writer: Kysely<Schema>, { ageMs }: { ageMs: number }): Promise<number> {
  const at = await readClock(writer);
  const gone = await writer.deleteFrom("assets").where("deleted_at", "<", at - ageMs).executeTakeFirst();
  return Number(gone.numDeletedRows);
}
