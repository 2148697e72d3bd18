/** What the API shows operators of storage. */
import type { Room } from "./room.ts";

export interface ShownRoom extends Room {
  /** Null where no end is in sight. */
  daysLeft: number | null;
}
