/** Webhooks: rotation of secrets, why one was switched off, and every try of each delivery. */
import { sql } from "kysely";
import { createIndex, createTable, type Migration } from "./kit.ts";

export const webhooks: Migration = {
  name: "0016_webhooks",
  async up(kit) {
    const whole = sql.raw(kit.dialect === "sqlite" ? "integer" : "bigint");
    const { schema } = kit.on;
    for (const column of ["former_secret", "ended"]) {
      await schema.alterTable("webhooks").addColumn(column, "text").execute();
    }
    for (const column of ["former_until", "failing_since"]) {
      await schema.alterTable("webhooks").addColumn(column, whole).execute();
    }
    // Since when it is switched on: it hears of nothing that happened before.
    await schema.alterTable("webhooks").addColumn("since", whole, (column) => column.notNull().defaultTo(0))
      .execute();
    // Tries before the newest replay.
    await schema.alterTable("webhook_deliveries")
      .addColumn("base", whole, (column) => column.notNull().defaultTo(0)).execute();
    await schema.alterTable("webhook_deliveries").addColumn("next_at", whole).execute();
    await createTable(kit, {
      name: "webhook_tries",
      columns: {
        delivery_id: "text!",
        n: "int!",
        at: "int!",
        took_ms: "int!",
        response_status: "int",
        ended: "text!",
      },
      options: { primary: ["delivery_id", "n"], belongs: { delivery_id: "webhook_deliveries.id" } },
    });
    await createIndex(kit, {
      name: "webhook_deliveries_page",
      table: "webhook_deliveries",
      columns: ["webhook_id", "id"],
    });
    await createIndex(kit, {
      name: "webhook_deliveries_job",
      table: "webhook_deliveries",
      columns: ["job_id"],
      where: "job_id is not null",
    });
  },
};
