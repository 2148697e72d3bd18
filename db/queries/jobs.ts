/** Lists of jobs, newest first: by owner with filters and search, and for operators over everybody. */
import { type Kysely, type SelectQueryBuilder, sql } from "kysely";
import type { Problem } from "@/core/problem.ts";
import { decodeOrNull } from "../codec.ts";
import type { Schema } from "../schema.ts";
import { isLive } from "./conditions.ts";
import { clampLimit, cutPage, type Page, type Position, readCursor } from "./cursor.ts";
import { narrowThings, type ThingFilter } from "./things.ts";

export interface JobFilter extends ThingFilter {
  mode?: string;
  submode?: string;
  /** Any of these. */
  statuses?: readonly string[];
  /** `film`: there is an output. `live`: it has not ended. */
  having?: "film" | "live";
  batchId?: string;
  engine?: "draft" | "comfy";
  /** Every word must begin a word of title or prompt. */
  search?: string;
}

export interface ListOptions {
  filter?: JobFilter;
  cursor?: string | null;
  limit?: number;
}

export interface JobItem {
  id: string;
  ownerId: string;
  mode: string;
  submode: string | null;
  title: string;
  prompt: string;
  status: string;
  stage: string;
  paused: boolean;
  cancelling: boolean;
  run: number;
  rev: number;
  share: number;
  problem: Problem | null;
  engine: string;
  template: { name: string; version: string };
  projectId: string | null;
  batchId: string | null;
  parentId: string | null;
  draftId: string | null;
  poster: string | null;
  createdAt: number;
  updatedAt: number;
  endedAt: number | null;
  deletedAt: number | null;
  /** 1 is starred, -1 is rejected. */
  mark: number;
}

export const JOB_COLUMNS = [
  "jobs.id",
  "jobs.no",
  "jobs.owner_id",
  "jobs.mode",
  "jobs.submode",
  "jobs.title",
  "jobs.prompt",
  "jobs.status",
  "jobs.stage",
  "jobs.paused",
  "jobs.cancelling",
  "jobs.run",
  "jobs.rev",
  "jobs.share",
  "jobs.problem",
  "jobs.engine",
  "jobs.workflow_template_name",
  "jobs.workflow_template_version",
  "jobs.project_id",
  "jobs.batch_id",
  "jobs.parent_id",
  "jobs.draft_id",
  "jobs.created_at",
  "jobs.updated_at",
  "jobs.ended_at",
  "jobs.deleted_at",
  "jobs.mark",
] as const;

type Jobs = SelectQueryBuilder<Schema, "jobs", Record<never, never>>;
type JobRecord = Awaited<ReturnType<ReturnType<typeof selectItems>["execute"]>>[number];

/** The poster is that of the newest run. */
function selectItems(jobs: Jobs) {
  return jobs.select(JOB_COLUMNS).select((eb) =>
    eb.selectFrom("job_outputs").whereRef("job_outputs.job_id", "=", "jobs.id")
      .where("job_outputs.poster_path", "is not", null)
      .select("job_outputs.poster_path").orderBy("job_outputs.run", "desc").orderBy("job_outputs.ord")
      .limit(1).as("poster")
  );
}

export async function listJobs(
  reader: Kysely<Schema>,
  { ownerId, ...options }: ListOptions & { ownerId: string },
): Promise<Page<JobItem>> {
  return await listPage(reader, { ...options, ownerId });
}

/** For operators: everybody's jobs. */
export async function listEveryJob(reader: Kysely<Schema>, options: ListOptions): Promise<Page<JobItem>> {
  return await listPage(reader, { ...options, ownerId: null });
}

type PageOptions = ListOptions & { ownerId: string | null };

async function listPage(reader: Kysely<Schema>, options: PageOptions): Promise<Page<JobItem>> {
  const limit = clampLimit(options.limit);
  const after = readCursor(options.cursor);
  const words = wordsOf(options.filter?.search ?? "");
  if (words.length > 0) {
    const rows = await buildSearch(reader, { ...options, words, after, rows: limit + 1 }).execute();
    return cutPage(rows, { limit, positionOf: (row) => ({ at: row.no, id: row.id }), toItem: toJobItem });
  }
  const rows: JobRecord[] = [];
  for (const query of buildList(reader, { ...options, after, rows: limit + 1 })) {
    rows.push(...await query.execute());
  }
  rows.sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1));
  const positionOf = (row: JobRecord) => ({ at: row.created_at, id: row.id });
  return cutPage(rows, { limit, positionOf, toItem: toJobItem });
}

/** One query per status: each walks its own index in order and stops after a page, which one query over all cannot. */
export function buildList(
  reader: Kysely<Schema>,
  { ownerId, filter = {}, after, rows }: PageOptions & { after: Position | null; rows: number },
) {
  const statuses = filter.statuses && filter.statuses.length > 0 ? [...new Set(filter.statuses)] : [null];
  return statuses.map((status) => {
    let jobs = narrow(reader.selectFrom("jobs"), { ownerId, filter });
    if (status !== null) jobs = jobs.where("jobs.status", "=", status);
    if (after) {
      jobs = jobs.where(({ eb, refTuple, tuple }) =>
        eb(refTuple("jobs.created_at", "jobs.id"), "<", tuple(after.at, after.id))
      );
    }
    return selectItems(jobs).orderBy("jobs.created_at", "desc").orderBy("jobs.id", "desc").limit(rows);
  });
}

