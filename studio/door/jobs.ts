/** Jobs and their news, as the API asks for them: reads on the connection for pages, writes beside the actors' rows. */
import type { Kysely } from "kysely";
import { JobState } from "@/actors/job/messages.ts";
import { Status } from "@/core/status.ts";
import type { EventFeed, EventRecord, JobRecord, Jobs } from "@/core/studio.ts";
import { isLive } from "@/db/queries/conditions.ts";
import { buildNews, type EventItem, type JobDetail, readJob } from "@/db/queries/mod.ts";
import { decode } from "@/db/codec.ts";
import type { Schema } from "@/db/schema.ts";
import { readClock } from "@/db/statements.ts";
import { loadSteps } from "@/db/store/step_rows.ts";

interface Databases {
  writer: Kysely<Schema>;
  reader: Kysely<Schema>;
}

export function openJobs({ writer, reader }: Databases): Jobs {
  const record = async (userId: string, id: string): Promise<JobRecord | null> => {
    const job = await readJob(reader, { ownerId: userId, jobId: id });
    if (!job) return null;
    const actor = await reader.selectFrom("actor").where("id", "=", id).select(["state", "priority"])
      .executeTakeFirst();
    const state = actor ? JobState.safeParse(decode(actor.state)) : null;
    const open = state?.success ? state.data.retakes : [];
    const retakes = open.filter((retake) => retake.done && retake.follow === "ask").map((retake) =>
      retake.step
    );
    return toRecord(job, { retakes, priority: actor?.priority ?? 0 });
  };
  return {
    find: record,
    async list(userId, { mode, statuses, batchId, trashed, before, limit }) {
      let query = reader.selectFrom("jobs").where("owner_id", "=", userId);
      query = trashed ? query.where("deleted_at", "is not", null) : query.where("deleted_at", "is", null);
      if (mode !== null) query = query.where("mode", "=", mode);
      if (statuses !== null) query = query.where("status", "in", statuses);
      if (batchId !== null) query = query.where("batch_id", "=", batchId);
      if (before) {
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple("created_at", "id"), "<", tuple(before.createdAt, before.id))
        );
      }
      const rows = await query.select("id").orderBy("created_at", "desc").orderBy("id", "desc").limit(limit)
        .execute();
      const records = await Promise.all(rows.map((row) => record(userId, row.id)));
      return records.flatMap((found) => found ? [found] : []);
    },
    async countLive(userId) {
      const row = await reader.selectFrom("jobs").where("owner_id", "=", userId).where(isLive("status"))
        .where("deleted_at", "is", null).select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirst();
      return Number(row?.n ?? 0);
    },
    async plan(id, rev) {
      const row = await reader.selectFrom("plan").where("job_id", "=", id).where("rev", "=", rev).select(
        "json",
      ).executeTakeFirst();
      return row ? decode(row.json) : null;
    },
    async newestRev(id) {
      const row = await writer.selectFrom("plan").where("job_id", "=", id).select((eb) =>
        eb.fn.max("rev").as("rev")
      ).executeTakeFirst();
      return Number(row?.rev ?? 0);
    },
    steps: async (id) => [...await loadSteps(reader, { jobId: id, wanted: "all" })],
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
    async events(id, { after, limit }) {
      const query = reader.selectFrom("event").where("actor_id", "=", id).selectAll();
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

export interface Feed extends EventFeed {
  /** Something was committed: whoever listens looks. */
  announce(): void;
}

export function openFeed({ reader }: Databases): Feed {
  const ears = new Set<() => void>();
  return {
    async bounds(userId) {
      const row = await reader.selectFrom("event").where("user_id", "=", userId)
        .select((eb) => [eb.fn.min("seq").as("oldest"), eb.fn.max("seq").as("newest")]).executeTakeFirst();
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
  };
}

function toEvent(row: Omit<EventItem, "ver">): EventRecord {
  const { seq, jobId, at, kind, message, body } = row;
  return { seq, jobId, at, kind, message, body };
}

function toRecord(job: JobDetail, more: { retakes: string[]; priority: number }): JobRecord {
  return {
    id: job.id,
    userId: job.ownerId,
    mode: job.mode,
    submode: job.submode,
    title: job.title,
    prompt: job.prompt,
    negativePrompt: job.negativePrompt,
    settings: job.settings,
    template: job.template,
    engine: job.engine === "draft" ? "draft" : "comfy",
    batchId: job.batchId,
    parentId: job.parentId,
    assets: job.assets.map(({ assetId, role, used }) => ({ assetId, role, used })),
    status: Status.parse(job.status),
    stage: job.stage,
    paused: job.paused,
    cancelling: job.cancelling,
    run: job.run,
    rev: job.rev,
    share: job.share,
    problem: job.problem,
    createdAt: job.createdAt,
    updatedAt: job.updatedAt,
    endedAt: job.endedAt,
    trashedAt: job.deletedAt,
    ...more,
  };
}
