/** SQL that runs in every turn, written out once so that nothing is compiled twice. */
import { CompiledQuery, type Kysely } from "kysely";
import type { Schema } from "./schema.ts";

export type Bind = string | number | null;

/** A connection or a transaction. */
export type Connection = Pick<Kysely<Schema>, "executeQuery">;

/** The database's clock in milliseconds UTC. Within one statement it does not move. */
export const NOW = "cast(unixepoch('subsec') * 1000 as integer)";

/**
 * A statement with `?` for its parameters; `Row` names what it returns. A limit is bound as `limit ? + 0`: with a bare `?`
 * SQLite plans the statement anew each time it runs.
 */
export function statement<Row = never>(text: string): (parameters?: Bind[]) => CompiledQuery<Row> {
  const base = CompiledQuery.raw(text);
  return (parameters = []) => ({ ...base, parameters });
}

export async function rows<Row>(on: Connection, query: CompiledQuery<Row>): Promise<Row[]> {
  return (await on.executeQuery(query)).rows;
}

export async function first<Row>(on: Connection, query: CompiledQuery<Row>): Promise<Row | undefined> {
  return (await on.executeQuery(query)).rows[0];
}

/** Runs a write and returns how many rows it touched. */
export async function run(on: Connection, query: CompiledQuery<unknown>): Promise<number> {
  return Number((await on.executeQuery(query)).numAffectedRows ?? 0);
}

const CLOCK = statement<{ at: number }>(`select ${NOW} as at`);

export async function readClock(on: Connection): Promise<number> {
  const row = await first(on, CLOCK());
  if (!row) throw new Error("The database did not tell the time");
  return row.at;
}
