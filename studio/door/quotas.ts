/** Limits, use and cost of people, as the API asks for them. */
import type { Kysely } from "kysely";
import type { Config } from "@/core/config.ts";
import type { Limits, Quotas } from "@/core/quota.ts";
import { readSpend, readUse } from "@/db/queries/mod.ts";
import type { Schema } from "@/db/schema.ts";

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

export function openQuotas({ reader, config }: { reader: Kysely<Schema>; config: Config }): Quotas {
  return {
    of: (userId, all) => readUse(reader, userId, { usual: usualLimits(config), all: all === "all" }),
    spend: () => readSpend(reader),
    get currency() {
      return config.COST_CURRENCY;
    },
  };
}
