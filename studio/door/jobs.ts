/** Jobs and their news, as the API asks for them: reads on the connection for pages, writes beside the actors' rows. */
import type { Kysely } from "kysely";
import { JobState } from "@/actors/job/messages.ts";
import { markOf } from "@/core/library.ts";
import { type FilmFacts, piecesOf } from "@/core/pieces.ts";
import { isStatus, isTerminal } from "@/core/status.ts";
import type { EventFeed, EventRecord, JobRecord, Jobs } from "@/core/studio.ts";
import { problems } from "@/core/words/problems.ts";
import {
  buildBounds,
  buildFinals,
  buildNews,
  type EventItem,
  type JobRecordItem,
  listRecords,
  readRecord,
  readRecords,
} from "@/db/queries/mod.ts";
import { decode, decodePlan } from "@/db/codec.ts";
import type { Schema } from "@/db/schema.ts";
import { readClock } from "@/db/statements.ts";
import { loadSteps } from "@/db/store/step_rows.ts";

interface Databases {
  writer: Kysely<Schema>;
  reader: Kysely<Schema>;
}

export function openJobs({ writer, reader }: Databases): Jobs {
  return {
    async find(userId, id) {
      const found = await readRecord(reader, { ownerId: userId, jobId: id });
      if (!found) return null;
      const [record] = await tellReach(reader, [toRecord(found)]);
      return record ?? null;
    },
    async list(userId, { before, ...filter }) {
      const at = before ? { at: before.createdAt, id: before.id } : null;
      return await tellReach(
        reader,
        (await listRecords(reader, { ...filter, ownerId: userId, before: at })).map(toRecord),
      );
    },
    async some(userId, ids) {
      const found = await readRecords(reader, { ownerId: userId, jobIds: [...ids] });
      return await tellReach(reader, found.map(toRecord));
    },
    async finals(userId, draftId) {
      const rows = await buildFinals(reader, { ownerId: userId, draftId }).execute();
      const found = await readRecords(reader, { ownerId: userId, jobIds: rows.map(({ id }) => id) });
      return await tellReach(reader, found.map(toRecord));
    },
    async plan(id, rev) {
      const row = await reader.selectFrom("plan").where("job_id", "=", id).where("rev", "=", rev).select(
        "json",
      ).executeTakeFirst();
      return row ? decodePlan(row.json) : null;
    },
    async newestRev(id) {
      const row = await writer.selectFrom("plan").where("job_id", "=", id).select((eb) =>
        eb.fn.max("rev").as("rev")
      ).executeTakeFirst();
      return Number(row?.rev ?? 0);
    },
    steps: async (id) => [...await loadSteps(reader, { jobId: id, wanted: "all" })],
    async files(id) {
      const rows = await reader.selectFrom("output").where("actor_id", "=", id).select(["sha256", "ext"])
        .execute();
      return new Set(rows.map(({ sha256, ext }) => `${sha256}.${ext}`));
    },
    async outputs(id) {
      const rows = await reader.selectFrom("job_outputs").where("job_id", "=", id).selectAll()
        .orderBy("run", "desc").orderBy("ord").execute();
      return rows.map((row) => ({
        id: row.id,
        type: row.output_type,
        file: row.file_path,
        poster: row.poster_path,
        metadata: decode<Record<string, unknown>>(row.metadata_json),
        createdAt: row.created_at,
      }));
    },
    async events(id, { after, limit, kind }) {
      let query = reader.selectFrom("event").where("actor_id", "=", id).selectAll();
      if (kind !== undefined) query = query.where("kind", "=", kind);
      const rows = after === null
        ? (await query.orderBy("ver", "desc").limit(limit).execute()).reverse()
        : await query.where("seq", ">", after).orderBy("ver").limit(limit).execute();
      return rows.map((row) => toEvent({ ...row, jobId: row.actor_id, body: decode(row.body) }));
    },
    async trash(id, at) {
      await writer.updateTable("jobs").where("id", "=", id).set({
        deleted_at: at,
        updated_at: await readClock(writer),
      }).execute();
    },
  };
}

/** A job that waits while no render server of its kind answers says so; it goes on by itself. */
export async function tellReach(reader: Kysely<Schema>, records: JobRecord[]): Promise<JobRecord[]> {
  const waits = (job: JobRecord) =>
    (job.status === "queued" || job.status === "executing") && !job.paused && !job.cancelling;
  if (!records.some(waits)) return records;
  const rows = await reader.selectFrom("backend").where("status", "!=", "down").select("engine").distinct()
    .execute();
  const up = new Set(rows.map((row) => row.engine));
  return records.map((job) =>
    waits(job) && !up.has(job.engine) ? { ...job, stage: problems["comfy.unreachable"] } : job
  );
}

export interface Feed extends EventFeed {
  /** Something was committed: whoever listens looks. */
  announce(): void;
  /** Somebody was signed out or closed: whoever listens looks whether it is them. */
  doubt(): void;
}

export function openFeed({ reader }: Databases): Feed {
  const ears = new Set<(doubt?: boolean) => void>();
  return {
    async bounds(userId) {
      const row = await buildBounds(reader, userId).executeTakeFirst();
      return { oldest: Number(row?.oldest ?? 0), newest: Number(row?.newest ?? 0) };
    },
    async since(userId, after, limit) {
      const rows = await buildNews(reader, { ownerId: userId, after, limit }).execute();
      return rows.map((row) => toEvent({ ...row, jobId: row.actor_id, body: decode(row.body) }));
    },
    listen(_userId, hear) {
      ears.add(hear);
      return () => ears.delete(hear);
    },
    announce() {
      for (const hear of ears) hear();
    },
    doubt() {
      for (const hear of ears) hear(true);
    },
  };
}

function toEvent(row: Omit<EventItem, "ver">): EventRecord {
  const { seq, jobId, at, kind, message, body } = row;
  return { seq, jobId, at, kind, message, body };
}

export function toRecord(job: JobRecordItem): JobRecord {
  const { ownerId, state, takes, waiting, film, deletedAt, engine, status, mark, ...rest } = job;
  if (!isStatus(status)) throw new Error(`Cannot read the job ${job.id}: it has the status ${status}`);
  const { poster: _poster, ...same } = rest;
  return {
    ...same,
    userId: ownerId,
    engine: engine === "draft" ? "draft" : "comfy",
    status,
    retakes: openRetakes(state),
    byOperator: rest.paused && isByOperator(state),
    approvals: isTerminal(status) ? [] : waiting,
    mark: markOf(mark),
    pieces: piecesOf(takes),
    film: film === null ? null : factsOf(film),
    trashedAt: deletedAt,
  };
}

function factsOf({ id, type, hasPoster, metadata }: NonNullable<JobRecordItem["film"]>): FilmFacts {
  const figure = (name: string) => {
    const value = metadata[name];
    return typeof value === "number" ? value : null;
  };
  return {
    output: id,
    type,
    hasPoster,
    seconds: figure("durationS"),
    width: figure("width"),
    height: figure("height"),
    loop: figure("loopValue"),
  };
}

function isByOperator(state: unknown): boolean {
  return typeof state === "object" && state !== null && "byOperator" in state && state.byOperator === true;
}

/** Steps whose new take is there and waits for a person's choice. */
function openRetakes(state: unknown): string[] {
  const parsed = JobState.safeParse(state);
  const retakes = parsed.success ? parsed.data.retakes : [];
  return retakes.filter((retake) => retake.done && retake.follow === "ask").map((retake) => retake.step);
}
