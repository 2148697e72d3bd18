/** Accounts, sessions and API tokens: everything about who someone is. Secrets come in hashed. */
import type { Kysely, Selectable } from "kysely";
import { fail } from "@/core/problem.ts";
import type { Schema, SessionsTable, UsersTable } from "./schema.ts";
import { NOW, readClock, run, statement } from "./statements.ts";

export const ROLES = ["creator", "operator"] as const;
export type Role = (typeof ROLES)[number];

export interface User {
  id: string;
  email: string;
  role: Role;
  disabledAt: number | null;
  createdAt: number;
  updatedAt: number;
}

export interface Session {
  user: User;
  createdAt: number;
  seenAt: number;
  expiresAt: number;
}

/**
 * Makes an account; the first one of a studio becomes its operator whatever `role` says. Addresses differ in more than
 * case. Throws `auth.email_taken`.
 */
export async function createUser(
  writer: Kysely<Schema>,
  { id, email, passwordHash, role = "creator" }: {
    id: string;
    email: string;
    passwordHash: string;
    role?: Role;
  },
): Promise<User> {
  return await writer.transaction().execute(async (tx) => {
    const taken = await findByEmail(tx, email);
    if (taken) throw fail("auth.email_taken");
    const anybody = await tx.selectFrom("users").select("id").limit(1).executeTakeFirst();
    const at = await readClock(tx);
    const row = {
      id,
      email: foldEmail(email),
      password_hash: passwordHash,
      role: anybody ? role : "operator",
      disabled_at: null,
      created_at: at,
      updated_at: at,
    };
    await tx.insertInto("users").values(row).execute();
    return toUser(row);
  });
}

/** For signing in: the account of an address with its password hash. */
export async function findLogin(
  on: Kysely<Schema>,
  email: string,
): Promise<{ user: User; passwordHash: string } | null> {
  const row = await findByEmail(on, email);
  return row ? { user: toUser(row), passwordHash: row.password_hash } : null;
}

function findByEmail(on: Kysely<Schema>, email: string) {
  return on.selectFrom("users").where((eb) => eb(eb.fn("lower", ["email"]), "=", foldEmail(email)))
    .selectAll().executeTakeFirst();
}

/** SQLite folds the case of ASCII letters alone, so addresses are folded before they are stored. */
function foldEmail(email: string): string {
  return email.trim().normalize("NFC").toLowerCase();
}

export async function readUser(on: Kysely<Schema>, id: string): Promise<User | null> {
  const row = await on.selectFrom("users").where("id", "=", id).selectAll().executeTakeFirst();
  return row ? toUser(row) : null;
}

/** For operators: all accounts, oldest first. */
export async function listUsers(on: Kysely<Schema>): Promise<User[]> {
  return (await on.selectFrom("users").selectAll().orderBy("created_at").orderBy("id").execute()).map(toUser);
}

/** Changes an account; who is disabled or has a new password is signed out everywhere. False when there is none. */
export async function changeUser(
  writer: Kysely<Schema>,
  id: string,
  change: { role?: Role; passwordHash?: string; disabled?: boolean },
): Promise<boolean> {
  return await writer.transaction().execute(async (tx) => {
    const at = await readClock(tx);
    const changed = await tx.updateTable("users").where("id", "=", id).set({
      updated_at: at,
      ...(change.role === undefined ? {} : { role: change.role }),
      ...(change.passwordHash === undefined ? {} : { password_hash: change.passwordHash }),
      ...(change.disabled === undefined ? {} : { disabled_at: change.disabled ? at : null }),
    }).executeTakeFirst();
    if (Number(changed.numUpdatedRows) === 0) return false;
    if (change.disabled || change.passwordHash !== undefined) {
      await tx.deleteFrom("sessions").where("user_id", "=", id).execute();
    }
    return true;
  });
}

/** Stores a session by the hash of its token, and ends the one that it replaces: tokens change at every sign-in. */
export async function createSession(
  writer: Kysely<Schema>,
  { tokenHash, userId, ttlMs, address = null, agent = null, replaces }: {
    tokenHash: string;
    userId: string;
    ttlMs: number;
    address?: string | null;
    agent?: string | null;
    replaces?: string;
  },
): Promise<void> {
  await writer.transaction().execute(async (tx) => {
    const at = await readClock(tx);
    if (replaces !== undefined) {
      await tx.deleteFrom("sessions").where("token_hash", "=", replaces).execute();
    }
    await tx.insertInto("sessions").values({
      token_hash: tokenHash,
      user_id: userId,
      created_at: at,
      seen_at: at,
      expires_at: at + ttlMs,
      address,
      agent,
    }).execute();
  });
}

