/** English: the queue as a file that is given out and taken in. */
import { count } from "./format.ts";

export const queueFile = {
  title: "The queue as a file",
  about: "Every film that waits or runs, as it was asked for. Taking the same file in twice changes nothing.",
  give: "Export",
  file: "File of a queue",
  take: "Import",
  taken: (made: number, known: number) =>
    `${count(made, "film")} taken in${known > 0 ? `, ${known} were here already` : ""}.`,
  none: "Choose a file that was exported here.",
  tooLarge: "This file is too large. Take it in in parts: each job once.",
  notJson: "This is no file of a queue: it is no JSON.",
  at: (place: string, message: string) => `${place}: ${message}`,
  noOwner: "Nobody here has this address.",
  noProject: "The owner has no such project here.",
};
