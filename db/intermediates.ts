/** What finished long takes were made from, where nobody wished to keep it. */
import type { Kysely } from "kysely";
import { tellEvent } from "@/core/history.ts";
import { TakeWishes } from "@/core/request.ts";
import { listUsedFiles } from "./queries/mod.ts";
import type { Schema } from "./schema.ts";

const DAY_MS = 86_400_000;
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

/**
 * Ends the keeping of takes that were complete for so long: from then on they are such as asked not to keep their pieces,
 * and their history says since when. What is under way or failed keeps everything. Returns how many takes.
 */
export async function endKeeping(
  writer: Kysely<Schema>,
  { days, now }: { days: number; now: number },
): Promise<number> {
  const takes = await writer.selectFrom("jobs").where("mode", "=", "take").where("status", "=", "completed")
    .where("ended_at", "<", now - days * DAY_MS).select(["id", "settings_json"]).execute();
  let ended = 0;
  for (const { id, settings_json } of takes) {
    const settings = JSON.parse(settings_json);
    const take = TakeWishes.parse(settings.take ?? {});
    if (!take.keep) continue;
    await writer.transaction().execute(async (tx) => {
      const changed = await tx.updateTable("jobs").where("id", "=", id).where("status", "=", "completed")
        .set({ settings_json: JSON.stringify({ ...settings, take: { ...take, keep: false } }) })
        .executeTakeFirst();
      if (changed.numUpdatedRows === 0n) return;
      const actor = await tx.updateTable("actor").where("id", "=", id).set(({ eb }) => ({
        ver: eb("ver", "+", 1),
      }))
        .returning(["ver", "user_id"]).executeTakeFirstOrThrow();
      const { kind, message, body } = tellEvent("pieces.dropped", { days });
      const row = { actor_id: id, ver: actor.ver, user_id: actor.user_id, kind, message, at: now };
      await tx.insertInto("event").values({ ...row, body: JSON.stringify(body) }).execute();
      ended++;
    });
  }
  return ended;
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
