/** Checks a graph against the definitions exactly as ComfyUI does before it queues a prompt. */
import type { NodeDefinition } from "@/core/template.ts";
import { checkValue, describeConfig, type Finding } from "./check_value.ts";
import type { DefinitionBook } from "./definitions.ts";
import { acceptsType, finaliseInputs, type InputSpec } from "./inputs.ts";
import { isRecord, type Json, PythonError, repr } from "./python.ts";
import type { Traits } from "./versions.ts";

export interface NodeErrors {
  errors: Finding[];
  dependent_outputs: string[];
  class_type: string;
}

export interface Verdict {
  /** Null when at least one output may run. */
  error: Finding | null;
  /** Output nodes that passed. */
  outputs: string[];
  nodeErrors: Record<string, NodeErrors>;
}

export interface Rules {
  book: DefinitionBook;
  traits: Traits;
  /** Whether a loader's value names a file that is there. */
  hasFile: (value: string) => Promise<boolean>;
}

/**
 * Coerced values are written back into `graph`. Throws PythonError where ComfyUI answers 500.
 * `targets` limits the outputs that are looked at; null and undefined mean all.
 */
export async function validatePrompt(graph: Json, targets: unknown, rules: Rules): Promise<Verdict> {
  const outputs: string[] = [];
  for (const [id, node] of Object.entries(graph)) {
    const problem = checkClass(id, node, rules);
    if (problem !== null) return refuse(problem);
    const { class_type } = readNode(graph, id);
    if (!rules.book.peek(class_type)?.output_node) continue;
    if (!Array.isArray(targets) || targets.includes(id)) outputs.push(id);
  }
  if (outputs.length === 0) return refuse(finding("prompt_no_outputs", "Prompt has no outputs", "", {}));
  return await new GraphCheck(graph, rules).checkOutputs(outputs);
}

function refuse(error: Finding): Verdict {
  return { error, outputs: [], nodeErrors: {} };
}

function finding(type: string, message: string, details: string, extra: Json): Finding {
  return { type, message, details, extra_info: extra };
}

function checkClass(id: string, node: unknown, rules: Rules): Finding | null {
  const details = `Node ID '#${id}'`;
  // A text and a list have no class either; newer servers ask them for one and fail.
  const isBare = !rules.traits.missingNodeType && (typeof node === "string" || Array.isArray(node));
  if (!isRecord(node) && !isBare) {
    throw new PythonError("TypeError", "argument of this type is not iterable");
  }
  const title = isRecord(node) && isRecord(node._meta) && typeof node._meta.title === "string"
    ? node._meta.title
    : null;
  if (!isRecord(node) || !("class_type" in node)) {
    if (!rules.traits.missingNodeType) {
      const message = "Cannot execute because a node is missing the class_type property.";
      return finding("invalid_prompt", message, details, {});
    }
    const message = `Node '${
      title ?? `ID #${id}`
    }' has no class_type. The workflow may be corrupted or a custom node is missing.`;
    return finding("missing_node_type", message, details, {
      node_id: id,
      class_type: null,
      node_title: title,
    });
  }
  const name = node.class_type;
  if (typeof name === "string" && rules.book.peek(name) !== undefined) return null;
  if (!rules.traits.missingNodeType) {
    const message = `Cannot execute because node ${String(name)} does not exist.`;
    return finding("invalid_prompt", message, details, {});
  }
  const message = `Node '${title ?? String(name)}' not found. The custom node may not be installed.`;
  return finding("missing_node_type", message, details, {
    node_id: id,
    class_type: name ?? null,
    node_title: title ?? name ?? null,
  });
}

/** `prompt[id]`, with Python's complaints. */
function readNode(graph: Json, id: unknown): { class_type: string; inputs: Json | null } {
  const node = typeof id === "string" && Object.hasOwn(graph, id) ? graph[id] : undefined;
  if (!isRecord(node)) throw new PythonError("KeyError", repr(id));
  return { class_type: String(node.class_type), inputs: isRecord(node.inputs) ? node.inputs : null };
}

interface NodeVerdict {
  ok: boolean;
  reasons: Finding[];
}

interface Visit {
  id: string;
  inputs: Json;
  errors: Finding[];
  path: string[];
}

