/** What old entries of the ledger add up to: by day, person and kind, and the money of each job that is still there. */
import { createIndex, createTable, type Migration } from "./kit.ts";

export const spent: Migration = {
  name: "0020_spent",
  async up(kit) {
    await createTable(kit, {
      name: "spent_day",
      columns: {
        day: "int!",
        user_id: "text!",
        kind: "text!",
        entries: "int!",
        seconds: "real!",
        bytes: "int!",
        money: "real!",
      },
      options: { primary: ["day", "user_id", "kind"] },
    });
    await createIndex(kit, { name: "spent_day_user", table: "spent_day", columns: ["user_id"] });
    await createTable(kit, {
      name: "spent_job",
      columns: { job_id: "text!", money: "real!" },
      options: { primary: ["job_id"], belongs: { job_id: "jobs.id" } },
    });
  },
};
