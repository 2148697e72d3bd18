/** Webhooks of people: where they lead, their sealed secrets, and what was sent there. */
import { type Kysely, type Selectable, sql, type Transaction } from "kysely";
import type { AuditAction, By } from "@/core/audit.ts";
import {
  coveredUrl,
  type Delivery,
  type Fate,
  OVERLAP_MS,
  type Try,
  TRY_ENDS,
  type TryEnd,
  type Webhook,
  WEBHOOK_ENDS,
  WEBHOOK_EVENTS,
  type WebhookEvent,
  WEBHOOKS_MAX,
} from "@/core/webhooks.ts";
import { writeAudit } from "./audit.ts";
import { decode, encode, flag } from "./codec.ts";
import type { Schema, WebhookDeliveriesTable, WebhooksTable } from "./schema.ts";
import { readClock } from "./statements.ts";
import { openDelivery, openEffect, type OutboxTools, skipHistory } from "./webhook_outbox.ts";

type Own = { userId: string; id: string };
/** One's own, or somebody's whom an operator looks after: then the change is told in the audit log. */
export type Which = Own | { by: By; id: string };

/** False when the person has as many as one may have. */
export async function createWebhook(
  writer: Kysely<Schema>,
  userId: string,
  { id, url, events, sealed }: { id: string; url: string; events: WebhookEvent[]; sealed: string },
): Promise<boolean> {
  return await writer.transaction().execute(async (tx) => {
    const { n } = await tx.selectFrom("webhooks").where("owner_id", "=", userId)
      .select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirstOrThrow();
    if (Number(n) >= WEBHOOKS_MAX) return false;
    await skipHistory(tx);
    const at = await readClock(tx);
    await tx.insertInto("webhooks").values({
      id,
      owner_id: userId,
      url,
      secret: sealed,
      former_secret: null,
      former_until: null,
      events_json: encode(events),
      enabled: 1,
      ended: null,
      failing_since: null,
      since: at,
      created_at: at,
      updated_at: at,
    }).execute();
    return true;
  });
}

/** Oldest first; with an id that one alone. */
export async function listWebhooks(on: Kysely<Schema>, userId: string, id?: string): Promise<Webhook[]> {
  let query = on.selectFrom("webhooks").where("owner_id", "=", userId).selectAll();
  if (id !== undefined) query = query.where("id", "=", id);
  const at = await readClock(on);
  return (await query.orderBy("id").execute()).map((row) => toWebhook(row, at));
}

/** One that is switched off forgets what waits; one that is switched on hears of what happens from then on. */
export async function changeWebhook(
  writer: Kysely<Schema>,
  which: Which,
  { url, events, enabled }: Partial<Pick<Webhook, "url" | "events" | "enabled">>,
): Promise<"changed" | "missing" | "held"> {
  return await writer.transaction().execute(async (tx) => {
    const row = await findRow(tx, which);
    if (!row) return "missing";
    const isOperator = "by" in which;
    if (enabled === true && row.ended === "operator" && !isOperator) return "held";
    const at = await readClock(tx);
    const begins = enabled === true && row.enabled === 0;
    await tx.updateTable("webhooks").where("id", "=", row.id).set({
      updated_at: at,
      ...(url === undefined ? {} : { url }),
      ...(events === undefined ? {} : { events_json: encode(events) }),
      ...(enabled === undefined ? {} : { enabled: flag(enabled) }),
      ...(enabled === false && isOperator ? { ended: "operator" } : {}),
      ...(begins ? { ended: null, failing_since: null, since: at } : {}),
    }).execute();
    if (enabled === false) await dropOpen(tx, row.id);
    if (enabled !== undefined) await tellOf(tx, which, { row, what: enabled ? "on" : "off" });
    return "changed";
  });
}

/** What an operator did to somebody's webhook. */
async function tellOf(
  tx: Kysely<Schema>,
  which: Which,
  { row, what, after }: {
    row: Selectable<WebhooksTable>;
    what: "on" | "off" | "remove" | "replay";
    after?: Record<string, string>;
  },
): Promise<void> {
  if (!("by" in which)) return;
  const action: AuditAction = `webhook.${what}`;
  const before = { owner: row.owner_id, url: coveredUrl(row.url), enabled: row.enabled === 1 };
  const kept = what === "remove" ? null : { ...before, ...after };
  const enabled = what === "on" || (what !== "off" && before.enabled);
  await writeAudit(
    tx,
    { action, subject: row.id, before, after: kept === null ? null : { ...kept, enabled } },
    which.by,
  );
}

export async function rotateWebhook(
  writer: Kysely<Schema>,
  { userId, id }: Own,
  sealed: string,
): Promise<boolean> {
  return await writer.transaction().execute(async (tx) => {
    const row = await findRow(tx, { userId, id });
    if (!row) return false;
    const at = await readClock(tx);
    const former = { former_secret: row.secret, former_until: at + OVERLAP_MS };
    await tx.updateTable("webhooks").where("id", "=", id).set({ secret: sealed, ...former, updated_at: at })
      .execute();
    return true;
  });
}

