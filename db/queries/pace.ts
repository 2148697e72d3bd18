/** How long work took lately: what estimates learn from. */
import { type Kysely, sql } from "kysely";
import type { LoadRun } from "@/core/loads.ts";
import type { Sample } from "@/core/paces.ts";
import type { Schema } from "../schema.ts";

/** Of everybody's newest jobs; what lies further back says little of today's servers. */
const JOBS_MAX = 300;
const STEPS_MAX = 5000;

/** The newest first. */
export async function readSamples(reader: Kysely<Schema>): Promise<Sample[]> {
  const jobs = await buildNewest(reader).execute();
  const rows = await buildSamples(reader, jobs.map(({ id }) => id)).execute();
  const newestFirst = rows.toSorted((a, b) => (b.ended_at ?? 0) - (a.ended_at ?? 0));
  return newestFirst.map((
    { job_id, template, shape, kind, engine, backend_id, weight, started_at, ended_at },
  ) => ({
    jobId: job_id,
    template: kind === "prompt" ? template : "",
    shape,
    engine: engine === "draft" ? "draft" : "comfy",
    backendId: backend_id,
    weight,
    tookS: ((ended_at ?? 0) - (started_at ?? 0)) / 1000,
  }));
}

/** Prompts that ran to their end, for what loading their models took. */
export async function readRuns(reader: Kysely<Schema>): Promise<LoadRun[]> {
  const jobs = await buildNewest(reader).execute();
  const rows = await buildSamples(reader, jobs.map(({ id }) => id)).where("kind", "=", sql.lit("prompt"))
    .execute();
  return rows.map(({ engine, family, template, shape, backend_id, weight, started_at, ended_at }) => ({
    backendId: backend_id ?? "",
    family: `${engine} ${family}`,
    work: `${template} ${shape}`,
    weight,
    startedAt: started_at ?? 0,
    tookS: ((ended_at ?? 0) - (started_at ?? 0)) / 1000,
  }));
}

export function buildNewest(reader: Kysely<Schema>) {
  return reader.selectFrom("jobs").where("deleted_at", "is", null).select("id")
    .orderBy("created_at", "desc").orderBy("id", "desc").limit(JOBS_MAX);
}

/** Steps that ran to their end; what was taken over from an earlier job was on no server. */
export function buildSamples(reader: Kysely<Schema>, jobs: string[]) {
  return reader.selectFrom("step").where("job_id", "in", jobs).where("state", "=", sql.lit("done"))
    .where("started_at", "is not", null).whereRef("ended_at", ">", "started_at")
    .where((eb) => eb.or([eb("kind", "=", "local"), eb("backend_id", "is not", null)]))
    .select([
      "job_id",
      "template",
      "family",
      "shape",
      "kind",
      "engine",
      "backend_id",
      "weight",
      "started_at",
      "ended_at",
    ])
    .limit(STEPS_MAX);
}
