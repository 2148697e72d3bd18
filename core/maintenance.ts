/** Maintenance of the whole studio: nothing new starts, what runs ends, and everybody is told. */
import { z } from "zod";
import type { By } from "./audit.ts";

export interface Maintenance {
  since: number;
  /** Of the operator, for everybody; perhaps empty. */
  note: string;
}

/** Where it is stored: while something is there, no slot is granted. */
export const MAINTENANCE_KEY = "maintenance";
/** As it is stored. */
export const StoredMaintenance = z.object({ since: z.int(), note: z.string() });

export const NOTE_MAX = 200;
/** Tells programs, with the time since when. */
export const MAINTENANCE_HEADER = "animatrix-maintenance";

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
