/** Makes the steps of a plan with their forms, so that each is named by what it does before anything runs. */
import { digestOf } from "../canonical.ts";
import { type FileRef, fileRefs, type LocalStep, type PromptStep, type Value } from "../plan.ts";
import type { Hash } from "../ports.ts";
import { ok, type Result } from "../result.ts";
import type { Template } from "../template.ts";
import { formOf, nameRef } from "../workflow/bind.ts";
import { fillForm } from "../workflow/forms.ts";
import type { BindContext } from "./context.ts";
import { expectSeconds, limitSeconds, workRatio } from "./cost.ts";

export interface PromptPart {
  id: string;
  title: string;
  template: Template;
  variant: string;
  preset: string;
  values: Record<string, Value>;
  /** What it renders, for the guess of its time. */
  frames: number;
  width: number;
  height: number;
  /** Share of the template's work that it does, where it is not all of it. */
  portion?: number;
}

export function makePromptStep(part: PromptPart, context: BindContext): Result<PromptStep> {
  const { template: { manifest }, id, title, variant, preset, values } = part;
  const drawn = context.sketch?.get(variant);
  const choice = { template: part.template, variant, preset, values };
  const bound = drawn
    ? ok(drawn)
    : context.forms
    ? fillForm(choice, { ...context, forms: context.forms })
    : formOf({ ...choice, ...context });
  if (!bound.ok) return bound;
  const { form, family } = bound.value;
  context.sketch?.set(variant, { form, family });
  const ratio = workRatio(part.template, preset);
  const { frames, width, height } = part;
  const expectedS = expectSeconds(manifest, { frames, width, height, ratio, ...context.limits });
  return ok({
    kind: "prompt",
    id,
    title,
    phase: "render",
    weight: Math.round(expectedS * (part.portion ?? 1)),
    needs: needsOf(values),
    template: { id: manifest.id, version: manifest.version },
    variant,
    preset,
    renders: { frames, width, height },
    values,
    family,
    form,
    timeLimitS: limitSeconds({ expectedS, frames, ...context.limits }),
  });
}

export interface LocalPart {
  id: string;
  title: string;
  phase: LocalStep["phase"];
  op: string;
  values: Record<string, Value>;
  weight: number;
  timeLimitS: number;
}

export function makeLocalStep(part: LocalPart, hash: Hash): LocalStep {
  return { kind: "local", ...part, needs: needsOf(part.values), form: localForm(part, hash) };
}

/** Hash of an operation and its values, files by content hash or by the step that makes them. */
export function localForm({ op, values }: { op: string; values: Record<string, Value> }, hash: Hash): string {
  const named = Object.entries(values).map(([name, value]) => [name, nameValue(value)]);
  return digestOf({ op, values: Object.fromEntries(named) }, hash);
}

function nameValue(value: Value): unknown {
  if (typeof value !== "object") return value;
  return "file" in value ? { file: nameRef(value.file) } : { files: value.files.map(nameRef) };
}

/** The steps whose files are among the values, in order of first use. */
function needsOf(values: Record<string, Value>): string[] {
  return [...new Set(fileRefs(values).flatMap((ref) => ref.from === "step" ? [ref.step] : []))];
}

export function fileOf(step: string, role: string, ord?: number): FileRef {
  return ord === undefined ? { from: "step", step, role } : { from: "step", step, role, ord };
}

export function assetOf({ sha256, ext }: { sha256: string; ext: string }): FileRef {
  return { from: "asset", sha256, ext };
}
