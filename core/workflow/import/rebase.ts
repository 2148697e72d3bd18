/** Carries a template's manifest over to a changed graph: the next version of the same template. */
import type { Graph, Manifest, Template, TemplateInput } from "../../template.ts";
import { applyEdits, editLists } from "../edits.ts";
import { idsOf } from "../graph.ts";
import { modelFiles } from "../models.ts";
import { findRoles, type Found } from "./find.ts";
import { makeInputs } from "./inputs.ts";
import { type Made, type Making, rulesOf, stagesOf } from "./manifest.ts";
import { needsOf } from "./needs.ts";
import { type Place, samePlace } from "./places.ts";
import type { Known } from "./proposal.ts";

/** What a person chose goes first, then what the manifest says as far as it is there, then what is found anew. */
export function rebase(old: Template, making: Making): Made {
  const { graph, version, findings, wish, known } = making;
  const { manifest } = old;
  const before = findRoles(old.graph, known.definitions).places;
  const notes: string[] = [];
  const inputs = Object.fromEntries(
    Object.entries(manifest.inputs).map(([name, input]) => {
      const chosen = wish.hands.get(name);
      const found = findings.places.get(name) ?? [];
      const keeps = isKept(input, { old: old.graph, graph, before: before.get(name) ?? [], found });
      const places = chosen ?? (keeps || found.length === 0 ? null : found);
      if (places === null) return [name, input];
      if (!chosen && !sameBinds(input, places)) {
        notes.push(`"${input.title}" was found at another place than before.`);
      }
      return [name, { ...input, bind: bindsOf(places) }];
    }),
  );
  const added = makeInputs({
    graph,
    findings: {
      ...findings,
      places: new Map(
        [...findings.places].filter(([name]) => wish.hands.has(name) && !Object.hasOwn(inputs, name)),
      ),
    },
    definitions: known.definitions,
    rules: rulesOf(graph),
    size: manifest.size,
  });
  const next: Manifest = {
    ...manifest,
    version,
    state: "unverified",
    verified: null,
    inputs: { ...inputs, ...added.inputs },
    outputs: outputsOf(old, making),
    stages: standing(graph, manifest) ? manifest.stages : stagesOf(graph),
  };
  return { manifest: { ...next, requires: requiresOf(next, graph, known) }, faults: added.faults, notes };
}

const bindsOf = (places: Place[]) => places.map(({ node, input }) => ({ node: { id: node }, input }));

function sameBinds({ bind }: TemplateInput, places: Place[]): boolean {
  return bind.length === places.length &&
    bind.every(({ node, input }) =>
      "id" in node && places.some((place) => samePlace(place, { node: node.id, input }))
    );
}

/**
 * A title means the same node as before. An id does so only while nothing tells otherwise: exports number their nodes
 * anew, so what was found by looking is looked for again, and what a person chose must be of the same class and title.
 */
function isKept(
  { bind }: TemplateInput,
  { old, graph, before, found }: { old: Graph; graph: Graph; before: Found[]; found: Found[] },
): boolean {
  const isLooked = bind.length > 0 &&
    bind.every(({ node, input }) =>
      "id" in node && before.some((place) => samePlace(place, { node: node.id, input }))
    );
  if (isLooked && found.length > 0) return false;
  return bind.every(({ node: ref, input }) => {
    const [id, other] = idsOf(graph, ref);
    const node = id === undefined ? undefined : graph[id];
    if (!node || other !== undefined || !Object.hasOwn(node.inputs, input)) return false;
    const was = "id" in ref ? old[ref.id] : null;
    return was === null || (was?.class_type === node.class_type && was._meta?.title === node._meta?.title);
  });
}

/** The one output of an imported graph follows to where it is saved now. */
function outputsOf({ manifest, graph: old }: Template, { graph, saver, wish }: Making): Manifest["outputs"] {
  const [only, more] = manifest.outputs;
  if (!only || more || !("id" in only.node) || !saver) return manifest.outputs;
  const stays = graph[only.node.id]?.class_type === old[only.node.id]?.class_type &&
    !wish.hands.has("output");
  return stays ? manifest.outputs : [{ ...only, node: { id: saver.node } }];
}

function standing(graph: Graph, { stages }: Manifest): boolean {
  return stages.every(({ nodes }) => nodes.every((title) => idsOf(graph, { title }).length === 1));
}

/** Model files and packs are those of the graph that is there now, in every way in which it can be asked for. */
function requiresOf(manifest: Manifest, graph: Graph, known: Known): Manifest["requires"] {
  const now = needsOf(graph, known);
  const used = new Set(modelFiles(graph, known.definitions).map(({ file }) => file));
  const models = new Map(now.models.map((model) => [model.file, model]));
  for (const { edits } of editLists(manifest)) {
    const edited = structuredClone(graph);
    applyEdits(edited, edits);
    for (const { file } of modelFiles(edited, known.definitions)) used.add(file);
    for (const model of needsOf(edited, known).models) models.set(model.file, model);
  }
  const kept = manifest.requires.models.filter(({ file }) => used.has(file));
  const added = [...models.values()].filter(({ file }) => !kept.some((model) => model.file === file));
  const classes = new Set(Object.values(graph).map((node) => node.class_type));
  const packs = manifest.requires.packs.filter((pack) => pack.classes.some((name) => classes.has(name)));
  const more = now.packs.filter(({ name }) => !packs.some((pack) => pack.name === name));
  return { ...manifest.requires, packs: [...packs, ...more], models: [...kept, ...added] };
}
