/** Named settings, as the API asks for them, over the database. */
import type { Kysely, Selectable } from "kysely";
import type { Preset, Presets } from "@/core/presets.ts";
import { decode, encode } from "@/db/codec.ts";
import { prepared } from "@/db/prepared.ts";
import type { PresetsTable, Schema } from "@/db/schema.ts";

const selectPresets = prepared((on, at) =>
  on.selectFrom("presets").where("owner_id", "=", at("userId")).selectAll().orderBy("name")
);

export function openPresets({ writer, reader }: { writer: Kysely<Schema>; reader: Kysely<Schema> }): Presets {
  return {
    async list(userId) {
      return (await selectPresets(reader, { userId })).map(toPreset);
    },
    async find(userId, id) {
      const row = await reader.selectFrom("presets").where("owner_id", "=", userId).where("id", "=", id)
        .selectAll().executeTakeFirst();
      return row ? toPreset(row) : null;
    },
    put: async (preset) =>
      await writer.transaction().execute(async (tx) => {
        const { id, userId, name, mode, submode, negativePrompt, settings } = preset;
        const other = await tx.selectFrom("presets").where("owner_id", "=", userId).where("name", "=", name)
          .where("id", "!=", id).select("id").executeTakeFirst();
        if (other) return "name_taken";
        const value = {
          name,
          mode,
          submode,
          settings_json: encode({ negativePrompt, settings }),
          updated_at: preset.updatedAt,
        };
        await tx.insertInto("presets").values({
          id,
          owner_id: userId,
          created_at: preset.createdAt,
          ...value,
        }).onConflict((conflict) => conflict.column("id").doUpdateSet(value)).execute();
        return "kept";
      }),
    async remove(userId, id) {
      const removed = await writer.deleteFrom("presets").where("owner_id", "=", userId).where("id", "=", id)
        .executeTakeFirst();
      return Number(removed.numDeletedRows) === 1;
    },
  };
}

function toPreset(row: Selectable<PresetsTable>): Preset {
  const { negativePrompt, settings } = decode<Pick<Preset, "negativePrompt" | "settings">>(row.settings_json);
  return {
    id: row.id,
    userId: row.owner_id,
    name: row.name,
    mode: row.mode,
    submode: row.submode,
    negativePrompt,
    settings,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
