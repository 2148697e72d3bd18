/** Limits, use and cost of people, as the API asks for them. */
import type { Kysely } from "kysely";
import type { Config } from "@/core/config.ts";
import type { Paces } from "@/core/paces.ts";
import type { Clock } from "@/core/ports.ts";
import type { Limits, Quotas } from "@/core/quota.ts";
import { learnSizes, reserveFor } from "@/core/reserve.ts";
import { readFilmSizes, readSpend, readUse } from "@/db/queries/mod.ts";
import type { Schema } from "@/db/schema.ts";
import { type Fresh, keepFresh } from "./ahead.ts";

const GB = 1e9;

/** Of whoever has no limits of their own. */
export function usualLimits(config: Config): Limits {
  const orNone = (value: number) => value === 0 ? null : value;
  const disk = orNone(config.DISK_GB_PER_PERSON);
  return {
    queued: config.JOBS_QUEUED_MAX,
    running: orNone(config.JOBS_RUNNING_MAX),
    gpuMinutes: orNone(config.GPU_MINUTES_PER_DAY),
    diskBytes: disk === null ? null : disk * GB,
  };
}

/** What films left in files changes slowly. */
const SIZES_MS = 60_000;

export interface QuotaParts {
  reader: Kysely<Schema>;
  config: Config;
  clock: Clock;
  paces: Fresh<Paces>;
}

export function openQuotas({ reader, config, clock, paces }: QuotaParts): Quotas {
  const sizes = keepFresh(clock, async () => learnSizes(await readFilmSizes(reader)), SIZES_MS);
  const learned = async () => ({ paces: await paces(), sizes: await sizes() });
  return {
    of: (userId, all) => readUse(reader, userId, { usual: usualLimits(config), all: all === "all", learned }),
    expect: async (plan) => reserveFor(plan, await learned()),
    spend: () => readSpend(reader),
    get currency() {
      return config.COST_CURRENCY;
    },
  };
}
