/** What finished long takes were made from, where nobody wished to keep it. */
import type { Kysely } from "kysely";
import { listUsedFiles } from "./queries/mod.ts";
import type { Schema } from "./schema.ts";

/** Films that the server joined so far stand among them; the last one is kept by its name as the result. */
const ROLES = ["latent", "clip", "measure", "window", "film"];

/**
 * Forgets the intermediate files of takes that are complete and were asked not to keep them; the files go with the next
 * look for what nobody names. Takes that failed or wait keep everything, so that they can go on. Returns how many takes.
 */
export async function dropIntermediates(writer: Kysely<Schema>): Promise<number> {
  const takes = await writer.selectFrom("jobs").where("mode", "=", "take").where("status", "=", "completed")
    .where((eb) =>
      eb.exists(
        eb.selectFrom("output").whereRef("output.actor_id", "=", "jobs.id").where("role", "in", ROLES)
          .select("effect_id"),
      )
    )
    .select(["id", "settings_json"]).execute();
  const done = takes.filter(({ settings_json }) => JSON.parse(settings_json).take?.keep === false);
  for (const { id } of done) {
    await writer.deleteFrom("output").where("actor_id", "=", id).where("role", "in", ROLES).execute();
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
    .where("role", "in", ROLES).execute();
  const used = await listUsedFiles(reader, names);
  return names.filter((name) => !used.has(name));
}
