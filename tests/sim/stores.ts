/** A store on SQLite whose clock is the simulation's: the same production code, another `now`. */
import type { UsualLimits } from "@/core/schedule_memory.ts";
import type { Store } from "@/core/store.ts";
import type { Inspect } from "@/db/inspect.ts";
import { migrate } from "@/db/migrate.ts";
import { type Database, openDatabase } from "@/db/sqlite.ts";
import { openSqliteStore } from "@/db/store_sqlite.ts";

/** Opens a fresh `:memory:` database. SQLite's own clock is replaced, so that leases and timers follow virtual time. */
export async function openSimSqlite(
  now: () => number,
  limits: UsualLimits,
): Promise<Store & Inspect & { db: Database }> {
  let count = 0;
  const db = openDatabase(":memory:", { now });
  await migrate(db.writer);
  const store = openSqliteStore(db.writer, {
    newId: () => `output-${++count}`,
    limits: () => limits,
    onClose: () => db.close(),
  });
  return { ...store, db };
}
