/** Turns an accepted request into jobs that can be admitted, and a stored job back into its request. */
import { z } from "zod";
import { firstSteps, newJobState } from "@/actors/job/messages.ts";
import { fail } from "@/core/problem.ts";
import type { Mail, NewJob } from "@/core/store.ts";
import { KIND_OF_ROLE, type NewJobBody } from "./job_schemas.ts";
import { joinProblems } from "./problems.ts";
import type { Asset, JobDraft, JobRecord, Planned, Studio } from "./studio.ts";

const StoredDraft = z.object({
  mode: z.string(),
  submode: z.string().nullable(),
  title: z.string(),
  prompt: z.string(),
  negativePrompt: z.string(),
  engine: z.enum(["auto", "draft", "comfy"]),
  preset: z.string().nullable(),
  settings: z.object({
    width: z.int().optional(),
    height: z.int().optional(),
    seconds: z.number().optional(),
    frames: z.int().optional(),
    rate: z.string().optional(),
    seed: z.string(),
  }),
  inputs: z.array(z.object({ role: z.string(), assetId: z.string() })),
});

/** The request that a job was made from. */
export function readDraft(job: Pick<JobRecord, "settings">): JobDraft {
  return StoredDraft.parse(job.settings);
}

/** The request in the planner's form, with its seed drawn. */
export function makeDraft(studio: Studio, body: NewJobBody): JobDraft {
  const inputs = Object.entries(body.inputs).flatMap(([role, given]) =>
    [given ?? []].flat().map((assetId) => ({ role, assetId }))
  );
  return {
    mode: body.mode,
    submode: body.submode ?? null,
    title: body.title?.trim() || titleFrom(body.prompt ?? ""),
    prompt: body.prompt ?? "",
    negativePrompt: body.negativePrompt ?? "",
    engine: body.engine,
    preset: body.preset ?? null,
    settings: { ...body.settings, seed: body.settings.seed ?? studio.drawSeed() },
    inputs,
  };
}

/** The first words of the prompt: good enough until the person gives a name. */
function titleFrom(prompt: string): string {
  const words = prompt.trim().replace(/\s+/g, " ");
  if (words === "") return "Untitled";
  if (words.length <= 60) return words;
  const cut = words.slice(0, 60);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), 30)).toWellFormed()}…`;
}

/** The assets of a draft; every missing, foreign, empty or wrong one is named by its place. */
export async function findInputs(studio: Studio, userId: string, draft: JobDraft): Promise<Asset[]> {
  const { referenceImagesMax, filmSecondsMax } = studio.settings;
  const counts = new Map<string, number>();
  const fields: { path: string; message: string }[] = [];
  const assets: Asset[] = [];
  let isWrongKind = false;
  for (const { role, assetId } of draft.inputs) {
    const n = counts.get(role) ?? 0;
    counts.set(role, n + 1);
    const path = role === "references" ? `inputs.references.${n}` : `inputs.${role}`;
    const asset = await studio.assets.find(userId, assetId);
    if (asset === null) fields.push({ path, message: "This file does not exist, or it is not yours." });
    else if (asset.content === null) fields.push({ path, message: "This file has not been uploaded yet." });
    else if (asset.content.kind !== KIND_OF_ROLE[role]) {
      isWrongKind = true;
      fields.push({
        path,
        message: `This must be ${KIND_OF_ROLE[role]}, but the file is ${asset.content.kind}.`,
      });
    } else assets.push(asset);
  }
  if (fields.length > 0) throw fail(isWrongKind ? "asset.wrong_kind" : "asset.missing", { fields });
  if ((counts.get("references") ?? 0) > referenceImagesMax) {
    const message = `At most ${referenceImagesMax} reference pictures.`;
    throw fail("request.invalid", { fields: [{ path: "inputs.references", message }] });
  }
  if ((draft.settings.seconds ?? 0) > filmSecondsMax) {
    const message = `At most ${filmSecondsMax} seconds.`;
    throw fail("job.too_long", { fields: [{ path: "settings.seconds", message }] });
  }
  return assets;
}

export async function planDraft(studio: Studio, userId: string, draft: JobDraft): Promise<Planned> {
  const assets = await findInputs(studio, userId, draft);
  const planned = await studio.plan(draft, assets);
  if (!planned.ok) throw joinProblems(planned.problem);
  return planned.value;
}

export async function checkRoom(studio: Studio, userId: string, count: number): Promise<void> {
  const { jobsQueuedMax } = studio.settings;
  if (await studio.jobs.countLive(userId) + count > jobsQueuedMax) {
    throw fail("job.queue_full", { detail: { jobsMax: jobsQueuedMax } });
  }
}

export interface Admitted {
  id: string;
  userId: string;
  draft: JobDraft;
  planned: Planned;
  priority: number;
  start: boolean;
  batchId: string | null;
  parentId: string | null;
  retries: { failuresMax: number; retryBaseMs: number };
}

/** One job as it enters the database: state, plan, steps and the first mail belong to one transaction. */
export function newJob(job: Admitted): NewJob {
  const { draft, planned } = job;
  const state = newJobState(job.retries);
  return {
    id: job.id,
    userId: job.userId,
    kind: "job",
    priority: job.priority,
    state,
    plan: planned.plan,
    steps: firstSteps(planned.plan),
    mail: job.start ? [startMail(job.id)] : [],
    shown: {
      status: "created",
      stage: "",
      paused: false,
      cancelling: false,
      run: state.run,
      rev: state.rev,
      share: 0,
      problem: null,
      promptId: null,
      endedAt: null,
    },
    row: {
      mode: draft.mode,
      submode: draft.submode,
      title: draft.title,
      prompt: draft.prompt,
      negativePrompt: draft.negativePrompt,
      settings: { ...draft },
      template: planned.template,
      engine: planned.plan.engine,
      batchId: job.batchId,
      projectId: null,
      assets: draft.inputs.map(({ role, assetId }) => ({
        assetId,
        role,
        used: planned.usedRoles.includes(role),
      })),
      parentId: job.parentId,
    },
  };
}

/** A job is started once, whoever asks. */
export function startMail(jobId: string): Mail {
  return { id: `start:${jobId}`, to: jobId, kind: "start", body: { type: "start" } };
}
