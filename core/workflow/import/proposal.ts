/** From a graph to a template: what is bound, what is not, what is missing, and the manifest that follows from it. */
import type { Definitions, Graph, Manifest, Template } from "../../template.ts";
import { SHOT_MODES } from "../../request.ts";
import type { Fault } from "../check_graph.ts";
import { isLink, nameNode } from "../graph.ts";
import { faultsOf } from "../validate.ts";
import { newest, nextVersion } from "../versions.ts";
import { readHands, type Wish } from "./hands.ts";
import { type Findings, findRoles, type Found } from "./find.ts";
import { findLoaders } from "./find_files.ts";
import { makeManifest } from "./manifest.ts";
import { findSavers, type Saver } from "./outputs.ts";
import { fits, literalAt, type Place, samePlace, usersOf } from "./places.ts";
import { rebase } from "./rebase.ts";
import { readExport } from "./read.ts";
import { OUTPUT, ROLES } from "./roles.ts";

export interface Row {
  role: string;
  title: string;
  /** `missing`: the template cannot run without it. */
  state: "bound" | "unbound" | "missing";
  /** With what stands there now, and how it was found. */
  places: (Found & { label: string; value: string })[];
  /** Other places that would fit, as `node.input`. */
  choices: { value: string; label: string }[];
}

export interface Proposal {
  id: string;
  version: string;
  /** The version whose manifest this one carries on; null where there is none. */
  basis: string | null;
  rows: Row[];
  /** Why it cannot be taken as it is, each with its place. */
  faults: Fault[];
  notes: string[];
  /** Null where there are faults. */
  template: Template | null;
}

export interface Known {
  templates: readonly Template[];
  definitions: Definitions;
}

export function propose(graph: Graph, wish: Wish, known: Known): Proposal {
  const basis = wish.fresh
    ? undefined
    : newest(known.templates).find(({ manifest }) => manifest.id === wish.id);
  const last = newest(known.templates).find(({ manifest }) => manifest.id === wish.id)?.manifest.version;
  const version = last === undefined ? "1.0.0" : nextVersion(last);
  const early = [...wrongWish(wish, known, basis), ...unknownClasses(graph, known.definitions)];
  const shown = { id: wish.id, version, basis: basis?.manifest.version ?? null };
  if (early.length > 0) return { ...shown, rows: [], faults: early, notes: [], template: null };
  const findings = withHands(findRoles(graph, known.definitions), wish.hands);
  const savers = findSavers(graph, known.definitions, chosenOutputs(findings, wish));
  const making = { graph, wish, version, findings, saver: savers[0], known };
  const made = basis ? rebase(basis, making) : makeManifest(making);
  const loose = looseLoaders(graph, made.manifest, known.definitions);
  const faults = [
    ...made.faults,
    ...loose.map(({ node, input }) => ({
      node,
      input,
      text: `${nameNode(graph, node)} reads the file ${
        JSON.stringify(graph[node]?.inputs[input])
      }, and nothing fills it: bind "${input}" to a picture, a clip or a recording, or take the node out.`,
    })),
    ...(made.manifest ? faultsOf(made.manifest, graph, known.definitions) : []),
  ];
  const rows = rowsOf({ graph, manifest: made.manifest, findings, savers, basis });
  const done = faults.length === 0 && made.manifest;
  return { ...shown, rows, faults, notes: made.notes, template: done ? { manifest: done, graph } : null };
}

function wrongWish(
  { id, mode, submode, title }: Wish,
  { templates }: Known,
  basis: Template | undefined,
): Fault[] {
  const own = basis?.manifest.mode ?? mode ?? "custom";
  const rules: [boolean, string][] = [
    [
      !/^[a-z0-9_]{1,40}\/[a-z0-9_]{1,40}$/.test(id),
      "The name must be family/name, of small letters, digits and _, for instance custom/my_film.",
    ],
    [
      basis === undefined && !SHOT_MODES.some((each) => each === own),
      `A graph of one's own can be of the mode ${
        SHOT_MODES.join(", ")
      }: films of other modes are made of many prompts, which one export cannot tell.`,
    ],
    [
      submode !== undefined && !/^[a-z0-9_]{1,40}$/.test(submode),
      "The submode must be of small letters, digits and _.",
    ],
    [(title ?? "").length > 80, "The title has more than 80 characters."],
    [
      templates.some(({ manifest }) => manifest.id === id) && mode !== undefined && basis !== undefined &&
      basis.manifest.mode !== mode,
      `"${id}" is there already, with another mode: leave the mode out, or choose another name.`,
    ],
  ];
  return rules.filter(([wrong]) => wrong).map(([, text]) => ({ text }));
}

/** Nothing can be said about a graph whose nodes nobody knows. */
function unknownClasses(graph: Graph, definitions: Definitions): Fault[] {
  return Object.entries(graph).filter(([, node]) => !Object.hasOwn(definitions, node.class_type)).map((
    [id, node],
  ) => ({
    node: id,
    text: `${
      nameNode(graph, id)
    } is of the class "${node.class_type}", which no render server here knows. Install its node pack on a server, and try again while that server is up.`,
  }));
}

function withHands(findings: Findings, hands: Wish["hands"]): Findings {
  const places = new Map(findings.places);
  for (const [role, chosen] of hands) {
    for (const [other, found] of places) {
      places.set(other, found.filter((place) => !chosen.some((one) => samePlace(one, place))));
    }
    if (role !== OUTPUT) places.set(role, chosen.map((place) => ({ ...place, by: "hand" })));
  }
  return { ...findings, places };
}

