/** What one person may take of the studio, and what rendering costs: the defaults, which operators change for single people. */
import { z } from "zod";
import { decimal, text, whole } from "./config_kinds.ts";

export const LIMITS = {
  JOBS_QUEUED_MAX: {
    group: "Engine",
    about: "Waiting jobs one person may have.",
    fallback: "200",
    schema: whole(1, 100_000),
  },
  JOBS_RUNNING_MAX: {
    group: "Engine",
    about: "Jobs of one person that may be on render servers at once; the others wait. 0 for any number.",
    fallback: "0",
    schema: whole(0, 1000),
  },
  GPU_MINUTES_PER_DAY: {
    group: "Engine",
    about: "Minutes of rendering one person may use within 24 hours, drafts included; 0 for any number.",
    fallback: "0",
    schema: decimal(0, 1_000_000),
  },
  DISK_GB_PER_PERSON: {
    group: "Engine",
    about: "Gigabytes that the uploads and results of one person may take; 0 for any number.",
    fallback: "0",
    schema: decimal(0, 1_000_000),
  },
  GPU_COST_PER_HOUR: {
    group: "Engine",
    about: "What an hour of rendering costs on a server that has no price of its own.",
    fallback: "0",
    schema: decimal(0, 10_000),
  },
  COST_CURRENCY: {
    group: "Engine",
    about: "Three letters of the currency that costs are told in.",
    fallback: "EUR",
    schema: text.pipe(z.string().regex(/^[A-Z]{3}$/, "must be three capital letters")),
  },
} as const;
