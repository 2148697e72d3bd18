/** Preflight: what a template or one of its graphs wants, what a server lacks for it, and how that is told. Pure. */
import { type Problem, problem, type ProblemCode } from "./problem.ts";
import type { Definitions, Graph, Manifest, Template } from "./template.ts";
import { preflight as words } from "./words/preflight.ts";
import { graphOf } from "./workflow/bind.ts";
import { folderOf, modelFiles, type ModelUse, nameThere } from "./workflow/models.ts";
import { leastValues, valueFor } from "./workflow/sample.ts";
import { inputsOf, isFile } from "./workflow/values.ts";
import type { Choice } from "./workflow/bind.ts";

/** What graphs ask of a server. `only` names the preset or the answer that alone needs it; null: it is always needed. */
export interface Wants {
  manifest: Manifest;
  preset: string;
  classes: { name: string; only: string | null }[];
  models: (ModelUse & { only: string | null })[];
}

/** A server as it told of itself. */
export interface ServerFacts {
  /** Its own: the choices of its loaders are the files on its disk. Null while it has not told. */
  definitions: Definitions | null;
  /** Null where it has no graphics card, or did not tell. */
  vramBytes: number | null;
}

export interface Lacks {
  /** Node classes with the pack that brings them; none where they belong to ComfyUI itself. */
  classes: {
    name: string;
    pack: { name: string; source: string; commit: string } | null;
    only: string | null;
  }[];
  /** `source` is null for files that the template's list does not know. */
  models: {
    file: string;
    folder: string;
    source: string | null;
    licence: string;
    sizeGb: number | null;
    only: string | null;
  }[];
  /** In gigabytes; null where there is enough, or nobody said. `preset`: the one made for such a card. */
  vram: { wants: number; has: number; preset: string | null } | null;
}

/** What one bound graph wants: everything in it. */
export function wantsOfGraph(
  graph: Graph,
  { manifest, preset, definitions }: { manifest: Manifest; preset: string; definitions: Definitions },
): Wants {
  const names = [...new Set(Object.values(graph).map((node) => node.class_type))];
  return {
    manifest,
    preset,
    classes: names.map((name) => ({ name, only: null })),
    models: modelFiles(graph, definitions).map((use) => ({ ...use, only: null })),
  };
}

/**
 * What a template wants at all: first with its usual preset, the usual answers and no optional file; then what each other
 * preset, answer and file brings along.
 */
export function wantsOf(template: Template, definitions: Definitions): Wants {
  const { manifest } = template;
  const preset = manifest.defaultPreset;
  const classes = new Map<string, Found<Wants["classes"][number]>>();
  const models = new Map<string, Found<Wants["models"][number]>>();
  for (const { only, group, ...choice } of choicesOf(manifest)) {
    const bound = graphOf({ template, definitions, ...choice });
    if (!bound.ok) continue;
    const seen = wantsOfGraph(bound.value, { manifest, preset, definitions });
    for (const item of seen.classes) find(classes, item.name, { ...item, only, group });
    for (const item of seen.models) find(models, item.file, { ...item, only, group });
  }
  return { manifest, preset, classes: [...classes.values()], models: [...models.values()] };
}

/** `group`: the question that `only` is an answer to. */
type Found<Item> = Item & { only: string | null; group: string | null };

/** What several answers to one question need is told by the question. */
function find<Item extends { only: string | null }>(
  items: Map<string, Found<Item>>,
  key: string,
  item: Found<Item>,
): void {
  const known = items.get(key);
  if (!known) items.set(key, item);
  else if (known.only !== item.only && known.group === item.group) known.only = known.group;
}

const NO_FILE = { from: "asset" as const, sha256: "0".repeat(64), ext: "bin" };

function choicesOf(manifest: Manifest): Named[] {
  const variants = Object.keys(manifest.variants);
  const each = (variants.length > 0 ? variants : [""]).map((variant) => ({
    variant,
    preset: manifest.defaultPreset,
    values: leastValues(manifest, variant, () => NO_FILE),
  }));
  const usual = each.map((choice) => ({ ...choice, only: null, group: null }));
  const presets = Object.entries(manifest.presets).flatMap(([preset, { title }]) =>
    each.map((choice) => ({ ...choice, preset, only: words.presetOnly(title), group: words.presets }))
  );
  return [
    ...usual,
    ...presets,
    ...each.flatMap((choice) => givenFiles(manifest, choice)),
    ...each.flatMap((choice) => answers(manifest, choice)),
  ];
}

