/** English: films that failed and servers that fail, as operators read of them. */
import { count } from "./format.ts";

export const failed = {
  about:
    "Films of everybody that failed, the newest first. A film whose render failed on one server was tried on another where there was one.",
  empty: "No film has failed.",
  untitled: "Untitled",
  studio: "The studio itself",
  gone: "A server that is gone",
  on: (step: string, server: string) => `${step} · ${server}`,
  log: "Log",
  actor: "Actor",
  film: "Film",
  retry: "Try again",
  of: (title: string) => `of ${title}`,
  further: "Further",
  first: "Newest",
  done: "It is tried again. What was done of it stays.",
  server: {
    count: (failures: number) => `${count(failures, "failure")} since it was added`,
    label: "Failures",
    last: (when: string) => `The last ${when}`,
    held: (films: number) =>
      `On hold: ${count(films, "film")} in a row failed here. Work goes to other servers, or waits.`,
    until: (time: string) => `From ${time} on one film tries it; if that is made, the hold ends.`,
    use: "Use it again",
  },
};
