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

/**
 * The piece of a long take that a step belongs to, from 1; null for steps of other films. Each has two passes, `high-003`
 * and `low-004`, and a look at what came of them, `piece-004`.
 */
export function takePieceOf(step: string): number | null {
  const number = /^(?:high|low|piece)-(\d{3,})$/.exec(step)?.[1];
  return number === undefined ? null : Math.ceil(Number(number) / 2);
}

/** What several steps that make one piece come to. Between two of them nothing is under way. */
export function joinStates(states: readonly PieceState[]): PieceState {
  for (const state of ["failed", "now"] as const) if (states.includes(state)) return state;
  return states.every((state) => state === "done") ? "done" : "todo";
}

/** The newest take of each step, in the order of the plan; the passes of a long take's piece are one. */
export function piecesOf(
  rows: readonly { id: string; ord: number; take: number; state: StepState }[],
): PieceState[] {
  const newest = new Map<string, (typeof rows)[number]>();
  for (const row of rows) if ((newest.get(row.id)?.take ?? -1) < row.take) newest.set(row.id, row);
  const pieces = Map.groupBy(
    // What an edit has left out is no piece any more.
    [...newest.values()].filter(({ state }) => state !== "skipped").sort((a, b) => a.ord - b.ord),
    ({ id }) => takePieceOf(id) ?? id,
  );
  return [...pieces.values()].map((rows) => joinStates(rows.map((row) => pieceOf(row.state))));
}

export function partsOf(states: readonly PieceState[]): ShownParts {
  const count = (state: PieceState) => states.filter((one) => one === state).length;
  return { total: states.length, done: count("done"), failed: count("failed"), states: [...states] };
}
