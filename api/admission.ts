/** Turns an accepted request into jobs that can be admitted, and a stored job back into its request. */
import { z } from "zod";
import { firstSteps, newJobState } from "@/actors/job/messages.ts";
import { tellEvent } from "@/core/history.ts";
import { fail, type FieldNote, StudioError } from "@/core/problem.ts";
import { type More, overLimit } from "@/core/quota.ts";
import type { Mail, NewJob } from "@/core/store.ts";
import { Finishing, Mode, type Place, PLACES, TakeWishes } from "@/core/request.ts";
import type { NewJobBody } from "./job_schemas.ts";
import { failField, joinProblems } from "./problems.ts";
import type { Asset, JobDraft, JobRecord, Planned, Studio } from "./studio.ts";

/** As a job keeps its request. */
export const StoredDraft = z.object({
  mode: Mode,
  submode: z.string().nullable(),
  template: z.string().optional(),
  title: z.string(),
  prompt: z.string(),
  negativePrompt: z.string(),
  assets: z.object({
    groundTruth: z.string().optional(),
    motionVideo: z.string().optional(),
    audio: z.string().optional(),
    references: z.array(z.string()),
    poseSheet: z.string().optional(),
    image: z.string().optional(),
    lastImage: z.string().optional(),
    video: z.string().optional(),
  }),
  settings: z.object({
    width: z.int().optional(),
    height: z.int().optional(),
    frameRate: z.union([z.enum(["template", "source"]), z.number()]),
    seconds: z.number().optional(),
    frames: z.int().optional(),
    seed: z.string(),
    preset: z.string().optional(),
    engine: z.enum(["draft", "auto"]),
    priority: z.int(),
    retries: z.int().optional(),
    stopAfterFirstPass: z.boolean().optional(),
    options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    finish: Finishing.optional(),
  }),
  take: TakeWishes.optional(),
});

/** The request that a job was made from. */
export function readDraft(job: Pick<JobRecord, "settings">): JobDraft {
  return StoredDraft.parse(job.settings);
}

/** The request in the planner's form, with its seed drawn. */
export function makeDraft(studio: Studio, body: NewJobBody): JobDraft {
  const { mode, submode, negativePrompt, assets, settings } = body;
  const prompt = body.prompt ?? "";
  return {
    mode,
    submode,
    ...("template" in body && body.template !== undefined ? { template: body.template } : {}),
    title: body.title.trim() || titleFrom(prompt),
    prompt,
    negativePrompt,
    assets,
    settings: { ...settings, seed: settings.seed ?? studio.drawSeed() },
    ...("take" in body ? { take: body.take } : {}),
  };
}

/** The files of a draft with their places, in the order of the request. */
function placesOf(draft: JobDraft): { role: Place; path: string; assetId: string }[] {
  const { references, ...single } = draft.assets;
  return [
    ...Object.entries(single).map(([role, assetId]) => ({
      role: role as keyof typeof single,
      path: `assets.${role}`,
      assetId,
    })),
    ...references.map((assetId, n) => ({
      role: "references" as const,
      path: `assets.references.${n}`,
      assetId,
    })),
  ];
}

