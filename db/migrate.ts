/** Brings a database to the schema of this version: each migration once, in order, in a transaction of its own. */
import { type Kysely, sql } from "kysely";
import { fail } from "@/core/problem.ts";
import { type Dialect, type Migration } from "./migrations/kit.ts";
import { MIGRATIONS } from "./migrations/mod.ts";
import type { Schema } from "./schema.ts";

/**
 * Runs what has not run yet and returns the names of it. Two processes may call this at once: the database lets one
 * go first. Throws `studio.config` for a database that a newer version has already changed.
 */
export async function migrate(
  on: Kysely<Schema>,
  { dialect = "sqlite", migrations = MIGRATIONS }: { dialect?: Dialect; migrations?: readonly Migration[] } =
    {},
): Promise<string[]> {
  const done: string[] = [];
  for (const migration of migrations) {
    const ran = await on.transaction().execute(async (tx) => {
      const applied = await readLedger(tx);
      const unknown = applied.filter((name) => !migrations.some((known) => known.name === name));
      if (unknown.length > 0) {
        throw fail("studio.config", {
          message: "This database was made by a newer version of the studio. Start that version.",
          operator: `Unknown migrations: ${unknown.join(", ")}`,
        });
      }
      if (applied.includes(migration.name)) return false;
      await migration.up({ on: tx, dialect });
      await tx.insertInto("migration").values({ name: migration.name }).execute();
      return true;
    });
    if (ran) done.push(migration.name);
  }
  return done;
}

async function readLedger(tx: Kysely<Schema>): Promise<string[]> {
  await sql`create table if not exists migration (name text primary key)`.execute(tx);
  const applied = await tx.selectFrom("migration").select("name").orderBy("name").execute();
  return applied.map((row) => row.name);
}
