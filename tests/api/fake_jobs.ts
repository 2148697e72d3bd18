/** The jobs of the studio in memory, and a planner that plans two steps for everything. */
import { hashText } from "@/adapters/auth/tokens.ts";
import type { Plan } from "@/core/plan.ts";
import { piecesOf } from "@/core/pieces.ts";
import { refuseWish } from "@/core/planners/mod.ts";
import { problem } from "@/core/problem.ts";
import { ok } from "@/core/result.ts";
import type { NewJob } from "@/core/store.ts";
import type { Asset, Before, JobDraft, JobRecord, Studio } from "@/core/studio.ts";
import type { FakeClock, FakeStudio } from "./fake_studio.ts";

const RATE = { num: 16, den: 1 };
const FILM_SECONDS_MAX = 60;

/** Operators' text in every place where the real studio could have it. */
export const CANARY = "node 309:298 KSamplerAdvanced class_type";

export function jobParts(kept: FakeStudio["kept"], clock: FakeClock) {
  const parts: Pick<
    Studio,
    "jobs" | "plan" | "sketch" | "planCut" | "planRetake" | "admit" | "tell" | "revise"
  > = {
    jobs: {
      find(userId, id) {
        const job = kept.jobs.get(id);
        return Promise.resolve(job?.userId === userId ? withFilm(kept, job) : null);
      },
      list: (userId, filter) =>
        Promise.resolve(
          newest([...kept.jobs.values()].filter((job) => job.userId === userId), filter.before)
            .filter((job) => (job.trashedAt !== null) === filter.trashed)
            .filter((job) => filter.mode === null || job.mode === filter.mode)
            .filter((job) => !filter.submode || job.submode === filter.submode)
            .filter((job) => filter.statuses === null || filter.statuses.includes(job.status))
            .filter((job) => filter.batchId === null || job.batchId === filter.batchId)
            .filter((job) => filter.projectId === null || job.projectId === filter.projectId)
            .slice(0, filter.limit).map((job) => withFilm(kept, job)),
        ),
      some: (userId, ids) =>
        Promise.resolve(
          [...kept.jobs.values()].filter((job) => job.userId === userId && ids.includes(job.id))
            .map((job) => withFilm(kept, job)),
        ),
      finals: (userId, draftId) =>
        Promise.resolve(
          newest(
            [...kept.jobs.values()].filter((job) => job.userId === userId && job.draftId === draftId),
            null,
          )
            .filter(({ trashedAt }) => trashedAt === null).map((job) => withFilm(kept, job)),
        ),
      plan: (id, rev) => Promise.resolve(kept.plans.get(`${id} ${rev}`) ?? null),
      newestRev: (id) => Promise.resolve([...kept.plans.keys()].filter((key) => key.startsWith(id)).length),
      steps: (id) => Promise.resolve(kept.steps.get(id) ?? []),
      files: () => Promise.resolve(new Set(kept.files.keys())),
      outputs: (id) => Promise.resolve(kept.outputs.get(id) ?? []),
      events(id, { after, limit, kind }) {
        const own = kept.events.filter((event) =>
          event.jobId === id && (kind === undefined || event.kind === kind)
        );
        return Promise.resolve(
          after === null ? own.slice(-limit) : own.filter(({ seq }) => seq > after).slice(0, limit),
        );
      },
      trash(id, at) {
        changeJob(kept, id, { trashedAt: at });
        return Promise.resolve();
      },
    },
    plan: (draft, assets) => Promise.resolve(planFor(draft, assets)),
    sketch: (draft, assets) => Promise.resolve(planFor(draft, assets)),
    planCut: (plan) => Promise.resolve(ok(plan)),
    planRetake: (plan, step, changes) =>
      Promise.resolve(ok({
        ...plan,
        steps: plan.steps.map((one) =>
          one.id === step
            ? { ...one, values: { ...one.values, ...changes }, form: hashText(JSON.stringify(changes)) }
            : one
        ),
      })),
    admit(jobs) {
      for (const job of jobs) if (!kept.jobs.has(job.id)) admitOne(kept, clock, job);
      return Promise.resolve();
    },
    tell(mail) {
      for (const one of mail) if (!kept.mail.some(({ id }) => id === one.id)) kept.mail.push(one);
      return Promise.resolve();
    },
    revise(jobId, { rev, plan, mail, draft }) {
      if (kept.plans.has(`${jobId} ${rev}`)) return Promise.resolve(false);
      kept.plans.set(`${jobId} ${rev}`, plan);
      kept.mail.push(mail);
      if (draft) {
        const { title, prompt, negativePrompt } = draft;
        changeJob(kept, jobId, { title, prompt, negativePrompt, settings: { ...draft } });
      }
      return Promise.resolve(true);
    },
  };
  return parts;
}

