/** What operators see, over everybody: queue, servers with their slots, actors, effects and dead letters. */
import type { Kysely, Selectable } from "kysely";
import type { BackendRow, SlotRow } from "@/core/store.ts";
import { decode, decodeOrNull } from "../codec.ts";
import type { Schema } from "../schema.ts";
import { readClock } from "../statements.ts";
import { readBackends, readSlots } from "../store/slot_rows.ts";
import { isLive, isOpenEffect, waitsForSlot } from "./conditions.ts";
import { clampLimit, cutPage, type Page, readCursor } from "./cursor.ts";

export interface BackendItem extends BackendRow {
  held: SlotRow[];
}

export interface Queue {
  running: (SlotRow & { title: string; ownerId: string })[];
  /** Waiting steps by engine and model family, the largest first. */
  pending: { engine: string; family: string; steps: number; people: number; oldestAt: number | null }[];
}

export async function listBackends(reader: Kysely<Schema>): Promise<BackendItem[]> {
  const slots = await readSlots(reader);
  return (await readBackends(reader)).map((backend) => ({
    ...backend,
    held: slots.filter((slot) => slot.backendId === backend.id),
  }));
}

export async function readQueue(reader: Kysely<Schema>): Promise<Queue> {
  const slots = await readSlots(reader);
  const ids = [...new Set(slots.map((slot) => slot.jobId))];
  const jobs = ids.length === 0 ? [] : await reader.selectFrom("jobs").where("id", "in", ids)
    .select(["id", "title", "owner_id"]).execute();
  const known = new Map(jobs.map((job) => [job.id, job]));
  return {
    running: slots.map((slot) => ({
      ...slot,
      title: known.get(slot.jobId)?.title ?? "",
      ownerId: known.get(slot.jobId)?.owner_id ?? "",
    })),
    pending: (await buildPending(reader).execute()).map((lane) => ({
      engine: lane.engine,
      family: lane.family,
      steps: Number(lane.steps),
      people: Number(lane.people),
      oldestAt: lane.oldest_at,
    })),
  };
}

export function buildPending(reader: Kysely<Schema>) {
  return reader.selectFrom("step").where(waitsForSlot())
    .groupBy(["engine", "family"])
    .select((eb) => [
      "engine",
      "family",
      eb.fn.countAll<number>().as("steps"),
      eb.fn.count<number>("user_id").distinct().as("people"),
      eb.fn.min("ready_at").as("oldest_at"),
    ]).orderBy("steps", "desc");
}

export interface ActorItem {
  id: string;
  kind: string;
  userId: string;
  state: unknown;
  ver: number;
  priority: number;
  openMail: { id: string; kind: string; dueAt: number; attempts: number; error: string | null }[];
  openEffects: EffectItem[];
}

export interface EffectItem {
  id: string;
  actorId: string;
  kind: string;
  lane: string;
  status: string;
  owner: string | null;
  token: number;
  tries: number;
  note: string | null;
  leaseUntil: number;
  nextAt: number;
  createdAt: number;
  doneAt: number | null;
}

export async function readActor(reader: Kysely<Schema>, id: string): Promise<ActorItem | null> {
  const row = await reader.selectFrom("actor").where("id", "=", id).selectAll().executeTakeFirst();
  if (!row) return null;
  const mail = await reader.selectFrom("mail").where("actor_id", "=", id).where("done_at", "is", null)
    .select(["msg_id", "kind", "due_at", "attempts", "error"]).orderBy("seq").limit(200).execute();
  return {
    id: row.id,
    kind: row.kind,
    userId: row.user_id,
    state: decode<unknown>(row.state),
    ver: row.ver,
    priority: row.priority,
    openMail: mail.map((item) => ({
      id: item.msg_id,
      kind: item.kind,
      dueAt: item.due_at,
      attempts: item.attempts,
      error: item.error,
    })),
    openEffects: (await listEffects(reader, { actorId: id })).filter((effect) => effect.status === "open"),
  };
}

