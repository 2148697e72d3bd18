/** Judges a template folder: manifest and graph against each other and against node definitions, every fault at once. */
import { z } from "zod";
import { type Problem, problem } from "../problem.ts";
import { no, ok, type Result } from "../result.ts";
import {
  type Definitions,
  Graph,
  Manifest,
  type NodeRef,
  type Template,
  type TemplateInput,
} from "../template.ts";
import { checkGraph, checkLinks, type Fault } from "./check_graph.ts";
import { isModelFile, ruleOf } from "./definitions.ts";
import { applyEdits, editLists, prunedInputs } from "./edits.ts";
import { freeze, idsOf, nameNode, nameRef } from "./graph.ts";
import { modelFiles } from "./models.ts";
import { pruneInputs } from "./prune.ts";
import { GIVEN, isFile } from "./values.ts";

/** `name` stands in the reports when the manifest has no readable id: the folder, for instance. */
export interface TemplateParts {
  name: string;
  manifest: unknown;
  graph: unknown;
}

/** The template, frozen; or a `template.invalid` or `template.editor_format` problem for every single fault. */
export function checkTemplate(parts: TemplateParts, definitions: Definitions): Result<Template> {
  const manifest = Manifest.safeParse(parts.manifest);
  const name = manifest.success ? manifest.data.id : parts.name;
  const graph = readGraph(parts.graph);
  const faults: Fault[] = manifest.success ? [] : manifest.error.issues.map((issue) => ({
    input: issue.path.join("."),
    text: `the manifest's "${issue.path.join(".")}" is wrong: ${issue.message}`,
  }));
  if (!graph.ok) return no([...faults.map((fault) => problemOf(name, fault)), ...graph.problem(name)]);
  if (manifest.success) faults.push(...faultsOf(manifest.data, graph.value, definitions));
  else faults.push(...checkLinks(graph.value), ...checkGraph(graph.value, definitions));
  if (!manifest.success || faults.length > 0) {
    return no(distinct(faults).map((fault) => problemOf(name, fault)));
  }
  return ok(freeze({ manifest: manifest.data, graph: graph.value }));
}

/** Everything that is wrong with a manifest and its graph, in sentences without the template's name. */
export function faultsOf(manifest: Manifest, graph: Graph, definitions: Definitions): Fault[] {
  return distinct([
    ...checkLinks(graph),
    ...checkGraph(graph, definitions),
    ...checkManifest(manifest, graph, definitions),
  ]);
}

/** API format with string ids in its links. A file of the editor is refused whole, never read in part. */
function readGraph(
  raw: unknown,
): { ok: true; value: Graph } | { ok: false; problem: (name: string) => Problem[] } {
  if (z.looseObject({ nodes: z.array(z.unknown()) }).safeParse(raw).success) {
    const message = (name: string) =>
      `Cannot read template "${name}": this is an editor file. In ComfyUI choose Export (API) and use that file`;
    return {
      ok: false,
      problem: (
        name,
      ) => [problem("template.editor_format", { operator: message(name), detail: { template: name } })],
    };
  }
  const parsed = Graph.safeParse(normaliseLinks(raw));
  if (parsed.success) return { ok: true, value: parsed.data };
  const faults = parsed.error.issues.map((issue) => {
    const [node, ...rest] = issue.path.map(String);
    const text = `the graph's node "${node ?? ""}" is not in API format: ${rest.join(".")} ${issue.message}`
      .trim();
    return node === undefined ? { text } : { node, text };
  });
  return { ok: false, problem: (name) => faults.map((fault) => problemOf(name, fault)) };
}

const NumericLink = z.tuple([z.int().min(0), z.int().min(0)]);

/** Older exporters write node ids in links as numbers, which ComfyUI refuses. */
export function normaliseLinks(raw: unknown): unknown {
  const nodes = z.record(z.string(), z.looseObject({ inputs: z.record(z.string(), z.unknown()) })).safeParse(
    raw,
  );
  if (!nodes.success) return raw;
  return Object.fromEntries(
    Object.entries(nodes.data).map(([id, node]) => {
      const inputs = Object.entries(node.inputs).map(([input, value]) => {
        const link = NumericLink.safeParse(value);
        return [input, link.success ? [String(link.data[0]), link.data[1]] : value];
      });
      return [id, { ...node, inputs: Object.fromEntries(inputs) }];
    }),
  );
}

function checkManifest(manifest: Manifest, graph: Graph, definitions: Definitions): Fault[] {
  return [
    ...checkInputs(manifest, graph, definitions),
    ...checkOutputs(manifest, graph, definitions),
    ...checkStages(manifest, graph),
    ...checkChoices(manifest),
    ...checkModels(manifest, graph, definitions),
    ...checkEdits(manifest, graph, definitions),
  ];
}