export function buildSearch(
  reader: Kysely<Schema>,
  { ownerId, filter = {}, after, rows, words }: PageOptions & {
    after: Position | null;
    rows: number;
    words: string[];
  },
) {
  const terms = words.map((word) => `words : "${word}" *`);
  if (ownerId !== null) terms.push(`tags : "${ownerId.replaceAll("-", "")}"`);
  if (filter.mode !== undefined) terms.push(`tags : "m${wordsOf(filter.mode).join(" ")}"`);
  if (filter.engine !== undefined) terms.push(`tags : "e${filter.engine}"`);
  const before = after?.at ?? Number.MAX_SAFE_INTEGER;
  const matches = sql<{ no: number }>`(select rowid as no from jobs_words where jobs_words match ${
    terms.join(" AND ")
  } and rowid < ${before} order by rowid desc)`.as("matches");
  // A cross join fixes the order: matches newest first, each looked up in jobs, and an end after one page.
  let jobs = narrow(
    reader.selectFrom(matches).crossJoin("jobs").whereRef("jobs.no", "=", sql.ref("matches.no"))
      .clearSelect().$castTo<Record<never, never>>(),
    { ownerId, filter },
  );
  if (filter.statuses && filter.statuses.length > 0) {
    jobs = jobs.where("jobs.status", "in", filter.statuses);
  }
  return selectItems(jobs).orderBy(sql`matches.no`, "desc").limit(rows);
}

function narrow(jobs: Jobs, { ownerId, filter }: { ownerId: string | null; filter: JobFilter }): Jobs {
  let found = jobs.where("jobs.deleted_at", "is", null);
  if (ownerId !== null) found = found.where("jobs.owner_id", "=", ownerId);
  if (filter.mode !== undefined) found = found.where("jobs.mode", "=", filter.mode);
  if (filter.submode !== undefined) found = found.where("jobs.submode", "=", filter.submode);
  if (filter.having === "live") found = found.where(isLive("jobs.status"));
  if (filter.having === "film") {
    found = found.where(({ exists, selectFrom }) =>
      exists(
        selectFrom("job_outputs").whereRef("job_outputs.job_id", "=", "jobs.id").select("job_outputs.id"),
      )
    );
  }
  if (filter.batchId !== undefined) found = found.where("jobs.batch_id", "=", filter.batchId);
  if (filter.engine !== undefined) found = found.where("jobs.engine", "=", filter.engine);
  return found.where(narrowThings("jobs", filter));
}

/** Letters and digits only, so that nothing of the text is read as a query. */
export function wordsOf(text: string): string[] {
  return (text.normalize("NFC").match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).slice(0, 12);
}

/** What a person threw away and may bring back, newest first. */
export async function listTrash(
  reader: Kysely<Schema>,
  { ownerId, cursor, limit: wanted }: { ownerId: string; cursor?: string | null; limit?: number },
): Promise<Page<JobItem>> {
  const limit = clampLimit(wanted);
  const after = readCursor(cursor);
  let jobs: Jobs = reader.selectFrom("jobs").where("jobs.owner_id", "=", ownerId)
    .where("jobs.deleted_at", "is not", null);
  if (after) {
    jobs = jobs.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("jobs.deleted_at", "jobs.id"), "<", tuple(after.at, after.id))
    );
  }
  const rows = await selectItems(jobs).orderBy("jobs.deleted_at", "desc").orderBy("jobs.id", "desc")
    .limit(limit + 1).execute();
  const positionOf = (row: JobRecord) => ({ at: row.deleted_at ?? 0, id: row.id });
  return cutPage(rows, { limit, positionOf, toItem: toJobItem });
}

/** The row of one job, also from the trash; null when it is not this owner's. `ownerId` null is for operators. */
export async function readJobItem(
  reader: Kysely<Schema>,
  { ownerId, jobId }: { ownerId: string | null; jobId: string },
): Promise<JobItem | null> {
  let jobs: Jobs = reader.selectFrom("jobs").where("jobs.id", "=", jobId);
  if (ownerId !== null) jobs = jobs.where("jobs.owner_id", "=", ownerId);
  const row = await selectItems(jobs).executeTakeFirst();
  return row ? toJobItem(row) : null;
}

export function toJobItem(row: JobRecord): JobItem {
  return {
    id: row.id,
    ownerId: row.owner_id,
    mode: row.mode,
    submode: row.submode,
    title: row.title,
    prompt: row.prompt,
    status: row.status,
    stage: row.stage,
    paused: row.paused === 1,
    cancelling: row.cancelling === 1,
    run: row.run,
    rev: row.rev,
    share: row.share,
    problem: decodeOrNull(row.problem),
    engine: row.engine,
    template: { name: row.workflow_template_name, version: row.workflow_template_version },
    projectId: row.project_id,
    batchId: row.batch_id,
    parentId: row.parent_id,
    draftId: row.draft_id,
    poster: row.poster,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    endedAt: row.ended_at,
    deletedAt: row.deleted_at,
    mark: row.mark,
  };
}