/** Open effects in the order in which they fall due, or all those of one actor, newest first. */
export async function listEffects(
  reader: Kysely<Schema>,
  { actorId, limit }: { actorId?: string; limit?: number } = {},
): Promise<EffectItem[]> {
  const all = reader.selectFrom("effect").selectAll().limit(clampLimit(limit));
  const rows = actorId === undefined
    ? await all.where(isOpenEffect()).orderBy("next_at").execute()
    : await all.where("actor_id", "=", actorId).orderBy("created_at", "desc").orderBy("id").execute();
  return rows.map((row) => ({
    id: row.id,
    actorId: row.actor_id,
    kind: row.kind,
    lane: row.lane,
    status: row.status,
    owner: row.owner,
    token: row.token,
    tries: row.tries,
    note: row.note,
    leaseUntil: row.lease_until,
    nextAt: row.next_at,
    createdAt: row.created_at,
    doneAt: row.done_at,
  }));
}

export interface DeadletterItem {
  id: string;
  actorId: string;
  kind: string;
  body: unknown;
  error: string;
  attempts: number;
  at: number;
}

/** Newest first. */
export async function listDeadletters(
  reader: Kysely<Schema>,
  { cursor, limit: wanted }: { cursor?: string | null; limit?: number } = {},
): Promise<Page<DeadletterItem>> {
  const limit = clampLimit(wanted);
  const after = readCursor(cursor);
  let query = reader.selectFrom("deadletter").selectAll();
  if (after) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("at", "msg_id"), "<", tuple(after.at, after.id))
    );
  }
  const rows = await query.orderBy("at", "desc").orderBy("msg_id", "desc").limit(limit + 1).execute();
  return cutPage(rows, {
    limit,
    positionOf: (row) => ({ at: row.at, id: row.msg_id }),
    toItem: toDeadletter,
  });
}

export async function readDeadletter(reader: Kysely<Schema>, id: string): Promise<DeadletterItem | null> {
  const row = await reader.selectFrom("deadletter").where("msg_id", "=", id).selectAll().executeTakeFirst();
  return row ? toDeadletter(row) : null;
}

function toDeadletter(row: Selectable<Schema["deadletter"]>): DeadletterItem {
  return {
    id: row.msg_id,
    actorId: row.actor_id,
    kind: row.kind,
    body: decodeOrNull<unknown>(row.body),
    error: row.error,
    attempts: row.attempts,
    at: row.at,
  };
}

export interface Counts {
  openMail: number;
  openEffects: number;
  readySteps: number;
  heldSlots: number;
  deadletters: number;
  liveJobs: number;
}

/** Answers from partial indexes alone: fast however much has ended. Throws when the database does not answer. */
export async function countOpen(reader: Kysely<Schema>): Promise<Counts> {
  const row = await reader.selectNoFrom((eb) => [
    eb.selectFrom("mail").where("done_at", "is", null).select(eb.fn.countAll<number>().as("n")).as("mail"),
    eb.selectFrom("effect").where(isOpenEffect()).select(eb.fn.countAll<number>().as("n"))
      .as("effects"),
    eb.selectFrom("step").where(waitsForSlot())
      .select(eb.fn.countAll<number>().as("n")).as("ready"),
    eb.selectFrom("slot").select(eb.fn.countAll<number>().as("n")).as("slots"),
    eb.selectFrom("deadletter").select(eb.fn.countAll<number>().as("n")).as("dead"),
    eb.selectFrom("jobs").where(isLive("status")).select(eb.fn.countAll<number>().as("n"))
      .as("jobs"),
  ]).executeTakeFirstOrThrow();
  return {
    openMail: Number(row.mail),
    openEffects: Number(row.effects),
    readySteps: Number(row.ready),
    heldSlots: Number(row.slots),
    deadletters: Number(row.dead),
    liveJobs: Number(row.jobs),
  };
}

/** How long the step waits that waits longest for a slot. */
export async function readOldestWaitMs(reader: Kysely<Schema>): Promise<number> {
  const now = await readClock(reader);
  const row = await reader.selectFrom("step").where(waitsForSlot()).select((of) =>
    of.fn.min("ready_at").as("at")
  )
    .executeTakeFirst();
  return row?.at == null ? 0 : Math.max(0, now - Number(row.at));
}
