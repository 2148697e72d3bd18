/** The queue as people ask for it: their places in the whole of it, and when their jobs will be served and done. */
import type { Kysely } from "kysely";
import { estimate } from "@/core/estimate.ts";
import { foreseeNew } from "@/core/foresight.ts";
import type { Clock } from "@/core/ports.ts";
import { nameServers, type PoolState, type Queues } from "@/core/queue.ts";
import type { Store } from "@/core/store.ts";
import { countQueue, listPlaces, readStanding } from "@/db/queries/mod.ts";
import type { Schema } from "@/db/schema.ts";
import { readBackends } from "@/db/store/slot_rows.ts";
import { type Ahead, expectBy, type Fresh, keepFresh, queuedOf } from "./ahead.ts";

export interface QueueParts {
  reader: Kysely<Schema>;
  store: Pick<Store, "arrange">;
  clock: Clock;
  ahead: Fresh<Ahead>;
  /** Places changed: the scheduler should look. */
  schedule(): void;
}

export function openQueue({ reader, store, clock, ahead, schedule }: QueueParts): Queues {
  const pool = keepFresh(clock, () => readPool(reader));
  return {
    pool,
    async own(userId) {
      const jobs = await listPlaces(reader, userId);
      const standing = await readStanding(reader, jobs.map((job) => job.id));
      const seen = await ahead();
      return {
        jobs: jobs.map((job) => queuedOf(job, { ...standing, ahead: seen })),
        servers: nameServers(seen.floor.backends),
      };
    },
    async foresee(wish) {
      const { scene, paces } = await ahead();
      const { place, startS, backendId } = foreseeNew(scene, wish, expectBy(paces, "likely"));
      return { work: estimate(wish.plan, paces, backendId), place, startS };
    },
    async arrange(userId, jobIds) {
      if (!await store.arrange(userId, jobIds)) return false;
      ahead.forget();
      schedule();
      return true;
    },
  };
}

async function readPool(reader: Kysely<Schema>): Promise<PoolState> {
  const rows = await readBackends(reader);
  const real = rows.filter((row) => row.engine === "comfy" && row.status !== "drain");
  const counted = real.length > 0 ? real : rows.filter((row) => row.engine === "draft");
  return {
    servers: counted.length,
    up: counted.filter((row) => row.status === "up").length,
    draftOnly: real.length === 0 && counted.length > 0,
    ...await countQueue(reader),
  };
}
