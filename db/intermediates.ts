/** What finished long takes were made from, where nobody wished to keep it. */
import type { Kysely } from "kysely";
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
