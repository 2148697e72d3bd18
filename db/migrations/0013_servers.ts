/** Servers: what operators set of each, how it stands for memory, and where it comes from. */
import { sql } from "kysely";
import type { Migration } from "./kit.ts";

export const servers: Migration = {
  name: "0013_servers",
  async up({ on, dialect }) {
    const whole = sql.raw(dialect === "sqlite" ? "integer" : "bigint");
    const json = sql.raw(dialect === "sqlite" ? "text" : "jsonb");
    const add = (column: string, type: "text" | typeof whole) =>
      on.schema.alterTable("backend").addColumn(column, type).execute();
    for (const column of ["name", "auth", "gpu", "device"]) await add(column, "text");
    for (const column of ["slots_given", "vram_given", "vram_free", "ram_free"]) await add(column, whole);
    await on.schema.alterTable("backend")
      .addColumn("origin", "text", (column) => column.notNull().defaultTo("config")).execute();
    await on.schema.alterTable("backend")
      .addColumn("tags", json, (column) => column.notNull().defaultTo("[]")).execute();
    for (const [column, first] of [["short", 0], ["rev", 1]] as const) {
      await on.schema.alterTable("backend")
        .addColumn(column, whole, (made) => made.notNull().defaultTo(first)).execute();
    }
  },
};
