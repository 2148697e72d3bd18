/** English: the shelf, where every mode stands with what it needs and who can make it. */
import type { Standing } from "../../preflight.ts";
import { count, gigabytes } from "./format.ts";

export const shelf = {
  title: "Shelf",
  lead: "Everything that this studio can make, what it needs, and who can make it.",
  others: "Behind the scenes",
  othersLead: "Other modes work with these; they are not asked for by themselves.",
  none: { title: "The shelf is empty", text: "No mode could be loaded. The operator sees why in the log." },
  example: (title: string) => `A draft made with ${title}`,
  draft: "Draft",
  /** Leads to the composer in this mode. */
  use: "Make one",
  presets: "Presets",
  needs: "Needs",
  memory: (gb: number) => `${gigabytes(gb)} of graphics memory`,
  models: ({ known, unknown }: { known: number; unknown: number }) =>
    known === 0
      ? count(unknown, "model file")
      : `${gigabytes(known)} of models${unknown === 0 ? "" : ` and ${count(unknown, "more file")}`}`,
  tried: "Tried",
  verified: (gpu: string, date: string) => `On ${gpu}, ${date}`,
  unverified: "Not on a graphics card yet",
  pending: "Not finished yet",
  where: "Where it can be made",
  nowhere: "No render server is set up.",
  standing: {
    whole: "ready",
    enough: "ready, some settings excepted",
    low: "ready",
    poor: "lacks something",
    unknown: "has not told what it has",
  } satisfies Record<Standing, string>,
  low: (preset: string) => `ready, with the preset ${preset}`,
  down: "does not answer now",
  drafts: "makes drafts of it",
  missing: (server: string, lines: number) => `${server}: ${count(lines, "thing")} missing`,
  files: (models: number) => count(models, "model file"),
  folder: (folder: string, size: string, licence: string) => `models/${folder}, ${size}, ${licence}`,
  noSize: "size not known",
  packs: (names: string) => `Node packs: ${names}.`,
  version: (id: string, version: string, comfyui: string) => `${id} ${version}, ComfyUI ${comfyui} or newer`,
};
