/** The inputs of a new manifest: the roles that were found, and a person's own settings. */
import type { Definitions, Graph, TemplateInput } from "../../template.ts";
import type { Fault } from "../check_graph.ts";
import { ruleOf } from "../definitions.ts";
import { nameNode } from "../graph.ts";
import type { Findings } from "./find.ts";
import type { Rules, Size } from "./manifest.ts";
import { fits, literalAt, type Place } from "./places.ts";
import { type Role, ROLES } from "./roles.ts";

export interface InputParts {
  graph: Graph;
  findings: Findings;
  definitions: Definitions;
  rules: Rules;
  size: Size;
}

export function makeInputs(parts: InputParts): { inputs: Record<string, TemplateInput>; faults: Fault[] } {
  const inputs: Record<string, TemplateInput> = {};
  const faults: Fault[] = [];
  for (const [name, places] of parts.findings.places) {
    if (places.length === 0) continue;
    const role = Object.hasOwn(ROLES, name) ? ROLES[name] : undefined;
    const wrong = role ? misfits(parts.graph, role, places) : [];
    const input = role ? knownInput(name, role, parts) : ownInput(name, places, parts);
    faults.push(...wrong);
    if (input) inputs[name] = { ...input, bind: bindsOf(places) };
    else {
      const [place = { node: "", input: "" }] = places;
      const text = `"${name}" cannot be a setting: "${place.input}" of ${
        nameNode(parts.graph, place.node)
      } is no number, text, switch or choice.`;
      faults.push({ ...place, text });
    }
  }
  return { inputs, faults };
}

const bindsOf = (places: Place[]) => places.map(({ node, input }) => ({ node: { id: node }, input }));

/** A person may bind anything to anything: what cannot take the value is told. */
function misfits(graph: Graph, role: Role, places: Place[]): Fault[] {
  return places.filter((place) => !fits(role, literalAt(graph, place))).map(({ node, input }) => ({
    node,
    input,
    text: `${role.title} cannot be written to "${input}" of ${nameNode(graph, node)}: ${
      literalAt(graph, { node, input }) === undefined
        ? "another node fills it"
        : "its value is of another kind"
    }.`,
  }));
}

type Bare = Omit<TemplateInput, "bind">;

function knownInput(name: string, { kind, role, title }: Role, parts: InputParts): Bare {
  const { size, rules } = parts;
  const bare: Bare = { kind, title, role, required: true };
  switch (name) {
    case "negativePrompt": {
      const [place] = parts.findings.places.get(name) ?? [];
      const usual = literalAt(parts.graph, place ?? null);
      return {
        ...bare,
        required: false,
        default: typeof usual === "string" ? usual : "",
        effect: "Says what to avoid.",
      };
    }
    case "width":
    case "height":
      return { ...bare, min: size.min, max: size.max, multiple: size.multiple };
    case "halfWidth":
    case "halfHeight":
      return { ...bare, min: size.min / 2, max: size.max / 2, multiple: size.multiple / 2 };
    case "frames":
      return { ...bare, min: 1, max: Math.max(rules.framesMax, 1000) };
    case "seconds":
      return { ...bare, min: 0.1, max: 60 };
    case "rate":
      return { ...bare, min: 8, max: 30 };
    case "video":
    case "motionVideo":
      return { ...bare, prepare: "clip" };
    case "audio":
      return { ...bare, prepare: "sound" };
    case "references":
      return { ...bare, fold: { class: "ImageBatch", first: "image1", second: "image2", inputs: {} } };
    default:
      return bare;
  }
}

/** A setting of this template alone, of the form that the node's class gives the input. */
function ownInput(name: string, places: Place[], { graph, definitions }: InputParts): Bare | null {
  const [place] = places;
  if (!place) return null;
  const value = literalAt(graph, place);
  const definition = definitions[graph[place.node]?.class_type ?? ""];
  const rule = definition ? ruleOf(definition, place.input) : null;
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  const bare = { title, role: "setting" as const, required: false };
  if (typeof value === "boolean") return { ...bare, kind: "bool", default: value };
  if (rule?.form === "combo" && typeof value === "string") {
    const options = rule.options.includes(value) ? rule.options : [value, ...rule.options];
    return { ...bare, kind: "choice", options, default: value };
  }
  if (typeof value === "string") return { ...bare, kind: "text", default: value };
  if (typeof value !== "number") return null;
  const isWhole = rule?.form === "value" && rule.types.includes("INT");
  const bounds = rule?.form === "value"
    ? {
      ...(rule.min !== null && Math.abs(rule.min) < 1e9 ? { min: rule.min } : {}),
      ...(rule.max !== null && Math.abs(rule.max) < 1e9 ? { max: rule.max } : {}),
    }
    : {};
  return { ...bare, kind: isWhole ? "int" : "number", default: value, ...bounds };
}
