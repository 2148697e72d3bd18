/** What failed on a server in a row, and the server that a step goes around after it failed there. */
import { sql } from "kysely";
import type { Migration } from "./kit.ts";

export const faring: Migration = {
  name: "0024_faring",
  async up({ on, dialect }) {
    const json = sql.raw(dialect === "sqlite" ? "text" : "jsonb");
    await on.schema.alterTable("backend").addColumn("faring", json).execute();
    await on.schema.alterTable("step").addColumn("avoid", "text").execute();
  },
};
