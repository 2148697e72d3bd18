/** English: render servers as operators add, try, edit and remove them. */
import { count } from "./format.ts";

export const servers = {
  wrong: {
    url:
      "must be an address of a server with http:// or https://, perhaps a port and a path, and without a password",
    header: "must read `Name: value`, as in `Authorization: Bearer …`",
    tag: "must be a word of small letters, digits, dots and dashes",
    tags: (max: number) => `must be at most ${count(max, "tag")}`,
    long: (max: number) => `must be at most ${max} characters`,
    line: "must be one line without control characters",
  },
  taken: "Another server has this address already.",
  /** What a try of an address ended with, by problem. */
  tried: {
    "comfy.unreachable": "Nothing answers there. Is ComfyUI started with --listen, and is the port open?",
    "comfy.proxy": "A proxy answered instead of ComfyUI. It may want a header, or the path is another one.",
    "comfy.protocol": "Something answers there that is not ComfyUI, or a version that is too old.",
    "studio.config": "This is no address of a server.",
    other: "It answered in a way that the studio does not understand.",
  } as Record<string, string> & { other: string },
  add: {
    title: "Add a server",
    text:
      "It is tried before it is saved. Films go to it as soon as it answers; nothing needs to be started again.",
    link: "Add a server",
    go: "Add",
    try: "Try",
    untested: "Save it although it does not answer. It takes work once it does.",
  },
  edit: {
    title: (name: string) => `Edit ${name}`,
    link: "Edit",
    go: "Save",
    back: "All servers",
    remove: "Remove",
    removeText: {
      added:
        "It goes at once if it carries no work. Otherwise drain it first: what runs ends, and what waits goes elsewhere.",
      former: "COMFY_URLS names it no more. It can go for good.",
      config:
        "COMFY_URLS names it. To remove it, take it out there and start the studio again; until then, drain it.",
      draft: "It comes with the studio and stays. DRAFT_URL=off switches it off.",
    },
    again: "Read it again",
  },
  fields: {
    url: "Address",
    urlHint: "With http:// or https://, and the path where a proxy gives it one. Private addresses are fine.",
    urlFrom: {
      added: null,
      config: "COMFY_URLS gives it this address.",
      former: "COMFY_URLS gave it this address.",
      draft: "The draft renderer that this studio works with answers here.",
    },
    name: "Name",
    nameHint: "For this page. People see numbers.",
    slots: "Prompts at once",
    slotsHint: "One renders and the rest wait there. Empty: as COMFY_SLOTS says.",
    header: "Header",
    headerHint:
      "Sent with every request, as Name: value. COMFY_AUTH_HEADER goes to servers of COMFY_URLS alone: enter here what this one wants.",
    headerKept: (hint: string) =>
      `${
        hint ? `One is set that ends in …${hint}.` : "One is set."
      } Empty keeps it; for a new address, enter it anew.`,
    headerOff: "Take the header away",
    tags: "Tags",
    tagsHint:
      "Words with commas. With “interactive” it is kept for quick work; with “wan” for all Wan films, with “wan.i2v” for one of its modes, as long as it answers.",
    gpu: "Card",
    gpuHint: "Such as RTX 4090, where the server does not say.",
    cost: "Price of an hour",
    costHint: "What rendering costs here. Empty: as for all servers.",
    vram: "Memory of the card in GB",
    vramHint: "Counts instead of what the server says. Empty: as it says.",
  },
  test: {
    fine: "It answers.",
    facts: { version: "Version", device: "Card", vram: "VRAM", ram: "RAM free", able: "Can make" },
    room: (free: string, all: string) => `${free} of ${all} free`,
    nothing: "Nothing yet: it lacks something for every template.",
    unknown: "Unknown",
  },
  done: {
    added: "The server was added.",
    saved: "Saved.",
    moved:
      "Saved. Its header stayed with the former address: if the new one wants a header, enter it under Edit.",
    removed: "The server is gone.",
    drain: "It finishes what runs there and gets nothing new.",
    up: "It takes work again.",
    use: "It is given work again.",
  } as Record<string, string>,
  short: "Short of memory: it gets nothing new until it has more.",
  origin: {
    config: "From COMFY_URLS",
    former: "No more in COMFY_URLS",
    added: "Added here",
    draft: "Comes with the studio",
  },
  memoryFree: (vram: string) => `${vram} free`,
};
