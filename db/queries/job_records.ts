/** Jobs as the API lists them: row, inputs and the actor's own word, its pieces and its film, in six queries however many there are. */
import { type Kysely, type SelectQueryBuilder, sql } from "kysely";
import type { StepState } from "@/core/store.ts";
import { decode } from "../codec.ts";
import type { Schema } from "../schema.ts";
import { isActive } from "./conditions.ts";
import type { Position } from "./cursor.ts";
import { type Places, prepared, preparedForms } from "../prepared.ts";
import { JOB_COLUMNS, type JobItem, toJobItem } from "./jobs.ts";

export interface JobRecordItem extends JobItem {
  negativePrompt: string;
  settings: Record<string, unknown>;
  assets: { assetId: string; role: string; used: boolean }[];
  /** State of the actor as stored, null without an actor. */
  state: unknown;
  priority: number;
  /** Every take of every rendered step. */
  takes: { id: string; ord: number; take: number; state: StepState }[];
  /** Takes that wait for a person. */
  waiting: { step: string; take: number }[];
  /** First output of the newest run. */
  film: { id: string; type: string; hasPoster: boolean; metadata: Record<string, unknown> } | null;
}

export interface RecordFilter {
  ownerId: string;
  mode: string | null;
  /** Within the mode. */
  submode?: string | null;
  /** Any of these. */
  statuses: readonly string[] | null;
  batchId: string | null;
  projectId: string | null;
  trashed: boolean;
  before: Position | null;
  limit: number;
}

type Jobs = SelectQueryBuilder<Schema, "jobs", Record<never, never>>;
type Row = Awaited<ReturnType<ReturnType<typeof selectRecords>["execute"]>>[number];

/** Newest first. */
export async function listRecords(reader: Kysely<Schema>, filter: RecordFilter): Promise<JobRecordItem[]> {
  if (filter.statuses?.length === 0) return [];
  const { ownerId, mode, submode, batchId, projectId, before } = filter;
  const rows = await selectPage(reader, filter, {
    ownerId,
    mode,
    submode: submode ?? null,
    batchId,
    projectId,
    at: before?.at ?? null,
    id: before?.id ?? null,
  });
  return await complete(reader, rows);
}

/** Null when it is not this owner's. Also from the trash. */
export async function readRecord(
  reader: Kysely<Schema>,
  { ownerId, jobId }: { ownerId: string; jobId: string },
): Promise<JobRecordItem | null> {
  const jobs = reader.selectFrom("jobs").where("jobs.id", "=", jobId).where("jobs.owner_id", "=", ownerId);
  const [found] = await complete(reader, await selectRecords(jobs).execute());
  return found ?? null;
}

/** Those of these jobs that are this owner's, in the order of the ids. Also from the trash. */
export async function readRecords(
  reader: Kysely<Schema>,
  { ownerId, jobIds }: { ownerId: string; jobIds: readonly string[] },
): Promise<JobRecordItem[]> {
  if (jobIds.length === 0) return [];
  const jobs = reader.selectFrom("jobs").where("jobs.id", "in", jobIds).where("jobs.owner_id", "=", ownerId);
  const found = new Map(
    (await complete(reader, await selectRecords(jobs).execute())).map((job) => [job.id, job]),
  );
  return jobIds.flatMap((id) => found.get(id) ?? []);
}

/** The films that were made from a draft for good, newest first. */
export function buildFinals(
  reader: Kysely<Schema>,
  { ownerId, draftId }: { ownerId: string; draftId: string },
) {
  return reader.selectFrom("jobs").where("draft_id", "=", draftId).where("owner_id", "=", ownerId)
    .where("deleted_at", "is", null).select("id").orderBy("created_at", "desc").orderBy("id", "desc").limit(
      50,
    );
}

/** Each status walks its own index in order and stops after a page, which one walk over all of them could not. */
export function buildRecords(reader: Kysely<Schema>, at: Places, filter: RecordFilter) {
  const statuses = filter.statuses === null ? [null] : [...new Set(filter.statuses)];
  const inOrder = (jobs: Jobs) =>
    jobs.orderBy("jobs.created_at", "desc").orderBy("jobs.id", "desc").limit(filter.limit);
  const walk = (status: string | null) => inOrder(narrow(reader, at, filter, status));
  const [first = null, ...others] = statuses;
  if (others.length === 0) return selectRecords(walk(first));
  const page = (status: string | null) =>
    reader.selectFrom(walk(status).select("jobs.id").as("page")).select("page.id");
  const ids = others.reduce((pages, status) => pages.unionAll(page(status)), page(first));
  return selectRecords(inOrder(reader.selectFrom("jobs").where("jobs.id", "in", ids)));
}

