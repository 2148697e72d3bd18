/** What lies in storage by kind, and for how many days there is room at the pace of the last week. Pure. */

/** What people brought; finished films; what films are made from; what waits in the trash for its end. */
export const STORED_KINDS = ["brought", "films", "pieces", "trash"] as const;
export type StoredKind = (typeof STORED_KINDS)[number];

/** Days over which the pace is measured. */
export const PACE_DAYS = 7;

export interface StoredSum {
  kind: StoredKind;
  /** The same content counts once. */
  files: number;
  bytes: number;
}

export interface Room {
  /** Where files lie: a disk of this machine, or a bucket, which has no end. */
  place: "disk" | "bucket";
  /** Null in a bucket, and where the system does not tell. */
  freeBytes: number | null;
  /** Below so many free bytes nothing new starts. */
  minBytes: number;
  kinds: StoredSum[];
  /** What came within `PACE_DAYS` days, whether it is still there or not. */
  cameBytes: number;
}

export interface Rooms {
  read(): Promise<Room>;
}

/** Whole days until nothing new starts, if as much comes as of late and nothing goes; null where no end is in sight. */
export function daysLeft({ freeBytes, minBytes, cameBytes }: Omit<Room, "kinds" | "place">): number | null {
  if (freeBytes === null || cameBytes <= 0) return null;
  return Math.floor(Math.max(0, freeBytes - minBytes) / (cameBytes / PACE_DAYS));
}
