/** English: maintenance of the whole studio, for everybody and for operators. */
import { count } from "./format.ts";

export const maintenance = {
  banner:
    "The studio is being looked after. What runs ends; what you ask for waits and starts by itself afterwards.",
  /** Stands behind the banner. */
  restored: (madeAt: string) =>
    `This studio was restored from the backup of ${
      madeAt.slice(0, 16).replace("T", " ")
    } UTC: nothing runs and nothing is sent before an operator opens it.`,
  title: "Maintenance",
  about:
    "Nothing new starts, what runs ends, and every page says so, until it is ended here. It lasts over a restart.",
  on: (since: string) => `Nothing new has started since ${since}.`,
  still: (parts: number) =>
    parts === 0
      ? "Nothing runs any more. The studio can be stopped."
      : `${count(parts, "part")} of films still ${parts === 1 ? "runs" : "run"}.`,
  note: "A word for everybody",
  noteHint: "Such as: new cards, back at six.",
  begin: "Drain the studio",
  change: "Change the word",
  end: "Open the studio again",
  done: {
    drained: "Nothing new starts from now on.",
    opened: "The studio works again.",
  } as Record<string, string>,
};
