/** Films that failed, by when: what operators look through. */
import { sql } from "kysely";
import type { Migration } from "./kit.ts";

export const failed: Migration = {
  name: "0025_failed",
  async up({ on }) {
    await sql`create index jobs_failed on jobs (ended_at, id) where status = 'failed' and deleted_at is null`
      .execute(on);
  },
};
