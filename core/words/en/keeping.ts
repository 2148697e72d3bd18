/** English: how long what is kept, for operators and for owners of projects. */
import type { KeptKind } from "../../kept_kinds.ts";
import { bytes, count, span } from "./format.ts";

export const keeping = {
  title: "How long things are kept",
  about:
    "After so many days things go by themselves. Drafts, uploads and films go to the trash, from which their owners may take them back; parts go for good, and the film made from them stays.",
  columns: ["What", "Goes after", "Would go today"],
  kinds: {
    pieces: "Parts of finished films",
    latents: "Of these, what no player shows",
    failed: "Parts of films that failed",
    drafts: "Drafts",
    uploads: "Uploads that no film uses",
    films: "Finished films",
  } satisfies Record<KeptKind, string>,
  after: (days: number) => days === 0 ? "Never" : count(days, "day"),
  nothing: "Nothing",
  gone: (things: number, files: number, size: number, toTrash: boolean) =>
    toTrash
      ? `${things} to the trash, ${bytes(size)}`
      : `${count(files, "file")}, ${bytes(size)}, of ${count(things, "film")}`,
  own: {
    title: "Projects with days of their own",
    none: "Every project keeps things as the studio does.",
    choose: "Project",
    open: "Choose",
    named: (name: string, owner: string) => `${name} (${owner})`,
  },
  project: {
    title: "How long it keeps things",
    hint:
      "Days after which things go; 0 keeps them for good. What is left empty goes as everywhere in this studio.",
    usual: (days: number) => days === 0 ? "Elsewhere: never" : `Elsewhere: after ${count(days, "day")}`,
    save: "Save the days",
    saved: "Saved. It holds from now on.",
  },
  letGo: {
    title: "Parts were let go",
    text: (day: string, files: number, size: number) =>
      `On ${day}, ${count(files, "file")} (${
        bytes(size)
      }) that this was made from went, as the studio is set.`,
    cost: (seconds: number) =>
      seconds > 0
        ? `A part that is taken again is made from parts before it: these are rendered anew first, in all at most about ${
          span(seconds)
        }.`
        : "A part that is taken again is made from parts before it: these are made anew first.",
  },
};
