/** The place of a job among those of its owner: kept with the actor, and with its steps for the scheduler. */
import { sql } from "kysely";
import { createIndex, type Migration } from "./kit.ts";

export const queue: Migration = {
  name: "0008_queue",
  async up(kit) {
    const whole = sql.raw(kit.dialect === "sqlite" ? "integer" : "bigint");
    for (const table of ["actor", "step"]) {
      await kit.on.schema.alterTable(table)
        .addColumn("rank", whole, (column) => column.notNull().defaultTo(0)).execute();
    }
    await sql`update actor set rank = coalesce((select no from jobs where jobs.id = actor.id), 0)`
      .execute(kit.on);
    await sql`update step set rank = coalesce((select no from jobs where jobs.id = step.job_id), 0)
      where state not in ('done', 'failed', 'cancelled', 'skipped')`.execute(kit.on);
    await kit.on.schema.dropIndex("step_lane").execute();
    await createIndex(kit, {
      name: "step_lane",
      table: "step",
      columns: ["user_id", "engine", "family", "priority desc", "rank", "ready_at", "job_id", "id"],
      where: "state = 'ready' and kind = 'prompt'",
    });
    // With the state in it, what runs and waits is counted from the index alone.
    await kit.on.schema.dropIndex("step_active").execute();
    await createIndex(kit, {
      name: "step_active",
      table: "step",
      columns: ["job_id", "state"],
      where: "state in ('ready', 'granted', 'running', 'collecting', 'waiting_for_person')",
    });
  },
};
