/** Turns a template and a step's values into the graph that goes to ComfyUI, without touching the template. */
import { digestOf } from "../canonical.ts";
import type { FileRef, PromptStep } from "../plan.ts";
import type { Hash } from "../ports.ts";
import { problem } from "../problem.ts";
import { no, ok, type Result } from "../result.ts";
import type { Definitions, Graph, Manifest, Template, TemplateOutput } from "../template.ts";
import { applyEdits, prunedInputs } from "./edits.ts";
import { idsOf } from "./graph.ts";
import { familyOf, modelFiles } from "./models.ts";
import { pruneInputs, pruneUnreachable } from "./prune.ts";
import { answerEdits, checkValues, writeValues } from "./values.ts";

/** What of a step decides its graph. */
export type Choice = Pick<PromptStep, "variant" | "preset" | "values">;

export interface BindInput extends Choice {
  template: Template;
  /** Say which inputs a node can do without. A class that is not among them is taken to need all that it has. */
  definitions: Definitions;
  /** What a loader node takes for a file, as the server named it after the upload. */
  files: (ref: FileRef) => string;
  promptId: string;
  /** Folder of all our files in the server's output folder. */
  prefix: string;
}

export interface BoundOutput {
  role: string;
  /** Node id in the bound graph. */
  node: string;
  kind: TemplateOutput["kind"];
  required: boolean;
  /** The save node's filename prefix: `{prefix}/{prompt id}/{role}`. */
  prefix: string;
}

export interface Bound {
  graph: Graph;
  /** The same without titles and prompt id, files by content hash or by the step that makes them. */
  canonical: Graph;
  outputs: BoundOutput[];
  classes: string[];
  models: Manifest["requires"]["models"];
  family: string;
}

/** Pure. Every fault of the values at once, as one `template.bind_failed` problem each. */
export function bind(input: BindInput): Result<Bound> {
  const { template, definitions } = input;
  const built = build(input, { nameFile: input.files, prefix: `${input.prefix}/${input.promptId}/` });
  if (!built.ok) return built;
  const plain = build(input, { nameFile: nameRef, prefix: "" });
  if (!plain.ok) return plain;
  const { graph, outputs } = built.value;
  const used = new Set(modelFiles(graph, definitions).map((model) => model.file));
  return ok({
    graph,
    canonical: bare(plain.value.graph),
    outputs,
    classes: [...new Set(Object.values(graph).map((node) => node.class_type))].sort(),
    models: template.manifest.requires.models.filter((model) => used.has(model.file)),
    family: familyOf(graph, definitions),
  });
}

/** Hash of the canonical graph before anything runs: equal for equal work, whatever its prompt ids. */
export function formOf(
  { template, definitions, hash, ...choice }: Choice & {
    template: Template;
    definitions: Definitions;
    hash: Hash;
  },
): Result<{ form: string; family: string; canonical: Graph }> {
  const built = build({ template, definitions, ...choice }, { nameFile: nameRef, prefix: "" });
  if (!built.ok) return built;
  const canonical = bare(built.value.graph);
  return ok({ form: digestOf(canonical, hash), family: familyOf(canonical, definitions), canonical });
}

/** The graph of a choice, files by content hash or by the step that makes them. */
export function graphOf(choice: Choice & { template: Template; definitions: Definitions }): Result<Graph> {
  const built = build(choice, { nameFile: nameRef, prefix: "" });
  return built.ok ? ok(built.value.graph) : built;
}

/** Binds a step of a plan; the step must have been planned with this very template. */
export function bindStep(step: PromptStep, input: Omit<BindInput, keyof Choice>): Result<Bound> {
  const { id, version } = input.template.manifest;
  if (step.template.id !== id || step.template.version !== version) {
    const wanted = `${step.template.id} ${step.template.version}`;
    const operator = `Cannot bind step "${step.id}" of template ${wanted} with template ${id} ${version}`;
    return no([problem("template.bind_failed", { operator })]);
  }
  return bind({ ...input, variant: step.variant, preset: step.preset, values: step.values });
}

/** A file before it has a name on any server. */
export function nameRef(ref: FileRef): string {
  return ref.from === "asset" ? `asset:${ref.sha256}` : `step:${ref.step}:${ref.role}:${ref.ord ?? 0}`;
}

