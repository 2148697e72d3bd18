/** The shelf as pages, the API and the planner ask for it: every mode, what it wants, who can do it, and what would work instead. */
import type { LackLine, Standing } from "./preflight.ts";
import type { Asset } from "./assets.ts";
import type { Plan } from "./plan.ts";
import type { Problem } from "./problem.ts";
import type { JobDraft } from "./studio.ts";

/** What becomes of a plan on the servers as they are. */
export interface Verdict {
  /** Why no server can take it; null where one can, or nobody knows. */
  problem: Problem | null;
  /** The preset that would work in place of the one asked for. */
  preset: string | null;
  /** What a person should know although it goes on. */
  note: string | null;
}

export interface ShelfServer {
  id: string;
  engine: "draft" | "comfy";
  /** Counted among its kind. */
  n: number;
  of: number;
  isUp: boolean;
  standing: Standing;
  /** Where it stands `low`: the title of the preset that is used there. */
  preset: string | null;
  /** For operators: everything that it lacks. */
  lines: LackLine[];
}

export interface ShelfItem {
  id: string;
  version: string;
  mode: string;
  submode: string | null;
  title: string;
  description: string;
  icon: string;
  state: "pending" | "unverified" | "verified";
  verified: { comfyui: string; date: string; gpu: string } | null;
  notes: string[];
  delivers: "film" | "still";
  comfyui: string;
  vramGb: number;
  presets: { name: string; title: string }[];
  packs: { name: string; source: string; commit: string }[];
  models: {
    file: string;
    folder: string;
    source: string;
    licence: string;
    sizeGb: number | null;
    /** What alone needs it; null where it is always needed. */
    only: string | null;
  }[];
  /** Names a picture made by the draft renderer; null while there is none. */
  example: string | null;
  servers: ShelfServer[];
}

export interface Shelf {
  list(): Promise<ShelfItem[]>;
  /** Whether a render server has told that it has all that a template always needs. */
  canMake(template: string): Promise<boolean>;
  /** Begins to draw the examples that are missing. */
  draw(): void;
  /** A WebP picture by the name that its item gives; null where there is none. */
  example(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Judges a plan, and where it is refused, what change of the draft would work. */
  judge(wish: { plan: Plan; draft?: JobDraft; assets?: Asset[] }): Promise<Verdict>;
}
