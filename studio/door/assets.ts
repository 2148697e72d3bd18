/** A person's files, as the API asks for them, over the database. */
import type { Kysely } from "kysely";
import { Probe } from "@/core/media.ts";
import type { Asset, AssetContent, AssetKind, Assets } from "@/core/studio.ts";
import { createAsset, removeAsset } from "@/db/assets.ts";
import { encode } from "@/db/codec.ts";
import { type AssetItem, readAsset } from "@/db/queries/assets.ts";
import type { Schema } from "@/db/schema.ts";
import { readClock } from "@/db/statements.ts";

/** Rows name a kind from the start; before there is content it is what the person said, or this. */
const UNKNOWN = "data";

export function openAssets(db: { writer: Kysely<Schema>; reader: Kysely<Schema> }): Assets {
  const { writer, reader } = db;
  return {
    create: (asset) =>
      createAsset(writer, {
        id: asset.id,
        ownerId: asset.userId,
        type: asset.wanted ?? UNKNOWN,
        filename: asset.name,
      }),
    async setContent(id, content) {
      const { probe } = content;
      const changed = await writer.updateTable("assets").where("id", "=", id).where("deleted_at", "is", null)
        .where("sha256", "is", null).set({
          asset_type: content.kind,
          mime_type: content.mime,
          sha256: content.file.sha256,
          ext: content.file.ext,
          storage_path: content.file.name,
          thumbnail_path: content.thumbnail,
          size_bytes: content.file.bytes,
          width: probe.video?.width ?? null,
          height: probe.video?.height ?? null,
          duration_seconds: probe.durationS,
          probe_json: encode(probe),
          updated_at: await readClock(writer),
        }).executeTakeFirst();
      return Number(changed.numUpdatedRows) === 1;
    },
    async find(userId, id) {
      const row = await readAsset(reader, { ownerId: userId, assetId: id });
      return row ? toAsset(row) : null;
    },
    async list(userId, { kind, before, limit }) {
      let query = reader.selectFrom("assets").where("owner_id", "=", userId).where("deleted_at", "is", null);
      if (kind !== null) query = query.where("asset_type", "=", kind);
      if (before) {
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple("created_at", "id"), "<", tuple(before.createdAt, before.id))
        );
      }
      const rows = await query.select("id").orderBy("created_at", "desc").orderBy("id", "desc").limit(limit)
        .execute();
      const items = await Promise.all(
        rows.map(({ id }) => readAsset(reader, { ownerId: userId, assetId: id })),
      );
      return items.flatMap((item) => item ? [toAsset(item)] : []);
    },
    async remove(userId, id) {
      const removal = await removeAsset(writer, { ownerId: userId, assetId: id });
      return removal?.removed ? { removed: true, usedBy: [] } : removal;
    },
  };
}

function toAsset(row: AssetItem): Asset {
  return {
    id: row.id,
    userId: row.ownerId,
    name: row.filename,
    wanted: kindOf(row.type),
    content: contentOf(row),
    createdAt: row.createdAt,
  };
}

function kindOf(type: string): AssetKind | null {
  return type === "image" || type === "video" || type === "audio" ? type : null;
}

function contentOf(row: AssetItem): AssetContent | null {
  const kind = kindOf(row.type);
  const probe = Probe.safeParse(row.probe);
  if (kind === null || row.file === null || row.sha256 === null || row.ext === null || !probe.success) {
    return null;
  }
  return {
    file: { name: row.file, sha256: row.sha256, ext: row.ext, bytes: row.bytes ?? 0 },
    kind,
    mime: row.mimeType ?? "",
    probe: probe.data,
    thumbnail: row.thumbnail,
  };
}
