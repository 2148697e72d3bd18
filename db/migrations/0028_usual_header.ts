/** Whether COMFY_AUTH_HEADER goes to a server: it stays with those that had it, and is given to no new address by itself. */
import { sql } from "kysely";
import type { Migration } from "./kit.ts";

export const usualHeader: Migration = {
  name: "0028_usual_header",
  async up(kit) {
    const whole = sql.raw(kit.dialect === "sqlite" ? "integer" : "bigint");
    await kit.on.schema.alterTable("backend")
      .addColumn("usual_header", whole, (column) => column.notNull().defaultTo(0)).execute();
    await sql`update backend set usual_header = 1`.execute(kit.on);
  },
};
