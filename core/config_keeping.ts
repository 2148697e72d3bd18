/** How long things are kept: the defaults, which operators change while the studio runs and owners for their projects. */
import { decimal, whole } from "./config_kinds.ts";

const days = decimal(0, 36_500);

export const KEEPING = {
  ORPHAN_HOURS: {
    group: "Storage",
    about: "Hours after which files that nothing refers to are removed.",
    fallback: "4",
    schema: decimal(0, 100_000),
  },
  TRASH_DAYS: {
    group: "Storage",
    about: "Days after which films and files in the trash are deleted for good.",
    fallback: "30",
    schema: decimal(0, 100_000),
  },
  PIECES_DAYS: {
    group: "Storage",
    about:
      "Days after which the parts of finished films are dropped; the films stay. 0 keeps them as their makers wished.",
    fallback: "0",
    schema: days,
  },
  LATENTS_DAYS: {
    group: "Storage",
    about: "Days after which of these parts those go that no player shows (latents, tails). 0 never.",
    fallback: "0",
    schema: days,
  },
  FAILED_DAYS: {
    group: "Storage",
    about:
      "Days after which the parts of failed and cancelled films are dropped; a retry makes them again. 0 never.",
    fallback: "0",
    schema: days,
  },
  DRAFTS_DAYS: {
    group: "Storage",
    about: "Days after which drafts that nobody starred or shares go to the trash. 0 never.",
    fallback: "0",
    schema: days,
  },
  UPLOADS_DAYS: {
    group: "Storage",
    about: "Days after which uploads that no film uses and nobody starred go to the trash. 0 never.",
    fallback: "0",
    schema: days,
  },
  FILMS_DAYS: {
    group: "Storage",
    about: "Days after which finished films that nobody starred or shares go to the trash. 0 never.",
    fallback: "0",
    schema: days,
  },
  LEDGER_DAYS: {
    group: "Storage",
    about: "Days after which single entries of the ledger are added up by day and person.",
    fallback: "90",
    schema: whole(31, 36_500),
  },
} as const;
