/** Removes what nobody needs any more: files without a row, interrupted uploads, old trash, what takes were made from. */
import type { Config } from "@/core/config.ts";
import { rulesOf } from "@/core/keeping.ts";
import type { Clock, Log } from "@/core/ports.ts";
import type { HouseStorage } from "@/adapters/storage/mod.ts";
import { problemOf } from "@/core/problem.ts";
import { watchAhead } from "@/core/steps.ts";
import { purgeAssets } from "@/db/assets.ts";
import { dropIntermediates } from "@/db/intermediates.ts";
import { purgeTrash } from "@/db/jobs.ts";
import { sweepKept } from "@/db/keeping.ts";
import { rollUpLedger } from "@/db/ledger_days.ts";
import { listUsedFiles } from "@/db/queries/mod.ts";
import { purgeShares } from "@/db/shares.ts";
import type { Database } from "@/db/sqlite.ts";
import { purgeDeliveries } from "@/db/webhooks.ts";

const EVERY_MS = 15 * 60_000;
const DAY_MS = 86_400_000;
const BATCH = 200;
const ENTRIES_AT_ONCE = 500;
const PAUSE_MS = 20;
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
  /** While a restored studio is not opened, its original may share its bucket. */
  isResting?: () => Promise<boolean>;
  /** By how much the clock is ahead of what is believed. */
  youngerMs?: number;
}

/** Runs until the studio closes; the first round comes a while after the start. */
export async function keepHouse(parts: Housekeeping): Promise<void> {
  const { clock, log, closing } = parts;
  const readAhead = watchAhead(clock);
  while (!closing.aborted) {
    const awake = await clock.sleep(EVERY_MS, closing).then(() => true, () => false);
    if (!awake) return;
    try {
      if (await parts.isResting?.()) continue;
      const youngerMs = readAhead();
      if (youngerMs > 0) log.warn("the clock was set ahead and is not believed yet", { ms: youngerMs });
      const removed = await removeOrphans({ ...parts, youngerMs });
      if (removed > 0) log.info("unused files removed", { files: removed });
    } catch (thrown) {
      log.warn("housekeeping failed", { error: problemOf(thrown).operator ?? problemOf(thrown).message });
    }
  }
}

/** One round; returns the number of files that went. Younger files are left: a job may be about to name them. */
export async function removeOrphans(parts: Housekeeping): Promise<number> {
  const { config, clock, db, storage, youngerMs = 0 } = parts;
  const trial = tryEach(parts.log);
  await trial("uploads that broke off", () => storage.sweepParts());
  await removeRows(parts, trial);
  const oldBefore = clock.now() - youngerMs - config.ORPHAN_HOURS * 3_600_000;
  let removed = 0;
  let batch: string[] = [];
  const flush = async () => {
    const used = await listUsedFiles(db.reader, batch);
    for (const name of batch) {
      if (used.has(name)) continue;
      await trial("an unused file", async () => {
        if (await storage.remove(name, { unlessPutSince: oldBefore })) removed++;
      });
    }
    batch = [];
  };
  await trial("unused files", async () => {
    for await (const file of storage.list()) {
      if (file.modifiedAt > oldBefore) continue;
      batch.push(file.name);
      if (batch.length >= BATCH) await flush();
    }
    await flush();
  });
  return removed;
}

type Trial = (what: string, work: () => Promise<unknown>) => Promise<void>;

/** What fails is told and tried again in the next round; everything else of this round is done all the same. */
function tryEach(log: Log): Trial {
  return async (what, work) => {
    try {
      await work();
    } catch (thrown) {
      const { operator, message } = problemOf(thrown);
      log.warn("a part of housekeeping failed", { what, error: operator ?? message });
    }
  };
}

/** What is as old as the studio, or its project, keeps it. Rows go in short transactions; their files are nobody's then. */
async function removeRows(parts: Housekeeping, trial: Trial): Promise<void> {
  const { config, log, db, youngerMs = 0 } = parts;
  const trash = { ageMs: config.TRASH_DAYS * DAY_MS + youngerMs };
  await trial("films in the trash", () => purgeTrash(db.writer, trash));
  await trial("files in the trash", () => purgeAssets(db.writer, trash));
  await trial("old things", () =>
    inTurns(parts, async () => {
      const gone = await sweepKept(db, { rules: rulesOf(config), youngerMs });
      for (const { kind, things, files, bytes } of gone) {
        log.info("old things let go", { kind, things, files, bytes });
      }
      return gone.length > 0;
    }));
  await trial("what takes were made from", () => dropIntermediates(db.writer));
  await trial("links", () => purgeShares(db.writer, { ageMs: SHARES_KEPT_MS + youngerMs }));
  await trial("deliveries", () => purgeDeliveries(db.writer, { ageMs: DELIVERIES_KEPT_MS + youngerMs }));
  const old = { ageMs: config.LEDGER_DAYS * DAY_MS + youngerMs, rowsMax: ENTRIES_AT_ONCE };
  await trial(
    "the ledger",
    () => inTurns(parts, async () => await rollUpLedger(db.writer, old) === ENTRIES_AT_ONCE),
  );
}

/** One short transaction after another, and between them a pause in which jobs have their turns. */
async function inTurns({ closing }: Housekeeping, work: () => Promise<boolean>): Promise<void> {
  while (!closing.aborted && await work()) {
    // Not a sleep of the clock, which lets a process end that does nothing else, as a program that cleans up would.
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}
