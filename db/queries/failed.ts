/** Films of everybody that failed, with the step that did and the server that it was on. */
import { type Kysely, type Selectable, sql } from "kysely";
import type { FailedFilm } from "@/core/failed.ts";
import type { Problem } from "@/core/problem.ts";
import { decodeOrNull } from "../codec.ts";
import type { Schema } from "../schema.ts";
import { clampLimit, cutPage, type Page, readCursor } from "./cursor.ts";

/** Newest first. */
export async function listFailed(
  reader: Kysely<Schema>,
  { cursor, limit: wanted }: { cursor: string | null; limit: number },
): Promise<Page<FailedFilm>> {
  const limit = clampLimit(wanted);
  const after = readCursor(cursor);
  let query = buildFailed(reader);
  if (after) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("jobs.ended_at", "jobs.id"), "<", tuple(after.at, after.id))
    );
  }
  const rows = await query.orderBy("jobs.ended_at", "desc").orderBy("jobs.id", "desc").limit(limit + 1)
    .execute();
  return cutPage(rows, {
    limit,
    positionOf: ({ ended_at: at, id }) => ({ at: at ?? 0, id }),
    toItem,
  });
}

export async function findFailed(reader: Kysely<Schema>, id: string): Promise<FailedFilm | null> {
  const row = await buildFailed(reader).where("jobs.id", "=", id).executeTakeFirst();
  return row ? toItem(row) : null;
}

export function buildFailed(reader: Kysely<Schema>) {
  return reader.selectFrom("jobs").leftJoin("users", "users.id", "jobs.owner_id")
    .where("jobs.status", "=", sql.lit("failed")).where("jobs.deleted_at", "is", null)
    .select((eb) => [
      "jobs.id",
      "jobs.title",
      "jobs.mode",
      "jobs.rev",
      "jobs.ended_at",
      "jobs.problem",
      "users.email",
      eb.selectFrom("step").whereRef("step.job_id", "=", "jobs.id").where("step.state", "=", "failed")
        .orderBy("step.ended_at", "desc").orderBy("step.id").limit(1)
        .select(sql<string>`json_array(step.id, step.backend_id, step.prompt_id)`.as("at")).as("step"),
    ]);
}

type Row = Pick<Selectable<Schema["jobs"]>, "id" | "title" | "mode" | "rev" | "ended_at" | "problem"> & {
  email: string | null;
  step: string | null;
};

function toItem({ id, title, mode, rev, ended_at: endedAt, email, ...row }: Row): FailedFilm {
  const problem = decodeOrNull<Problem>(row.problem);
  const [step = null, backendId = null, promptId = null] = decodeOrNull<(string | null)[]>(row.step) ?? [];
  const { code = "studio.bug", message = "", operator = message } = problem ?? {};
  const film = { id, title, owner: email ?? "", mode, rev, endedAt: endedAt ?? 0 };
  return { ...film, code, message, cause: operator, step, backendId, promptId };
}
