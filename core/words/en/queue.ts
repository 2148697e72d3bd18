/** English: the queue: what runs, what waits and for what, and what may be done about it. */
import { clock, count, span } from "./format.ts";

interface Range {
  seconds: number;
  low: number;
  high: number;
}

/** `about 14 min (12 to 17)`: one figure, and the range where it differs. */
function about({ seconds, low, high }: Range): string {
  const [likely, least, most] = [span(seconds), span(low), span(high)];
  if (seconds < 5) return "a moment";
  return least === most ? `about ${likely}` : `about ${likely} (${least} to ${most})`;
}

export const queue = {
  title: "Queue",
  /** A server by kind and number; creators never see an address. */
  server: (engine: "draft" | "comfy", n: number, of: number) =>
    engine === "draft" ? "Draft renderer" : of === 1 ? "Render server" : `Server ${n}`,
  waits: {
    start: "Not started yet. It waits for you.",
    check: "Its files are being checked.",
    pause: "Paused. It keeps its place.",
    stop: "Is being stopped.",
    choice: "Waits for your choice: open it to decide.",
    retry: "Is tried again by itself in a moment.",
    server: "Waits for a render server to answer. It goes on by itself.",
    able: "Waits for a server that has the models it needs.",
  },
  turn: (ahead: number | null) =>
    ahead === null
      ? "Behind many others."
      : ahead === 0
      ? "Next in line."
      : `Behind ${count(ahead, "other film")}.`,
  about,
  clock,
};
