/** How long what is kept: days by kind of material, for the whole studio and for single projects. Pure. */
import { z } from "zod";
import type { By } from "./audit.ts";
import type { Config } from "./config.ts";

/**
 * `pieces`: what finished films were made from; `latents`: of that only what no player shows; `failed`: the pieces of
 * films that failed or were cancelled. `drafts`, `films` and `uploads` that no film uses go to the trash, as wholes.
 */
export const KEPT_KINDS = ["pieces", "latents", "failed", "drafts", "uploads", "films"] as const;
export type KeptKind = (typeof KEPT_KINDS)[number];

/** Kinds whose things go to the trash, from which their owner may take them back. */
export const TRASHED_KINDS: readonly KeptKind[] = ["drafts", "uploads", "films"];

/** Days after which a kind goes; 0 never. */
export type KeepRules = Record<KeptKind, number>;

export const DAYS_MAX = 36_500;
const Days = z.number().min(0, "must be at least 0").max(DAYS_MAX, `must be at most ${DAYS_MAX}`);

/** What a project has of its own: kinds that are not named go as in the whole studio. */
export const OwnRules = z.strictObject({
  pieces: Days.optional(),
  latents: Days.optional(),
  failed: Days.optional(),
  drafts: Days.optional(),
  uploads: Days.optional(),
  films: Days.optional(),
});
export type OwnRules = z.infer<typeof OwnRules>;

/** The variable that says it for the whole studio. */
export const DAYS_VARIABLE = {
  pieces: "PIECES_DAYS",
  latents: "LATENTS_DAYS",
  failed: "FAILED_DAYS",
  drafts: "DRAFTS_DAYS",
  uploads: "UPLOADS_DAYS",
  films: "FILMS_DAYS",
} as const satisfies Record<KeptKind, string>;

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

/** What would go, or went: things are films or uploads, files the same content once. */
export interface Gone {
  kind: KeptKind;
  things: number;
  files: number;
  bytes: number;
}

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