function checkInputs(manifest: Manifest, graph: Graph, definitions: Definitions): Fault[] {
  return Object.entries(manifest.inputs).flatMap(([name, input]) => {
    const faults: Fault[] = input.bind.flatMap((bind) => {
      const found = resolve(graph, bind.node, `input "${name}"`);
      if (typeof found !== "string") return [{ ...found, input: bind.input }];
      const node = graph[found];
      const definition = node && definitions[node.class_type];
      const known = definition ? ruleOf(definition, bind.input) !== null : false;
      if (!node || known || Object.hasOwn(node.inputs, bind.input)) return [];
      const text = `input "${name}" is bound to "${bind.input}" of ${
        nameNode(graph, found)
      }, which has no such input`;
      return [{ node: found, input: bind.input, text }];
    });
    return [...faults, ...checkInput(name, input, manifest, definitions)];
  });
}

function answersTo(input: TemplateInput): string[] {
  const { kind, options } = input;
  return isFile(input) ? [GIVEN] : kind === "bool" ? ["true", "false"] : options ?? [];
}

function checkInput(
  name: string,
  input: TemplateInput,
  manifest: Manifest,
  definitions: Definitions,
): Fault[] {
  const rules: [boolean, string][] = [
    [
      input.bind.length === 0 && !input.edits && (input.required || input.effect !== null),
      "is bound to nothing: then it must be optional and its effect null",
    ],
    [
      input.edits !== undefined &&
      (answersTo(input).length === 0 || (input.default === undefined && !isFile(input)) ||
        Object.keys(input.edits).some((answer) => !answersTo(input).includes(answer))),
      "has edits: then it must be a file, or a choice or a switch with a default, and each edit list named by an answer",
    ],
    [input.bind.length > 0 && input.effect === null, "is bound and yet its effect is null"],
    [
      input.role === "asset" && !input.required && input.effect === undefined,
      "is an optional file: say in effect how it changes the result",
    ],
    [input.kind === "choice" && !input.options?.length, "is a choice without options"],
    [
      Object.entries(input.asks ?? {}).some(([answer, file]) =>
        !answersTo(input).includes(answer) || manifest.inputs[file]?.role !== "asset"
      ),
      "asks for a file with something that is no answer, or of an input that takes none",
    ],
    [
      input.scales !== undefined && !Object.hasOwn(manifest.inputs, input.scales),
      "scales an input that does not exist",
    ],
    [isFile(input) && input.default !== undefined, "is a file and cannot have a default"],
    [
      input.fold !== undefined && !["images", "latents"].includes(input.kind),
      "is one file and needs no fold",
    ],
    [
      ["images", "latents"].includes(input.kind) && input.bind.length > 0 && !input.fold,
      "takes several files and needs a fold",
    ],
    [
      input.fold !== undefined && !definitions[input.fold.class],
      `folds with the unknown class "${input.fold?.class}"`,
    ],
    [input.min !== undefined && input.max !== undefined && input.min > input.max, "has min above max"],
    [
      (input.variants ?? []).some((variant) => !Object.hasOwn(manifest.variants, variant)),
      "names a variant that does not exist",
    ],
  ];
  return rules.filter(([wrong]) => wrong).map(([, text]) => ({
    input: name,
    text: `input "${name}" ${text}`,
  }));
}

/** The node's id, or the fault that it is missing or that several nodes have its title. */
function resolve(graph: Graph, ref: NodeRef, who: string): string | Fault {
  const [id, other] = idsOf(graph, ref);
  if (id === undefined) return { text: `${who} names the ${nameRef(ref)}, which is missing` };
  if (other === undefined) return id;
  const ids = idsOf(graph, ref).map((id) => `"${id}"`).join(" and ");
  return { node: id, text: `${who} names the ${nameRef(ref)}, but nodes ${ids} both have that title` };
}

function checkOutputs(manifest: Manifest, graph: Graph, definitions: Definitions): Fault[] {
  const roles = new Set<string>();
  const faults = manifest.outputs.flatMap((output): Fault[] => {
    const twice = roles.has(output.role);
    roles.add(output.role);
    if (twice) return [{ text: `output "${output.role}" stands twice` }];
    if (output.variants?.some((variant) => variant !== "" && !Object.hasOwn(manifest.variants, variant))) {
      return [{ text: `output "${output.role}" names a variant that does not exist` }];
    }
    const found = resolve(graph, output.node, `output "${output.role}"`);
    if (typeof found !== "string") return [found];
    const node = graph[found];
    if (!node || definitions[node.class_type]?.output_node !== false) return [];
    const text = `output "${output.role}" names ${
      nameNode(graph, found)
    }, but "${node.class_type}" saves nothing`;
    return [{ node: found, text }];
  });
  if (!manifest.outputs.some((output) => output.required)) faults.push({ text: "no output is required" });
  return faults;
}

