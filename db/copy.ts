/** Copies of a database file: one made while others write, and a look at one before it is trusted. */
import { backup, DatabaseSync } from "node:sqlite";
import { fail } from "@/core/problem.ts";
import { MIGRATIONS } from "./migrations/mod.ts";

/** All pages in one step, so in one read transaction: in several, each write of the studio would begin the copy anew. */
const PAGES_AT_ONCE = 2 ** 31 - 1;

/**
 * The state of one moment, without write-ahead log. Writers go on meanwhile; `to` must not be there yet. Not `vacuum into`:
 * it attaches the copy, which Deno allows only to programs that may do everything.
 */
export async function copyDatabase(path: string, to: string): Promise<void> {
  const from = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  try {
    await backup(from, to, { rate: PAGES_AT_ONCE });
  } finally {
    from.close();
  }
  const copy = new DatabaseSync(to);
  copy.exec("pragma journal_mode = delete");
  copy.close();
  checkDatabase(to);
}

/** Stores a value in a file that nobody has open, whatever version made it. */
export function storeIn(
  path: string,
  { key, value, description }: Record<"key" | "value" | "description", string>,
): void {
  const file = new DatabaseSync(path);
  try {
    file.prepare(
      "insert or replace into system_config (key, value, description, is_secret, updated_at) " +
        "values (?, ?, ?, 0, cast(unixepoch('subsec') * 1000 as integer))",
    ).run(key, value, description);
  } finally {
    file.close();
  }
}

/** Throws studio.config when the file is damaged or of a newer version. */
export function checkDatabase(path: string): void {
  const file = new DatabaseSync(path, { readOnly: true });
  try {
    const found = Object.values(file.prepare("pragma quick_check(1)").get() ?? {})[0];
    if (found !== "ok") throw refuse(`${path} is damaged: ${found}. Use an older backup.`);
    const names = file.prepare("select name from migration").all().map(({ name }) => String(name));
    const unknown = names.filter((name) => !MIGRATIONS.some((known) => known.name === name));
    if (unknown.length === 0) return;
    throw refuse(`${path} was made by a newer version of the studio. Use that version.`);
  } finally {
    file.close();
  }
}

function refuse(message: string): Error {
  return fail("studio.config", { message, operator: message });
}
