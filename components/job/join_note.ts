/** How a piece of a long take meets the one before it, as its tile tells it: a word and a figure. Pure. */
import type { ShownChunk } from "@/core/shown_take.ts";
import { joins as words } from "@/core/words/joins.ts";

/** One word and one figure for a tile; null for the first piece, and before anything is known. */
export function joinNote(
  { figures, number, anchor }: Pick<ShownChunk, "figures" | "number" | "anchor">,
): string | null {
  const step = figures?.stepJoined ?? figures?.step ?? null;
  if (number === 1 || step === null) return null;
  if (number === anchor) return words.ownLook;
  return `${words.grade(step)} · ${words.figure(step)}`;
}
