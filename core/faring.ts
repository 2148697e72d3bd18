/** How a render server fares: what failed there in a row, and whether it is held because of that. Pure. */

import type { ProblemCode } from "./problem.ts";

/** Whether it may be the server's fault and not the film's, so that another server is worth a try. */
export function isWorthAnother(code: ProblemCode): boolean {
  return code === "comfy.execution" || code === "comfy.rejected";
}

/** Different films that fail in a row on one server until it is held; one that failed elsewhere as well counts half. */
export const HELD_AFTER = 3;
const HOLD_FIRST_MS = 30_000;
const HOLD_MAX_MS = 10 * 60_000;
const CAUSE_MAX = 500;

export interface Failure {
  at: number;
  jobId: string;
  stepId: string;
  promptId: string;
  /** For operators: node and exception. */
  cause: string;
}

export interface Faring {
  /** Films that failed there in a row, and whether they failed on another server too. */
  row: { jobId: string; shared: boolean }[];
  /** Prompts that failed there, ever. */
  failed: number;
  last: Failure | null;
  /** How often it was held in a row. */
  holds: number;
  /** Until then it is given nothing, and from then on one prompt at a time. Null: it is trusted. */
  heldUntil: number | null;
}

/** What the end of a prompt says of its server. */
export type ServerWord =
  | { backendId: string; word: "done" }
  | { backendId: string; word: "failed"; shared: boolean; failure: Failure }
  /** The film failed on another server as well. */
  | { backendId: string; word: "shared"; jobId: string };

export const UNTRIED: Faring = { row: [], failed: 0, last: null, holds: 0, heldUntil: null };

/** How it fares after this; the same object where nothing changes. */
export function fareOn(faring: Faring, said: ServerWord): Faring {
  switch (said.word) {
    case "done":
      return trusted(faring);
    case "shared":
      return share(faring, said.jobId);
    case "failed":
      return blame(faring, said);
  }
}

/** Whether it may be given a prompt, with so many that it holds: while it is on trial one, until one succeeds. */
export function takesNew(
  faring: Faring | null | undefined,
  { held, now }: { held: number; now: number },
): boolean {
  if (!faring || faring.heldUntil === null) return true;
  return now >= faring.heldUntil && held === 0;
}

/** A person says that it works again, or a prompt did. */
export function trusted(faring: Faring): Faring {
  const isPlain = faring.row.length === 0 && faring.holds === 0 && faring.heldUntil === null;
  return isPlain ? faring : { ...faring, row: [], holds: 0, heldUntil: null };
}

/** It was started anew: what ailed it may be gone, so it is tried at once. */
export function onTrial(faring: Faring, now: number): Faring {
  return faring.heldUntil === null || faring.heldUntil <= now ? faring : { ...faring, heldUntil: now };
}

function blame(faring: Faring, { shared, failure }: Extract<ServerWord, { word: "failed" }>): Faring {
  const others = faring.row.filter(({ jobId }) => jobId !== failure.jobId);
  const last = { ...failure, cause: failure.cause.slice(0, CAUSE_MAX) };
  const row = [...others, { jobId: failure.jobId, shared }].slice(-2 * HELD_AFTER);
  const next = { ...faring, row, failed: faring.failed + 1, last };
  const { at } = failure;
  // What was under way when it was held says nothing new.
  if (faring.heldUntil !== null && at < faring.heldUntil) return next;
  if (faring.heldUntil === null && weightOf(row) < HELD_AFTER) return next;
  return { ...next, holds: faring.holds + 1, heldUntil: at + holdMs(faring.holds + 1) };
}

function share(faring: Faring, jobId: string): Faring {
  if (!faring.row.some((one) => one.jobId === jobId && !one.shared)) return faring;
  const next = {
    ...faring,
    row: faring.row.map((one) => one.jobId === jobId ? { jobId, shared: true } : one),
  };
  const isHeldForLess = faring.heldUntil !== null && weightOf(next.row) < HELD_AFTER;
  return isHeldForLess ? { ...next, holds: 0, heldUntil: null } : next;
}

function weightOf(row: Faring["row"]): number {
  return row.reduce((sum, { shared }) => sum + (shared ? 0.5 : 1), 0);
}

/** 30 s, and twice as long each time, to 10 minutes. */
export function holdMs(holds: number): number {
  return Math.min(HOLD_MAX_MS, HOLD_FIRST_MS * 2 ** (holds - 1));
}
