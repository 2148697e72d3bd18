/** Fair shares: whose prompt a slot carries, since when it runs and how much work it is. */
import { sql } from "kysely";
import type { Migration } from "./kit.ts";

export const fairness: Migration = {
  name: "0017_fairness",
  async up(kit) {
    const { schema } = kit.on;
    const whole = sql.raw(kit.dialect === "sqlite" ? "integer" : "bigint");
    const real = sql.raw(kit.dialect === "sqlite" ? "real" : "double precision");
    await schema.alterTable("slot")
      .addColumn("user_id", "text", (column) => column.notNull().defaultTo("")).execute();
    await schema.alterTable("slot")
      .addColumn("weight", real, (column) => column.notNull().defaultTo(0)).execute();
    await schema.alterTable("slot").addColumn("began_at", whole).execute();
    await sql`update slot set user_id = coalesce((select user_id from actor where actor.id = slot.job_id), '')`
      .execute(kit.on);
  },
};
