/** A person's files, as the API asks for them, over the database. */
import type { Kysely } from "kysely";
import { markOf } from "@/core/library.ts";
import { Probe } from "@/core/media.ts";
import type { Asset, AssetContent, AssetKind, Assets } from "@/core/studio.ts";
import { createAsset, removeAsset } from "@/db/assets.ts";
import { encode } from "@/db/codec.ts";
import { type AssetItem, buildAssets, readAsset, toItem } from "@/db/queries/assets.ts";
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
        projectId: asset.projectId,
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
    async look(userId, id) {
      const row = await readAsset(reader, { ownerId: userId, assetId: id, trashed: true });
      return row ? toAsset(row) : null;
    },
    async list(userId, { kind, projectId, before, limit }) {
      const after = before ? { at: before.createdAt, id: before.id } : null;
      const filter = { type: kind ?? undefined, projectId: projectId ?? undefined };
      const rows = await buildAssets(reader, { ownerId: userId, filter, after, rows: limit }).execute();
      return rows.map((row) => toAsset(toItem(row)));
    },
    async remove(userId, id) {
      const removal = await removeAsset(writer, { ownerId: userId, assetId: id });
      return removal?.removed ? { removed: true, usedBy: [] } : removal;
    },
  };
}

export function toAsset(row: AssetItem): Asset {
  return {
    id: row.id,
    userId: row.ownerId,
    name: row.filename,
    wanted: kindOf(row.type),
    content: contentOf(row),
    projectId: row.projectId,
    mark: markOf(row.mark),
    createdAt: row.createdAt,
    trashedAt: row.deletedAt,
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
