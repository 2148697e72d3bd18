/** Kinds of what the studio keeps, and days after which each goes. */

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

/** What a project has of its own: kinds that are not named go as in the whole studio. */
export type OwnRules = Partial<KeepRules>;

/** The variable that says it for the whole studio. */
export const DAYS_VARIABLE = {
  pieces: "PIECES_DAYS",
  latents: "LATENTS_DAYS",
  failed: "FAILED_DAYS",
  drafts: "DRAFTS_DAYS",
  uploads: "UPLOADS_DAYS",
  films: "FILMS_DAYS",
} as const satisfies Record<KeptKind, string>;

/** What would go, or went: things are films or uploads, files the same content once. */
export interface Gone {
  kind: KeptKind;
  things: number;
  files: number;
  bytes: number;
}
