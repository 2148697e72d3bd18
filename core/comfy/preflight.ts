/** Checks a graph against what a server has before anything is queued: node classes, model files and values. */
import type { Problem } from "../problem.ts";
import { problem } from "../problem.ts";
import type { Definitions, Graph, Manifest, NodeDefinition } from "../template.ts";

export interface Lacks {
  classes: {
    name: string;
    nodes: string[];
    pack: string | null;
    source: string | null;
    commit: string | null;
  }[];
  models: { file: string; folder: string | null; source: string | null; node: string; input: string }[];
  values: { node: string; input: string; value: string; reason: string }[];
}

type Requires = Manifest["requires"];

/** Every lack at once. Inputs that load uploaded files are not judged: their lists show the top folder only. */
export function lacksOf(graph: Graph, definitions: Definitions, requires: Requires | null = null): Lacks {
  const lacks: Lacks = { classes: [], models: [], values: [] };
  for (const [id, { class_type, inputs }] of Object.entries(graph)) {
    const definition = Object.hasOwn(definitions, class_type) ? definitions[class_type] : undefined;
    if (definition === undefined) {
      addClass(lacks, class_type, { id, requires });
      continue;
    }
    for (const input of absentInputs(definition, inputs)) {
      lacks.values.push({ node: id, input, value: "", reason: "is required and absent" });
    }
    for (const [input, value] of Object.entries(inputs)) {
      if (Array.isArray(value) || isUpload(class_type, value)) continue;
      const found = judge(definition, input, value);
      if (found === null) continue;
      const model = found.choices === null ? null : modelOf(String(value), found.choices, requires);
      if (model !== null) lacks.models.push({ ...model, node: id, input });
      else lacks.values.push({ node: id, input, value: String(value).slice(0, 200), reason: found.reason });
    }
  }
  return lacks;
}

export function isComplete(lacks: Lacks): boolean {
  return lacks.classes.length + lacks.models.length + lacks.values.length === 0;
}

/**
 * The lack as a problem, or null. Creators read plain words; classes, files, folders and sources are for operators
 * alone [AX36].
 */
export function lackProblem(lacks: Lacks): Problem | null {
  if (isComplete(lacks)) return null;
  const operator = describeLacks(lacks).join("\n").slice(0, 4000);
  if (lacks.classes.length > 0) {
    return problem("comfy.missing_node", { detail: { missing: lacks.classes.length }, operator });
  }
  if (lacks.models.length > 0) {
    return problem("comfy.missing_model", { detail: { missing: lacks.models.length }, operator });
  }
  return problem("comfy.rejected", {
    message: "This mode has a setting that the render server does not know. Tell the operator.",
    operator,
  });
}

/** One line per lack, for operators: what is missing, where it belongs and where it comes from. */
export function describeLacks(lacks: Lacks): string[] {
  return [
    ...lacks.classes.map(({ name, nodes, pack, source, commit }) =>
      `Node class "${name}" (nodes ${nodes.join(", ")}) is missing: ` +
      (pack === null ? "no node pack is named for it" : `install ${pack} from ${source} at ${commit}`)
    ),
    ...lacks.models.map(({ file, folder, source, node, input }) =>
      `Model file "${file}" (node ${node}, input ${input}) is missing: ` +
      (folder === null ? "its folder is not named" : `put it into models/${folder}`) +
      (source === null ? "" : `, from ${source}`)
    ),
    ...lacks.values.map(({ node, input, value, reason }) =>
      `Node ${node}, input ${input}: "${value}" ${reason}`
    ),
  ];
}

function addClass(lacks: Lacks, name: string, at: { id: string; requires: Requires | null }): void {
  const known = lacks.classes.find((lack) => lack.name === name);
  if (known !== undefined) {
    known.nodes.push(at.id);
    return;
  }
  const pack = at.requires?.packs.find(({ classes }) => classes.includes(name)) ?? null;
  const from = { pack: pack?.name ?? null, source: pack?.source ?? null, commit: pack?.commit ?? null };
  lacks.classes.push({ name, nodes: [at.id], ...from });
}

