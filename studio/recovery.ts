/** The way back in for whoever runs the machine: over the data folder itself, whether the studio runs or not. */
import { makeTokenHash } from "@/adapters/auth/tokens.ts";
import type { Role } from "@/core/account.ts";
import type { Config } from "@/core/config.ts";
import { newPasswordPath } from "@/core/new_password.ts";
import type { Clock } from "@/core/ports.ts";
import { fail } from "@/core/problem.ts";
import { changeUser, findLogin, listMembers } from "@/db/accounts.ts";
import { writeAudit } from "@/db/audit.ts";
import { MIGRATIONS } from "@/db/migrations/mod.ts";
import { type Database, openDatabase, openReader } from "@/db/sqlite.ts";
import { loadKeys } from "./keys.ts";
import { isLocked } from "./lock.ts";
import { placesOf, withFullPaths } from "./places.ts";

export interface Recovery {
  /** Whether a studio works on the folder: what is done holds there at once. */
  runs: boolean;
  people(): Promise<{ email: string; role: Role; isClosed: boolean }[]>;
  /** A link for one new password, good for a day. Null for nobody's address, and for an account that is closed. */
  link(email: string): Promise<{ url: string; expiresAt: number } | null>;
  /** Makes the person an operator, and opens the account if it was closed. False for nobody's address. */
  promote(email: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Throws studio.config where there is no studio, or one of another version: then its rows are not what we know. */
export async function openRecovery(given: Config, clock: Clock): Promise<Recovery> {
  const config = withFullPaths(given);
  const { database } = placesOf(config);
  await checkVersion(database);
  const { sessionSecret } = await loadKeys(config, () => {
    throw refusal(`Its keys are missing: ${placesOf(config).keys}. Restore it, or set the same variables.`);
  });
  const hashToken = makeTokenHash(sessionSecret);
  const runs = await isLocked(config.DATA_DIR);
  const { writer, close }: Database = openDatabase(database);
  return {
    runs,
    close,
    async people() {
      const all = await listMembers(writer);
      return all.map(({ email, role, disabledAt }) => ({ email, role, isClosed: disabledAt !== null }));
    },
    async link(email) {
      const found = await findLogin(writer, email);
      if (found === null || found.user.disabledAt !== null) return null;
      const { id } = found.user;
      const { path, expiresAt } = newPasswordPath({ id, passwordHash: found.passwordHash }, {
        now: clock.now(),
        hashToken,
      });
      const after = { expiresAt: new Date(expiresAt).toISOString() };
      await writer.transaction().execute((tx) =>
        writeAudit(tx, { action: "person.password_link", subject: id, before: null, after }, "machine")
      );
      return { url: new URL(path, addressOf(config)).href, expiresAt };
    },
    async promote(email) {
      const found = await findLogin(writer, email);
      if (found === null) return false;
      const change = { role: "operator" as const, disabled: false };
      return await changeUser(writer, found.user.id, change, "machine") === "changed";
    },
  };
}

async function checkVersion(database: string): Promise<void> {
  if (await Deno.stat(database).then(() => false, () => true)) {
    throw refusal(`There is no studio: ${database} does not exist. Set DATA_DIR.`);
  }
  const reader = openReader(database);
  try {
    const applied = (await reader.selectFrom("migration").select("name").execute()).map(({ name }) => name);
    const isSame = MIGRATIONS.every(({ name }) => applied.includes(name)) &&
      applied.length === MIGRATIONS.length;
    if (!isSame) {
      throw refusal(`${database} is of another version. Start this version on it once, or use that one.`);
    }
  } finally {
    await reader.destroy();
  }
}

/** Where people reach the studio, as far as the settings tell. */
function addressOf({ PUBLIC_URL, HOST, PORT }: Config): string {
  if (PUBLIC_URL !== "") return PUBLIC_URL;
  const host = HOST === "0.0.0.0" || HOST === "::" ? "127.0.0.1" : HOST;
  return `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${PORT}`;
}

function refusal(message: string): Error {
  return fail("studio.config", { message, operator: message });
}