/** The first words of the prompt: good enough until the person gives a name. */
function titleFrom(prompt: string): string {
  const words = prompt.trim().replace(/\s+/g, " ");
  if (words === "") return "Untitled";
  if (words.length <= 60) return words;
  const cut = words.slice(0, 60);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), 30)).toWellFormed()}…`;
}

export interface Inputs {
  assets: Asset[];
  /** Every missing, foreign, empty or wrong file by its place. */
  fields: FieldNote[];
  isWrongKind: boolean;
}

/** The assets of a draft. */
export async function lookForInputs(studio: Studio, userId: string, draft: JobDraft): Promise<Inputs> {
  const fields: FieldNote[] = [];
  const assets: Asset[] = [];
  let isWrongKind = false;
  for (const { role, path, assetId } of placesOf(draft)) {
    const asset = await studio.assets.find(userId, assetId);
    if (asset === null) fields.push({ path, message: "This file does not exist, or it is not yours." });
    else if (asset.content === null) fields.push({ path, message: "This file has not been uploaded yet." });
    else if (asset.content.kind !== PLACES[role]) {
      isWrongKind = true;
      fields.push({
        path,
        message: `This must be ${PLACES[role]}, but the file is ${asset.content.kind}.`,
      });
    } else assets.push(asset);
  }
  return { assets, fields, isWrongKind };
}

async function findInputs(studio: Studio, userId: string, draft: JobDraft): Promise<Asset[]> {
  const { referenceImagesMax } = studio.settings;
  const { assets, fields, isWrongKind } = await lookForInputs(studio, userId, draft);
  if (fields.length > 0) throw fail(isWrongKind ? "asset.wrong_kind" : "asset.missing", { fields });
  if (draft.assets.references.length > referenceImagesMax) {
    const message = `At most ${referenceImagesMax} reference pictures.`;
    throw fail("request.invalid", { fields: [{ path: "assets.references", message }] });
  }
  return assets;
}

/** Refuses what no server could run, and says what would work. */
export async function checkServers(studio: Studio, wish: Parameters<Studio["shelf"]["judge"]>[0]) {
  const { problem } = await studio.shelf.judge(wish);
  if (problem !== null) throw new StudioError(problem);
}

/** The plan of a draft, and the files that it was made with. */
export async function planDraft(
  studio: Studio,
  userId: string,
  draft: JobDraft,
): Promise<Planned & { assets: Asset[] }> {
  const assets = await findInputs(studio, userId, draft);
  const planned = await studio.plan(draft, assets);
  if (!planned.ok) throw joinProblems(planned.problem);
  await checkServers(studio, { plan: planned.value.plan, draft, assets });
  return { ...planned.value, assets };
}

/** Refuses what a person's limits do not allow, and says which, how much is used, and when it frees. */
export async function checkLimits(studio: Studio, userId: string, more: More): Promise<void> {
  const refused = overLimit(await studio.quotas.of(userId), more, studio.clock.now());
  if (refused) throw new StudioError(refused);
}

/**
 * Lets jobs of one person in. Those of one person go one after another, so that what is set aside for the first counts for
 * the next, however many requests come at once.
 */
export async function letIn(studio: Studio, userId: string, jobs: NewJob[]): Promise<void> {
  await oneByOne(studio, userId, async () => {
    const films = await Promise.all(jobs.map(({ plan }) => studio.quotas.expect(plan)));
    await checkLimits(studio, userId, { bytes: 0, films });
    await studio.admit(jobs);
  });
}

const lines = new WeakMap<Studio, Map<string, Promise<void>>>();

async function oneByOne(studio: Studio, key: string, work: () => Promise<void>): Promise<void> {
  const own = lines.get(studio) ?? new Map<string, Promise<void>>();
  lines.set(studio, own);
  const turn = (own.get(key) ?? Promise.resolve()).then(work);
  const over = turn.catch(() => {});
  own.set(key, over);
  await over.then(() => own.get(key) === over && own.delete(key));
  await turn;
}

/** A project that is named must be the person's own. */
export async function checkProject(studio: Studio, userId: string, id: string | undefined): Promise<void> {
  if (id === undefined || await studio.projects.find(userId, id) !== null) return;
  throw failField("projectId", "This project does not exist, or it is not yours.");
}

export interface Admitted {
  id: string;
  userId: string;
  draft: JobDraft;
  planned: Planned & { assets: Asset[] };
  start: boolean;
  batchId: string | null;
  parentId: string | null;
  /** The draft that it is the final film of. */
  draftId?: string;
  projectId: string | null;
  /** The studio's own numbers, where the request names none. */
  retries: { failuresMax: number; retryBaseMs: number };
}

/** One job as it enters the database: state, plan, steps and the first mail belong to one transaction. */
export function newJob(job: Admitted): NewJob {
  const { draft, planned } = job;
  const state = newJobState({
    ...job.retries,
    ...(draft.settings.retries === undefined ? {} : { failuresMax: draft.settings.retries + 1 }),
    ...(draft.mode === "take" ? { tenacious: true as const } : {}),
  });
  return {
    id: job.id,
    userId: job.userId,
    kind: "job",
    priority: draft.settings.priority,
    state,
    plan: planned.plan,
    steps: firstSteps(planned.plan),
    mail: job.start ? [startMail(job.id)] : [],
    begins: tellEvent("status", { status: "created", run: state.run }),
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
      projectId: job.projectId,
      assets: placesOf(draft).map(({ role, assetId }) => ({ assetId, role, used: isUsed(planned, assetId) })),
      parentId: job.parentId,
      draftId: job.draftId ?? null,
    },
  };
}

/** A job is started once, whoever asks. */
export function startMail(jobId: string): Mail {
  return { id: `start:${jobId}`, to: jobId, kind: "start", body: { type: "start" } };
}

/** Whether a file changes the result, as the plan says it by content. */
function isUsed(planned: Admitted["planned"], assetId: string): boolean {
  const sha256 = planned.assets.find((asset) => asset.id === assetId)?.content?.file.sha256;
  return planned.plan.inputs.some((input) => input.sha256 === sha256 && input.used);
}