export async function removeWebhook(writer: Kysely<Schema>, which: Which): Promise<boolean> {
  return await writer.transaction().execute(async (tx) => {
    const row = await findRow(tx, which);
    if (!row) return false;
    await tx.deleteFrom("effect").where("actor_id", "=", row.id).execute();
    await tx.deleteFrom("webhooks").where("id", "=", row.id).execute();
    await tellOf(tx, which, { row, what: "remove" });
    return true;
  });
}

/** A message that is about nothing but the webhook itself. */
export async function pingWebhook(
  writer: Kysely<Schema>,
  { userId, id }: Own,
  { newId, effect }: Pick<OutboxTools, "newId" | "effect">,
): Promise<"sent" | "missing" | "disabled"> {
  return await writer.transaction().execute(async (tx) => {
    const row = await findRow(tx, { userId, id });
    if (!row) return "missing";
    if (row.enabled === 0) return "disabled";
    const at = await readClock(tx);
    // Events count upwards from 1, so what follows no event counts downwards.
    const { least } = await tx.selectFrom("webhook_deliveries").where("webhook_id", "=", id)
      .select((eb) => eb.fn.min("event_seq").as("least")).executeTakeFirstOrThrow();
    const told = { kind: "ping" as const, seq: Math.min(0, least ?? 0) - 1, jobId: null, run: null };
    const body = encode({ type: "ping", timestamp: new Date(at).toISOString(), data: {} });
    await openDelivery(tx, { id: newId(), webhook: row, ...told, body, at, effect });
    return "sent";
  });
}

/** Newest first, those before that one, each with its tries; without a person for an operator. */
export async function listDeliveries(
  on: Kysely<Schema>,
  { userId, id }: Partial<Own> & { id: string },
  { before, limit }: { before: string | null; limit: number },
): Promise<Delivery[]> {
  let query = on.selectFrom("webhook_deliveries")
    .innerJoin("webhooks", "webhooks.id", "webhook_deliveries.webhook_id")
    .where("webhook_id", "=", id).selectAll("webhook_deliveries");
  if (userId !== undefined) query = query.where("webhooks.owner_id", "=", userId);
  if (before !== null) query = query.where("webhook_deliveries.id", "<", before);
  const rows = await query.orderBy("webhook_deliveries.id", "desc").limit(limit).execute();
  if (rows.length === 0) return [];
  const tries = await on.selectFrom("webhook_tries").where("delivery_id", "in", rows.map((row) => row.id))
    .selectAll().orderBy("delivery_id").orderBy("n").execute();
  return rows.map((row) =>
    toDelivery(
      row,
      tries.filter((one) => one.delivery_id === row.id).map((one) => ({
        n: one.n,
        at: one.at,
        tookMs: one.took_ms,
        status: one.response_status,
        end: endOf(one.ended),
      })),
    )
  );
}

/** Once more with the same id and body; what is still being tried goes on as it is. */
export async function replayDelivery(
  writer: Kysely<Schema>,
  which: Which,
  { deliveryId, effect }: { deliveryId: string; effect: OutboxTools["effect"] },
): Promise<"sent" | "missing" | "disabled"> {
  return await writer.transaction().execute(async (tx) => {
    const webhook = await findRow(tx, which);
    const row = webhook && await tx.selectFrom("webhook_deliveries").where("webhook_id", "=", which.id)
      .where("id", "=", deliveryId).selectAll().executeTakeFirst();
    if (!webhook || !row) return "missing";
    if (webhook.enabled === 0) return "disabled";
    if (row.status === "open") return "sent";
    const at = await readClock(tx);
    await tx.updateTable("webhook_deliveries").where("id", "=", deliveryId)
      .set({ status: "open", base: row.attempts, next_at: at }).execute();
    await openEffect(tx, { deliveryId, webhook, base: row.attempts, at, effect });
    await tellOf(tx, which, { row: webhook, what: "replay", after: { delivery: deliveryId } });
    return "sent";
  });
}

export interface StoredParcel {
  id: string;
  url: string;
  body: string;
  /** Sealed, the newest first. */
  secrets: string[];
  triesDone: number;
}

/** Null when it is gone, has its fate, or its webhook is switched off. */
export async function loadParcel(on: Kysely<Schema>, deliveryId: string): Promise<StoredParcel | null> {
  const row = await on.selectFrom("webhook_deliveries")
    .innerJoin("webhooks", "webhooks.id", "webhook_deliveries.webhook_id")
    .where("webhook_deliveries.id", "=", deliveryId).where("webhook_deliveries.status", "=", "open")
    .where("webhooks.enabled", "=", 1)
    .select(["url", "body", "secret", "former_secret", "former_until", "attempts", "base"])
    .executeTakeFirst();
  if (!row) return null;
  const former = row.former_secret !== null && (row.former_until ?? 0) > await readClock(on);
  return {
    id: deliveryId,
    url: row.url,
    body: row.body,
    secrets: former ? [row.secret, row.former_secret ?? ""] : [row.secret],
    triesDone: row.attempts - row.base,
  };
}

