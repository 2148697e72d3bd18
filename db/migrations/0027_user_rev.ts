/** How often operators changed a person: who saves over a change that they never saw is told. */
import { sql } from "kysely";
import type { Migration } from "./kit.ts";

export const userRev: Migration = {
  name: "0027_user_rev",
  async up(kit) {
    const whole = sql.raw(kit.dialect === "sqlite" ? "integer" : "bigint");
    await kit.on.schema.alterTable("users")
      .addColumn("rev", whole, (column) => column.notNull().defaultTo(1)).execute();
  },
};
