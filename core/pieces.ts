/** A film as a strip of pieces: what becomes of a step's state when one piece of the strip is drawn. */
import type { PieceState, ShownParts } from "./shown.ts";
import type { StepState } from "./store.ts";

/** What lists show of a job's film or picture. */
export interface FilmFacts {
  /** Id of the output. */
  output: string;
  /** `film` or `image`. */
  type: string;
  hasPoster: boolean;
  seconds: number | null;
  width: number | null;
  height: number | null;
  /** How far the end of a loop is from its beginning; null for what is no loop. */
  loop: number | null;
}

const PIECES: Record<StepState, PieceState> = {
  pending: "todo",
  ready: "todo",
  granted: "now",
  running: "now",
  collecting: "now",
  done: "done",
  failed: "failed",
  cancelled: "todo",
  skipped: "done",
  waiting_for_person: "done",
};

export function pieceOf(state: StepState): PieceState {
  return PIECES[state];
}

/** The newest take of each step, in the order of the plan. */
export function piecesOf(
  rows: readonly { id: string; ord: number; take: number; state: StepState }[],
): PieceState[] {
  const newest = new Map<string, (typeof rows)[number]>();
  for (const row of rows) if ((newest.get(row.id)?.take ?? -1) < row.take) newest.set(row.id, row);
  return [...newest.values()].sort((a, b) => a.ord - b.ord).map((row) => pieceOf(row.state));
}

export function partsOf(states: readonly PieceState[]): ShownParts {
  const count = (state: PieceState) => states.filter((one) => one === state).length;
  return { total: states.length, done: count("done"), failed: count("failed"), states: [...states] };
}
