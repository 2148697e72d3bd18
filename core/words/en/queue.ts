/** English: the queue: what runs, what waits and for what, and what may be done about it. */
import { about, count, type Range } from "./format.ts";

const SOON_S = 5;

export const queue = {
  title: "Queue",
  running: "Under way",
  waiting: "Waiting",
  /** Under the title: the whole studio, of which one's own are a part. */
  load: (rendering: number, waiting: number) =>
    rendering + waiting === 0
      ? "The servers are free."
      : `In the whole studio: ${
        [rendering > 0 && `${rendering} rendering`, waiting > 0 && `${waiting} waiting`].filter(Boolean).join(
          ", ",
        )
      }.`,
  pages: {
    label: "Pages",
    before: "Before",
    after: "Further",
    shown: (from: number, until: number, total: number) => `${from} to ${until} of your ${total} films`,
  },
  empty: {
    title: "Nothing runs and nothing waits.",
    text: "What you ask for stands here until it is ready, also over a restart.",
    go: "Make a film",
  },
  /** A server by kind and number; creators never see an address. */
  server: (engine: "draft" | "comfy", n: number, of: number) =>
    engine === "draft" ? "the draft renderer" : of === 1 ? "the render server" : `server ${n}`,
  waits: {
    start: "Not started yet. It waits for you.",
    check: "Its files are being checked.",
    pause: "Paused. It keeps its place.",
    stop: "Is being stopped.",
    choice: "Waits for your choice: open it to decide.",
    approval: "Waits for you: open it to go on or to take it again.",
    retry: "Is tried again by itself in a moment.",
    server: "Waits for a render server to answer. It goes on by itself.",
    able: "Waits for a server that has the models it needs.",
    limit: "Waits for one of your own films: as many are on servers as you may have there at once.",
    minutes: "Waits because you have used up your rendering of 24 hours. It goes on by itself.",
  },
  byOperator: "An operator of the studio paused it. It keeps its place.",
  about,
  turn: (ahead: number | null) =>
    ahead === null
      ? "Behind many others."
      : ahead === 0
      ? "Next in line."
      : `Behind ${count(ahead, "other film")}.`,
  /** On a server, but not begun there. */
  sent: "Sent",
  place: (place: number) => `Place ${place}`,
  starts: (range: Range) => range.seconds < SOON_S ? "Starts in a moment" : `Starts in about ${about(range)}`,
  ready: (range: Range) => range.seconds < SOON_S ? "Ready in a moment" : `Ready in about ${about(range)}`,
  on: (server: string) => `on ${server}`,
  acts: {
    start: "Start",
    pause: "Pause",
    resume: "Resume",
    edit: "Edit",
    cancel: "Cancel",
    others: "Cancel all but this",
    front: "To the front",
    up: "Up",
    down: "Down",
  },
  /** Spoken names of buttons that show an icon alone. */
  actOn: (act: string, title: string) => `${act}: ${title}`,
  more: (title: string) => `More for ${title}`,
  all: {
    pause: "Pause all",
    resume: "Resume all",
    cancel: "Cancel all",
    sure: (films: number) =>
      films === 1
        ? "One film stops. The parts that are done are kept, and it can be taken up again."
        : `${films} films stop. The parts that are done are kept, and each can be taken up again.`,
    cancelNow: (films: number) => films === 1 ? "Cancel it" : `Cancel all ${films}`,
  },
  /** For those who move with the keyboard or do not see the list. */
  move: {
    grip: (title: string) => `Move ${title}`,
    help: "Press Space to lift, the arrow keys to move, Space to drop, Escape to put it back.",
    lifted: (title: string, place: number, of: number) => `${title} is lifted. Place ${place} of ${of}.`,
    moved: (place: number, of: number) => `Place ${place} of ${of}.`,
    dropped: (title: string, place: number, of: number) => `${title} now has place ${place} of ${of}.`,
    back: (title: string) => `${title} is back in its place.`,
  },
  edit: {
    title: "Change what has not started",
    begun: (begun: number, total: number) =>
      `${begun} of ${count(total, "part")} ${begun === 1 ? "has" : "have"} begun and stay${
        begun === 1 ? "s" : ""
      } as planned. Changes hold for the rest.`,
    fields: {
      title: "Title",
      prompt: "Prompt",
      negativePrompt: "What it should not show",
      "settings.preset": "Quality",
      "settings.width": "Width",
      "settings.height": "Height",
      "settings.seconds": "Seconds",
      "settings.frames": "Frames",
      "settings.seed": "Seed",
    } as Record<string, string>,
    save: "Save changes",
    leave: "Leave it",
  },
  failed: "The studio does not answer. Nothing was changed; try again in a moment.",
};
