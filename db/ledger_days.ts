/** Rolls old entries of the ledger up into sums by day, person and kind; the sums that anybody asks for stay the same. */
import type { Kysely } from "kysely";
import { DAY_MS } from "@/core/quota.ts";
import { TERMINAL } from "@/core/status.ts";
import type { Schema } from "./schema.ts";
import { type Connection, readClock, rows, run, statement } from "./statements.ts";

const ENDED = TERMINAL.map((status) => `'${status}'`).join(", ");
/** A job that is under way may still write into its entries; what is set aside is no sum yet. */
const SELECT_OLD = statement<{ id: string }>(
  "select id from ledger where at < ? and state in ('spent', 'released') and not exists " +
    `(select 1 from jobs where jobs.id = ledger.job_id and jobs.status not in (${ENDED})) order by at limit ?`,
);
/** All ids as one JSON list, so that it stays one statement however many there are. */
const SPENT = "from ledger where id in (select value from json_each(?)) and state = 'spent'";
const ADD_DAYS = statement(
  "insert into spent_day (day, user_id, kind, entries, seconds, bytes, money) " +
    `select at / ${DAY_MS}, user_id, kind, count(*), sum(seconds), sum(bytes), sum(money) ${SPENT} ` +
    `group by at / ${DAY_MS}, user_id, kind ` +
    "on conflict (day, user_id, kind) do update set entries = entries + excluded.entries, " +
    "seconds = seconds + excluded.seconds, bytes = bytes + excluded.bytes, money = money + excluded.money",
);
const ADD_JOBS = statement(
  `insert into spent_job (job_id, money) select job_id, sum(money) ${SPENT} and money > 0 ` +
    "and exists (select 1 from jobs where jobs.id = ledger.job_id) group by job_id " +
    "on conflict (job_id) do update set money = money + excluded.money",
);
const DROP = statement("delete from ledger where id in (select value from json_each(?))");

/** Rolls up the oldest entries that are older than `ageMs`, in one short transaction; returns how many. */
export async function rollUpLedger(
  writer: Kysely<Schema>,
  { ageMs, rowsMax }: { ageMs: number; rowsMax: number },
): Promise<number> {
  const before = await readClock(writer) - ageMs;
  return await writer.transaction().execute(async (tx) => {
    const old = await rows(tx, SELECT_OLD([before, rowsMax]));
    if (old.length === 0) return 0;
    const ids = JSON.stringify(old.map(({ id }) => id));
    await run(tx, ADD_DAYS([ids]));
    await run(tx, ADD_JOBS([ids]));
    return await run(tx, DROP([ids]));
  });
}

const TO_NOBODY = statement(
  "insert into spent_day (day, user_id, kind, entries, seconds, bytes, money) " +
    "select day, '', kind, entries, seconds, bytes, money from spent_day where user_id = ? " +
    "on conflict (day, user_id, kind) do update set entries = entries + excluded.entries, " +
    "seconds = seconds + excluded.seconds, bytes = bytes + excluded.bytes, money = money + excluded.money",
);
const DROP_PERSON = statement("delete from spent_day where user_id = ?");

/** What a person used stays in the sums as nobody's. */
export async function forgetDays(on: Connection, userId: string): Promise<void> {
  await run(on, TO_NOBODY([userId]));
  await run(on, DROP_PERSON([userId]));
}
