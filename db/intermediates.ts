/** What finished long takes were made from, where nobody wished to keep it. */
import { type Kysely, sql } from "kysely";
import { PIECE_ROLES } from "@/core/keeping.ts";
import { listUsedFiles } from "./queries/mod.ts";
import type { Schema } from "./schema.ts";

/** Of a row of `output`: whether it is what its job shows in the end, or did in an earlier run. */
export const IS_RESULT = sql`exists (select 1 from job_outputs where job_outputs.job_id = output.actor_id
  and output.sha256 || '.' || output.ext in (job_outputs.file_path, job_outputs.poster_path))`;

/**
 * Forgets the intermediate files of takes that are complete and were asked not to keep them; the files go with the next
 * look for what nobody names. Takes that failed or wait keep everything, so that they can go on. Returns how many takes.
 */
export async function dropIntermediates(writer: Kysely<Schema>): Promise<number> {
  const takes = await writer.selectFrom("jobs").where("mode", "=", "take").where("status", "=", "completed")
    .where((eb) =>
      eb.exists(
        eb.selectFrom("output").whereRef("output.actor_id", "=", "jobs.id").where("role", "in", PIECE_ROLES)
          .where(sql<boolean>`not ${IS_RESULT}`).select("effect_id"),
      )
    )
    .select(["id", "settings_json"]).execute();
  const done = takes.filter(({ settings_json }) => JSON.parse(settings_json).take?.keep === false);
  for (const { id } of done) {
    await writer.deleteFrom("output").where("actor_id", "=", id).where("role", "in", PIECE_ROLES)
      .where(sql<boolean>`not ${IS_RESULT}`).execute();
  }
  return done.length;
}

/** Forgets these files of a job; returns the names that nobody else needs. */
export async function letGo(
  { writer, reader }: { writer: Kysely<Schema>; reader: Kysely<Schema> },
  { jobId, names }: { jobId: string; names: string[] },
): Promise<string[]> {
  const shas = names.map((name) => name.split(".")[0] ?? name);
  await writer.deleteFrom("output").where("actor_id", "=", jobId).where("sha256", "in", shas)
    .where("role", "in", PIECE_ROLES).execute();
  const used = await listUsedFiles(reader, names);
  return names.filter((name) => !used.has(name));
}
