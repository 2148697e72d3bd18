/** What the API shows operators of how long things are kept. */
import type { Gone, KeepRules } from "./kept_kinds.ts";
import type { KeptProject } from "./keeping.ts";

export interface ShownKeeping {
  /** Days by kind for the whole studio; 0 never. */
  rules: KeepRules;
  /** What would go now. */
  gone: Gone[];
  projects: KeptProject[];
}
