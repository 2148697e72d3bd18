/** Posting, reading and settling mail inside a transaction. */
import type { Mail, MailFate, StoredMail } from "@/core/store.ts";
import { decode, encode } from "../codec.ts";
import { type Connection, first, rows, run, statement } from "../statements.ts";

const INSERT = statement(
  "insert into mail (msg_id, actor_id, kind, body, due_at, trace, created_at) values (?, ?, ?, ?, ?, ?, ?) " +
    "on conflict (msg_id) do nothing",
);
const ACTOR_EXISTS = statement<{ id: string }>("select id from actor where id = ?");
const BURY = statement(
  "insert into deadletter (msg_id, actor_id, kind, body, error, attempts, at) values (?, ?, ?, ?, ?, ?, ?) " +
    "on conflict (msg_id) do nothing",
);
const SELECT_DUE = statement<{
  seq: number;
  msg_id: string;
  kind: string;
  body: string;
  attempts: number;
  trace: string | null;
}>(
  "select seq, msg_id, kind, body, attempts, trace from mail " +
    "where actor_id = ? and done_at is null and due_at <= ? order by seq limit ? + 0",
);
const SETTLE = statement("update mail set done_at = ?, attempts = ?, error = ? where seq = ?");
const DELAY = statement("update mail set due_at = ?, attempts = attempts + 1, error = ? where seq = ?");

export interface Posting {
  at: number;
  /** An actor that is known to exist. */
  from?: string;
  /** Context of mail that has none of its own. */
  trace?: string | null;
}

/** Returns the actors that got mail due now. */
export async function postMail(
  on: Connection,
  mail: readonly Mail[],
  { at, from, trace = null }: Posting,
): Promise<Set<string>> {
  const told = new Set<string>();
  for (const item of mail) {
    if (item.to !== from && !(await first(on, ACTOR_EXISTS([item.to])))) {
      await run(on, BURY([item.id, item.to, item.kind, encode(item.body), "There is no such actor", 0, at]));
      continue;
    }
    const dueAt = at + Math.max(0, Math.ceil(item.delayMs ?? 0));
    const values = [item.id, item.to, item.kind, encode(item.body), dueAt, item.trace ?? trace, at];
    if (await run(on, INSERT(values)) > 0 && dueAt <= at) told.add(item.to);
  }
  return told;
}

/** Open mail that is due, oldest first. */
export async function readDue(
  on: Connection,
  { actorId, at, limit }: { actorId: string; at: number; limit: number },
): Promise<StoredMail[]> {
  const found = await rows(on, SELECT_DUE([actorId, at, limit]));
  return found.map((row) => ({
    seq: row.seq,
    id: row.msg_id,
    kind: row.kind,
    body: decode(row.body),
    attempts: row.attempts,
    trace: row.trace,
  }));
}

/** Writes what became of the mail that a turn read. Returns how many were settled or delayed, and how many are due again at once. */
export async function settleMail(
  on: Connection,
  fates: readonly MailFate[],
  { actorId, at, mail }: { actorId: string; at: number; mail: readonly StoredMail[] },
): Promise<{ handled: number; dueAgain: number }> {
  let handled = 0;
  let dueAgain = 0;
  for (const fate of fates) {
    const item = mail.find((candidate) => candidate.seq === fate.seq);
    if (!item) continue;
    handled++;
    if (fate.fate === "later") {
      const delayMs = Math.max(0, Math.ceil(fate.delayMs));
      if (delayMs === 0) dueAgain++;
      await run(on, DELAY([at + delayMs, fate.error, fate.seq]));
      continue;
    }
    if (fate.fate === "done") {
      await run(on, SETTLE([at, item.attempts, null, fate.seq]));
      continue;
    }
    const attempts = item.attempts + 1;
    await run(on, SETTLE([at, attempts, fate.error, fate.seq]));
    await run(on, BURY([item.id, actorId, item.kind, encode(item.body), fate.error, attempts, at]));
  }
  return { handled, dueAgain };
}
