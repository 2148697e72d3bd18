/** Who had how much of the servers lately: told by each prompt's end, and kept so that a restart forgets nobody's share. */
import { decayed } from "@/core/fair.ts";
import type { Share } from "@/core/schedule_memory.ts";
import { type Connection, first, NOW, rows, run, statement } from "../statements.ts";

const SELECT_SLOT = statement<{ user_id: string; began_at: number | null }>(
  "select user_id, began_at from slot where prompt_id = ?",
);
const SELECT_SERVED = statement<{ served: number | null; served_at: number | null }>(
  "select served, served_at from quota where user_id = ?",
);
const SAVE_SERVED = statement(
  "insert into quota (user_id, served, served_at) values (?, ?, ?) " +
    "on conflict (user_id) do update set served = excluded.served, served_at = excluded.served_at",
);
const BEGIN_SLOT = statement("update slot set began_at = ? where prompt_id = ? and state = 'held'");
const SELECT_SHARES = statement<{
  user_id: string;
  max_running: number | null;
  weight: number | null;
  served: number | null;
  served_at: number | null;
  at: number;
}>(`select user_id, max_running, weight, served, served_at, ${NOW} as at from quota`);

/** A prompt was seen to run since then. */
export async function beginSlot(on: Connection, promptId: string, at: number): Promise<void> {
  await run(on, BEGIN_SLOT([at, promptId]));
}

/** What a prompt took of its server counts for its owner, up to now. */
export async function chargeSlot(on: Connection, promptId: string, at: number): Promise<void> {
  const slot = await first(on, SELECT_SLOT([promptId]));
  if (!slot || slot.began_at === null) return;
  const before = await first(on, SELECT_SERVED([slot.user_id]));
  const left = decayed(before?.served ?? 0, at - (before?.served_at ?? at));
  const seconds = Math.max(0, at - slot.began_at) / 1000;
  await run(on, SAVE_SERVED([slot.user_id, left + seconds, at]));
}

export async function readShares(on: Connection): Promise<Map<string, Share>> {
  const found = await rows(on, SELECT_SHARES());
  return new Map(found.map((row) => [row.user_id, {
    served: decayed(row.served ?? 0, row.at - (row.served_at ?? row.at)),
    weight: row.weight ?? 1,
    runningMax: row.max_running,
  }]));
}
