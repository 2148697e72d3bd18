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
  const before = now - days * DAY_MS;
  const takes = await writer.selectFrom("jobs").where("mode", "=", "take").where("status", "=", "completed")
    .where("ended_at", "<", before).select(["id", "settings_json"]).execute();
  let ended = 0;
  for (const { id } of takes.filter(({ settings_json }) => keeps(JSON.parse(settings_json)))) {
    await writer.transaction().execute(async (tx) => {
      // Since then the take may have been taken up again, cut or edited.
      const found = await tx.selectFrom("jobs").where("id", "=", id).where("status", "=", "completed")
        .where("ended_at", "<", before).select("settings_json").executeTakeFirst();
      const settings = found && JSON.parse(found.settings_json);
      if (!settings || !keeps(settings)) return;
      const take = { ...TakeWishes.parse(settings.take ?? {}), keep: false };
      await tx.updateTable("jobs").where("id", "=", id)
        .set({ settings_json: JSON.stringify({ ...settings, take }) }).execute();
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

function keeps({ take }: { take?: unknown }): boolean {
  return TakeWishes.parse(take ?? {}).keep;
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
