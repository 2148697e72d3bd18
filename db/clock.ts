/** What the studio waits for when the clock was set back: everything that lies ahead by mistake comes back by as much. */
import type { Kysely } from "kysely";
import type { Clock } from "@/core/ports.ts";
import type { Schema } from "./schema.ts";
import { first, readClock, run, statement } from "./statements.ts";

/** Less than this is no step: clocks are slewed by more within a day. */
const SLACK_MS = 2000;
/** How stale the mark may be that tells of a step made while no studio ran. */
const MARK_EVERY_MS = 10_000;

const READ_MARK = statement<{ value: number }>("select value from mark where name = 'clock'");
const WRITE_MARK = statement(
  "insert into mark (name, value) values ('clock', ?) on conflict (name) do update set value = excluded.value",
);

/** Each gets how far to come back, and the time that it is now; rows that are not ahead stay as they are. */
const COME_BACK = [
  "update mail set due_at = due_at - ?1, created_at = min(created_at, ?2) where done_at is null and due_at > ?2",
  "update effect set next_at = next_at - ?1 where status = 'open' and owner is null and next_at > ?2",
  "update slot set since = since - ?1 where since > ?2",
  "update slot set began_at = began_at - ?1 where began_at > ?2",
  "update step set ready_at = ready_at - ?1 where ready_at > ?2",
  "update backend set last_seen_at = last_seen_at - ?1 where last_seen_at > ?2",
  "update quota set served_at = served_at - ?1 where served_at > ?2",
  "update ledger set at = at - ?1 where at > ?2",
  "update sessions set expires_at = expires_at - ?1, created_at = created_at - ?1 " +
  "where created_at > ?2",
  "update sessions set seen_at = max(created_at, seen_at - ?1) where seen_at > ?2",
  "update webhooks set since = since - ?1 where since > ?2",
  "update webhooks set failing_since = failing_since - ?1 where failing_since > ?2",
  "update webhook_deliveries set next_at = next_at - ?1 where status = 'open' and next_at > ?2",
].map((text) => statement(text));
const BEGAN_LATER = statement("update slot set began_at = began_at + ?1 where began_at <= ?2");
/** Whoever is at work says so again soon; what nobody works on any more is free after one lease. */
const SHORTEN_LEASES = statement(
  "update effect set lease_until = ?1 + ?2, next_at = ?1 + ?2 " +
    "where status = 'open' and owner is not null and next_at > ?1 + ?2",
);

/**
 * Watches the database's clock by the one that only rises. Each call returns by how many milliseconds the clock was found
 * set back, after everything that waits was brought back by as much; 0 mostly. Several processes may watch: the mark in
 * the database lets one of them act.
 */
export function watchSetBack(
  writer: Kysely<Schema>,
  { clock, leaseMs }: { clock: Pick<Clock, "monotonic">; leaseMs: number },
): () => Promise<number> {
  let last: { wall: number; rising: number } | null = null;
  let markedAt = -Infinity;
  return async () => {
    const wall = await readClock(writer);
    const rising = clock.monotonic();
    const back = last === null ? null : last.wall + (rising - last.rising) - wall;
    last = { wall, rising };
    if (back === null || back > SLACK_MS) {
      markedAt = rising;
      return await bringBack(writer, { seen: back ?? 0, leaseMs });
    }
    if (back < -SLACK_MS) {
      markedAt = rising;
      await forgive(writer, -back);
    } else if (rising - markedAt >= MARK_EVERY_MS) {
      markedAt = rising;
      await run(writer, WRITE_MARK([wall]));
    }
    return 0;
  };
}

/** The mark tells that nobody acted yet, and by how much at least; who saw the step itself knows it better. */
async function bringBack(
  writer: Kysely<Schema>,
  { seen, leaseMs }: { seen: number; leaseMs: number },
): Promise<number> {
  return await writer.transaction().execute(async (tx) => {
    const now = await readClock(tx);
    const least = ((await first(tx, READ_MARK()))?.value ?? now) - now;
    await run(tx, WRITE_MARK([now]));
    if (least <= SLACK_MS) return 0;
    const back = Math.round(Math.max(least, Math.min(seen, least + MARK_EVERY_MS + SLACK_MS)));
    for (const update of COME_BACK) await run(tx, update([back, now]));
    await run(tx, SHORTEN_LEASES([now, leaseMs]));
    return back;
  });
}

/** What runs now took no longer because the clock was set ahead: nobody is charged for that. The first who notices acts. */
async function forgive(writer: Kysely<Schema>, seen: number): Promise<void> {
  await writer.transaction().execute(async (tx) => {
    const now = await readClock(tx);
    const ahead = Math.round(Math.min(seen, now - ((await first(tx, READ_MARK()))?.value ?? now)));
    // Also for what is done while the clock is ahead: it is found by the mark when the clock is put right.
    await run(tx, WRITE_MARK([now]));
    if (ahead > SLACK_MS) await run(tx, BEGAN_LATER([ahead, now - ahead + SLACK_MS]));
  });
}
