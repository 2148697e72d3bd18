/** How long what is kept: days by kind of material, for the whole studio and for single projects. Pure. */
import { z } from "zod";
import type { By } from "./audit.ts";
import type { Config } from "./config.ts";
import { DAYS_VARIABLE, type Gone, type KeepRules, type KeptKind, type OwnRules } from "./kept_kinds.ts";

export const DAYS_MAX = 36_500;
const Days = z.number().min(0, "must be at least 0").max(DAYS_MAX, `must be at most ${DAYS_MAX}`);

/** What a project has of its own: kinds that are not named go as in the whole studio. */
export const OwnRulesBody = z.strictObject({
  pieces: Days.optional(),
  latents: Days.optional(),
  failed: Days.optional(),
  drafts: Days.optional(),
  uploads: Days.optional(),
  films: Days.optional(),
});

export function rulesOf(config: Pick<Config, (typeof DAYS_VARIABLE)[KeptKind]>): KeepRules {
  return {
    pieces: config.PIECES_DAYS,
    latents: config.LATENTS_DAYS,
    failed: config.FAILED_DAYS,
    drafts: config.DRAFTS_DAYS,
    uploads: config.UPLOADS_DAYS,
    films: config.FILMS_DAYS,
  };
}

/** Where rules hold: in one project, or wherever no project has its own. */
export interface Area {
  in: { projectId: string } | { besides: string[] };
  rules: KeepRules;
}

export function areasOf(rules: KeepRules, own: ReadonlyMap<string, OwnRules>): Area[] {
  return [
    { in: { besides: [...own.keys()] }, rules },
    ...[...own].map(([projectId, told]) => ({ in: { projectId }, rules: { ...rules, ...told } })),
  ];
}

/** Roles of what a film is made from and no player shows. */
export const LATENT_ROLES = ["latent", "tail", "window", "measure"];
/** Films that a render server joined so far stand among them; the finished one is kept by its name as the result. */
export const PIECE_ROLES = [...LATENT_ROLES, "clip", "film"];

export interface KeptProject {
  id: string;
  name: string;
  /** E-mail address. */
  owner: string;
  keep: OwnRules;
}

export interface Keeping {
  /** As they hold for the whole studio. */
  readonly rules: KeepRules;
  /** What would go now, and nothing goes. */
  look(): Promise<Gone[]>;
  /** Those with rules of their own first, then the newest. */
  projects(): Promise<KeptProject[]>;
  /** False when there is no such project. */
  change(projectId: string, keep: OwnRules, by: By): Promise<boolean>;
}