/** The try, what becomes of the delivery, and how its webhook stands then. */
export async function recordTry(
  writer: Kysely<Schema>,
  deliveryId: string,
  { ended, fate }: { ended: Omit<Try, "n" | "at">; fate: Fate },
): Promise<void> {
  await writer.transaction().execute(async (tx) => {
    const row = await tx.selectFrom("webhook_deliveries").where("id", "=", deliveryId).selectAll()
      .executeTakeFirst();
    if (!row || row.status !== "open") return;
    const at = await readClock(tx);
    const n = row.attempts + 1;
    const { tookMs, status, end } = ended;
    await tx.insertInto("webhook_tries")
      .values({ delivery_id: deliveryId, n, at, took_ms: tookMs, response_status: status, ended: end })
      .execute();
    await tx.updateTable("webhook_deliveries").where("id", "=", deliveryId).set({
      attempts: n,
      status: fate.state,
      next_at: fate.state === "open" ? at + fate.nextInMs : null,
      response_status: status,
      error: end === "delivered" ? null : end,
      delivered_at: fate.state === "delivered" ? at : row.delivered_at,
    }).execute();
    await judgeWebhook(tx, { row, fate, at });
  });
}

/** Switched off when the receiver wants no more, or when one delivery ran out of tries and nothing arrived meanwhile. */
async function judgeWebhook(
  tx: Transaction<Schema>,
  { row, fate, at }: { row: Selectable<WebhookDeliveriesTable>; fate: Fate; at: number },
): Promise<void> {
  const of = tx.updateTable("webhooks").where("id", "=", row.webhook_id);
  if (fate.state === "delivered") {
    await of.where("failing_since", "is not", null).set({ failing_since: null }).execute();
    return;
  }
  await of.where("failing_since", "is", null).set({ failing_since: at }).execute();
  if (fate.state === "open") return;
  const webhook = await tx.selectFrom("webhooks").where("id", "=", row.webhook_id).select("failing_since")
    .executeTakeFirstOrThrow();
  const first = await tx.selectFrom("webhook_tries").where("delivery_id", "=", row.id)
    .where("n", "=", row.base + 1).select("at").executeTakeFirst();
  const isFailing = (webhook.failing_since ?? at) <= (first?.at ?? 0);
  if (!fate.gone && !isFailing) return;
  await of.set({ enabled: 0, ended: fate.gone ? "gone" : "failing", updated_at: at }).execute();
  await dropOpen(tx, row.webhook_id);
}

/** What has had its fate for so long is no longer told; its tries go with it. */
export async function purgeDeliveries(
  writer: Kysely<Schema>,
  { ageMs, rowsPerBatch = 500 }: { ageMs: number; rowsPerBatch?: number },
): Promise<number> {
  const before = await readClock(writer) - ageMs;
  let total = 0;
  for (;;) {
    const old = writer.selectFrom("webhook_deliveries").where("status", "!=", "open")
      .where("created_at", "<", before).select("id").limit(rowsPerBatch);
    const gone = await writer.deleteFrom("webhook_deliveries").where("id", "in", old).executeTakeFirst();
    total += Number(gone.numDeletedRows);
    if (Number(gone.numDeletedRows) < rowsPerBatch) return total;
  }
}

async function dropOpen(tx: Transaction<Schema>, webhookId: string): Promise<void> {
  await tx.updateTable("webhook_deliveries").where("webhook_id", "=", webhookId).where("status", "=", "open")
    .set({ status: "failed", next_at: null }).execute();
  await sql`update effect set status = 'cancelled', owner = null, done_at = ${await readClock(tx)}
    where actor_id = ${webhookId} and status = 'open' and owner is null`.execute(tx);
}

function findRow(on: Kysely<Schema>, which: Which) {
  const found = on.selectFrom("webhooks").where("id", "=", which.id).selectAll();
  return ("by" in which ? found : found.where("owner_id", "=", which.userId)).executeTakeFirst();
}

export function toWebhook(row: Selectable<WebhooksTable>, at: number): Webhook {
  const chosen = decode<string[]>(row.events_json);
  return {
    id: row.id,
    url: row.url,
    events: WEBHOOK_EVENTS.filter((event) => chosen.includes(event)),
    enabled: row.enabled === 1,
    ended: WEBHOOK_ENDS.find((end) => end === row.ended) ?? null,
    failingSince: row.failing_since,
    formerUntil: (row.former_until ?? 0) > at ? row.former_until : null,
    createdAt: row.created_at,
  };
}

function toDelivery(row: Selectable<WebhookDeliveriesTable>, tries: Try[]): Delivery {
  return {
    id: row.id,
    kind: WEBHOOK_EVENTS.find((event) => event === row.kind) ?? "ping",
    jobId: row.job_id,
    state: row.status === "delivered" || row.status === "failed" ? row.status : "open",
    createdAt: row.created_at,
    nextAt: row.next_at,
    tries,
  };
}

export function endOf(text: string): TryEnd {
  return TRY_ENDS.find((end) => end === text) ?? "unreachable";
}
