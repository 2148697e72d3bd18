/** English: what a render server lacks for a mode, and what would work instead; the same words for everybody who tells it. */
import { gigabytes } from "./format.ts";

export const preflight = {
  /** For whoever asked for a film. `many`: there are several servers, and none of them has it. */
  cause: {
    "comfy.missing_node": (many: boolean) =>
      `This needs an extension that is not installed on ${many ? "any" : "the"} render server.`,
    "comfy.missing_model": (many: boolean) =>
      `This needs a model that is not installed on ${many ? "any" : "the"} render server.`,
    "comfy.no_memory": (many: boolean, wants = 0, has = 0) =>
      `This needs ${gigabytes(wants)} of graphics memory, and ${
        many ? "the largest render server" : "the render server"
      } has ${gigabytes(has)}.`,
  },
  noVariant: "There is no variant of it for less memory.",
  offers: {
    preset: (title: string) => `The preset ${title} works.`,
    option: (title: string) => `It works with ${title} left as it usually is.`,
    draft: "A draft works.",
    operator: "Ask the operator to install it.",
  },
  /** Beside a plan that goes on all the same. */
  chosen: (title: string, gb: number) =>
    `The preset ${title} is used, because the render server has ${gigabytes(gb)} of graphics memory.`,
  waits: "The server that can do this does not answer now. The job waits for it.",
  /** For operators. */
  nothing: "Nothing is missing.",
  class: (name: string) => `Node class ${name} is missing.`,
  pack: (name: string, source: string, commit: string) =>
    `Install ${name} from ${source} at ${commit.slice(0, 12)}.`,
  core: (version: string) => `It belongs to ComfyUI: bring the server to ${version} or newer.`,
  model: (file: string) => `Model file ${file} is missing.`,
  place: (folder: string, about: string, source: string) =>
    `Put it into models/${folder}${about === "" ? "" : ` (${about})`}, from ${source}.`,
  unlisted: (folder: string) => `Put it into models/${folder}. Where it comes from is not listed.`,
  unknown: (file: string) => `Where the model file ${file} comes from is not listed.`,
  size: gigabytes,
  memory: (wants: number, has: number) => `Wants ${gigabytes(wants)} of VRAM and finds ${gigabytes(has)}.`,
  low: (preset: string) => `The preset ${preset} is made for such a card, and is used by itself.`,
  only: (title: string) => `Only for ${title}.`,
  presets: "some of the presets",
  presetOnly: (title: string) => `the preset ${title}`,
  answer: (title: string, answer: string) => `${title}: ${answer.replaceAll("_", " ")}`,
  outOfMemory: (preset: string | null) =>
    preset === null
      ? "The render server ran out of memory. Its memory was freed. Take a smaller size or a shorter part."
      : `The render server ran out of memory. Its memory was freed. Take the preset ${preset}, or a smaller size.`,
  serverLacks: (server: string, lines: string) => `${server}: ${lines}`,
};
