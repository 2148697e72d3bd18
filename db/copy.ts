/** Copies of a database file: one made while others write, and a look at one before it is trusted. */
import { DatabaseSync } from "node:sqlite";
import { fail } from "@/core/problem.ts";
import { MIGRATIONS } from "./migrations/mod.ts";

/** The state of one moment, compact, without write-ahead log. Writers go on meanwhile; `to` must not be there yet. */
export function copyDatabase(path: string, to: string): void {
  const from = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  try {
    from.prepare("vacuum into ?").run(to);
  } finally {
    from.close();
  }
  checkDatabase(to);
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
