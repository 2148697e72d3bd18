/** The inputs a node really has, given what was sent: dynamic combos and growing lists are unfolded as ComfyUI does. */
import type { NodeDefinition } from "@/core/template.ts";
import { isRecord, type Json } from "./python.ts";

export interface InputSpec {
  name: string;
  required: boolean;
  /** A type name, or the options of an old-style combo. */
  type: string | unknown[];
  config: Json;
}

export interface FinalInputs {
  specs: InputSpec[];
  /** Dynamic combos whose option is unknown, at any depth. */
  unknownOptions: string[];
  /** Required dynamic combos of the class itself that were not sent or name no option: the call will lack an argument. */
  missingArguments: string[];
  /** Those among the missing arguments that were not sent at all. */
  unsent: string[];
}

export function finaliseInputs(definition: NodeDefinition, sent: Json): FinalInputs {
  const found: FinalInputs = { specs: [], unknownOptions: [], missingArguments: [], unsent: [] };
  unfoldSection({ section: definition.input, prefix: "" }, sent, found);
  return found;
}

interface Place {
  section: Json;
  prefix: string;
}

function unfoldSection(place: Place, sent: Json, found: FinalInputs): void {
  for (const category of ["required", "optional"]) {
    const inputs = place.section[category];
    if (!isRecord(inputs)) continue;
    for (const [name, entry] of Object.entries(inputs)) {
      const spec = readSpec(place.prefix + name, entry, category === "required");
      if (spec.type === "COMFY_DYNAMICCOMBO_V3") unfoldCombo(spec, sent, found);
      else if (spec.type === "COMFY_AUTOGROW_V3") unfoldAutogrow(spec, found);
      else found.specs.push(spec);
    }
  }
}

export function readSpec(name: string, entry: unknown, required: boolean): InputSpec {
  const [type, config] = Array.isArray(entry) ? entry : ["*", {}];
  return {
    name,
    required,
    type: Array.isArray(type) ? type : String(type),
    config: isRecord(config) ? config : {},
  };
}

function unfoldCombo(spec: InputSpec, sent: Json, found: FinalInputs): void {
  const options = Array.isArray(spec.config.options) ? spec.config.options : [];
  const chosen = options.find((option) => isRecord(option) && option.key === sent[spec.name]);
  if (isRecord(chosen)) {
    if (isRecord(chosen.inputs)) {
      unfoldSection({ section: chosen.inputs, prefix: `${spec.name}.` }, sent, found);
    }
    found.specs.push(spec);
    return;
  }
  const isOwn = !spec.name.includes(".");
  if (spec.name in sent) found.unknownOptions.push(spec.name);
  else if (isOwn && spec.required) found.unsent.push(spec.name);
  if (isOwn && spec.required) found.missingArguments.push(spec.name);
}

function unfoldAutogrow(spec: InputSpec, found: FinalInputs): void {
  const template = isRecord(spec.config.template) ? spec.config.template : {};
  const input = isRecord(template.input) ? template.input : {};
  const category = ["required", "optional"].find((name) => {
    const group = input[name];
    return isRecord(group) && Object.keys(group).length > 0;
  });
  const group = category === undefined ? undefined : input[category];
  if (!isRecord(group)) return;
  const entry = Object.values(group)[0];
  const min = Number(template.min ?? 0);
  for (const [at, name] of listSlots(template).entries()) {
    found.specs.push(readSpec(`${spec.name}.${name}`, entry, at < min && category === "required"));
  }
}

function listSlots(template: Json): string[] {
  if (Array.isArray(template.names)) return template.names.map(String);
  return Array.from(
    { length: Number(template.max ?? 0) },
    (_, at) => `${String(template.prefix ?? "")}${at}`,
  );
}

/** Whether a link of one type may feed an input of another. Type names may be unions (`FLOAT,INT`). */
export function acceptsType(received: unknown, wanted: string | unknown[]): boolean {
  if (typeof received === "string" && typeof wanted === "string") {
    const from = received.split(",").map((name) => name.trim());
    const to = wanted.split(",").map((name) => name.trim());
    const isOpen = (name: string): boolean => name === "*" || name === "COMFY_MATCHTYPE_V3";
    return from.some(isOpen) || to.some(isOpen) || from.some((name) => to.includes(name));
  }
  // Some node packs give their option list as the type of an output.
  if (Array.isArray(received) && wanted === "COMBO") return true;
  return JSON.stringify(received) === JSON.stringify(wanted);
}

/** The options of a combo in either notation, or null when the input is none. */
export function comboOptions(spec: InputSpec): unknown[] | null {
  if (Array.isArray(spec.type)) return spec.type;
  if (spec.type !== "COMBO") return null;
  return Array.isArray(spec.config.options) ? spec.config.options : [];
}
