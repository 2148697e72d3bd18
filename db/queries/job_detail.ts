/** Everything a job's page shows: its row, steps with their titles, history, outputs and inputs. */
import type { Kysely } from "kysely";
import type { Plan } from "@/core/plan.ts";
import type { StepRow } from "@/core/store.ts";
import { decode, decodePlan } from "../codec.ts";
import type { Schema } from "../schema.ts";
import { factsOf } from "../store/plan_facts.ts";
import { loadSteps } from "../store/step_rows.ts";
import { type JobItem, readJobItem } from "./jobs.ts";

export interface JobStep extends StepRow {
  title: string;
  kind: "prompt" | "local";
  weight: number;
}

export interface JobOutputItem {
  id: string;
  run: number;
  ord: number;
  type: string;
  file: string;
  poster: string | null;
  metadata: Record<string, unknown>;
  createdAt: number;
}

export interface JobAssetItem {
  assetId: string;
  role: string;
  used: boolean;
  /** False when the asset was deleted since. */
  there: boolean;
}

export interface JobDetail extends JobItem {
  negativePrompt: string;
  settings: Record<string, unknown>;
  promptId: string | null;
  plan: Plan | null;
  steps: JobStep[];
  /** Newest run first. */
  outputs: JobOutputItem[];
  assets: JobAssetItem[];
}

/** One job's page. `ownerId: null` is for operators only. Null when there is no such job of this owner. */
export async function readJob(
  reader: Kysely<Schema>,
  { ownerId, jobId }: { ownerId: string | null; jobId: string },
): Promise<JobDetail | null> {
  const item = await readJobItem(reader, { ownerId, jobId });
  if (!item) return null;
  const more = await reader.selectFrom("jobs").where("id", "=", jobId)
    .select(["negative_prompt", "settings_json", "comfy_prompt_id"]).executeTakeFirstOrThrow();
  const plan = await readPlan(reader, { jobId, rev: item.rev });
  return {
    ...item,
    negativePrompt: more.negative_prompt,
    settings: decode(more.settings_json),
    promptId: more.comfy_prompt_id,
    plan,
    steps: nameSteps(await loadSteps(reader, { jobId, wanted: "all" }), plan),
    outputs: await readOutputs(reader, jobId),
    assets: await readJobAssets(reader, jobId),
  };
}

async function readPlan(
  reader: Kysely<Schema>,
  { jobId, rev }: { jobId: string; rev: number },
): Promise<Plan | null> {
  const row = await reader.selectFrom("plan").where("job_id", "=", jobId).where("rev", "=", rev)
    .select("json").executeTakeFirst();
  return row ? decodePlan(row.json) : null;
}

/** Steps that an edit took out of the plan keep their id as title. */
function nameSteps(steps: readonly StepRow[], plan: Plan | null): JobStep[] {
  const titles = new Map(plan?.steps.map((step) => [step.id, step.title]));
  return steps.map((step) => {
    const { kind, weight } = factsOf(plan ?? undefined, step.id);
    return { ...step, title: titles.get(step.id) ?? step.id, kind, weight };
  });
}

async function readOutputs(reader: Kysely<Schema>, jobId: string): Promise<JobOutputItem[]> {
  const rows = await reader.selectFrom("job_outputs").where("job_id", "=", jobId).selectAll()
    .orderBy("run", "desc").orderBy("ord").execute();
  return rows.map((row) => ({
    id: row.id,
    run: row.run,
    ord: row.ord,
    type: row.output_type,
    file: row.file_path,
    poster: row.poster_path,
    metadata: decode(row.metadata_json),
    createdAt: row.created_at,
  }));
}

async function readJobAssets(reader: Kysely<Schema>, jobId: string): Promise<JobAssetItem[]> {
  const rows = await reader.selectFrom("job_assets").leftJoin("assets", "assets.id", "job_assets.asset_id")
    .where("job_assets.job_id", "=", jobId).orderBy("job_assets.ord")
    .select(["job_assets.asset_id", "job_assets.role", "job_assets.used", "assets.id", "assets.deleted_at"])
    .execute();
  return rows.map((row) => ({
    assetId: row.asset_id,
    role: row.role,
    used: row.used === 1,
    there: row.id !== null && row.deleted_at === null,
  }));
}

/** Whether a stored file may be served to this owner: as output or poster of a job, or made by one of its steps. */
export async function findOutputFile(
  reader: Kysely<Schema>,
  { ownerId, jobId, file }: { ownerId: string | null; jobId: string; file: string },
): Promise<JobOutputItem | null> {
  if (!(await readJobItem(reader, { ownerId, jobId }))) return null;
  const outputs = await readOutputs(reader, jobId);
  return outputs.find((output) => output.file === file || output.poster === file) ?? null;
}
