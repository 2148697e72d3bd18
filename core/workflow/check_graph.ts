/** Judges an API graph by node definitions the way ComfyUI does before it queues a prompt, and reports every fault. */
import type { Definitions, Graph, GraphNode, NodeDefinition } from "../template.ts";
import {
  type InputRule,
  isFileName,
  LITERALS,
  readRule,
  requiredInputs,
  ruleOf,
  settingsOfFormats,
} from "./definitions.ts";
import { isLink, linksOf, nameNode } from "./graph.ts";

export interface Fault {
  node?: string;
  input?: string;
  /** A whole sentence without the template's name. */
  text: string;
}

interface Place {
  graph: Graph;
  definitions: Definitions;
  id: string;
  node: GraphNode;
  definition: NodeDefinition;
}

export function checkGraph(graph: Graph, definitions: Definitions): Fault[] {
  const faults: Fault[] = [];
  for (const [id, node] of Object.entries(graph)) {
    const definition = definitions[node.class_type];
    if (!definition) {
      const text = `${nameNode(graph, id)} is of the unknown class "${node.class_type}"`;
      faults.push({ node: id, text });
      continue;
    }
    const place = { graph, definitions, id, node, definition };
    faults.push(...checkMissing(place));
    for (const [input, value] of Object.entries(node.inputs)) faults.push(...checkInput(place, input, value));
  }
  return [...faults, ...checkCycles(graph)];
}

/** Structure alone, for graphs whose classes nobody can tell: links lead to nodes, lists are links. */
export function checkLinks(graph: Graph): Fault[] {
  return Object.entries(graph).flatMap(([id, node]) =>
    Object.entries(node.inputs).flatMap(([input, value]): Fault[] => {
      const at = { node: id, input };
      if (isLink(value)) {
        if (Object.hasOwn(graph, value[0])) return [];
        const text = `input "${input}" of ${nameNode(graph, id)} links to node "${
          value[0]
        }", which is missing`;
        return [{ ...at, text }];
      }
      if (!Array.isArray(value)) return [];
      const text = `input "${input}" of ${
        nameNode(graph, id)
      } is a list: wrap it as {"__value__": […]} or make it a link`;
      return [{ ...at, text }];
    })
  );
}

function checkMissing({ graph, id, node, definition }: Place): Fault[] {
  return requiredInputs(definition).filter((input) => !isGiven(node, definition, input)).map((input) => ({
    node: id,
    input,
    text: `${nameNode(graph, id)} lacks its required input "${input}"`,
  }));
}

function isGiven(node: GraphNode, definition: NodeDefinition, input: string): boolean {
  if (Object.hasOwn(node.inputs, input)) return true;
  return ruleOf(definition, input)?.form === "autogrow" &&
    Object.keys(node.inputs).some((name) => name.startsWith(`${input}.`));
}

function checkInput(place: Place, input: string, value: unknown): Fault[] {
  const { graph, id, node, definition } = place;
  const fault = (text: string): Fault[] => [{ node: id, input, text }];
  const rule = ruleOf(definition, input);
  if (!rule) {
    if (isChild(definition, input)) return [];
    return fault(`${nameNode(graph, id)} of class "${node.class_type}" has no input "${input}"`);
  }
  const where = `input "${input}" of ${nameNode(graph, id)}`;
  if (isLink(value)) return checkLink(place, rule, { input, from: value[0], slot: value[1] });
  switch (rule.form) {
    case "combo":
      if (typeof value === "string" && (rule.options.includes(value) || isFileName(value))) return [];
      if (rule.options.includes(String(value))) return [];
      return fault(`${where} is ${JSON.stringify(value)}, which is none of ${listOf(rule.options)}`);
    case "dynamic": {
      const option = rule.options.find((option) => option.key === value);
      if (!option) {
        const keys = rule.options.map((option) => option.key);
        return fault(`${where} is ${JSON.stringify(value)}, which is none of ${listOf(keys)}`);
      }
      return option.required
        .filter((child) => !node.inputs[`${input}.${child}`] && !node.inputs[child])
        .map((child) => ({ node: id, input: `${input}.${child}`, text: `${where} lacks "${child}"` }));
    }
    case "autogrow":
      return fault(`${where} takes only members such as "${input}.0"`);
    case "value":
      return checkLiteral(rule, value).map((text) => ({ node: id, input, text: `${where} ${text}` }));
  }
}