/** Null when the session is unknown or over, or its account is disabled. Works on the read-only connection. */
export async function findSession(on: Kysely<Schema>, tokenHash: string): Promise<Session | null> {
  const row = await on.selectFrom("sessions").innerJoin("users", "users.id", "sessions.user_id")
    .where("sessions.token_hash", "=", tokenHash).where("users.disabled_at", "is", null)
    .selectAll("users")
    .select(["sessions.created_at as began_at", "sessions.seen_at", "sessions.expires_at"])
    .executeTakeFirst();
  if (!row || row.expires_at <= await readClock(on)) return null;
  return { user: toUser(row), ...toTimes({ ...row, created_at: row.began_at }) };
}

function toTimes(row: Pick<Selectable<SessionsTable>, "created_at" | "seen_at" | "expires_at">) {
  return { createdAt: row.created_at, seenAt: row.seen_at, expiresAt: row.expires_at };
}

const TOUCH = statement(
  `update sessions set seen_at = ${NOW}, expires_at = ${NOW} + ? where token_hash = ? and expires_at > ${NOW}`,
);

/** Lets a session that is in use live longer. False when it is over. */
export async function touchSession(
  writer: Kysely<Schema>,
  { tokenHash, ttlMs }: { tokenHash: string; ttlMs: number },
): Promise<boolean> {
  return await run(writer, TOUCH([ttlMs, tokenHash])) === 1;
}

export async function endSession(writer: Kysely<Schema>, tokenHash: string): Promise<void> {
  await writer.deleteFrom("sessions").where("token_hash", "=", tokenHash).execute();
}

export interface ApiToken {
  id: string;
  name: string;
  hint: string;
  createdAt: number;
  usedAt: number | null;
  expiresAt: number | null;
}

export async function createApiToken(
  writer: Kysely<Schema>,
  { id, userId, name, tokenHash, hint, ttlMs }: {
    id: string;
    userId: string;
    name: string;
    tokenHash: string;
    hint: string;
    ttlMs?: number;
  },
): Promise<void> {
  const at = await readClock(writer);
  await writer.insertInto("api_tokens").values({
    id,
    user_id: userId,
    name,
    token_hash: tokenHash,
    hint,
    created_at: at,
    used_at: null,
    expires_at: ttlMs === undefined ? null : at + ttlMs,
  }).execute();
}

export async function listApiTokens(on: Kysely<Schema>, userId: string): Promise<ApiToken[]> {
  const rows = await on.selectFrom("api_tokens").where("user_id", "=", userId).selectAll().orderBy(
    "created_at",
  )
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    hint: row.hint,
    createdAt: row.created_at,
    usedAt: row.used_at,
    expiresAt: row.expires_at,
  }));
}

/** The account of a token, and a note of its use. Null when it is unknown or over, or the account is disabled. */
export async function useApiToken(writer: Kysely<Schema>, tokenHash: string): Promise<User | null> {
  const row = await writer.selectFrom("api_tokens").innerJoin("users", "users.id", "api_tokens.user_id")
    .where("api_tokens.token_hash", "=", tokenHash).where("users.disabled_at", "is", null)
    .selectAll("users").select("api_tokens.expires_at").executeTakeFirst();
  const at = await readClock(writer);
  if (!row || (row.expires_at !== null && row.expires_at <= at)) return null;
  await writer.updateTable("api_tokens").where("token_hash", "=", tokenHash).set({ used_at: at }).execute();
  return toUser(row);
}

export async function revokeApiToken(
  writer: Kysely<Schema>,
  { id, userId }: { id: string; userId: string },
): Promise<boolean> {
  const gone = await writer.deleteFrom("api_tokens").where("id", "=", id).where("user_id", "=", userId)
    .executeTakeFirst();
  return Number(gone.numDeletedRows) === 1;
}

function toUser(row: Selectable<UsersTable>): User {
  return {
    id: row.id,
    email: row.email,
    role: row.role === "operator" ? "operator" : "creator",
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
