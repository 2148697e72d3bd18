/** Models of two passes, whose first one a person may look at: the steps, the second of which goes on from the first one's latent. */
import type { PromptStep, Value } from "../plan.ts";
import { ok, type Result } from "../result.ts";
import type { Manifest } from "../template.ts";
import type { BindContext } from "./context.ts";
import { fileOf, makePromptStep, type PromptPart } from "./steps.ts";

const PASSES = ["first_pass", "second_pass"] as const;
/** Of the first pass; which one takes longer differs by preset. */
const PORTION = 0.5;

/** Whether the model's work can be done in two steps. */
export function hasPasses({ variants }: Manifest): boolean {
  return PASSES.every((pass) => Object.hasOwn(variants, pass));
}

/** The variant that does all of the work in one step. */
export function wholeOf({ variants }: Manifest): string {
  return Object.hasOwn(variants, "whole") ? "whole" : "";
}

/** The first pass waits for a person, and the last step of the two has the name of the whole. */
export function makePasses(
  part: Omit<PromptPart, "variant" | "portion">,
  context: BindContext,
): Result<PromptStep[]> {
  const first = makePromptStep({
    ...part,
    id: `${part.id}-first`,
    title: "The first pass",
    variant: "first_pass",
    portion: PORTION,
  }, context);
  if (!first.ok) return first;
  const latent: Value = { file: fileOf(first.value.id, "latent") };
  const second = makePromptStep({
    ...part,
    title: "The second pass",
    variant: "second_pass",
    portion: 1 - PORTION,
    values: { ...part.values, latent },
  }, context);
  if (!second.ok) return second;
  return ok([{ ...first.value, gate: true }, second.value]);
}
