/** A template's own settings: which there are, and whether what a person gave fits them. */
import type { Value } from "../plan.ts";
import type { FieldNote } from "../problem.ts";
import type { Manifest, TemplateInput } from "../template.ts";
import type { Ready } from "./context.ts";
import { checkValue } from "../workflow/values.ts";

/** Settings that every request has a place of its own for. */
const COMMON = ["prompt", "negativePrompt", "width", "height", "rate", "seed"];

/** The settings that belong to this template alone, in the manifest's order. */
export function ownSettings({ inputs }: Manifest): [string, TemplateInput][] {
  return Object.entries(inputs).filter(([name, { role }]) => role === "setting" && !COMMON.includes(name));
}

/** What a person chose of the template's own settings, as values of its prompts. */
export function ownOptions(
  { template: { manifest }, request }: Pick<Ready, "template" | "request">,
): Record<string, Value> {
  const { options } = request.settings;
  return Object.fromEntries(
    ownSettings(manifest).flatMap(([name]) => {
      const value = options[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Every option that the template does not know or cannot take. */
export function optionFaults(manifest: Manifest, options: Record<string, Value>): FieldNote[] {
  const own = new Map(ownSettings(manifest));
  return Object.entries(options).flatMap(([name, value]) => {
    const input = own.get(name);
    const path = `settings.options.${name}`;
    if (!input) return [{ path, message: "This model has no such setting." }];
    return checkValue(input, value).map((message) => ({ path, message }));
  });
}