/** `format.codec`, and the older `codec` beside `format`: both reach the child of a dynamic choice. */
function isChild(definition: NodeDefinition, input: string): boolean {
  const [head = "", child] = input.split(".");
  if (child !== undefined) {
    const form = ruleOf(definition, head)?.form;
    return form === "dynamic" || form === "autogrow";
  }
  const all = { ...definition.input.required, ...definition.input.optional };
  if (Object.values(all).some((raw) => settingsOfFormats(raw).includes(input))) return true;
  return Object.values(all).map(readRule).some((rule) =>
    rule?.form === "dynamic" && rule.options.some((option) => option.children.includes(input))
  );
}

function checkLiteral(rule: Extract<InputRule, { form: "value" }>, value: unknown): string[] {
  const { types, min, max } = rule;
  if (types.includes("*")) return [];
  if (!types.some((type) => LITERALS.includes(type))) return [`needs a link to ${types.join(" or ")}`];
  if (types.includes("STRING")) return typeof value === "string" ? [] : ["must be text"];
  if (types.includes("BOOLEAN")) return typeof value === "boolean" ? [] : ["must be true or false"];
  const number = typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) return ["must be a number"];
  if (min !== null && number < min) return [`is ${number}, less than ${min}`];
  if (max !== null && number > max) return [`is ${number}, more than ${max}`];
  return [];
}

function checkLink(
  { graph, definitions, id, definition }: Place,
  rule: InputRule,
  link: { input: string; from: string; slot: number },
): Fault[] {
  const target = graph[link.from];
  const source = target && definitions[target.class_type];
  // Links into nowhere and unknown classes are reported where they are.
  if (!source) return [];
  const where = `input "${link.input}" of ${nameNode(graph, id)}`;
  if (link.slot >= source.output.length) {
    const text = `${where} links to output ${link.slot} of ${
      nameNode(graph, link.from)
    }, which has ${source.output.length}`;
    return [{ node: id, input: link.input, text }];
  }
  const given = source.output[link.slot];
  if (rule.form !== "value" || typeof given !== "string") return [];
  const wanted = rule.types;
  const offered = given.startsWith("COMFY_MATCHTYPE") ? ["*"] : given.split(",");
  const fits = wanted.includes("*") || offered.includes("*") || offered.some((type) => wanted.includes(type));
  if (fits || ruleOf(definition, link.input) === null) return [];
  const text = `${where} needs ${wanted.join(" or ")}, but ${nameNode(graph, link.from)} gives ${given}`;
  return [{ node: id, input: link.input, text }];
}

function checkCycles(graph: Graph): Fault[] {
  const state = new Map<string, "open" | "done">();
  const faults: Fault[] = [];
  const visit = (id: string): void => {
    const node = graph[id];
    if (!node || state.get(id) === "done") return;
    if (state.get(id) === "open") {
      faults.push({ node: id, text: `${nameNode(graph, id)} needs itself: its links run in a circle` });
      return;
    }
    state.set(id, "open");
    for (const link of linksOf(node)) visit(link.from);
    state.set(id, "done");
  };
  for (const id of Object.keys(graph)) visit(id);
  return faults;
}

function listOf(options: string[]): string {
  const shown = options.slice(0, 8).map((option) => `"${option}"`).join(", ");
  if (options.length === 0) return "its choices (there are none)";
  return options.length > 8 ? `${shown} and ${options.length - 8} more` : shown;
}
