/** A person's files as rows: named first, filled with content later, thrown away when no live job needs them. */
import type { Kysely } from "kysely";
import type { AssetUse } from "@/core/assets.ts";
import { foldName } from "@/core/library.ts";
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
    search: foldName(asset.filename),
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

/** Brings an asset back from the trash. False when it is not there. */
export async function restoreAsset(
  writer: Kysely<Schema>,
  { ownerId, assetId }: { ownerId: string; assetId: string },
): Promise<boolean> {
  const at = await readClock(writer);
  const changed = await writer.updateTable("assets").where("id", "=", assetId).where("owner_id", "=", ownerId)
    .where("deleted_at", "is not", null).set({ deleted_at: null, updated_at: at }).executeTakeFirst();
  return Number(changed.numUpdatedRows) === 1;
}

/**
 * Removes one asset from the trash for good; its files are unused from then on. A job that ended may have been tried
 * again since the asset was thrown away, so the trash keeps what a live job uses. Null when it is not there.
 */
export async function purgeAsset(
  writer: Kysely<Schema>,
  { ownerId, assetId }: { ownerId: string; assetId: string },
): Promise<Removal | null> {
  return await writer.transaction().execute(async (tx) => {
    const found = await tx.selectFrom("assets").where("id", "=", assetId).where("owner_id", "=", ownerId)
      .where("deleted_at", "is not", null).select("id").executeTakeFirst();
    if (!found) return null;
    const usedBy = await listLiveUses(tx, { ownerId, assetId });
    if (usedBy.length > 0) return { removed: false, usedBy };
    await tx.deleteFrom("assets").where("id", "=", assetId).execute();
    return { removed: true };
  });
}

/** Purges assets that lay in the trash for longer than `ageMs`, each in a transaction of its own. */
export async function purgeAssets(
  writer: Kysely<Schema>,
  { ageMs, assetsMax = 1000 }: { ageMs: number; assetsMax?: number },
): Promise<number> {
  const at = await readClock(writer);
  const old = await writer.selectFrom("assets").where("deleted_at", "is not", null)
    .where("deleted_at", "<", at - ageMs).select(["id", "owner_id"]).limit(assetsMax).execute();
  let purged = 0;
  for (const asset of old) {
    const removal = await purgeAsset(writer, { ownerId: asset.owner_id, assetId: asset.id });
    if (removal?.removed) purged++;
  }
  return purged;
}
