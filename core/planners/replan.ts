/** Changes a plan that exists: one step for a retake, or all that has not started for an edit. */
import { goesOnFrom, type Plan, type PromptStep, type Step, type Value } from "../plan.ts";
import { problem } from "../problem.ts";
import { notesOfIssues, StepChanges } from "../request.ts";
import { no, ok, type Result } from "../result.ts";
import type { BindContext } from "./context.ts";
import { takes as words } from "../words/takes.ts";
import { inputsOf } from "../workflow/values.ts";
import { makePromptStep } from "./steps.ts";
import { anchorAgain } from "./take_anchors.ts";

/**
 * For a retake: the same plan with one step's values and form changed; without changes, the same plan again. Both passes
 * of one piece say the same, so the second is changed with its first.
 */
export function changeStep(
  plan: Plan,
  of: { step: string; changes: StepChanges; context: BindContext },
): Result<Plan> {
  const step = plan.steps.find((step) => step.id === of.step);
  if (!step) {
    return no([problem("job.not_possible", { operator: `There is no step "${of.step}" in the plan` })]);
  }
  if (Object.values(of.changes).every((change) => change === undefined)) return ok(plan);
  if (step.kind !== "prompt") {
    return no([problem("job.not_possible", { operator: `Step "${step.id}" has no settings of its own` })]);
  }
  const ids = [step.id, ...plan.steps.filter((other) => goesOnFrom(other, step.id)).map(({ id }) => id)];
  const [own] = ids;
  const changed = changeSteps(plan, { ...of, ids: new Set(ids), own });
  return changed.ok ? ok(anchorAgain(changed.value, { before: plan, of })) : changed;
}

/**
 * For an edit: changes the named steps, or every rendered part that has not started. Refuses with `job.step_started`
 * when a named step has started or nothing is left to change.
 */
export function replan(
  plan: Plan,
  of: { steps?: string[]; started: ReadonlySet<string>; changes: StepChanges; context: BindContext },
): Result<Plan> {
  const { changes, context, started } = of;
  const named = of.steps?.find((id) => !plan.steps.some((step) => step.id === id && step.kind === "prompt"));
  if (named !== undefined) {
    return no([
      problem("job.not_possible", { operator: `Step "${named}" is not a rendered part of the plan` }),
    ]);
  }
  const touched = of.steps?.filter((id) => started.has(id)) ?? [];
  const open = plan.steps.filter((step) => step.kind === "prompt" && !started.has(step.id)).map((step) =>
    step.id
  );
  const ids = of.steps ?? open;
  if (touched.length > 0 || ids.length === 0) {
    return no([
      problem("job.step_started", touched.length > 0 ? { detail: { step: touched.join(", ") } } : {}),
    ]);
  }
  return changeSteps(plan, { ids: new Set(ids), changes, context });
}

function changeSteps(
  plan: Plan,
  { ids, changes, context, own }: {
    ids: ReadonlySet<string>;
    changes: StepChanges;
    context: BindContext;
    /** The one that was named; others follow it as far as they can. */
    own?: string;
  },
): Result<Plan> {
  const parsed = StepChanges.safeParse(changes);
  if (!parsed.success) {
    return no([problem("request.invalid", { fields: notesOfIssues(parsed.error.issues) })]);
  }
  const steps: Step[] = [];
  for (const step of plan.steps) {
    if (!ids.has(step.id) || step.kind !== "prompt") {
      steps.push(step);
      continue;
    }
    const follows = own !== undefined && step.id !== own;
    const changed = changePrompt(plan, step, { changes: parsed.data, context, follows });
    if (!changed.ok) return changed;
    steps.push(changed.value);
  }
  return ok({ ...plan, steps });
}

function changePrompt(
  plan: Plan,
  step: PromptStep,
  { changes, context, follows }: { changes: StepChanges; context: BindContext; follows: boolean },
): Result<PromptStep> {
  const { id, version } = step.template;
  const template = context.templates.find(({ manifest }) =>
    manifest.id === id && manifest.version === version
  );
  if (!template) {
    return no([
      problem("template.unknown", { operator: `Template ${id} ${version} is not installed any more` }),
    ]);
  }
  const { manifest } = template;
  const preset = changes.preset ?? step.preset;
  if (!Object.hasOwn(manifest.presets, preset)) {
    const message = `must be one of ${Object.keys(manifest.presets).join(", ")}`;
    return no([problem("request.invalid", { fields: [{ path: "preset", message }] })]);
  }
  if (changes.prompt === "" && !manifest.promptOptional) {
    const message = "Describe what you want to see.";
    return no([problem("request.invalid", { fields: [{ path: "prompt", message }] })]);
  }
  const hasSeed = inputsOf(manifest, step.variant).some(([name]) => name === "seed");
  if (changes.seed !== undefined && !hasSeed && !follows) {
    return no([problem("request.invalid", { fields: [{ path: "seed", message: words.seedless }] })]);
  }
  const made = makePromptStep({
    id: step.id,
    title: step.title,
    template,
    variant: step.variant,
    preset,
    values: changeValues(step.values, { ...changes, seed: hasSeed ? changes.seed : undefined }),
    ...(step.renders ?? {
      frames: (manifest.frames?.next ?? 1) + (manifest.frames?.overlap ?? 0),
      // A finished film may be larger than what is rendered.
      width: sideOf(step.values.width) ?? plan.film?.width ?? manifest.size.width,
      height: sideOf(step.values.height) ?? plan.film?.height ?? manifest.size.height,
    }),
  }, context);
  if (!made.ok) return made;
  return ok({ ...made.value, needs: step.needs, ...(step.gate ? { gate: true as const } : {}) });
}

function sideOf(value: Value | undefined): number | null {
  return typeof value === "number" ? value : null;
}

function changeValues(values: PromptStep["values"], changes: StepChanges): Record<string, Value> {
  const { negativePrompt: own, ...rest } = values;
  const negative = changes.negativePrompt ?? own;
  return {
    ...rest,
    ...(negative === undefined || negative === "" ? {} : { negativePrompt: negative }),
    ...(changes.prompt === undefined ? {} : { prompt: changes.prompt }),
    ...(changes.seed === undefined ? {} : { seed: changes.seed }),
  };
}
