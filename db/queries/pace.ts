/** How long work took lately: what estimates learn from. */
import type { Kysely } from "kysely";
import type { Sample } from "@/core/estimate.ts";
import type { Schema } from "../schema.ts";

/** Of everybody's newest jobs; what lies further back says little of today's servers. */
const JOBS_MAX = 300;
const STEPS_MAX = 5000;

export async function readSamples(reader: Kysely<Schema>): Promise<Sample[]> {
  const jobs = await buildNewest(reader).execute();
  const rows = await buildSamples(reader, jobs.map(({ id }) => id)).execute();
  return rows.map(({ template, kind, engine, weight, started_at, ended_at }) => ({
    template: kind === "prompt" ? template : "",
    engine: engine === "draft" ? "draft" : "comfy",
    weight,
    tookS: ((ended_at ?? 0) - (started_at ?? 0)) / 1000,
  }));
}

export function buildNewest(reader: Kysely<Schema>) {
  return reader.selectFrom("jobs").where("deleted_at", "is", null).select("id")
    .orderBy("created_at", "desc").orderBy("id", "desc").limit(JOBS_MAX);
}

/** Steps that ran to their end; a result that was taken over from an earlier job has no beginning. */
export function buildSamples(reader: Kysely<Schema>, jobs: string[]) {
  return reader.selectFrom("step").where("job_id", "in", jobs).where("state", "=", "done")
    .where("started_at", "is not", null).whereRef("ended_at", ">", "started_at")
    .select(["template", "kind", "engine", "weight", "started_at", "ended_at"]).limit(STEPS_MAX);
}
