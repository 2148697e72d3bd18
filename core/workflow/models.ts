/** Which model files a graph loads, and what a server lacks for it. */
import { type Problem, problem } from "../problem.ts";
import type { Definitions, Graph, Manifest, Template } from "../template.ts";
import { isModelFile, ruleOf } from "./definitions.ts";

export interface ModelUse {
  node: string;
  class: string;
  input: string;
  file: string;
}

export function modelFiles(graph: Graph, definitions: Definitions): ModelUse[] {
  return Object.entries(graph).flatMap(([node, { class_type, inputs }]) =>
    Object.entries(inputs).flatMap(([input, value]) =>
      typeof value === "string" && isModelFile(definitions[class_type], input, value)
        ? [{ node, class: class_type, input, file: value }]
        : []
    )
  );
}

/** Every class that a graph bound from this template may have: what to ask a server's definitions for. */
export function classesOf({ graph, manifest }: Template): string[] {
  const folds = Object.values(manifest.inputs).flatMap((input) => input.fold ? [input.fold.class] : []);
  return [...new Set([...Object.values(graph).map((node) => node.class_type), ...folds])].sort();
}

/** What a backend has to load: equal families share a slot's models. */
export function familyOf(graph: Graph, definitions: Definitions): string {
  return [...new Set(modelFiles(graph, definitions).map((model) => model.file))].sort().join(" + ");
}

/**
 * What a server with these definitions lacks for a bound graph; null when it can run it. The definitions must be that
 * server's own, because the choices of its loaders are the files on its disk.
 */
export function findLack(graph: Graph, definitions: Definitions, manifest: Manifest): Problem | null {
  const classes = [...new Set(Object.values(graph).map((node) => node.class_type))].filter((name) =>
    !definitions[name]
  );
  if (classes.length > 0) {
    const packs = manifest.requires.packs.filter((pack) =>
      pack.classes.some((name) => classes.includes(name))
    );
    const from = packs.map((pack) => `${pack.name} (${pack.source} at ${pack.commit})`).join(", ");
    const operator = `Missing node classes: ${classes.join(", ")}. ` +
      (from === ""
        ? `They belong to ComfyUI ${manifest.requires.comfyui} or newer.`
        : `They come from ${from}.`);
    return problem("comfy.missing_node", { operator });
  }
  const files = modelFiles(graph, definitions).filter((use) => {
    const definition = definitions[use.class];
    const rule = definition && ruleOf(definition, use.input);
    return rule?.form === "combo" && !rule.options.includes(use.file);
  });
  if (files.length === 0) return null;
  const named = [...new Set(files.map((use) => use.file))].map((file) => {
    const known = manifest.requires.models.find((model) => model.file === file);
    return known ? `models/${known.folder}/${file} (from ${known.source})` : file;
  });
  return problem("comfy.missing_model", { operator: `Missing model files: ${named.join(", ")}.` });
}
