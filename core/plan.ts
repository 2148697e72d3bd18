/** A plan: immutable data that says which steps a job has, what each needs and what each makes. */
import { z } from "zod";
import { Sha256, StepId } from "./ids.ts";

export const STEPS_MAX = 2000;

/** A file that a step takes in: one of the person's assets, or what another step of this job made. */
export const FileRef = z.discriminatedUnion("from", [
  z.strictObject({ from: z.literal("asset"), sha256: Sha256, ext: z.string() }),
  z.strictObject({
    from: z.literal("step"),
    step: StepId,
    role: z.string(),
    /** Picks one of several files of the role, by `ord`; without it the role has one file. */
    ord: z.int().min(0).optional(),
  }),
]);

/** A value for a template input or a local operation. 64-bit seeds are decimal text. */
export const Value = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.strictObject({ file: FileRef }),
  z.strictObject({ files: z.array(FileRef) }),
]);

const StepCommon = {
  id: StepId,
  /** Plain words for people: "Part 3 of 7". */
  title: z.string(),
  /** Where the step lies in the job's life; the shown status follows from it. */
  phase: z.enum(["prepare", "render", "finish"]),
  /** Share of the job's progress, in any unit; the job's percentage is done weight ÷ all weight. */
  weight: z.number().min(0),
  /** Steps that must be done first. Every step that a value refers to is listed here. */
  needs: z.array(StepId),
  /** What follows begins only when a person has approved what this step made. */
  gate: z.literal(true).optional(),
};

export const PromptStep = z.strictObject({
  ...StepCommon,
  kind: z.literal("prompt"),
  template: z.strictObject({ id: z.string(), version: z.string() }),
  /** Named edit list of the manifest, for instance `first` or `next`; empty for none. */
  variant: z.string(),
  preset: z.string(),
  /** What it renders: work of one shape takes one time. Plans that were stored earlier lack it. */
  renders: z.strictObject({
    frames: z.int().positive(),
    width: z.int().positive(),
    height: z.int().positive(),
  }).optional(),
  values: z.record(z.string(), Value),
  /** Model files of the bound graph, sorted and joined: what a backend must load. */
  family: z.string(),
  /** Hash of the canonical graph with file names as symbolic references: changes when anything that is rendered changes. */
  form: Sha256,
  /** Seconds after `execution_start` that this step may take. */
  timeLimitS: z.number().positive(),
});

export const LocalStep = z.strictObject({
  ...StepCommon,
  kind: z.literal("local"),
  /** Which local operation runs; the names are the keys of the registry in adapters/media/operations. */
  op: z.string(),
  values: z.record(z.string(), Value),
  form: Sha256,
  timeLimitS: z.number().positive(),
});

export const Step = z.discriminatedUnion("kind", [PromptStep, LocalStep]);

export const Plan = z.strictObject({
  v: z.literal(1),
  mode: z.string(),
  submode: z.string().nullable(),
  engine: z.enum(["draft", "comfy"]),
  steps: z.array(Step).min(1).max(STEPS_MAX),
  /** The step and roles that make the job's main output; a finished film without them is a failure. */
  result: z.strictObject({ step: StepId, main: z.string(), poster: z.string(), metadata: z.string() }),
  /** Facts about the delivered film, known before anything runs; null where a picture is delivered. */
  film: z.strictObject({
    frames: z.int().positive(),
    rate: z.strictObject({ num: z.int().positive(), den: z.int().positive() }),
    width: z.int().positive(),
    height: z.int().positive(),
  }).nullable(),
  /** Size of the delivered picture, where the result is no film. */
  picture: z.strictObject({ width: z.int().positive(), height: z.int().positive() }).optional(),
  /** Large files that no step needs any more go at once: nobody wished to keep what the film is made from. */
  spends: z.literal(true).optional(),
  /** Sentences for the person about what was adapted; plans that were stored earlier have none. */
  notes: z.array(z.string()).optional(),
  /** Content hashes of the inputs that are sent ahead, in order of use. */
  inputs: z.array(z.strictObject({ role: z.string(), sha256: Sha256, ext: z.string(), used: z.boolean() })),
});

export type FileRef = z.infer<typeof FileRef>;
export type Value = z.infer<typeof Value>;
export type PromptStep = z.infer<typeof PromptStep>;
export type LocalStep = z.infer<typeof LocalStep>;
export type Step = z.infer<typeof Step>;
export type Plan = z.infer<typeof Plan>;

/** A stored file that a step made. `ord` counts files of one role from 0. */
export const StepFile = z.strictObject({
  role: z.string(),
  ord: z.int().min(0),
  sha256: Sha256,
  ext: z.string(),
  bytes: z.int().min(0),
});
export type StepFile = z.infer<typeof StepFile>;

/** The steps that need a given step, directly. Made once per plan. */
export function dependents(plan: Plan): Map<StepId, StepId[]> {
  const map = new Map<StepId, StepId[]>(plan.steps.map((step) => [step.id, []]));
  for (const step of plan.steps) for (const need of step.needs) map.get(need)?.push(step.id);
  return map;
}

/** All steps that follow from one, in plan order, the step itself left out. */
export function downstream(plan: Plan, from: StepId): StepId[] {
  const reached = new Set<StepId>([from]);
  for (const step of plan.steps) if (step.needs.some((need) => reached.has(need))) reached.add(step.id);
  reached.delete(from);
  return plan.steps.filter((step) => reached.has(step.id)).map((step) => step.id);
}

/** Whether a step is the second pass that goes on from what the other one, its first pass, left behind. */
export function goesOnFrom({ values }: Step, first: StepId): boolean {
  const { latent } = values;
  return typeof latent === "object" && "file" in latent && latent.file.from === "step" &&
    latent.file.step === first;
}

/** Puts pieces of a film together on a render server. */
export const JOIN_TEMPLATE = "long_take/combine";

/** Whether a step only puts together what others made, here or on a render server. */
export function isJoining(step: Step): boolean {
  return step.phase === "finish" || (step.kind === "prompt" && step.template.id === JOIN_TEMPLATE);
}

/** Every fault of a plan at once: unknown or later needs, doubled ids, values that refer to steps outside `needs`. */
export function planFaults(plan: Plan): string[] {
  const faults: string[] = [];
  const seen = new Set<StepId>();
  for (const step of plan.steps) {
    if (seen.has(step.id)) faults.push(`Step "${step.id}" stands twice`);
    for (const need of step.needs) {
      if (!seen.has(need)) faults.push(`Step "${step.id}" needs "${need}", which does not come before it`);
    }
    const needs = new Set(step.needs);
    for (const ref of fileRefs(step.values)) {
      if (ref.from === "step" && !needs.has(ref.step)) {
        faults.push(`Step "${step.id}" uses a file of "${ref.step}" without needing it`);
      }
    }
    seen.add(step.id);
  }
  if (!seen.has(plan.result.step)) faults.push(`The result step "${plan.result.step}" does not exist`);
  return faults;
}

/** Every file reference among the values of a step. */
export function fileRefs(values: Record<string, Value>): FileRef[] {
  return Object.values(values).flatMap((value) => {
    if (typeof value !== "object") return [];
    return "file" in value ? [value.file] : value.files;
  });
}