type Built = { graph: Graph; outputs: BoundOutput[] };

function build(
  { template, definitions, variant, preset, values }: Choice & {
    template: Template;
    definitions: Definitions;
  },
  { nameFile, prefix }: { nameFile: (ref: FileRef) => string; prefix: string },
): Result<Built> {
  const { manifest } = template;
  const graph = structuredClone(template.graph);
  const chosen = Object.hasOwn(manifest.presets, preset) ? manifest.presets[preset]?.edits : undefined;
  const varied = Object.hasOwn(manifest.variants, variant) ? manifest.variants[variant] : undefined;
  const edits = [...chosen ?? [], ...varied ?? [], ...answerEdits({ manifest, variant, values })];
  const faults = [
    ...(chosen ? [] : [`there is no preset "${preset}"`]),
    ...(varied || variant === "" ? [] : [`there is no variant "${variant}"`]),
    ...checkValues({ graph, manifest, variant, values, nameFile }),
    ...applyEdits(graph, edits).map((fault) => fault.text),
  ];
  if (faults.length > 0) return no(faults.map((text) => bindFailed(manifest.id, text)));
  const absent = writeValues({ graph, manifest, variant, values, nameFile });
  const outputs = leaveOut(graph, manifest, variant);
  pruneInputs(graph, [...prunedInputs(graph, edits), ...absent], definitions);
  pruneUnreachable(graph, outputNodes(graph, outputs, definitions));
  const lost = outputs.filter((output) => output.required && idsOf(graph, output.node).length === 0);
  if (lost.length > 0) {
    return no(
      lost.map(({ role }) => bindFailed(manifest.id, `nothing is left that makes the output "${role}"`)),
    );
  }
  writePrefixes(graph, outputs, prefix);
  return ok({ graph, outputs: outputsOf(graph, outputs) });
}

/** The outputs of a variant; the nodes that save the others go. */
function leaveOut(graph: Graph, { outputs }: Manifest, variant: string): TemplateOutput[] {
  const isMade = ({ variants }: TemplateOutput) => !variants || variants.includes(variant);
  for (const output of outputs) {
    if (!isMade(output)) { for (const id of idsOf(graph, output.node)) delete graph[id]; }
  }
  return outputs.filter(isMade);
}

function bindFailed(id: string, text: string) {
  return problem("template.bind_failed", { operator: `Cannot bind template "${id}": ${text}` });
}

/** Nodes that save or show something: the named outputs, and whatever else ComfyUI would run for its own sake. */
function outputNodes(graph: Graph, outputs: TemplateOutput[], definitions: Definitions): string[] {
  const named = outputs.flatMap((output) => idsOf(graph, output.node));
  const others = Object.keys(graph).filter((id) =>
    definitions[graph[id]?.class_type ?? ""]?.output_node === true
  );
  return [...new Set([...named, ...others])];
}

/** Each saving node gets a file name of its own in the prompt's folder, so that files are found again by name alone. */
function writePrefixes(graph: Graph, outputs: TemplateOutput[], prefix: string): void {
  const roles = new Map(outputs.map((output) => [idsOf(graph, output.node)[0] ?? "", output.role]));
  for (const [id, node] of Object.entries(graph)) {
    if (typeof node.inputs.filename_prefix !== "string") continue;
    const stem = roles.get(id) ?? `extra-${id.replaceAll(/[^A-Za-z0-9_-]/g, "-")}`;
    node.inputs.filename_prefix = prefix === "" ? "" : `${prefix}${stem}`;
  }
}

function outputsOf(graph: Graph, outputs: TemplateOutput[]): BoundOutput[] {
  return outputs.flatMap(({ role, node: ref, kind, required }) => {
    const [node] = idsOf(graph, ref);
    const prefix = node === undefined ? undefined : graph[node]?.inputs.filename_prefix;
    if (node === undefined) return [];
    return [{ role, node, kind, required, prefix: typeof prefix === "string" ? prefix : "" }];
  });
}

function bare(graph: Graph): Graph {
  return Object.fromEntries(
    Object.entries(graph).map(([id, { class_type, inputs }]) => [id, { class_type, inputs }]),
  );
}
