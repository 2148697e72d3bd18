/** What the API shows of a request that is not made yet. */
import type { ForeseenPiece } from "./planners/long_take_parts.ts";
import type { ShownField } from "./shown.ts";

/** What would happen if this were asked for now. */
export interface ShownPreview {
  ok: boolean;
  /** What is missing or wrong, with paths as in the request. */
  missing: ShownField[];
  size: { width: number; height: number } | null;
  frames: number | null;
  frameRate: number | null;
  seconds: number | null;
  chunks: number | null;
  /** Of a long take, in the order of the film. */
  pieces: ForeseenPiece[] | null;
  notes: string[];
  /** Why no server could take it now and what would work: the field to change, and the preset where it is one. */
  servers: { says: string; field: string; preset: string | null } | null;
  engine: "draft" | "comfy";
  estimate: { seconds: number; low: number; high: number } | null;
  /** How many jobs it would be, and the work of all of them; null for one. */
  films: number;
  all: { seconds: number; low: number; high: number } | null;
  queue: { position: number; startsInSeconds: number | null };
}