interface Found {
  reason: string;
  /** The list that does not hold the value. */
  choices: string[] | null;
}

function judge(definition: NodeDefinition, input: string, value: unknown): Found | null {
  const spec = definition.input.required?.[input] ?? definition.input.optional?.[input];
  // Children of dynamic inputs have dotted names and no entry of their own; extra inputs are ignored by ComfyUI.
  if (!Array.isArray(spec)) return null;
  const [type, rawOptions] = spec;
  const options = isRecord(rawOptions) ? rawOptions : {};
  if (takesUploads(options)) return null;
  const choices = choicesOf(type, options);
  if (choices !== null) {
    if (options.multiselect === true || choices.includes(String(value))) return null;
    return { reason: `is not among ${choices.length} choices`, choices };
  }
  return judgeNumber(type, options, value);
}

/** Required inputs that a graph leaves out. Dynamic inputs are judged by the server alone. */
function absentInputs(definition: NodeDefinition, inputs: Record<string, unknown>): string[] {
  return Object.entries(definition.input.required ?? {}).flatMap(([name, spec]) => {
    const type: unknown = Array.isArray(spec) ? spec[0] : null;
    if (name in inputs || (typeof type === "string" && type.startsWith("COMFY_"))) return [];
    return [name];
  });
}

/** Loaders of uploaded files; LoadLatent and VHS do not mark their inputs. Our uploads are named by their content. */
function isUpload(className: string, value: unknown): boolean {
  if (/^(VHS_)?Load(Image|Video|Audio|Latent)/.test(className)) return true;
  return typeof value === "string" && /(^|\/)[0-9a-f]{64}\.[a-z0-9]+( \[[a-z]+\])?$/.test(value);
}

/** `image_upload`, `video_upload`, `audio_upload`, `file_upload` and `upload` mark inputs that take uploaded files. */
function takesUploads(options: Record<string, unknown>): boolean {
  return Object.entries(options).some(([key, value]) => /upload$/.test(key) && value === true) ||
    options.remote !== undefined;
}

/** Old definitions have the list itself as the type, new ones `"COMBO"` with `options`. */
function choicesOf(type: unknown, options: Record<string, unknown>): string[] | null {
  const list = Array.isArray(type)
    ? type
    : type === "COMBO" && Array.isArray(options.options)
    ? options.options
    : null;
  if (list === null) return null;
  return list.flatMap((item) => ["string", "number", "boolean"].includes(typeof item) ? [String(item)] : []);
}

function judgeNumber(type: unknown, options: Record<string, unknown>, value: unknown): Found | null {
  if (type !== "INT" && type !== "FLOAT") return null;
  // Seeds above 2^53 are decimal text; the comparison with a limit needs no more than a double holds.
  const text = String(value).trim();
  if (!(type === "INT" ? /^[+-]?\d+(\.\d*)?$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i).test(text)) {
    return { reason: type === "INT" ? "is not a whole number" : "is not a number", choices: null };
  }
  const { min, max } = options;
  const number = Number(text);
  if (typeof min === "number" && number < min) return { reason: `is smaller than ${min}`, choices: null };
  // ComfyUI's own maximum of 2^64-1 reads as 2^64 here; it is no limit that a value could break.
  if (typeof max === "number" && max < 2 ** 63 && number > max) {
    return { reason: `is bigger than ${max}`, choices: null };
  }
  return null;
}

const MODEL_FILE = /\.(safetensors|sft|ckpt|pt|pth|bin|gguf|onnx|pkl|torchscript\.pt)$/i;

/**
 * A value that is missing from a list counts as a model when the manifest names it, or when it or the list looks like
 * model files. Its folder inside the models folder may differ by slashes.
 */
function modelOf(value: string, choices: string[], requires: Requires | null) {
  const name = value.replaceAll("\\", "/");
  const known = requires?.models.find(({ file }) => file === name || name.endsWith(`/${file}`));
  if (known !== undefined) return { file: value, folder: known.folder, source: known.source };
  if (MODEL_FILE.test(name) || (choices.length > 0 && choices.every((choice) => MODEL_FILE.test(choice)))) {
    return { file: value, folder: null, source: null };
  }
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
