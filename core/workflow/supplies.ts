/** What an operator has to supply for a set of templates: the list that the doctor and the READMEs show. */
import type { Manifest, Template } from "../template.ts";

export type Supply = Manifest["requires"]["models"][number] & {
  /** Ids of the templates that load it. */
  templates: string[];
};

/** Every model file once, by folder and name, with the templates that load it. */
export function listSupplies(templates: Template[]): Supply[] {
  const supplies = new Map<string, Supply>();
  for (const { manifest } of templates) {
    for (const model of manifest.requires.models) {
      const key = `${model.folder}/${model.file}`;
      const known = supplies.get(key);
      if (known) known.templates.push(manifest.id);
      else supplies.set(key, { ...model, templates: [manifest.id] });
    }
  }
  return [...supplies.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, supply]) => supply);
}
