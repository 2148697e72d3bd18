/** What a graph needs on a server: its model files and node packs, described as far as templates here describe them. */
import type { Graph, Manifest, NodeDefinition } from "../../template.ts";
import { folderOf, modelFiles } from "../models.ts";
import type { Known } from "./proposal.ts";

type Needs = Manifest["requires"];

const NOT_STATED = "not stated";

export function needsOf(graph: Graph, known: Known): Needs {
  return {
    comfyui: "0.33.0",
    vramGb: vramOf(graph, known),
    packs: packsOf(graph, known),
    models: modelsOf(graph, known),
  };
}

/** Every file that the graph loads, with what any template here knows of it. */
export function modelsOf(graph: Graph, { templates, definitions }: Known): Needs["models"] {
  const described = new Map(
    templates.flatMap(({ manifest }) =>
      manifest.requires.models.map((model) => [model.file, model] as const)
    ),
  );
  const uses = new Map(modelFiles(graph, definitions).map((use) => [use.file, use]));
  return [...uses.values()].map(({ file, ...use }) =>
    described.get(file) ?? {
      folder: folderOf(use) || "models of its node pack",
      file,
      source: NOT_STATED,
      licence: NOT_STATED,
      sizeGb: null,
    }
  );
}

function packsOf(graph: Graph, { templates, definitions }: Known): Needs["packs"] {
  const described = templates.flatMap(({ manifest }) => manifest.requires.packs);
  const packs = new Map<string, Needs["packs"][number]>();
  for (const name of new Set(Object.values(graph).map((node) => node.class_type))) {
    const known = described.find((pack) => pack.classes.includes(name));
    const module = moduleOf(definitions[name]);
    const pack = known?.name ?? module;
    if (pack === null) continue;
    const { source, commit } = known ?? { source: NOT_STATED, commit: NOT_STATED };
    packs.set(pack, {
      name: pack,
      source,
      commit,
      classes: [...packs.get(pack)?.classes ?? [], name].sort(),
    });
  }
  return [...packs.values()];
}

/** The folder of the pack that brings a class; null for ComfyUI's own. */
function moduleOf(definition: NodeDefinition | undefined): string | null {
  const module = definition?.python_module;
  return typeof module === "string" && module.startsWith("custom_nodes.")
    ? module.slice("custom_nodes.".length)
    : null;
}

/** Templates that load one of the same large models need about the same. */
function kin(graph: Graph, { templates, definitions }: Known) {
  const own = new Set(modelFiles(graph, definitions).map((use) => use.file));
  return templates.map(({ manifest }) => manifest).filter(({ requires }) =>
    requires.models.some(({ file, folder }) =>
      own.has(file) && /^(diffusion_models|checkpoints)$/.test(folder)
    )
  );
}

function vramOf(graph: Graph, known: Known): number {
  return Math.max(1, ...kin(graph, known).map(({ requires }) => requires.vramGb));
}

export function estimateOf(graph: Graph, known: Known): Manifest["estimate"] {
  return kin(graph, known)[0]?.estimate ?? { baseS: 120, perFrameS: 1 };
}
