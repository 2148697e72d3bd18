/** The library: what a person thinks of a film or a file, words to find files by, and links that show one result. */
import { sql } from "kysely";
import { createIndex, createTable, type Migration } from "./kit.ts";

export const library: Migration = {
  name: "0006_library",
  async up(kit) {
    // 1 is starred, -1 is rejected.
    for (const table of ["jobs", "assets"] as const) {
      await kit.on.schema.alterTable(table)
        .addColumn("mark", "integer", (column) => column.notNull().defaultTo(0)).execute();
    }
    await kit.on.schema.alterTable("assets")
      .addColumn("search", "text", (column) => column.notNull().defaultTo("")).execute();
    await sql`update assets set search = lower(original_filename)`.execute(kit.on);
    const kept = "deleted_at is null";
    const lists: [name: string, table: string, columns: string[], where: string][] = [
      ["jobs_owner_mark", "jobs", ["owner_id", "mark", "created_at", "id"], kept],
      ["assets_owner_mark", "assets", ["owner_id", "mark", "created_at", "id"], kept],
      ["assets_owner_type", "assets", ["owner_id", "asset_type", "created_at", "id"], kept],
      ["assets_owner_project", "assets", ["owner_id", "project_id", "created_at", "id"], kept],
      ["assets_trash", "assets", ["owner_id", "deleted_at", "id"], "deleted_at is not null"],
    ];
    for (const [name, table, columns, where] of lists) {
      await createIndex(kit, { name, table, columns, where });
    }
    await createTable(kit, {
      name: "shares",
      columns: {
        id: "text!",
        owner_id: "text!",
        job_id: "text!",
        output_id: "text!",
        token_hash: "text!",
        created_at: "int!",
        expires_at: "int!",
        revoked_at: "int",
      },
      options: {
        primary: ["id"],
        unique: [["token_hash"]],
        belongs: { owner_id: "users.id", job_id: "jobs.id", output_id: "job_outputs.id" },
      },
    });
    await createIndex(kit, { name: "shares_job", table: "shares", columns: ["job_id", "created_at", "id"] });
    await createIndex(kit, { name: "shares_output", table: "shares", columns: ["output_id"] });
    await createIndex(kit, { name: "shares_owner", table: "shares", columns: ["owner_id"] });
    await createIndex(kit, { name: "shares_expires", table: "shares", columns: ["expires_at"] });
  },
};
