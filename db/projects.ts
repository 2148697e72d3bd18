/** Projects: a name under which a person keeps films and files together. */
import { type Kysely, sql } from "kysely";
import type { OwnRules } from "@/core/kept_kinds.ts";
import type { Page, Paging, Project, ProjectChange, ProjectNote } from "@/core/library.ts";
import { fail, type StudioError } from "@/core/problem.ts";
import { decode, encode } from "./codec.ts";
import { keepOf } from "./keeping.ts";
import { clampLimit, cutPage, readCursor } from "./queries/cursor.ts";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";

/** The refusal of whatever names a project that is not there. */
export function noProject(): StudioError {
  const message = "This project does not exist, or it is not yours.";
  return fail("request.invalid", { fields: [{ path: "projectId", message }] });
}

export async function hasProject(
  on: Kysely<Schema>,
  { ownerId, projectId }: { ownerId: string; projectId: string },
): Promise<boolean> {
  const row = await on.selectFrom("projects").where("id", "=", projectId).where("owner_id", "=", ownerId)
    .select("id").executeTakeFirst();
  return row !== undefined;
}

export async function createProject(writer: Kysely<Schema>, project: Project): Promise<void> {
  await writer.insertInto("projects").values({
    id: project.id,
    owner_id: project.userId,
    name: project.name,
    description: project.description,
    settings_json: "{}",
    created_at: project.createdAt,
    updated_at: project.updatedAt,
    deleted_at: null,
  }).onConflict((conflict) => conflict.column("id").doNothing()).execute();
}

/** False when there is no such project of this owner. */
export async function changeProject(
  writer: Kysely<Schema>,
  { ownerId, projectId, change }: {
    ownerId: string;
    projectId: string;
    change: ProjectChange;
  },
): Promise<boolean> {
  const { keep, ...named } = change;
  return await writer.transaction().execute(async (tx) => {
    const changed = await tx.updateTable("projects").where("id", "=", projectId)
      .where("owner_id", "=", ownerId).set({ ...named, updated_at: await readClock(tx) }).executeTakeFirst();
    if (Number(changed.numUpdatedRows) !== 1) return false;
    if (keep) await storeKeep(tx, projectId, keep);
    return true;
  });
}

/** Inside a transaction. Returns what it was before; null when there is no such project. */
export async function storeKeep(
  tx: Kysely<Schema>,
  projectId: string,
  keep: OwnRules,
): Promise<OwnRules | null> {
  const row = await tx.selectFrom("projects").where("id", "=", projectId).select("settings_json")
    .executeTakeFirst();
  if (!row) return null;
  const settings_json = encode({ ...decode<Record<string, unknown>>(row.settings_json), keep });
  await tx.updateTable("projects").where("id", "=", projectId).set({ settings_json }).execute();
  return keepOf(row.settings_json);
}

/** Films and files stay, in no project. False when there is no such project of this owner. */
export async function removeProject(
  writer: Kysely<Schema>,
  { ownerId, projectId }: { ownerId: string; projectId: string },
): Promise<boolean> {
  return await writer.transaction().execute(async (tx) => {
    if (!(await hasProject(tx, { ownerId, projectId }))) return false;
    for (const table of ["jobs", "assets"] as const) {
      await tx.updateTable(table).where("owner_id", "=", ownerId).where("project_id", "=", projectId)
        .set({ project_id: null }).execute();
    }
    await tx.deleteFrom("projects").where("id", "=", projectId).execute();
    return true;
  });
}

/** Newest first, each with what is in it. */
export async function listProjects(
  reader: Kysely<Schema>,
  { ownerId, cursor, limit: wanted }: { ownerId: string } & Paging,
): Promise<Page<ProjectNote>> {
  const limit = clampLimit(wanted);
  let query = selectNotes(reader, ownerId);
  const after = readCursor(cursor);
  if (after) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("projects.created_at", "projects.id"), "<", tuple(after.at, after.id))
    );
  }
  const rows = await query.orderBy("projects.created_at", "desc").orderBy("projects.id", "desc")
    .limit(limit + 1).execute();
  return cutPage(rows, { limit, positionOf: (row) => ({ at: row.created_at, id: row.id }), toItem: toNote });
}

export async function readProject(
  reader: Kysely<Schema>,
  { ownerId, projectId }: { ownerId: string; projectId: string },
): Promise<ProjectNote | null> {
  const row = await selectNotes(reader, ownerId).where("projects.id", "=", projectId).executeTakeFirst();
  return row ? toNote(row) : null;
}

type NoteRow = Awaited<ReturnType<ReturnType<typeof selectNotes>["execute"]>>[number];

/** Counts walk the indexes of what lies in a project; the cover is the newest film that has a picture. */
export function selectNotes(reader: Kysely<Schema>, ownerId: string) {
  const count = (table: "jobs" | "assets") =>
    sql<number>`(select count(*) from ${sql.table(table)} as thing where thing.owner_id = projects.owner_id
      and thing.project_id = projects.id and thing.deleted_at is null)`;
  return reader.selectFrom("projects").where("projects.owner_id", "=", ownerId).selectAll("projects").select([
    count("jobs").as("films"),
    count("assets").as("files"),
    sql<string | null>`(select jobs.id || ' ' || job_outputs.id from jobs
      join job_outputs on job_outputs.job_id = jobs.id and job_outputs.poster_path is not null
      where jobs.owner_id = projects.owner_id and jobs.project_id = projects.id and jobs.deleted_at is null
      order by jobs.created_at desc, jobs.id desc, job_outputs.run desc, job_outputs.ord limit 1)`.as(
      "cover",
    ),
  ]);
}

function toNote(row: NoteRow): ProjectNote {
  const [jobId, outputId] = row.cover?.split(" ") ?? [];
  return {
    id: row.id,
    userId: row.owner_id,
    name: row.name,
    description: row.description,
    keep: keepOf(row.settings_json),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    films: Number(row.films),
    files: Number(row.files),
    cover: jobId && outputId ? { jobId, outputId } : null,
  };
}
