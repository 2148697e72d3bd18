/** From events to deliveries: each event becomes one delivery per webhook that wants it, however often it is looked at. */
import { type Kysely, type Selectable, sql } from "kysely";
import { type DeliveryKind, type WebhookEvent, webhookEventOf } from "@/core/webhooks.ts";
import { decode, encode } from "./codec.ts";
import type { Schema, WebhooksTable } from "./schema.ts";

/** Number of the newest event that was looked at, in the table of marks. */
const MARK = "webhooks_seen";
const BATCH = 200;
/** So many events that nobody wanted are noted as looked at, for the next start. */
const IDLE_MAX = 5000;

export interface OutboxTools {
  newId(): string;
  /** The data of a message: what stands in the job's row, and where its films are. */
  tell(job: ToldJob): Record<string, unknown>;
  /** Kind and lane of the effect that delivers. */
  effect: { kind: string; lane: string };
}

export interface ToldJob {
  id: string;
  run: number;
  title: string;
  mode: string;
  submode: string | null;
  engine: string;
  batchId: string | null;
  problem: { code: string; message: string } | null;
  outputs: { id: string; type: string }[];
}

/** Before the first webhook of all: it hears of nothing that happened before. */
export async function skipHistory(tx: Kysely<Schema>): Promise<void> {
  const any = await tx.selectFrom("webhooks").select("id").limit(1).executeTakeFirst();
  if (any) return;
  await sql`insert into mark (name, value) values (${MARK}, (select coalesce(max(seq), 0) from event))
    on conflict (name) do update set value = excluded.value`.execute(tx);
}

/** How far this process has looked: saves reading the same events twice, and is worth nothing to anybody else. */
export interface Looked {
  seq: number;
}

/** One batch. Looks without the writer's lock, and takes it only for what somebody wants. */
export async function dispatchEvents(
  { reader, writer }: { reader: Kysely<Schema>; writer: Kysely<Schema> },
  tools: OutboxTools,
  looked: Looked,
): Promise<{ more: boolean; made: number }> {
  const none = { more: false, made: 0 };
  const any = await reader.selectFrom("webhooks").where("enabled", "=", 1).select("id").limit(1)
    .executeTakeFirst();
  if (!any) return none;
  const newest = (await reader.selectFrom("event").select((eb) => eb.fn.max("seq").as("seq"))
    .executeTakeFirst())?.seq ?? 0;
  if (newest <= looked.seq) return none;
  const mark = await readMark(reader);
  const found = await readNews(reader, Math.max(mark, looked.seq));
  let made = 0;
  if (found.length > 0) made = await takeNews(writer, tools);
  else if (newest - mark > IDLE_MAX) await writeMark(writer, newest);
  const more = found.length === BATCH;
  if (!more) looked.seq = newest;
  return { more, made };
}

/** Somebody else may have been quicker, so events are read again under the lock. */
async function takeNews(writer: Kysely<Schema>, tools: OutboxTools): Promise<number> {
  return await writer.transaction().execute(async (tx) => {
    let made = 0;
    const news = await readNews(tx, await readMark(tx));
    for (const event of news) made += await dispatchOne(tx, event, tools);
    const last = news.at(-1);
    if (last) await writeMark(tx, last.seq);
    return made;
  });
}

async function readMark(on: Kysely<Schema>): Promise<number> {
  const mark = await on.selectFrom("mark").where("name", "=", MARK).select("value").executeTakeFirst();
  return mark?.value ?? 0;
}

async function writeMark(on: Kysely<Schema>, seq: number): Promise<void> {
  await sql`insert into mark (name, value) values (${MARK}, ${seq})
    on conflict (name) do update set value = max(value, excluded.value)`.execute(on);
}

interface NewsRow {
  seq: number;
  actor_id: string;
  user_id: string;
  kind: string;
  body: string;
  at: number;
}

async function readNews(on: Kysely<Schema>, after: number): Promise<NewsRow[]> {
  return await on.selectFrom("event").where("seq", ">", after).where("kind", "in", ["status", "step.waits"])
    .where("user_id", "in", (eb) => eb.selectFrom("webhooks").where("enabled", "=", 1).select("owner_id"))
    .select(["seq", "actor_id", "user_id", "kind", "body", "at"]).orderBy("seq").limit(BATCH).execute();
}

