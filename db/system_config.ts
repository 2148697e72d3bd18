/** What operators set for the whole studio, by key; secrets arrive here sealed. */
import type { Kysely } from "kysely";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";

export interface StoredValue {
  value: string;
  isSecret: boolean;
  updatedAt: number;
}

export async function readStored(on: Kysely<Schema>, key: string): Promise<StoredValue | null> {
  const row = await on.selectFrom("system_config").where("key", "=", key).selectAll().executeTakeFirst();
  if (!row || row.value === null) return null;
  return { value: row.value, isSecret: row.is_secret === 1, updatedAt: row.updated_at };
}

/** Inside the transaction of the change. */
export async function writeStored(
  tx: Kysely<Schema>,
  { key, value, description, isSecret = false }: {
    key: string;
    value: string;
    description: string;
    isSecret?: boolean;
  },
): Promise<void> {
  const row = { value, description, is_secret: isSecret ? 1 : 0, updated_at: await readClock(tx) };
  await tx.insertInto("system_config").values({ key, ...row })
    .onConflict((conflict) => conflict.column("key").doUpdateSet(row)).execute();
}

/** Inside the transaction of the change. False when there was none. */
export async function dropStored(tx: Kysely<Schema>, key: string): Promise<boolean> {
  const done = await tx.deleteFrom("system_config").where("key", "=", key).executeTakeFirst();
  return Number(done.numDeletedRows) > 0;
}