function checkStages(manifest: Manifest, graph: Graph): Fault[] {
  const sum = manifest.stages.reduce((sum, stage) => sum + stage.share, 0);
  const faults: Fault[] = Math.abs(sum - 100) < 1e-9
    ? []
    : [{ text: `the stages' shares sum to ${sum}, not to 100` }];
  for (const stage of manifest.stages) {
    for (const title of stage.nodes) {
      const found = resolve(graph, { title }, `stage "${stage.title}"`);
      if (typeof found !== "string") faults.push(found);
    }
  }
  return faults;
}

function checkChoices(manifest: Manifest): Fault[] {
  const faults: Fault[] = [];
  for (const preset of [manifest.defaultPreset, ...manifest.lowVram.map((low) => low.preset)]) {
    if (!Object.hasOwn(manifest.presets, preset)) faults.push({ text: `preset "${preset}" does not exist` });
  }
  const { width, height, min, max, multiple } = manifest.size;
  for (const [side, value] of Object.entries({ width, height, min, max })) {
    if (value % multiple !== 0) {
      faults.push({ text: `size.${side} ${value} is not a multiple of ${multiple}` });
    }
  }
  if (Math.min(width, height) < min || Math.max(width, height) > max) {
    faults.push({ text: `the size ${width}×${height} lies outside ${min} to ${max}` });
  }
  if (manifest.state === "verified" && !manifest.verified) {
    faults.push({ text: "the state is verified, but verified does not say where" });
  }
  return faults;
}

/** What the folder's README and the doctor list is what the graph and its edits load, no more and no less. */
function checkModels(manifest: Manifest, graph: Graph, definitions: Definitions): Fault[] {
  const used = new Set(modelFiles(graph, definitions).map((model) => model.file));
  for (const { edits } of editLists(manifest)) {
    const edited = structuredClone(graph);
    applyEdits(edited, edits);
    for (const model of modelFiles(edited, definitions)) used.add(model.file);
  }
  for (const model of usualModels(manifest, graph, definitions)) used.add(model);
  const listed = new Set(manifest.requires.models.map((model) => model.file));
  return [
    ...[...used].filter((file) => !listed.has(file)).map((file) => ({
      text: `the model file "${file}" is loaded, but requires.models does not list it`,
    })),
    ...[...listed].filter((file) => !used.has(file)).map((file) => ({
      text: `requires.models lists "${file}", but no node loads it`,
    })),
  ];
}

/** Model files that an input names where nobody chooses another one. */
function usualModels(manifest: Manifest, graph: Graph, definitions: Definitions): string[] {
  return Object.values(manifest.inputs).flatMap(({ bind, default: usual }) => {
    const [place] = bind;
    const [id] = place ? idsOf(graph, place.node) : [];
    const definition = definitions[graph[id ?? ""]?.class_type ?? ""];
    return place && typeof usual === "string" && isModelFile(definition, place.input, usual) ? [usual] : [];
  });
}

function checkEdits(manifest: Manifest, graph: Graph, definitions: Definitions): Fault[] {
  const known = new Set(checkGraph(graph, definitions).map((fault) => fault.text));
  return editLists(manifest).flatMap(({ name, edits }) => {
    const edited = structuredClone(graph);
    const unfit = applyEdits(edited, edits);
    pruneInputs(edited, prunedInputs(edited, edits), definitions);
    const faults = [...unfit, ...checkLinks(edited), ...checkGraph(edited, definitions)];
    return faults.filter((fault) => !known.has(fault.text)).map((fault) => ({
      ...fault,
      text: `with ${name}, ${fault.text}`,
    }));
  });
}

function distinct(faults: Fault[]): Fault[] {
  const seen = new Set<string>();
  return faults.filter((fault) => !seen.has(fault.text) && seen.add(fault.text));
}

function problemOf(name: string, fault: Fault): Problem {
  const detail = {
    template: name,
    ...(fault.node === undefined ? {} : { node: fault.node }),
    ...(fault.input === undefined ? {} : { input: fault.input }),
  };
  return problem("template.invalid", { operator: `Cannot load template "${name}": ${fault.text}`, detail });
}
