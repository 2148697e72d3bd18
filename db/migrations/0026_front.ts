/** The place of a job in the operators' own line, before everybody's: empty for what goes in turn. */
import { sql } from "kysely";
import { createIndex, type Migration } from "./kit.ts";

export const front: Migration = {
  name: "0026_front",
  async up(kit) {
    const whole = sql.raw(kit.dialect === "sqlite" ? "integer" : "bigint");
    await kit.on.schema.alterTable("actor").addColumn("front", whole).execute();
    await createIndex(kit, {
      name: "actor_front",
      table: "actor",
      columns: ["front"],
      where: "front is not null",
    });
  },
};
