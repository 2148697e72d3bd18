/** What ComfyUI's node definitions say of one input, in the few forms that the studio tells apart. */
import { z } from "zod";
import type { Definitions, NodeDefinition } from "../template.ts";

export type InputRule =
  | { form: "value"; types: string[]; min: number | null; max: number | null }
  | { form: "combo"; options: string[] }
  /** A choice that brings inputs of its own, sent as `name.child`. */
  | { form: "dynamic"; options: { key: string; children: string[]; required: string[] }[] }
  /** Any number of inputs, sent as `name.something`. */
  | { form: "autogrow" };

const Options = z.looseObject({
  min: z.number().optional(),
  max: z.number().optional(),
  options: z.array(z.unknown()).optional(),
});
const Spec = z.tuple([z.union([z.string(), z.array(z.unknown())])]).rest(z.unknown());
const DynamicOption = z.looseObject({
  key: z.string(),
  inputs: z.looseObject({
    required: z.record(z.string(), z.unknown()).optional(),
    optional: z.record(z.string(), z.unknown()).optional(),
  }),
});

/** Types that take a literal; every other type needs a link. */
export const LITERALS = ["INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"];
const MODEL_FILE = /^[^\n]+\.(safetensors|sft|gguf|ckpt|pth|pt|bin|onnx)$/i;
const MEDIA_FILE = /^[^\n]+\.(png|jpe?g|webp|gif|mp4|mov|webm|mkv|wav|mp3|flac|ogg|opus|m4a|latent)$/i;

/** Null for what is not an input definition at all. */
export function readRule(raw: unknown): InputRule | null {
  const spec = Spec.safeParse(raw);
  if (!spec.success) return null;
  const [type, more] = spec.data;
  const parsed = Options.safeParse(more ?? {});
  const options = parsed.success ? parsed.data : {};
  if (Array.isArray(type)) return { form: "combo", options: type.map(String) };
  if (type === "COMBO") return { form: "combo", options: (options.options ?? []).map(String) };
  if (type.startsWith("COMFY_DYNAMICCOMBO")) {
    return { form: "dynamic", options: (options.options ?? []).flatMap(readDynamic) };
  }
  if (type.startsWith("COMFY_AUTOGROW")) return { form: "autogrow" };
  const types = type.startsWith("COMFY_MATCHTYPE") ? ["*"] : type.split(",").map((name) => name.trim());
  return { form: "value", types, min: options.min ?? null, max: options.max ?? null };
}

function readDynamic(raw: unknown): { key: string; children: string[]; required: string[] }[] {
  const option = DynamicOption.safeParse(raw);
  if (!option.success) return [];
  const { required = {}, optional = {} } = option.data.inputs;
  const needed = Object.keys(required);
  return [{ key: option.data.key, children: [...needed, ...Object.keys(optional)], required: needed }];
}

/** Definitions are never changed, and each rule is asked for many times. */
const known = new WeakMap<NodeDefinition, Map<string, InputRule | null>>();

/** Null for an input that the class does not have. Dotted children belong to the part before the dot. */
export function ruleOf(definition: NodeDefinition, input: string): InputRule | null {
  const rules = known.get(definition) ?? new Map<string, InputRule | null>();
  known.set(definition, rules);
  const kept = rules.get(input);
  if (kept !== undefined) return kept;
  const raw = definition.input.required?.[input] ?? definition.input.optional?.[input];
  const rule = raw === undefined ? null : readRule(raw);
  rules.set(input, rule);
  return rule;
}

export function requiredInputs(definition: NodeDefinition): string[] {
  return Object.keys(definition.input.required ?? {});
}

/**
 * Whether a node can do without an input. Of an unknown class nothing is known, so nothing may be missing.
 */
export function isRequired(definitions: Definitions, of: { class: string; input: string }): boolean {
  const definition = definitions[of.class];
  if (!definition) return true;
  const [head = of.input] = of.input.split(".");
  return requiredInputs(definition).includes(head);
}

/** A model's file name as the value of a choice, not a text that happens to look like one. */
export function isModelFile(definition: NodeDefinition | undefined, input: string, value: unknown): boolean {
  if (typeof value !== "string" || !MODEL_FILE.test(value)) return false;
  return !definition || ruleOf(definition, input)?.form === "combo";
}

const Formats = z.tuple([
  z.unknown(),
  z.looseObject({
    formats: z.record(z.string(), z.array(z.tuple([z.string()]).rest(z.unknown())).catch([])),
  }),
]);

/** Savers of films take settings that belong to one format each, beside the choice of the format. */
export function settingsOfFormats(raw: unknown): string[] {
  const spec = Formats.safeParse(raw);
  return spec.success ? Object.values(spec.data[1].formats).flat().map(([name]) => name) : [];
}

/** The options of such a choice are what lies on a server's disk, so a template cannot be judged by them. */
export function isFileName(value: string): boolean {
  return MODEL_FILE.test(value) || MEDIA_FILE.test(value);
}