class GraphCheck {
  readonly #graph: Json;
  readonly #rules: Rules;
  readonly #verdicts = new Map<string, NodeVerdict>();

  constructor(graph: Json, rules: Rules) {
    this.#graph = graph;
    this.#rules = rules;
  }

  async checkOutputs(outputs: string[]): Promise<Verdict> {
    const good: string[] = [];
    const failed: Finding[] = [];
    const nodeErrors: Record<string, NodeErrors> = {};
    for (const output of outputs) {
      const verdict = await this.#checkOutput(output);
      if (verdict.ok) good.push(output);
      else {
        failed.push(...verdict.reasons);
        this.#blame(output, nodeErrors);
      }
    }
    if (good.length > 0) return { error: null, outputs: good, nodeErrors };
    const details = failed.map((entry) => `${entry.message}: ${entry.details}`).join("\n");
    const error = finding(
      "prompt_outputs_failed_validation",
      "Prompt outputs failed validation",
      details,
      {},
    );
    return { error, outputs: [], nodeErrors };
  }

  async #checkOutput(output: string): Promise<NodeVerdict> {
    try {
      return await this.#checkNode(output, []);
    } catch (problem) {
      if (!(problem instanceof PythonError)) throw problem;
      const reason = finding(
        "exception_during_validation",
        "Exception when validating node",
        problem.message,
        {
          exception_type: problem.type,
          traceback: [trace("validate_prompt"), trace("validate_inputs")],
        },
      );
      return this.#settle(output, { ok: false, reasons: [reason] });
    }
  }

  /** Every node found bad so far is held against this output, related or not: ComfyUI's own over-statement. */
  #blame(output: string, nodeErrors: Record<string, NodeErrors>): void {
    for (const [id, verdict] of this.#verdicts) {
      if (verdict.ok || verdict.reasons.length === 0) continue;
      const entry = nodeErrors[id] ??= {
        errors: verdict.reasons,
        dependent_outputs: [],
        class_type: readNode(this.#graph, id).class_type,
      };
      entry.dependent_outputs.push(output);
    }
  }

  #settle(id: string, verdict: NodeVerdict): NodeVerdict {
    this.#verdicts.set(id, verdict);
    return verdict;
  }

  async #checkNode(id: string, path: string[]): Promise<NodeVerdict> {
    const known = this.#verdicts.get(id);
    if (known !== undefined) return known;
    if (path.includes(id)) return this.#reportCycle(id, path);
    const verdict = await this.#checkInputs(id, [...path, id]);
    // A cycle through this node has been settled below, and stays.
    const settled = this.#verdicts.get(id);
    return settled !== undefined && !settled.ok ? settled : this.#settle(id, verdict);
  }

  #reportCycle(id: string, path: string[]): NodeVerdict {
    if (!this.#rules.traits.dependencyCycle) {
      throw new PythonError("RecursionError", "maximum recursion depth exceeded");
    }
    const nodes = path.slice(path.indexOf(id));
    const way = [...nodes, id].map((node) => `${node} (${readNode(this.#graph, node).class_type})`).join(
      " -> ",
    );
    for (const node of nodes) {
      const extra = { node_id: node, cycle_nodes: nodes };
      this.#settle(node, {
        ok: false,
        reasons: [finding("dependency_cycle", "Dependency cycle detected", way, extra)],
      });
    }
    return { ok: false, reasons: [] };
  }

  async #checkInputs(id: string, path: string[]): Promise<NodeVerdict> {
    const { class_type, inputs } = readNode(this.#graph, id);
    if (inputs === null) throw new PythonError("KeyError", "'inputs'");
    const definition = await this.#define(class_type);
    const final = finaliseInputs(definition, inputs);
    const visit: Visit = { id, inputs, errors: [], path };
    if (this.#rules.traits.invalidDynamicInput) {
      for (const name of [...final.unknownOptions, ...final.unsent]) {
        visit.errors.push(refuseOption(name, inputs));
      }
    }
    let upstreamOk = true;
    for (const spec of final.specs) {
      if (!(await this.#checkInput(class_type, spec, visit))) upstreamOk = false;
    }
    return { ok: upstreamOk && visit.errors.length === 0, reasons: visit.errors };
  }

  async #define(name: string): Promise<NodeDefinition> {
    const definition = await this.#rules.book.find(name);
    if (definition === undefined) throw new PythonError("KeyError", repr(name));
    return definition;
  }

  /** False when something behind this input is bad; the input's own errors go to the visit. */
  async #checkInput(name: string, spec: InputSpec, visit: Visit): Promise<boolean> {
    if (!(spec.name in visit.inputs)) {
      if (spec.required) {
        const last = spec.name.split(".").at(-1) ?? spec.name;
        const extra = { input_name: spec.name };
        visit.errors.push(finding("required_input_missing", "Required input is missing", last, extra));
      }
      return true;
    }
    const value = visit.inputs[spec.name];
    if (Array.isArray(value)) return await this.#checkLink(spec, value, visit);
    const isFile = this.#rules.book.fileKind(name, spec.name) !== null;
    const isAnyModel = this.#rules.book.acceptsAnyModel(name, spec.name);
    const problem = checkValue(spec, visit.inputs, { skipBounds: isFile, skipList: isFile || isAnyModel });
    if (problem !== null) visit.errors.push(problem);
    else if (isFile) await this.#checkFile(name, spec, visit);
    return true;
  }

  async #checkFile(name: string, spec: InputSpec, visit: Visit): Promise<void> {
    const value = String(visit.inputs[spec.name]);
    if (await this.#rules.hasFile(value)) return;
    const kind = this.#rules.book.fileKind(name, spec.name) ?? "file";
    const details = `${spec.name} - Invalid ${kind} file: ${value}`;
    const extra = { input_name: spec.name };
    visit.errors.push(
      finding("custom_validation_failed", "Custom validation failed for node", details, extra),
    );
  }

  async #checkLink(spec: InputSpec, value: unknown[], visit: Visit): Promise<boolean> {
    const info = { input_name: spec.name, input_config: describeConfig(spec) };
    if (value.length !== 2) {
      const message = "Bad linked input, must be a length-2 list of [node_id, slot_index]";
      visit.errors.push(finding("bad_linked_input", message, spec.name, { ...info, received_value: value }));
      return true;
    }
    const [from, slot] = value;
    const received = await this.#outputType(from, slot);
    if (!acceptsType(received, spec.type)) {
      const wanted = Array.isArray(spec.type) ? repr(spec.type) : spec.type;
      const got = Array.isArray(received) ? repr(received) : String(received);
      const details = `${spec.name}, received_type(${got}) mismatch input_type(${wanted})`;
      const extra = { ...info, received_type: received, linked_node: value };
      visit.errors.push(
        finding("return_type_mismatch", "Return type mismatch between linked nodes", details, extra),
      );
      return true;
    }
    const source = String(from);
    try {
      return (await this.#checkNode(source, visit.path)).ok;
    } catch (problem) {
      if (!(problem instanceof PythonError)) throw problem;
      const reason = finding(
        "exception_during_inner_validation",
        "Exception when validating inner node",
        problem.message,
        {
          ...info,
          exception_message: problem.message,
          exception_type: problem.type,
          traceback: [trace("validate_inputs"), trace("validate_inputs")],
          linked_node: value,
        },
      );
      this.#settle(source, { ok: false, reasons: [reason] });
      return false;
    }
  }

  async #outputType(from: unknown, slot: unknown): Promise<unknown> {
    const definition = await this.#define(readNode(this.#graph, from).class_type);
    const at = typeof slot === "number" ? slot : NaN;
    if (!Number.isInteger(at)) {
      throw new PythonError("TypeError", "tuple indices must be integers or slices, not str");
    }
    const type = definition.output.at(at);
    if (type === undefined) throw new PythonError("IndexError", "tuple index out of range");
    return type;
  }
}

function refuseOption(name: string, inputs: Json): Finding {
  const details = name in inputs
    ? `${name}: ${repr(inputs[name])} is not an option`
    : `${name}: no option given`;
  return finding("invalid_dynamic_input", "Invalid dynamic input", details, { input_name: name });
}

function trace(name: string): string {
  return `  File "ComfyUI/execution.py", in ${name}\n`;
}
