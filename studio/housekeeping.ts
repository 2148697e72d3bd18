/** Removes what nobody needs any more: files without a row, interrupted uploads, old trash, what takes were made from. */
import type { Config } from "@/core/config.ts";
import type { Clock, Log } from "@/core/ports.ts";
import type { HouseStorage } from "@/adapters/storage/mod.ts";
import { problemOf } from "@/core/problem.ts";
import { purgeAssets } from "@/db/assets.ts";
import { dropIntermediates, endKeeping } from "@/db/intermediates.ts";
import { purgeTrash } from "@/db/jobs.ts";
import { listUsedFiles } from "@/db/queries/mod.ts";
import { purgeShares } from "@/db/shares.ts";
import type { Database } from "@/db/sqlite.ts";
import { purgeDeliveries } from "@/db/webhooks.ts";

const EVERY_MS = 15 * 60_000;
const DAY_MS = 86_400_000;
const BATCH = 200;
/** How long the page of a link still says that it has run out. */
const SHARES_KEPT_MS = 90 * DAY_MS;
const DELIVERIES_KEPT_MS = 30 * DAY_MS;

export interface Housekeeping {
  config: Config;
  clock: Clock;
  log: Log;
  db: Database;
  storage: HouseStorage;
  closing: AbortSignal;
}

/** Runs until the studio closes; the first round comes a while after the start. */
export async function keepHouse(parts: Housekeeping): Promise<void> {
  const { clock, log, closing } = parts;
  while (!closing.aborted) {
    const awake = await clock.sleep(EVERY_MS, closing).then(() => true, () => false);
    if (!awake) return;
    try {
      const removed = await removeOrphans(parts);
      if (removed > 0) log.info("unused files removed", { files: removed });
    } catch (thrown) {
      log.warn("housekeeping failed", { error: problemOf(thrown).operator ?? problemOf(thrown).message });
    }
  }
}

/** One round; returns the number of files that went. Younger files are left: a job may be about to name them. */
export async function removeOrphans({ config, clock, log, db, storage }: Housekeeping): Promise<number> {
  await storage.sweepParts();
  const trash = { ageMs: config.TRASH_DAYS * DAY_MS };
  await purgeTrash(db.writer, trash);
  await purgeAssets(db.writer, trash);
  if (config.PIECES_DAYS > 0) {
    const taken = await endKeeping(db.writer, { days: config.PIECES_DAYS, now: clock.now() });
    if (taken > 0) log.info("pieces of finished takes dropped", { takes: taken, days: config.PIECES_DAYS });
  }
  await dropIntermediates(db.writer);
  await purgeShares(db.writer, { ageMs: SHARES_KEPT_MS });
  await purgeDeliveries(db.writer, { ageMs: DELIVERIES_KEPT_MS });
  const oldBefore = clock.now() - config.ORPHAN_HOURS * 3_600_000;
  let removed = 0;
  let batch: string[] = [];
  const flush = async () => {
    const used = await listUsedFiles(db.reader, batch);
    for (const name of batch) {
      if (used.has(name)) continue;
      if (await storage.remove(name, { unlessPutSince: oldBefore })) removed++;
    }
    batch = [];
  };
  for await (const file of storage.list()) {
    if (file.modifiedAt > oldBefore) continue;
    batch.push(file.name);
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  return removed;
}
