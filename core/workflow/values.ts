/** Writes a step's values into a graph: checks each against its input, folds several files into one link. */
import type { FileRef, Value } from "../plan.ts";
import type { Edit, Graph, Link, Manifest, TemplateInput } from "../template.ts";
import { idsOf, redirect } from "./graph.ts";

export interface Writing {
  graph: Graph;
  manifest: Manifest;
  variant: string;
  values: Record<string, Value>;
  /** What a loader node takes for a file. */
  nameFile: (ref: FileRef) => string;
}

/** The one answer that a file can be. */
export const GIVEN = "given";

/** 2^64 − 1, the largest seed that ComfyUI takes. */
export const SEED_MAX = 18446744073709551615n;

/** Inputs that take part in a variant and change the graph. */
export function inputsOf(manifest: Manifest, variant: string): [string, TemplateInput][] {
  return Object.entries(manifest.inputs).filter(([, input]) =>
    (input.bind.length > 0 || input.edits !== undefined) &&
    (!input.variants || input.variants.includes(variant))
  );
}

/** What the answers to a template's own questions change: choices and switches, given or by default, and files that are there. */
export function answerEdits(
  { manifest, variant, values }: Pick<Writing, "manifest" | "variant" | "values">,
): Edit[] {
  return inputsOf(manifest, variant).flatMap(([name, input]) => {
    const value = values[name] ?? input.default;
    if (value === undefined) return [];
    return input.edits?.[typeof value === "object" ? GIVEN : String(value)] ?? [];
  });
}

/** Every value that does not fit its input, in one sentence each. */
export function checkValues({ manifest, variant, values }: Writing): string[] {
  const inputs = new Map(inputsOf(manifest, variant));
  const faults = Object.keys(values).filter((name) => !inputs.has(name)).map((name) =>
    `"${name}" is not an input of "${manifest.id}"` + (variant === "" ? "" : ` in its variant "${variant}"`)
  );
  for (const [name, input] of inputs) {
    const value = values[name];
    const needed = input.required || (input.variants?.includes(variant) ?? false);
    if (value !== undefined) faults.push(...checkValue(input, value).map((text) => `"${name}" ${text}`));
    else if (needed && input.default === undefined) faults.push(`"${name}" is missing`);
  }
  return faults;
}

export function checkValue(input: TemplateInput, value: Value): string[] {
  switch (input.kind) {
    case "image":
    case "video":
    case "audio":
    case "latent":
      return typeof value === "object" && "file" in value ? [] : ["must be a file"];
    case "images":
    case "latents":
      return typeof value === "object" && "files" in value && value.files.length > 0 ? [] : ["must be files"];
    case "text":
      return typeof value === "string" ? [] : ["must be text"];
    case "choice":
      return typeof value === "string" && input.options?.includes(value)
        ? []
        : [`must be one of ${input.options?.join(", ")}`];
    case "bool":
      return typeof value === "boolean" ? [] : ["must be true or false"];
    case "seed":
      return isSeed(value) ? [] : ["must be a whole number from 0 to 18446744073709551615 as text"];
    case "int":
    case "number":
      return checkNumber(input, value);
  }
}

function isSeed(value: Value): boolean {
  return typeof value === "string" && /^\d{1,20}$/.test(value) && BigInt(value) <= SEED_MAX;
}

function checkNumber({ kind, min, max, multiple }: TemplateInput, value: Value): string[] {
  if (typeof value !== "number" || !Number.isFinite(value)) return ["must be a number"];
  if (kind === "int" && !Number.isSafeInteger(value)) return ["must be a whole number"];
  if (min !== undefined && value < min) return [`must be at least ${min}`];
  if (max !== undefined && value > max) return [`must be at most ${max}`];
  if (multiple !== undefined && value % multiple !== 0) return [`must be a multiple of ${multiple}`];
  return [];
}

/**
 * Writes what is given or has a default, in place. Returns the inputs of file loaders that got nothing; a literal that
 * got nothing keeps what the graph says.
 */
export function writeValues(writing: Writing): { node: string; input: string }[] {
  const { graph, manifest, variant, values } = writing;
  const taking = new Set(inputsOf(manifest, variant).map(([name]) => name));
  return Object.entries(manifest.inputs).flatMap(([name, input]) => {
    const value = taking.has(name) ? values[name] ?? input.default : undefined;
    const places = input.bind.flatMap((bind) => {
      const [node] = idsOf(graph, bind.node);
      return node === undefined ? [] : [{ node, input: bind.input }];
    });
    if (value === undefined) return isFile(input) ? places : [];
    for (const place of places) writeValue(writing, place, { input, value });
    return [];
  });
}

export function isFile(input: TemplateInput): boolean {
  return ["image", "video", "audio", "latent", "images", "latents"].includes(input.kind);
}

function writeValue(
  { graph, nameFile }: Writing,
  place: { node: string; input: string },
  { input, value }: { input: TemplateInput; value: Value },
): void {
  const node = graph[place.node];
  if (!node) return;
  if (typeof value === "object") {
    const files = "file" in value ? [value.file] : value.files;
    const [first, ...more] = files.map((file) => literalOf(input, { file }, nameFile));
    if (first === undefined) return;
    node.inputs[place.input] = first;
    if (input.fold) foldFiles(graph, place, { fold: input.fold, more: more.map(String) });
    return;
  }
  node.inputs[place.input] = input.kind === "seed" ? seedLiteral(String(value)) : value;
}

/** A single value as it stands in a graph; undefined for several files, which change the graph itself. */
export function literalOf(
  input: TemplateInput,
  value: Value,
  nameFile: (ref: FileRef) => string,
): string | number | boolean | undefined {
  if (typeof value === "object") {
    if (!("file" in value)) return undefined;
    const name = nameFile(value.file);
    return input.asPath ? pathOf(name) : name;
  }
  return input.kind === "seed" ? seedLiteral(String(value)) : value;
}

const FOLDER = / \[(input|output|temp)\]$/;

/** `sub/name [output]` as loaders of names take it, for those that take paths. */
function pathOf(name: string): string {
  const folder = FOLDER.exec(name)?.[1] ?? "input";
  return `${folder}/${name.replace(FOLDER, "")}`;
}

/** A number where JavaScript and JSON keep every digit; above that decimal text, which ComfyUI turns into an integer. */
function seedLiteral(seed: string): string | number {
  const number = Number(seed);
  return Number.isSafeInteger(number) ? number : BigInt(seed).toString();
}

/** Clones the loader for each further file and joins the clones from left to right; who used the loader uses the join. */
function foldFiles(
  graph: Graph,
  place: { node: string; input: string },
  { fold, more }: { fold: NonNullable<TemplateInput["fold"]>; more: string[] },
): void {
  const loader = graph[place.node];
  if (!loader) return;
  const own = new Set<string>();
  let joined: Link = [place.node, 0];
  more.forEach((name, index) => {
    const clone = freshId(graph, `${place.node}_${index + 2}`);
    graph[clone] = { ...loader, inputs: { ...loader.inputs, [place.input]: name } };
    const join = freshId(graph, `${place.node}_join_${index + 2}`);
    graph[join] = {
      class_type: fold.class,
      inputs: { ...fold.inputs, [fold.first]: joined, [fold.second]: [clone, 0] },
      _meta: { title: `${loader._meta?.title ?? place.node} joined` },
    };
    own.add(join);
    joined = [join, 0];
  });
  if (own.size > 0) redirect(graph, [place.node, 0], joined, own);
}

function freshId(graph: Graph, wanted: string): string {
  let id = wanted;
  while (Object.hasOwn(graph, id)) id = `${id}_`;
  return id;
}
