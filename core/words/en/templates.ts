/** English: what operators read of templates: the shelf with its versions, and graphs of one's own. */
import { count } from "./format.ts";

export const templates = {
  title: "Templates",
  text: (shown: number) => `${count(shown, "template")}. Jobs keep the version that they were made with.`,
  columns: { template: "Template", mode: "Mode", versions: "Versions" },
  states: { pending: "Placeholder", unverified: "Unverified", verified: "Verified" },
  own: "own",
  byName: "only by name",
  provedOn: (comfyui: string, gpu: string, date: string) => `ComfyUI ${comfyui}, ${gpu}, ${date}`,
  broken: "Not loaded",
  taken: (name: string) => `${name} is taken in. It can be asked for from now on.`,
  missing: {
    title: "What is missing where",
    text: "By what each render server told last: node classes, model files and memory, with what to do.",
    none: "No render server but the draft renderer, which lacks nothing.",
    asOf: (when: string) => `told ${when}`,
    silent: "has not told yet",
    unknown: "Unknown",
    whole: "Has all",
    lacks: (things: number) => `${count(things, "thing")} missing`,
  },
  bring: {
    title: "Bring your own graph",
    text:
      "In ComfyUI choose Export (API), and bring that file. You see what is found before anything is kept.",
    file: "Graph",
    name: "Name",
    nameHint:
      "family/name, such as custom/my_film. A name that is there gets its next version. Empty: from the file.",
    heading: "Title",
    mode: "Mode",
    modes: { "": "Of its own", ltx: "LTX", wan: "Wan", anime: "Anime" } as Record<string, string>,
    look: "Look at it",
    noFile: "Choose the file of Export (API).",
    tooLarge: "The file is larger than 2 MB. A graph of a hundred nodes has some 50 KB.",
    noText: "The file is no text.",
  },
  proposal: {
    follows: (version: string) => `Carries on version ${version}: its presets and bounds stay.`,
    whole: "Nothing is wrong. Take it in, or change where things are written first.",
    wrong: (faults: number) =>
      `${count(faults, "thing is", "things are")} wrong. Nothing is kept until all is well.`,
    columns: { role: "What", state: "State", place: "Written to" },
    states: { bound: "Bound", unbound: "Unbound", missing: "Missing" },
    by: { mark: "by its mark", link: "by its links", class: "by its kind", hand: "chosen" },
    asFound: "As found",
    none: "Nowhere",
    choose: (title: string) => `Where ${title.toLowerCase()} is written`,
    absent: (titles: string[]) => `Unbound, since nothing in the graph takes it: ${titles.join(", ")}.`,
    more: "Further settings",
    moreHint:
      "One a line: name=node.input, for instance steps=3.steps. It can name a role as well, such as prompt=6.text.",
    fresh: "Begin anew, without what the version before says",
    again: "Look again",
    accept: "Take it in",
    other: "Bring another file",
  },
};
