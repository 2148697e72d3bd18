/** Conditions of partial indexes, written out: with bound values SQLite could not know that the index fits. */
import { type RawBuilder, sql, type SqlBool } from "kysely";

/** The job has not ended. */
export function isLive(column: "status" | "jobs.status"): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.ref(column)} not in ('completed', 'failed', 'cancelled')`;
}

export function isOpenEffect(): RawBuilder<SqlBool> {
  return sql<SqlBool>`status = 'open'`;
}

/** The step is under way, or waits for a person. */
export function isActive(): RawBuilder<SqlBool> {
  return sql<SqlBool>`state in ('ready', 'granted', 'running', 'collecting', 'waiting_for_person')`;
}

/** The step is a prompt that may be given a slot. */
export function waitsForSlot(): RawBuilder<SqlBool> {
  return sql<SqlBool>`state = 'ready' and kind = 'prompt'`;
}
