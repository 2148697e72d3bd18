/** A film as a strip of pieces: the same everywhere, from the card to the job's page. */
import type { PieceState } from "@/core/shown.ts";
import { films } from "@/core/words/films.ts";

/** More pieces than this are drawn in groups: a strip stays readable on a phone. */
const PIECES_MAX = 40;

export interface StripProps {
  states: readonly PieceState[];
  /** Share of the piece that is at work, 0 to 1. */
  share: number;
}

export function Strip({ states, share }: StripProps) {
  const done = states.filter((state) => state === "done").length;
  const groups = groupOf(states);
  return (
    <div class="strip" role="img" aria-label={films.strip(done, states.length)}>
      {groups.map((state, at) => (
        <i key={at} class={state === "failed" ? "bad" : state}>
          {state === "now" && <progress max={1} value={share} aria-label={films.percent} />}
        </i>
      ))}
    </div>
  );
}

/** A group is done when all of it is, and under way or failed when any of it is. */
export function groupOf(states: readonly PieceState[]): PieceState[] {
  const size = Math.ceil(states.length / PIECES_MAX);
  if (size <= 1) return [...states];
  return Array.from({ length: Math.ceil(states.length / size) }, (_, at) => {
    const group = states.slice(at * size, (at + 1) * size);
    if (group.includes("failed")) return "failed";
    if (group.includes("now")) return "now";
    return group.every((state) => state === "done") ? "done" : "todo";
  });
}
