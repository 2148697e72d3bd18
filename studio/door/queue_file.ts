/** Live jobs as they were asked for, and jobs of a file let in, over the database. */
import type { Admin } from "@/core/admin.ts";
import type { Config } from "@/core/config.ts";
import { decode } from "@/db/codec.ts";
import { admitByOperator } from "@/db/operate.ts";
import { isLive } from "@/db/queries/conditions.ts";
import type { Database } from "@/db/sqlite.ts";

export interface QueueFileParts extends Pick<Database, "reader" | "writer"> {
  config: Pick<Config, "JOBS_QUEUED_MAX">;
  hint(actors: string[]): void;
}

const IDS_AT_ONCE = 500;

export function openQueueFile(
  { reader, writer, config, hint }: QueueFileParts,
): Pick<Admin, "liveRequests" | "known" | "admit"> {
  return {
    async liveRequests() {
      const rows = await reader.selectFrom("jobs").innerJoin("users", "users.id", "jobs.owner_id")
        .innerJoin("actor", "actor.id", "jobs.id")
        .where(isLive("jobs.status")).where("jobs.deleted_at", "is", null)
        .orderBy("actor.priority", "desc").orderBy("actor.rank").select([
          "jobs.id",
          "users.email as owner",
          "actor.priority",
          "jobs.status",
          "jobs.paused",
          "jobs.batch_id as batchId",
          "jobs.project_id as projectId",
          "jobs.settings_json",
        ]).execute();
      return rows.map(({ paused, settings_json, ...row }) => ({
        ...row,
        paused: paused === 1,
        settings: decode<Record<string, unknown>>(settings_json),
      }));
    },
    async known(ids) {
      const found = new Set<string>();
      for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
        const rows = await reader.selectFrom("actor").where("id", "in", ids.slice(at, at + IDS_AT_ONCE))
          .select("id").execute();
        for (const { id } of rows) found.add(id);
      }
      return found;
    },
    async admit(jobs, entry, by) {
      await admitByOperator(writer, jobs, { openMax: config.JOBS_QUEUED_MAX, entry, by });
      hint(jobs.map(({ id }) => id));
    },
  };
}
