/** A template filled in by nobody: the least that it needs, for looking at what it loads and for making its example. */
import type { FileRef, Value } from "../plan.ts";
import type { Manifest, TemplateInput } from "../template.ts";
import { inputsOf, isFile } from "./values.ts";

/** Gives a file for an input. */
export type Bring = (name: string, input: TemplateInput) => FileRef;

/** Required inputs with their defaults, or the smallest value that they take. What is optional is left out. */
export function leastValues(manifest: Manifest, variant: string, bring: Bring): Record<string, Value> {
  return Object.fromEntries(
    inputsOf(manifest, variant).filter(([, input]) =>
      input.default === undefined && (input.required || (input.variants?.includes(variant) ?? false))
    ).map(([name, input]) => [name, valueFor(name, input, bring)]),
  );
}

/** A fitting value for one input. */
export function valueFor(name: string, input: TemplateInput, bring: Bring): Value {
  if (isFile(input)) {
    const file = bring(name, input);
    return ["images", "latents"].includes(input.kind) ? { files: [file] } : { file };
  }
  switch (input.kind) {
    case "seed":
      return "1";
    case "bool":
      return false;
    case "choice":
      return input.options?.[0] ?? "";
    case "int":
    case "number":
      return input.min ?? 1;
    default:
      return "words";
  }
}
