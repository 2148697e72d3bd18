/** Sees off people who deleted their account: stops their films, then removes what is theirs, across restarts. */
import type { Clock, Log } from "@/core/ports.ts";
import { problemOf } from "@/core/problem.ts";
import type { Mail } from "@/core/store.ts";
import type { Accounts } from "@/core/studio.ts";
import { beginDeparture, listDepartures, listLiveJobs, removeLeaver } from "@/db/departures.ts";
import type { Database } from "@/db/sqlite.ts";

/** Requests that were under way when the person left have ended by then. */
const GRACE_MS = 30_000;
const FIRST_WAIT_MS = 1000;
const WAIT_MAX_MS = 60_000;

export interface LeavingParts {
  db: Database;
  clock: Clock;
  log: Log;
  tell(mail: Mail[]): Promise<void>;
}

export interface Leaving {
  leave: Accounts["leave"];
  /** Runs until the studio closes. */
  run(closing: AbortSignal): Promise<void>;
}

export function openLeaving(parts: LeavingParts): Leaving {
  let wake = () => {};
  return {
    async leave(userId) {
      const result = await beginDeparture(parts.db.writer, userId);
      wake();
      return result;
    },
    async run(closing) {
      let waitMs = FIRST_WAIT_MS;
      while (!closing.aborted) {
        const called = new Promise<void>((resolve) => wake = resolve);
        const isClear = await round(parts);
        waitMs = isClear ? FIRST_WAIT_MS : Math.min(waitMs * 2, WAIT_MAX_MS);
        await waitFor(parts.clock, { called, closing, waitMs: isClear ? null : waitMs });
      }
    },
  };
}

/** True when nobody is left to be seen off. */
async function round(parts: LeavingParts): Promise<boolean> {
  try {
    return await seeOff(parts, { graceMs: GRACE_MS });
  } catch (thrown) {
    parts.log.warn("a departure could not go on", {
      error: problemOf(thrown).operator ?? problemOf(thrown).message,
    });
    return false;
  }
}

/** One round over everybody who is leaving; true when nothing of anybody is left. */
export async function seeOff(
  { db, tell, log }: LeavingParts,
  { graceMs }: { graceMs: number },
): Promise<boolean> {
  let isClear = true;
  for (const userId of await listDepartures(db.writer)) {
    const live = await listLiveJobs(db.writer, userId);
    // The id names the cause, so that the next round does not say it twice.
    const mail = live.map(({ id, run }) => {
      return { id: `${id}:left:${run}`, to: id, kind: "cancel", body: { type: "cancel" } };
    });
    if (mail.length > 0) await tell(mail);
    if (await removeLeaver(db.writer, userId, { graceMs })) log.info("account removed", { user: userId });
    else isClear = false;
  }
  return isClear;
}

/** Until somebody leaves, the studio closes, or the wait is over. */
async function waitFor(
  clock: Clock,
  { called, closing, waitMs }: { called: Promise<void>; closing: AbortSignal; waitMs: number | null },
): Promise<void> {
  const over = new AbortController();
  const closed = new Promise<void>((resolve) => {
    closing.addEventListener("abort", () => resolve(), { signal: over.signal });
    if (closing.aborted) resolve();
  });
  const waited = waitMs === null ? [] : [clock.sleep(waitMs, over.signal).catch(() => {})];
  await Promise.race([called, closed, ...waited]);
  over.abort();
}
