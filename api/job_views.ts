/** What a person sees of a job: every field is named here, so nothing of graphs, nodes or servers slips through. */
import { z } from "zod";
import { sentenceOf } from "@/core/history.ts";
import { isHeldBack } from "@/core/maintenance.ts";
import type { Plan, Step } from "@/core/plan.ts";
import type { Progress } from "@/core/ports.ts";
import { isStatus, isTerminal } from "@/core/status.ts";
import type { StepRow } from "@/core/store.ts";
import { readDraft } from "./admission.ts";
import { mimeOf } from "./names.ts";
import { type FilmFacts, partsOf } from "@/core/pieces.ts";
import type {
  ShownAsked,
  ShownEvent,
  ShownJob,
  ShownJobDetail,
  ShownOutput,
  ShownProgress,
  ShownRelative,
  ShownResult,
  ShownStage,
  ShownStep,
} from "@/core/shown.ts";
import { stages } from "@/core/words/stages.ts";
import { showProblem } from "./problems.ts";
import { iso, isoOrNull } from "./schemas.ts";
import type { EventRecord, JobRecord, OutputRecord, Studio } from "./studio.ts";
import { problem, type ProblemCode, PROBLEMS } from "@/core/problem.ts";

export interface Viewer {
  operator: boolean;
  /** Nothing new starts. */
  closed: boolean;
  /** The newest progress of a job, where there is any. */
  progress: (jobId: string) => Progress | undefined;
}

export function showJob(job: JobRecord, viewer: Viewer): ShownJob {
  const draft = readDraft(job);
  const heldBack = viewer.closed && isHeldBack(job);
  return {
    id: job.id,
    mode: job.mode,
    submode: job.submode,
    title: job.title,
    prompt: job.prompt,
    negativePrompt: job.negativePrompt,
    template: { name: job.template.name, version: job.template.version },
    engine: job.engine,
    draft: job.engine === "draft",
    settings: draft.settings,
    assets: job.assets.map(({ role, assetId, used }) => ({ role, assetId, used })),
    softGuidance: job.assets.filter(({ role }) => role === "poseSheet").map(({ assetId }) => assetId),
    batchId: job.batchId,
    parentId: job.parentId,
    draftId: job.draftId,
    projectId: job.projectId,
    mark: job.mark,
    status: job.status,
    stage: heldBack ? stages.maintenance : job.stage,
    heldBack,
    paused: job.paused,
    cancelling: job.cancelling,
    run: job.run,
    rev: job.rev,
    share: job.share,
    problem: job.problem === null ? null : showProblem(job.problem, viewer),
    parts: partsOf(job.pieces),
    retakes: job.retakes,
    approvals: job.approvals,
    progress: showOwnProgress(job, viewer),
    result: job.film === null ? null : showResult(job.id, job.film),
    priority: job.priority,
    createdAt: iso(job.createdAt),
    updatedAt: iso(job.updatedAt),
    endedAt: isoOrNull(job.endedAt),
    trashedAt: isoOrNull(job.trashedAt),
  };
}

function showOwnProgress(job: JobRecord, viewer: Viewer): ShownProgress | null {
  const progress = isTerminal(job.status) ? undefined : viewer.progress(job.id);
  return progress?.run === job.run ? showProgress(progress) : null;
}

export function showRelative({ id, title, status }: JobRecord): ShownRelative {
  return { id, title, status };
}

const NO_MEMORY: (ProblemCode | undefined)[] = ["comfy.out_of_memory", "comfy.no_memory"];

/** The preset for little memory after a want of it; the same again would fail the same way. */
export function showLighter(job: JobRecord, { templates }: Studio): ShownJobDetail["lighter"] {
  if (job.status !== "failed" || !NO_MEMORY.includes(job.problem?.code)) return null;
  const light = templates.lightest(job.template);
  const isUsed = (readDraft(job).settings.preset ?? light?.usual) === light?.name;
  return light && !isUsed ? { name: light.name, title: light.title } : null;
}

export function showProgress(progress: Progress): ShownProgress {
  const { jobId, run, share, stage, step, at, etaS, preview } = progress;
  return {
    jobId,
    run,
    share,
    stage,
    step: step ?? null,
    at: at ?? null,
    etaSeconds: etaS,
    previewUrl: preview ? `/api/jobs/${jobId}/preview?revision=${preview.revision}` : null,
  };
}

function showResult(
  jobId: string,
  { output, type, hasPoster, seconds, width, height }: FilmFacts,
): ShownResult {
  return { type, ...linksOf({ jobId, output, hasPoster }), seconds, width, height };
}

const LoopFacts = z.object({ loopValue: z.number().nullable(), loopMethod: z.string() });

/** How well the newest film's end meets its beginning; null where nobody measured. */
export function showLoop([newest]: OutputRecord[]): ShownJobDetail["loop"] {
  const facts = LoopFacts.safeParse(newest?.metadata);
  return facts.success ? { value: facts.data.loopValue, method: facts.data.loopMethod } : null;
}

