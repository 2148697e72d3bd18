/** Limits of people besides the number of their jobs, prices of servers, and the ledger of what everything took. */
import { sql } from "kysely";
import { createIndex, createTable, type Migration } from "./kit.ts";

export const quotas: Migration = {
  name: "0018_quotas",
  async up(kit) {
    const { schema } = kit.on;
    const whole = sql.raw(kit.dialect === "sqlite" ? "integer" : "bigint");
    const real = sql.raw(kit.dialect === "sqlite" ? "real" : "double precision");
    await schema.alterTable("quota").addColumn("gpu_minutes", real).execute();
    await schema.alterTable("quota").addColumn("disk_bytes", whole).execute();
    await schema.alterTable("backend").addColumn("cost_hour", real).execute();
    await createTable(kit, {
      name: "ledger",
      columns: {
        id: "text!",
        user_id: "text!",
        job_id: "text!",
        step_id: "text!",
        kind: "text!",
        place: "text!",
        state: "text!",
        seconds: "real!",
        bytes: "int!",
        estimate: "real!",
        money: "real!",
        at: "int!",
      },
      options: { primary: ["id"] },
    });
    await createIndex(kit, { name: "ledger_user", table: "ledger", columns: ["user_id", "at"] });
    await createIndex(kit, { name: "ledger_at", table: "ledger", columns: ["at"] });
    await createIndex(kit, { name: "ledger_job", table: "ledger", columns: ["job_id"] });
  },
};
