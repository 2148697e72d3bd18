/** Maintenance of the whole studio: nothing new starts, what runs ends, and everybody is told. */
import { z } from "zod";
import type { By } from "./audit.ts";
import type { PieceState } from "./shown.ts";
import { isTerminal, type Status } from "./status.ts";

export interface Maintenance {
  since: number;
  /** Of the operator, for everybody; perhaps empty. */
  note: string;
  /** The studio came out of a backup, and perhaps its original works on: nothing at all is done, sent or cleared away. */
  restored?: boolean;
}

/** Where it is stored: while something is there, no slot is granted. */
export const MAINTENANCE_KEY = "maintenance";
/** As it is stored. */
export const StoredMaintenance = z.object({
  since: z.int(),
  note: z.string(),
  restored: z.boolean().optional(),
});

export const NOTE_MAX = 200;
/** Tells programs, with the time since when. */
export const MAINTENANCE_HEADER = "animatrix-maintenance";

/** Whether a job can do nothing while nothing new starts: it was asked for, and no piece of it is under way. */
export function isHeldBack(
  { status, paused, cancelling, retakes, approvals, pieces }: {
    status: Status;
    paused: boolean;
    cancelling: boolean;
    retakes: readonly unknown[];
    approvals: readonly unknown[];
    pieces: readonly PieceState[];
  },
): boolean {
  if (isTerminal(status) || status === "created" || paused || cancelling) return false;
  if (retakes.length > 0 || approvals.length > 0 || pieces.includes("now")) return false;
  return pieces.length === 0 || pieces.includes("todo");
}

export interface Upkeep {
  /** At most a second old, and cheap: every page and every answer asks. Null while the studio works. */
  read(): Promise<Maintenance | null>;
  /** Again only changes the note. */
  begin(note: string, by: By): Promise<void>;
  /** False when there was none. */
  end(by: By): Promise<boolean>;
  /** Parts of films that still run, on servers or in the studio. */
  underWay(): Promise<number>;
}
