/** What learning how long films take needs of a step, and which draft a final film was made from. */
import { createIndex, type Migration } from "./kit.ts";

export const many: Migration = {
  name: "0012_many",
  async up(kit) {
    await kit.on.schema.alterTable("step")
      .addColumn("shape", "text", (column) => column.notNull().defaultTo("")).execute();
    await kit.on.schema.alterTable("jobs").addColumn("draft_id", "text").execute();
    await createIndex(kit, {
      name: "jobs_draft",
      table: "jobs",
      columns: ["draft_id"],
      where: "draft_id is not null",
    });
  },
};