type Named = Found<Choice>;

/** Each optional file by itself. */
function givenFiles(manifest: Manifest, choice: Choice): Named[] {
  return optionalFiles(manifest, choice).map(([name, input]) => {
    const values = { ...choice.values, [name]: valueFor(name, input, () => NO_FILE) };
    return { ...choice, values, only: input.title, group: input.title };
  });
}

function optionalFiles(manifest: Manifest, { variant, values }: Choice) {
  return inputsOf(manifest, variant).filter(([name, input]) => isFile(input) && !(name in values));
}

/** Each answer but the usual one by itself, with every file there, because some answers need one. */
function answers(manifest: Manifest, choice: Choice): Named[] {
  const files = optionalFiles(manifest, choice).map((
    [name, input],
  ) => [name, valueFor(name, input, () => NO_FILE)]);
  return inputsOf(manifest, choice.variant).filter(([, input]) => !isFile(input)).flatMap(([name, input]) =>
    Object.keys(input.edits ?? {}).filter((answer) => answer !== String(input.default)).map((answer) => {
      const isSwitch = input.kind === "bool";
      const value = isSwitch ? answer === "true" : answer;
      const only = isSwitch ? input.title : words.answer(input.title, answer);
      return {
        ...choice,
        values: { ...choice.values, ...Object.fromEntries(files), [name]: value },
        only,
        group: input.title,
      };
    })
  );
}

/** Everything that is missing, at once. What a server does not tell of is not held against it. */
export function lacksOf(wants: Wants, { definitions, vramBytes }: ServerFacts): Lacks {
  const { manifest, preset } = wants;
  const vram = memoryLack(manifest, preset, vramBytes);
  if (definitions === null) return { classes: [], models: [], vram };
  const { packs, models: listed } = manifest.requires;
  const missing = wants.classes.filter(({ name }) => !Object.hasOwn(definitions, name));
  const files = wants.models.filter((use) => nameThere(use, definitions) === null);
  return {
    classes: missing.map(({ name, only }) => {
      const pack = packs.find((one) => one.classes.includes(name));
      return {
        name,
        pack: pack ? { name: pack.name, source: pack.source, commit: pack.commit } : null,
        only,
      };
    }),
    models: [...new Map(files.map((use) => [use.file, use])).values()].map((use) => {
      const known = listed.find((model) => model.file === use.file);
      const source = known && isListed(known) ? known.source : null;
      const { folder = folderOf(use), licence = "", sizeGb = null } = known ?? {};
      return { file: use.file, folder, source, licence, sizeGb, only: use.only };
    }),
    vram,
  };
}

function isListed({ source }: { source: string }): boolean {
  return /^https?:\/\//.test(source);
}

/** Files that a graph loads and whose source nobody has written down: worth a warning, no hindrance. */
export function unlistedFiles({ manifest, models }: Wants): string[] {
  const listed = new Set(manifest.requires.models.filter(isListed).map(({ file }) => file));
  return [...new Set(models.map(({ file }) => file))].filter((file) => !listed.has(file));
}

const inGb = (bytes: number) => bytes / 1e9;

/** A card sold as 24 GB reports a little less. */
function memoryLack(manifest: Manifest, preset: string, vramBytes: number | null): Lacks["vram"] {
  if (vramBytes === null) return null;
  const has = inGb(vramBytes);
  const low = lowPreset(manifest, vramBytes);
  if (low === null || low === preset) return null;
  return { wants: manifest.requires.vramGb, has, preset: low === "" ? null : low };
}

/** The preset made for a card of this size; empty where there is none, null where the card is large enough. */
export function lowPreset(manifest: Manifest, vramBytes: number | null): string | null {
  if (vramBytes === null || inGb(vramBytes) >= manifest.requires.vramGb * 0.95) return null;
  const sizes = manifest.lowVram.toSorted((a, b) => a.upToGb - b.upToGb);
  const fitting = sizes.find(({ upToGb }) => inGb(vramBytes) * 0.95 <= upToGb) ?? sizes.at(-1);
  return fitting?.preset ?? "";
}

/**
 * `whole`: nothing is missing. `enough`: only what some answers need. `low`: runs with the preset for little memory.
 * `poor`: cannot run it. `unknown`: it has not told.
 */
