/** What an API token may do. */
import type { Migration } from "./kit.ts";

export const tokens: Migration = {
  name: "0015_tokens",
  async up({ on }) {
    await on.schema.alterTable("api_tokens")
      .addColumn("scope", "text", (column) => column.notNull().defaultTo("read")).execute();
  },
};
