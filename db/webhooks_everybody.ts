/** Webhooks of all people with whose they are and how they do, as operators look at them. */
import { type Kysely, sql } from "kysely";
import type { SomebodysWebhook } from "@/core/webhooks.ts";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";
import { endOf, toWebhook } from "./webhooks.ts";

/** Newest first, those before that one; with an id that one alone. */
export async function listEverybodysWebhooks(
  on: Kysely<Schema>,
  { id, before = null, limit = 1 }: { id?: string; before?: string | null; limit?: number },
): Promise<SomebodysWebhook[]> {
  let query = on.selectFrom("webhooks").innerJoin("users", "users.id", "webhooks.owner_id")
    .selectAll("webhooks").select(["users.email"]).select([
      counted("open").as("open"),
      counted("failed").as("failed"),
    ]);
  if (id !== undefined) query = query.where("webhooks.id", "=", id);
  if (before !== null) query = query.where("webhooks.id", "<", before);
  const rows = await query.orderBy("webhooks.id", "desc").limit(limit).execute();
  const at = await readClock(on);
  return await Promise.all(rows.map(async (row) => ({
    ...toWebhook(row, at),
    owner: { id: row.owner_id, email: row.email },
    ...await readTries(on, row.id),
    open: Number(row.open),
    failed: Number(row.failed),
  })));
}

function counted(status: "open" | "failed") {
  return sql<number>`(select count(*) from webhook_deliveries d
    where d.webhook_id = webhooks.id and d.status = ${status})`;
}

async function readTries(
  on: Kysely<Schema>,
  id: string,
): Promise<Pick<SomebodysWebhook, "lastTry" | "failures">> {
  const tries = on.selectFrom("webhook_tries").innerJoin(
    "webhook_deliveries",
    "webhook_deliveries.id",
    "webhook_tries.delivery_id",
  ).where("webhook_deliveries.webhook_id", "=", id);
  const last = await tries.select(["at", "webhook_tries.response_status as status", "ended"])
    .orderBy("at", "desc").orderBy("n", "desc").limit(1).executeTakeFirst();
  const { n } = await tries.where(
    "at",
    ">",
    (eb) =>
      eb.selectFrom("webhook_deliveries as arrived").where("arrived.webhook_id", "=", id)
        .select((of) => of.fn.coalesce(of.fn.max("arrived.delivered_at"), sql<number>`0`).as("at")),
  )
    .where("ended", "!=", "delivered")
    .select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirstOrThrow();
  return {
    lastTry: last ? { at: last.at, status: last.status, end: endOf(last.ended) } : null,
    failures: Number(n),
  };
}
