/** What a job may be told: commands from people, grants from the supervisor, facts from effects. This is the storage format. */
import { z } from "zod";
import { StepId } from "@/core/ids.ts";
import { type Plan, StepFile } from "@/core/plan.ts";
import { type ProblemCode, PROBLEMS } from "@/core/problem.ts";
import { STATUSES } from "@/core/status.ts";
import type { StepRow } from "@/core/store.ts";

const ProblemCodes = z.string().refine((code): code is ProblemCode => Object.hasOwn(PROBLEMS, code));

export const ProblemBody = z.object({
  code: ProblemCodes,
  retry: z.enum(["later", "never", "ask"]),
  retryAfterMs: z.number().optional(),
  message: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  operator: z.string().optional(),
});

/** Names the piece of work that a reply answers: any other key is old news. */
const reply = { step: StepId, take: z.int().min(0), attempt: z.int().min(0) };

export const JobMessage = z.discriminatedUnion("type", [
  // Commands: someone asks.
  z.strictObject({ type: z.literal("start") }),
  z.strictObject({ type: z.literal("cancel") }),
  /** `now`: also stops what runs; its step is ready again without using an attempt. */
  z.strictObject({ type: z.literal("pause"), now: z.boolean(), byOperator: z.literal(true).optional() }),
  /** `onlyOperators`: what its owner paused stays paused. */
  z.strictObject({ type: z.literal("resume"), onlyOperators: z.literal(true).optional() }),
  /** The plan revision was stored with this mail; it changes only steps that have not started. */
  z.strictObject({
    type: z.literal("edit"),
    rev: z.int().positive(),
    byOperator: z.literal(true).optional(),
  }),
  /** The plan revision was stored with this mail; it is the same long take with an earlier end. */
  z.strictObject({ type: z.literal("cut"), rev: z.int().positive() }),
  z.strictObject({ type: z.literal("reprioritise"), priority: z.int().min(-100).max(100) }),
  /** Failed steps only; done steps stay. `rev`: a plan revision that changes only steps that are not done. */
  z.strictObject({ type: z.literal("retry"), rev: z.int().positive().optional() }),
  /** `rev` holds the changed step (or the same plan again). `follow`: what happens to later steps when the new take is there. */
  z.strictObject({
    type: z.literal("retake"),
    rev: z.int().positive(),
    step: StepId,
    follow: z.enum(["ask", "rerun", "keep"]),
  }),
  /** Goes on with this very take of a step that waits for a person. */
  z.strictObject({ type: z.literal("approve"), step: StepId, take: z.int().min(0) }),
  /** Answers a retake that asked. */
  z.strictObject({ type: z.literal("follow"), step: StepId, choice: z.enum(["rerun", "keep"]) }),

  // The supervisor grants a slot, or found the same work already done.
  z.strictObject({ type: z.literal("grant"), ...reply, backendId: z.string(), promptId: z.string() }),
  z.strictObject({ type: z.literal("step.reused"), ...reply, outputs: z.array(StepFile) }),

  // Facts: something happened.
  z.strictObject({ type: z.literal("inputs.checked"), run: z.int(), problem: ProblemBody.nullable() }),
  /** The server began to execute the prompt. */
  z.strictObject({ type: z.literal("prompt.started"), ...reply, promptId: z.string() }),
  z.strictObject({
    type: z.literal("prompt.finished"),
    ...reply,
    promptId: z.string(),
    startedAt: z.number().nullable(),
    endedAt: z.number().nullable(),
    /** What the collect effect fetches, by role. */
    files: z.array(z.strictObject({
      role: z.string(),
      ord: z.int().min(0),
      node: z.string(),
      filename: z.string(),
      subfolder: z.string(),
      type: z.enum(["output", "temp", "input"]),
    })),
  }),
  /** `elsewhere`: another server could make it. */
  z.strictObject({
    type: z.literal("prompt.failed"),
    ...reply,
    promptId: z.string(),
    problem: ProblemBody,
    elsewhere: z.boolean().optional(),
  }),
  /** The server forgot an accepted prompt and its files are not there. */
  z.strictObject({ type: z.literal("prompt.lost"), ...reply, promptId: z.string() }),
  /** The backend was silent for too long; the prompt may still run there. */
  z.strictObject({ type: z.literal("prompt.unreachable"), ...reply, promptId: z.string() }),
  /** The prompt is gone from its backend; its slot may be freed. */
  z.strictObject({ type: z.literal("prompt.stopped"), promptId: z.string(), step: StepId }),
  z.strictObject({ type: z.literal("outputs.collected"), ...reply, outputs: z.array(StepFile) }),
  z.strictObject({ type: z.literal("outputs.failed"), ...reply, problem: ProblemBody }),
  z.strictObject({
    type: z.literal("local.done"),
    ...reply,
    outputs: z.array(StepFile),
    facts: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({ type: z.literal("local.failed"), ...reply, problem: ProblemBody }),
  /** Files of done steps are gone or damaged: those steps run again. */
  z.strictObject({ type: z.literal("files.missing"), ...reply, steps: z.array(StepId) }),

  // Timers.
  z.strictObject({ type: z.literal("retry.due"), ...reply }),
  z.strictObject({ type: z.literal("cancel.due"), run: z.int() }),
]);
export type JobMessage = z.infer<typeof JobMessage>;
export type MessageType = JobMessage["type"];

/** The commands that a person may send, as the API offers them. */
export const COMMANDS = [
  "start",
  "cancel",
  "pause",
  "resume",
  "edit",
  "cut",
  "reprioritise",
  "retry",
  "retake",
  "approve",
  "follow",
] as const;

/** The state of a job without its steps, as stored in `actor.state`. */
export const JobState = z.strictObject({
  v: z.literal(1),
  /** new → checking → open → done | failed | cancelled; a retry or retake leads from the end back to open. */
  phase: z.enum(["new", "checking", "open", "done", "failed", "cancelled"]),
  rev: z.int().positive(),
  run: z.int().min(1),
  /** Furthest status of this run; never goes back within it. */
  reached: z.enum(STATUSES),
  paused: z.boolean(),
  /** An operator paused it, not its owner. */
  byOperator: z.literal(true).optional(),
  cancelling: z.boolean(),
  /** Retakes that are not settled: under way (`done` false), or waiting for a person's choice. */
  retakes: z.array(
    z.strictObject({
      step: StepId,
      take: z.int(),
      follow: z.enum(["ask", "rerun", "keep"]),
      done: z.boolean(),
    }),
  ),
  /** Sum of the weights of steps whose newest take is done. */
  doneWeight: z.number(),
  /** Highest share shown in this run: a percentage never falls. */
  share: z.number().min(0).max(1),
  /** What the step that makes the result told of its newest take: goes with the film when the run completes. */
  facts: z.record(z.string(), z.unknown()).default({}),
  /** How often the files of a take were lost in this run, but for those that were let go on purpose; by `step:take`. */
  filesLost: z.record(z.string(), z.int()).default({}),
  /** Prompts whose end on their backend is not confirmed yet. */
  stopping: z.array(z.strictObject({ promptId: z.string(), step: StepId })),
  /** First prompt of the job, once granted. */
  firstPromptId: z.string().nullable(),
  problem: ProblemBody.nullable(),
  /** What the job does or waits for, in plain words. */
  stage: z.string(),
  endedAt: z.number().nullable(),
  policy: z.strictObject({
    /** Failures of one step after which it has failed. */
    failuresMax: z.int().min(1),
    /** First back-off after a failure; doubles with each. */
    retryBaseMs: z.number().min(0),
    /** A failed render is tried again, whatever it failed of. */
    tenacious: z.literal(true).optional(),
  }),
});
export type JobState = z.infer<typeof JobState>;

export function newJobState(policy: JobState["policy"]): JobState {
  return {
    v: 1,
    phase: "new",
    rev: 1,
    run: 1,
    reached: "created",
    paused: false,
    cancelling: false,
    retakes: [],
    doneWeight: 0,
    share: 0,
    facts: {},
    filesLost: {},
    stopping: [],
    firstPromptId: null,
    problem: null,
    stage: "",
    endedAt: null,
    policy,
  };
}

/** The first rows of a plan's steps: take 0, pending. */
export function firstSteps(plan: Plan): StepRow[] {
  return plan.steps.map((step) => newStepRow(step.id, { take: 0, run: 1, rev: 1 }));
}

export function newStepRow(id: string, of: { take: number; run: number; rev: number }): StepRow {
  return {
    id,
    take: of.take,
    chosen: of.take === 0,
    stale: false,
    state: "pending",
    attempt: 0,
    run: of.run,
    failures: 0,
    losses: 0,
    digest: null,
    rev: of.rev,
    uses: {},
    outputs: [],
    problem: null,
    promptId: null,
    backendId: null,
    startedAt: null,
    endedAt: null,
  };
}

/** Requests that effects carry, stored in `effect.req`. */
export const JobEffect = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("check_inputs"), run: z.int() }),
  z.strictObject({ kind: z.literal("send_ahead"), run: z.int() }),
  z.strictObject({
    kind: z.literal("ensure_prompt"),
    ...reply,
    rev: z.int(),
    backendId: z.string(),
    promptId: z.string(),
  }),
  z.strictObject({
    kind: z.literal("stop_prompt"),
    step: StepId,
    backendId: z.string(),
    promptId: z.string(),
  }),
  z.strictObject({
    kind: z.literal("collect_outputs"),
    ...reply,
    rev: z.int(),
    backendId: z.string(),
    promptId: z.string(),
    files: z.array(z.strictObject({
      role: z.string(),
      ord: z.int().min(0),
      node: z.string(),
      filename: z.string(),
      subfolder: z.string(),
      type: z.enum(["output", "temp", "input"]),
    })),
  }),
  z.strictObject({ kind: z.literal("run_local"), ...reply, rev: z.int() }),
  /** Nothing that is to come needs the large files of this take any more. */
  z.strictObject({ kind: z.literal("spend_files"), step: StepId, take: z.int().min(0), rev: z.int() }),
  /** Reads reused files again before a step counts as done. */
  z.strictObject({ kind: z.literal("verify_files"), ...reply, outputs: z.array(StepFile) }),
]);
export type JobEffect = z.infer<typeof JobEffect>;
export const LANES = {
  check_inputs: "net",
  send_ahead: "net",
  ensure_prompt: "gpu",
  stop_prompt: "net",
  collect_outputs: "net",
  run_local: "cpu",
  verify_files: "net",
  spend_files: "net",
} as const;