/** Refuses a blank prompt and absurd lengths as the real planner does, and plans two steps whose form follows from the request. */
function planFor(draft: JobDraft, assets: Asset[]): Awaited<ReturnType<Studio["plan"]>> {
  if (draft.prompt === "") {
    return {
      ok: false,
      problem: [problem("request.invalid", { fields: [{ path: "prompt", message: "is required" }] })],
    };
  }
  const refused = refuseWish(draft.settings, RATE, FILM_SECONDS_MAX);
  if (refused) return refused;
  const common = { weight: 1, values: { graph: CANARY }, timeLimitS: 60 };
  const form = hashText(`${draft.prompt} ${draft.settings.seed} ${draft.settings.preset}`);
  const step = { ...common, kind: "local" as const, op: "draw", form };
  const plan: Plan = {
    v: 1,
    mode: draft.mode,
    submode: draft.submode,
    engine: "draft",
    steps: [
      { ...step, id: "render", title: "Part 1 of 1", phase: "render", needs: [] },
      { ...step, id: "join", title: "Put together", phase: "finish", needs: ["render"] },
    ],
    result: { step: "join", main: "film", poster: "poster", metadata: "metadata" },
    film: { frames: 16 * (draft.settings.seconds ?? 10), rate: RATE, width: 640, height: 640 },
    notes: draft.settings.width === 1000 ? ["You asked for 1000; the film will be 640 × 640."] : [],
    inputs: assets.flatMap(({ id, content }) => {
      if (content === null) return [];
      const { sha256, ext } = content.file;
      const role = id === draft.assets.groundTruth ? "character" : "other";
      return [{ role, sha256, ext, used: id !== draft.assets.poseSheet }];
    }),
  };
  const template = { name: `${draft.mode}/fake`, version: "1.0.0" };
  return ok({ plan, template, notes: [] });
}

export function admitOne(kept: FakeStudio["kept"], clock: FakeClock, job: NewJob): void {
  const now = clock.now();
  kept.jobs.set(job.id, {
    ...job.row,
    id: job.id,
    userId: job.userId,
    status: "created",
    stage: "",
    paused: false,
    cancelling: false,
    run: 1,
    rev: 1,
    share: 0,
    problem: null,
    priority: job.priority,
    retakes: [],
    approvals: [],
    mark: null,
    pieces: [],
    film: null,
    createdAt: now,
    updatedAt: now,
    endedAt: null,
    trashedAt: null,
  });
  kept.plans.set(`${job.id} 1`, job.plan);
  kept.steps.set(job.id, job.steps);
  kept.mail.push(...job.mail);
}

/** Pieces and film follow from the steps and outputs that are kept. */
function withFilm(kept: FakeStudio["kept"], job: JobRecord): JobRecord {
  const steps = kept.plans.get(`${job.id} ${job.rev}`)?.steps ?? [];
  const places = new Map(steps.map((step, ord) => [step.id, { ord, phase: step.phase }]));
  const takes = (kept.steps.get(job.id) ?? []).filter((row) => places.get(row.id)?.phase === "render")
    .map(({ id, take, state }) => ({ id, take, state, ord: places.get(id)?.ord ?? 0 }));
  const [output] = kept.outputs.get(job.id) ?? [];
  const { durationS, width, height, loopValue } = output?.metadata ?? {};
  const figure = (value: unknown) => typeof value === "number" ? value : null;
  const film = output === undefined ? null : {
    output: output.id,
    type: output.type,
    hasPoster: output.poster !== null,
    seconds: figure(durationS),
    width: figure(width),
    height: figure(height),
    loop: figure(loopValue),
  };
  return { ...job, pieces: piecesOf(takes), film };
}

export function changeJob(kept: FakeStudio["kept"], id: string, change: Partial<JobRecord>): void {
  const job = kept.jobs.get(id);
  if (job) kept.jobs.set(id, { ...job, ...change });
}

export function newest<Row extends Before>(rows: Row[], before: Before | null): Row[] {
  const isBelow = (row: Row) =>
    before === null || row.createdAt < before.createdAt ||
    (row.createdAt === before.createdAt && row.id < before.id);
  return rows.filter(isBelow).sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
}