function narrow(
  reader: Kysely<Schema>,
  at: Places,
  filter: RecordFilter,
  status: string | null,
): Jobs {
  const { mode, submode, batchId, projectId, trashed, before } = filter;
  let jobs: Jobs = reader.selectFrom("jobs").where("jobs.owner_id", "=", at("ownerId"))
    .where("jobs.deleted_at", trashed ? "is not" : "is", null);
  if (status !== null) jobs = jobs.where("jobs.status", "=", sql.lit(status));
  if (mode !== null) jobs = jobs.where("jobs.mode", "=", at("mode"));
  if (submode) jobs = jobs.where("jobs.submode", "=", at("submode"));
  if (batchId !== null) jobs = jobs.where("jobs.batch_id", "=", at("batchId"));
  if (projectId !== null) jobs = jobs.where("jobs.project_id", "=", at("projectId"));
  if (before) {
    jobs = jobs.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("jobs.created_at", "jobs.id"), "<", tuple(at<number>("at"), at("id")))
    );
  }
  return jobs;
}

/** What the text of the query depends on; the rest is values. */
function formOf(
  { mode, submode, statuses, batchId, projectId, trashed, before, limit }: RecordFilter,
): string {
  const given = [mode, submode ?? null, batchId, projectId, before].map((value) => value !== null);
  return JSON.stringify([statuses, ...given, trashed, limit]);
}

const selectPage = preparedForms(formOf, buildRecords);

function selectRecords(jobs: Jobs) {
  return jobs.select([...JOB_COLUMNS, "jobs.negative_prompt", "jobs.settings_json"]);
}

async function complete(reader: Kysely<Schema>, rows: readonly Row[]): Promise<JobRecordItem[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const inputs = Map.groupBy(await selectInputs(reader, { ids }), (input) => input.job_id);
  const actorOf = new Map((await selectActors(reader, { ids })).map((actor) => [actor.id, actor]));
  const takes = Map.groupBy(await selectTakes(reader, { ids }), (take) => take.job_id);
  const waiting = Map.groupBy(await selectWaiting(reader, { ids }), (take) => take.job_id);
  const films = readFilms(await selectFilms(reader, { ids }));
  return rows.map((row) => {
    const actor = actorOf.get(row.id);
    return {
      ...toJobItem({ ...row, poster: null }),
      negativePrompt: row.negative_prompt,
      settings: decode(row.settings_json),
      assets: (inputs.get(row.id) ?? [])
        .map(({ asset_id: assetId, role, used }) => ({ assetId, role, used: used === 1 })),
      state: actor === undefined ? null : decode(actor.state),
      priority: actor?.priority ?? 0,
      takes: (takes.get(row.id) ?? []).map(({ id, ord, take, state }) => ({
        id,
        ord,
        take,
        state: state as StepState,
      })),
      waiting: (waiting.get(row.id) ?? []).map(({ id, take }) => ({ step: id, take })),
      film: films.get(row.id) ?? null,
    };
  });
}

const selectInputs = prepared((on, at) =>
  on.selectFrom("job_assets").where("job_id", "in", at.each("ids")).orderBy("job_id").orderBy("ord")
    .select(["job_id", "asset_id", "role", "used"])
);

const selectActors = prepared((on, at) =>
  on.selectFrom("actor").where("id", "in", at.each("ids")).select(["id", "state", "priority"])
);

/** The steps that are rendered are the prompts: what is prepared and joined is no piece of the film. */
const selectTakes = prepared((on, at) =>
  on.selectFrom("step").where("job_id", "in", at.each("ids")).where("kind", "=", sql.lit("prompt"))
    .select(["job_id", "id", "take", "ord", "state"])
);

/** From the index of steps under way, which is small. */
const selectWaiting = prepared((on, at) =>
  on.selectFrom("step").where(isActive()).where("state", "=", sql.lit("waiting_for_person"))
    .where("job_id", "in", at.each("ids")).orderBy("ord").select(["job_id", "id", "take"])
);

const selectFilms = prepared((on, at) =>
  on.selectFrom("job_outputs").where("job_id", "in", at.each("ids")).orderBy("job_id").orderBy("run", "desc")
    .orderBy("ord").select(["id", "job_id", "output_type", "poster_path", "metadata_json"])
);

function readFilms(rows: Awaited<ReturnType<typeof selectFilms>>) {
  const films = new Map<string, NonNullable<JobRecordItem["film"]>>();
  for (const row of rows) {
    if (films.has(row.job_id)) continue;
    const metadata = decode<Record<string, unknown>>(row.metadata_json);
    const { id, output_type: type, poster_path: poster } = row;
    films.set(row.job_id, { id, type, hasPoster: poster !== null, metadata });
  }
  return films;
}