function linksOf({ jobId, output, hasPoster }: { jobId: string; output: string; hasPoster: boolean }) {
  const url = `/api/jobs/${jobId}/outputs/${output}`;
  return {
    url: `${url}/file`,
    downloadUrl: `${url}/file?download=1`,
    posterUrl: hasPoster ? `${url}/poster` : null,
  };
}

/** Steps in the order of the plan, takes in the order they were made. */
export function showSteps(
  job: JobRecord,
  plan: Plan,
  rows: StepRow[],
  viewer: Viewer,
): ShownStep[] {
  const byStep = Map.groupBy(rows, (row) => row.id);
  return plan.steps.flatMap((step) =>
    (byStep.get(step.id) ?? []).sort((a, b) => a.take - b.take).map((row) => ({
      id: row.id,
      title: step.title,
      phase: step.phase,
      weight: step.weight,
      take: row.take,
      chosen: row.chosen,
      stale: row.stale,
      state: row.state,
      attempt: row.attempt,
      run: row.run,
      problem: row.problem === null ? null : showProblem(row.problem, viewer),
      asked: showAsked(step),
      files: row.outputs.map(({ role, ord, ext, bytes }) => ({
        role,
        ord,
        mime: mimeOf(`x.${ext}`),
        sizeBytes: bytes,
        url: `/api/jobs/${job.id}/steps/${row.id}/takes/${row.take}/files/${role}/${ord}`,
      })),
      startedAt: isoOrNull(row.startedAt),
      endedAt: isoOrNull(row.endedAt),
    }))
  );
}

function showAsked(step: Step): ShownAsked | null {
  if (step.kind !== "prompt") return null;
  const { prompt, negativePrompt, seed } = step.values;
  const text = (value: unknown) => typeof value === "string" ? value : "";
  return {
    prompt: text(prompt),
    negativePrompt: text(negativePrompt),
    seed: text(seed),
    preset: step.preset,
  };
}

/** From the job's own history: each status of this run lasts until the next; the end lasts no time. */
export function showStages(job: JobRecord, events: EventRecord[]): ShownStage[] {
  const own = events.flatMap(({ at, body: { status, run } }) =>
    typeof status === "string" && isStatus(status) && run === job.run ? [{ status, at }] : []
  );
  return own.map(({ status, at }, n) => {
    const to = own[n + 1]?.at ?? (isTerminal(status) ? at : null);
    return { status, from: iso(at), to: isoOrNull(to) };
  });
}

/** The wish of the newest request beside what its plan makes of it. */
export function showSize(job: JobRecord, plan: Plan | null): ShownJobDetail["size"] {
  const { width = null, height = null } = readDraft(job).settings;
  const made = plan?.film ?? plan?.picture ?? null;
  return {
    asked: { width, height },
    rendered: made === null ? null : { width: made.width, height: made.height },
  };
}

export function showOutput(job: JobRecord, output: OutputRecord): ShownOutput {
  return {
    id: output.id,
    type: output.type,
    mime: mimeOf(output.file),
    ...linksOf({ jobId: job.id, output: output.id, hasPoster: output.poster !== null }),
    draft: job.engine === "draft",
    createdAt: iso(output.createdAt),
  };
}

/** Facts of events that are meant for people. Prompt ids, servers and node names are not among them. */
const PAYLOAD = [
  "status",
  "stage",
  "share",
  "run",
  "rev",
  "step",
  "title",
  "take",
  "attempt",
  "state",
  "reason",
  "follow",
  "choice",
  "priority",
  "paused",
  "cancelling",
  "retryInMs",
  "now",
];

export function showEvent(event: EventRecord, viewer: Viewer): ShownEvent {
  const payload: Record<string, unknown> = {};
  for (const key of viewer.operator ? Object.keys(event.body) : PAYLOAD) {
    const value = event.body[key];
    if (["string", "number", "boolean"].includes(typeof value)) payload[key] = value;
  }
  const shown = problemIn(event.body.problem);
  if (shown !== null) payload.problem = showProblem(shown, viewer);
  const { seq, jobId, kind, at } = event;
  return { seq, jobId, at: iso(at), type: kind, message: sentenceOf(event), payload };
}

/** The problem in an event's body, told anew from the table: stored text of unknown origin is not passed on. */
function problemIn(value: unknown): ReturnType<typeof problem> | null {
  if (typeof value !== "object" || value === null || !("code" in value)) return null;
  const { code } = value;
  if (typeof code !== "string" || !isCode(code)) return null;
  const message = "message" in value && typeof value.message === "string" ? value.message : undefined;
  const operator = "operator" in value && typeof value.operator === "string" ? value.operator : undefined;
  return problem(code, { ...(message ? { message } : {}), ...(operator ? { operator } : {}) });
}

function isCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}