async function dispatchOne(tx: Kysely<Schema>, event: NewsRow, tools: OutboxTools): Promise<number> {
  const body = decode<Record<string, unknown>>(event.body);
  const kind = webhookEventOf(event.kind, body);
  if (kind === null) return 0;
  const webhooks = (await tx.selectFrom("webhooks").where("owner_id", "=", event.user_id)
    .where("enabled", "=", 1).where("since", "<=", event.at).selectAll().execute())
    .filter((webhook) => decode<WebhookEvent[]>(webhook.events_json).includes(kind));
  if (webhooks.length === 0) return 0;
  const job = await readJob(tx, event.actor_id, typeof body.run === "number" ? body.run : null);
  if (job === null) return 0;
  const timestamp = new Date(event.at).toISOString();
  const text = encode({ type: kind, timestamp, data: { ...tools.tell(job) } });
  let made = 0;
  for (const webhook of webhooks) {
    // A job that goes on after a pause has not started again.
    if (kind === "job.started" && await hasTold(tx, { webhook, job, kind })) continue;
    const told = { kind, seq: event.seq, jobId: job.id, run: job.run };
    const { effect } = tools;
    made += await openDelivery(tx, { id: tools.newId(), webhook, ...told, body: text, at: event.at, effect });
  }
  return made;
}

async function hasTold(
  tx: Kysely<Schema>,
  { webhook, job, kind }: { webhook: { id: string }; job: ToldJob; kind: string },
): Promise<boolean> {
  const found = await tx.selectFrom("webhook_deliveries").where("job_id", "=", job.id)
    .where("webhook_id", "=", webhook.id).where("run", "=", job.run).where("kind", "=", kind).select("id")
    .executeTakeFirst();
  return found !== undefined;
}

/** Null when the job is gone. */
async function readJob(tx: Kysely<Schema>, id: string, run: number | null): Promise<ToldJob | null> {
  const row = await tx.selectFrom("jobs").where("id", "=", id).selectAll().executeTakeFirst();
  if (!row) return null;
  const at = run ?? row.run;
  const outputs = await tx.selectFrom("job_outputs").where("job_id", "=", id).where("run", "=", at)
    .select(["id", "output_type"]).orderBy("ord").execute();
  const problem = row.problem === null ? null : decode<{ code: string; message: string }>(row.problem);
  return {
    id,
    run: at,
    title: row.title,
    mode: row.mode,
    submode: row.submode,
    engine: row.engine,
    batchId: row.batch_id,
    problem: problem && { code: problem.code, message: problem.message },
    outputs: outputs.map((output) => ({ id: output.id, type: output.output_type })),
  };
}

export interface NewDelivery {
  id: string;
  webhook: Pick<Selectable<WebhooksTable>, "id" | "owner_id">;
  kind: DeliveryKind;
  seq: number;
  jobId: string | null;
  run: number | null;
  body: string;
  at: number;
  effect: OutboxTools["effect"];
}

/** The delivery and the effect that makes it, once for each event and webhook. Returns how many were made. */
export async function openDelivery(tx: Kysely<Schema>, one: NewDelivery): Promise<number> {
  const { id, webhook, kind, seq, jobId, run, body, at, effect } = one;
  const made = await tx.insertInto("webhook_deliveries").values({
    id,
    webhook_id: webhook.id,
    event_seq: seq,
    job_id: jobId,
    run,
    kind,
    body,
    status: "open",
    next_at: at,
    response_status: null,
    error: null,
    created_at: at,
    delivered_at: null,
  }).onConflict((conflict) => conflict.columns(["webhook_id", "event_seq"]).doNothing()).executeTakeFirst();
  if (Number(made.numInsertedOrUpdatedRows) === 0) return 0;
  await openEffect(tx, { deliveryId: id, webhook, base: 0, at, effect });
  return 1;
}

/** One effect for each round of tries. */
export async function openEffect(
  tx: Kysely<Schema>,
  { deliveryId, webhook, base, at, effect }: Pick<NewDelivery, "webhook" | "at" | "effect"> & {
    deliveryId: string;
    base: number;
  },
): Promise<void> {
  await tx.insertInto("effect").values({
    id: `${deliveryId}:${base}`,
    actor_id: webhook.id,
    user_id: webhook.owner_id,
    ...effect,
    req: encode(deliveryId),
    status: "open",
    next_at: at,
    created_at: at,
    owner: null,
    note: null,
    result: null,
    done_at: null,
  }).execute();
}
