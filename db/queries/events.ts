/** The history of jobs, and the stream of a person's news since a number. */
import type { Kysely } from "kysely";
import { decode } from "../codec.ts";
import type { Schema } from "../schema.ts";

export interface EventItem {
  /** Also the id of the server-sent event. */
  seq: number;
  jobId: string;
  ver: number;
  kind: string;
  message: string;
  body: Record<string, unknown>;
  at: number;
}

/** History of one job in order, after a number. Null when there is no such job of this owner. */
export async function listJobEvents(
  reader: Kysely<Schema>,
  { ownerId, jobId, after = 0, limit = 500 }: {
    ownerId: string | null;
    jobId: string;
    after?: number;
    limit?: number;
  },
): Promise<EventItem[] | null> {
  let job = reader.selectFrom("jobs").where("id", "=", jobId).select("id");
  if (ownerId !== null) job = job.where("owner_id", "=", ownerId);
  if (!(await job.executeTakeFirst())) return null;
  // The versions of an actor rise with the numbers, and the index is by version.
  const rows = await reader.selectFrom("event").where("actor_id", "=", jobId).where("seq", ">", after)
    .selectAll().orderBy("ver").limit(limit).execute();
  return rows.map(toEvent);
}

export type News =
  | { kind: "events"; events: EventItem[]; more: boolean }
  /** The log does not reach back that far, or does not know that number: show the present and go on from `seq`. */
  | { kind: "snapshot"; seq: number };

/** What happened to a person's jobs after `after` (the last id that the browser saw), oldest first. */
export async function listNews(
  reader: Kysely<Schema>,
  { ownerId, after, limit = 200 }: { ownerId: string; after: number; limit?: number },
): Promise<News> {
  const seq = await readLastSeq(reader);
  if (after < await readPrunedSeq(reader) || after > seq) return { kind: "snapshot", seq };
  const rows = await buildNews(reader, { ownerId, after, limit: limit + 1 }).execute();
  return { kind: "events", events: rows.slice(0, limit).map(toEvent), more: rows.length > limit };
}

export function buildNews(
  reader: Kysely<Schema>,
  { ownerId, after, limit }: { ownerId: string; after: number; limit: number },
) {
  return reader.selectFrom("event").where("user_id", "=", ownerId).where("seq", ">", after)
    .selectAll().orderBy("seq").limit(limit);
}

/** Oldest and newest number that concern a person; each is one step in the index, which both in one select are not. */
export function buildBounds(reader: Kysely<Schema>, ownerId: string) {
  const own = reader.selectFrom("event").where("user_id", "=", ownerId);
  return reader.selectNoFrom([
    own.select((eb) => eb.fn.min("seq").as("seq")).as("oldest"),
    own.select((eb) => eb.fn.max("seq").as("seq")).as("newest"),
  ]);
}

/** Number of the newest event of anybody: where a fresh stream begins. */
export async function readLastSeq(reader: Kysely<Schema>): Promise<number> {
  const row = await reader.selectFrom("event").select((eb) => eb.fn.max("seq").as("seq")).executeTakeFirst();
  return Math.max(row?.seq ?? 0, await readPrunedSeq(reader));
}

async function readPrunedSeq(reader: Kysely<Schema>): Promise<number> {
  const row = await reader.selectFrom("mark").where("name", "=", "events_pruned").select("value")
    .executeTakeFirst();
  return row?.value ?? 0;
}

function toEvent(row: {
  seq: number;
  actor_id: string;
  ver: number;
  kind: string;
  message: string;
  body: string;
  at: number;
}): EventItem {
  return {
    seq: row.seq,
    jobId: row.actor_id,
    ver: row.ver,
    kind: row.kind,
    message: row.message,
    body: decode(row.body),
    at: row.at,
  };
}