export type Standing = "whole" | "enough" | "low" | "poor" | "unknown";

export function standingFor(wants: Wants, facts: ServerFacts): Standing {
  if (facts.definitions === null) return "unknown";
  const { classes, models, vram } = lacksOf(wants, facts);
  const missing = [...classes, ...models];
  if (missing.some(({ only }) => only === null) || (vram !== null && vram.preset === null)) return "poor";
  return vram !== null ? "low" : missing.length > 0 ? "enough" : "whole";
}

export function isWhole({ classes, models, vram }: Lacks): boolean {
  return classes.length + models.length === 0 && vram === null;
}

/** A missing thing with what to do about it, for whoever can install it. */
export interface LackLine {
  text: string;
  remedy: string;
  /** Where to get it. */
  source: string | null;
}

export function linesOf(lacks: Lacks, manifest: Manifest): LackLine[] {
  const only = (text: string, title: string | null) => title === null ? text : `${text} ${words.only(title)}`;
  return [
    ...lacks.classes.map(({ name, pack, only: title }) => ({
      text: words.class(name),
      remedy: only(
        pack ? words.pack(pack.name, pack.source, pack.commit) : words.core(manifest.requires.comfyui),
        title,
      ),
      source: pack?.source ?? null,
    })),
    ...lacks.models.map(({ file, folder, source, licence, sizeGb, only: title }) => {
      const about = [...(sizeGb === null ? [] : [words.size(sizeGb)]), ...(licence === "" ? [] : [licence])];
      return {
        text: words.model(file),
        remedy: only(
          source === null ? words.unlisted(folder) : words.place(folder, about.join(", "), source),
          title,
        ),
        source,
      };
    }),
    ...(lacks.vram === null ? [] : [{
      text: words.memory(lacks.vram.wants, lacks.vram.has),
      remedy: lacks.vram.preset === null
        ? words.noVariant
        : words.low(manifest.presets[lacks.vram.preset]?.title ?? lacks.vram.preset),
      source: null,
    }]),
  ];
}

/** What would work in place of what was asked for, and the field that it changes. */
export interface Offer {
  field: string;
  sentence: string;
  preset: string | null;
}

export interface Judged {
  server: string;
  lacks: Lacks;
  manifest: Manifest;
}

/** Why no server can take it, in a sentence for the person, and everything that is missing for the operator. */
export function refusalOf(judged: Judged[], offer: Offer | null): Problem {
  const code = codeOf(judged.map(({ lacks }) => lacks));
  const many = new Set(judged.map(({ server }) => server)).size > 1;
  const [largest] = judged.flatMap(({ lacks }) => lacks.vram ?? []).toSorted((a, b) => b.has - a.has);
  const cause = words.cause[code](many, largest?.wants, largest?.has);
  const none = code === "comfy.no_memory" && largest?.preset === null ? [words.noVariant] : [];
  const message = [cause, ...none, offer?.sentence ?? words.offers.operator].join(" ");
  const operator = judged.map(({ server, lacks, manifest }) =>
    words.serverLacks(server, linesOf(lacks, manifest).map((line) => `${line.text} ${line.remedy}`).join(" "))
  ).join("\n");
  return problem(code, {
    message,
    operator,
    fields: [{ path: offer?.field ?? "mode", message }],
    detail: offer?.preset == null ? {} : { preset: offer.preset },
  });
}

type LackCode = keyof typeof words.cause & ProblemCode;

/** By what the server that lacks least lacks: an extension weighs more than a file, a file more than memory. */
function codeOf(lacks: Lacks[]): LackCode {
  if (lacks.some(({ classes, models }) => classes.length + models.length === 0)) return "comfy.no_memory";
  return lacks.some(({ classes }) => classes.length === 0) ? "comfy.missing_model" : "comfy.missing_node";
}

/** The advice after a prompt ran out of memory: the preset for little memory, where the step has another one. */
export function outOfMemory(manifest: Manifest, preset: string): string {
  const lightest = lightestPreset(manifest);
  return words.outOfMemory(lightest === null || lightest.name === preset ? null : lightest.title);
}

/** The preset made for the smallest card; null where a template has none. */
export function lightestPreset({ lowVram, presets }: Manifest): { name: string; title: string } | null {
  const name = lowVram.toSorted((a, b) => a.upToGb - b.upToGb)[0]?.preset;
  return name === undefined ? null : { name, title: presets[name]?.title ?? name };
}