function chosenOutputs(findings: Findings, { hands }: Wish): string[] {
  const chosen = hands.get(OUTPUT)?.map(({ node }) => node) ?? [];
  return chosen.length > 0 ? chosen : findings.outputs;
}

function looseLoaders(graph: Graph, manifest: Manifest | null, definitions: Definitions): Place[] {
  if (!manifest) return [];
  const bound = placesOf(manifest, graph);
  return findLoaders(graph, definitions).filter((loader) =>
    usersOf(graph, loader.node).length > 0 && !bound.some((place) => samePlace(place, loader))
  );
}

/** Every place that a manifest binds, by node id. */
export function placesOf({ inputs }: Manifest, graph: Graph): (Place & { role: string })[] {
  return Object.entries(inputs).flatMap(([role, { bind }]) =>
    bind.flatMap(({ node: ref, input }) => {
      const [node] = "id" in ref
        ? [ref.id]
        : Object.keys(graph).filter((id) => graph[id]?._meta?.title === ref.title);
      return node === undefined ? [] : [{ role, node, input }];
    })
  );
}

const MUST = ["prompt", OUTPUT];

function rowsOf(
  { graph, manifest, findings, savers, basis }: {
    graph: Graph;
    manifest: Manifest | null;
    findings: Findings;
    savers: Saver[];
    basis: Template | undefined;
  },
): Row[] {
  const bound = manifest
    ? placesOf(manifest, graph).map((place): Found & { role: string } => ({
      by: findings.places.get(place.role)?.find((found) => samePlace(found, place))?.by ?? "mark",
      ...place,
    }))
    : [...findings.places].flatMap(([role, places]) => places.map((place) => ({ role, ...place })));
  const own = Object.keys(manifest?.inputs ?? {}).filter((name) => !Object.hasOwn(ROLES, name));
  const names = [...Object.keys(ROLES), ...own].filter((role) =>
    !role.startsWith("half") || bound.some((place) => place.role === role)
  );
  const rows = names.map((role): Row => {
    const places = bound.filter((place) => place.role === role);
    const needed = basis?.manifest.inputs[role]?.required ?? MUST.includes(role);
    return {
      role,
      title: ROLES[role]?.title ?? manifest?.inputs[role]?.title ?? role,
      state: places.length > 0
        ? "bound"
        : needed && !(manifest?.promptOptional && role === "prompt")
        ? "missing"
        : "unbound",
      places: places.map((place) => ({ ...place, ...describe(graph, place) })),
      choices: choicesFor(graph, role),
    };
  });
  return [...rows, outputRow(graph, savers)];
}

function outputRow(graph: Graph, savers: Saver[]): Row {
  const first = savers.slice(0, 1).map(({ node }) => ({
    node,
    input: "filename_prefix",
    by: "class" as const,
  }));
  return {
    role: OUTPUT,
    title: "Result",
    state: first.length > 0 ? "bound" : "missing",
    places: first.map((place) => ({ ...place, ...describe(graph, place) })),
    choices: savers.map(({ node }) => ({
      value: `${node}.filename_prefix`,
      label: nameNode(graph, node),
    })),
  };
}

function describe(graph: Graph, place: Place): { label: string; value: string } {
  const value = literalAt(graph, place);
  const text = value === undefined ? "" : String(value);
  return {
    label: `${nameNode(graph, place.node)}, ${place.input}`,
    value: text.length > 60 ? `${text.slice(0, 59)}…` : text,
  };
}

const CHOICES_MAX = 12;

/** The places that are likely for a role; whoever means another one can name it. */
function choicesFor(graph: Graph, role: string): Row["choices"] {
  const { kind = "number", inputs = [] } = ROLES[role] ?? {};
  const all = Object.entries(graph).flatMap(([node, at]) =>
    inputs.filter((input) => {
      const value = at.inputs[input];
      return value !== undefined && !isLink(value) && fits({ kind }, value);
    }).map((input) => ({ node, input }))
  );
  return all.sort((a, b) => inputs.indexOf(a.input) - inputs.indexOf(b.input)).slice(0, CHOICES_MAX).map((
    place,
  ) => ({
    value: `${place.node}.${place.input}`,
    label: `${nameNode(graph, place.node)}, ${place.input}`,
  }));
}

/** A graph as somebody brings it: its text, and what they say about it. */
export interface Brought extends Omit<Wish, "hands"> {
  text: string;
  /** `role=node.input`, as often as wanted. */
  bind: string[];
}

/** Reads the text and proposes a template; whatever is wrong stands among the faults. */
export function bring({ text, bind, ...wish }: Brought, known: Known): Proposal {
  const nothing = { id: wish.id, version: "", basis: null, rows: [], notes: [], template: null };
  const graph = readExport(text);
  if (!graph.ok) return { ...nothing, faults: graph.problem };
  const hands = readHands(bind, graph.value);
  if (!hands.ok) return { ...nothing, faults: hands.problem.map((text) => ({ text })) };
  return propose(graph.value, { ...wish, hands: hands.value }, known);
}

/** The classes of a graph that these definitions lack: what to ask servers for. */
export function unknownIn(text: string, definitions: Definitions): string[] {
  const graph = readExport(text);
  if (!graph.ok) return [];
  const names = Object.values(graph.value).map((node) => node.class_type);
  return [...new Set(names)].filter((name) => !Object.hasOwn(definitions, name));
}
