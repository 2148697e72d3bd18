/** Pruning in short transactions, so that a turn never waits long for the broom. */
import type { Kysely } from "kysely";
import type { Schema } from "../schema.ts";
import { type Bind, first, NOW, run, statement } from "../statements.ts";

const HOUR_MS = 3_600_000;

export interface Retention {
  /** Settled mail is only kept so that a cause told twice is recognised. */
  mailMs: number;
  effectMs: number;
  /** Null keeps the history of every job for as long as the job. */
  eventMs: number | null;
  rowsPerBatch: number;
}

export const RETENTION: Retention = {
  mailMs: 24 * HOUR_MS,
  effectMs: 30 * 24 * HOUR_MS,
  eventMs: null,
  rowsPerBatch: 500,
};

export interface Swept {
  mail: number;
  effects: number;
  events: number;
  sessions: number;
  idempotency: number;
}

const MAIL = statement(
  `delete from mail where seq in (select seq from mail where done_at is not null and done_at < ${NOW} - ? limit ?)`,
);
const EFFECTS = statement(
  `delete from effect where id in (select id from effect where done_at is not null and done_at < ${NOW} - ? limit ?)`,
);
const SESSIONS = statement(
  `delete from sessions where token_hash in (select token_hash from sessions where expires_at < ${NOW} - ? limit ?)`,
);
const IDEMPOTENCY = statement(
  "delete from idempotency where (user_id, route, key) in " +
    `(select user_id, route, key from idempotency where expires_at < ${NOW} - ? limit ?)`,
);
const LAST_OLD_EVENT = statement<{ seq: number | null }>(
  `select max(seq) as seq from (select seq, at from event order by seq limit ?) where at < ${NOW} - ?`,
);
const EVENTS = statement("delete from event where seq <= ?");
const MARK_PRUNED = statement(
  "insert into mark (name, value) values ('events_pruned', ?) on conflict (name) do update set value = excluded.value",
);

export async function sweepRows(on: Kysely<Schema>, wanted: Partial<Retention>): Promise<Swept> {
  const { mailMs, effectMs, eventMs, rowsPerBatch } = { ...RETENTION, ...wanted };
  return {
    mail: await sweep(on, MAIL, { ageMs: mailMs, rowsPerBatch }),
    effects: await sweep(on, EFFECTS, { ageMs: effectMs, rowsPerBatch }),
    events: eventMs === null ? 0 : await sweepEvents(on, { ageMs: eventMs, rowsPerBatch }),
    sessions: await sweep(on, SESSIONS, { ageMs: 0, rowsPerBatch }),
    idempotency: await sweep(on, IDEMPOTENCY, { ageMs: 0, rowsPerBatch }),
  };
}

async function sweep(
  on: Kysely<Schema>,
  pruning: (parameters: Bind[]) => Parameters<typeof run>[1],
  { ageMs, rowsPerBatch }: { ageMs: number; rowsPerBatch: number },
): Promise<number> {
  let total = 0;
  for (;;) {
    const gone = await run(on, pruning([ageMs, rowsPerBatch]));
    total += gone;
    if (gone < rowsPerBatch) return total;
  }
}

/** Events go from the oldest on, and a mark stays behind: whoever asks for older ones gets a snapshot. */
async function sweepEvents(
  on: Kysely<Schema>,
  { ageMs, rowsPerBatch }: { ageMs: number; rowsPerBatch: number },
): Promise<number> {
  let total = 0;
  for (;;) {
    const gone = await on.transaction().execute(async (tx) => {
      const last = await first(tx, LAST_OLD_EVENT([rowsPerBatch, ageMs]));
      if (typeof last?.seq !== "number") return 0;
      await run(tx, MARK_PRUNED([last.seq]));
      return await run(tx, EVENTS([last.seq]));
    });
    total += gone;
    if (gone < rowsPerBatch) return total;
  }
}
