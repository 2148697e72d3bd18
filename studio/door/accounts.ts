/** Accounts, invitations, sessions and tokens, as the API asks for them, over the database. */
import type { Kysely } from "kysely";
import type { ApiTokens } from "@/core/tokens.ts";
import type { Account, Accounts, Invitations, Sessions } from "@/core/studio.ts";
import {
  changeUser,
  createUser,
  findLogin,
  listMembers,
  readDefaults,
  readLogin,
  saveDefaults,
  type User,
} from "@/db/accounts.ts";
import { createApiToken, listApiTokens, revokeApiToken, useApiToken } from "@/db/api_tokens.ts";
import { createInvitation, findInvitation, listInvitations, revokeInvitation } from "@/db/invitations.ts";
import type { Schema } from "@/db/schema.ts";
import {
  createSession,
  endOtherSessions,
  endSession,
  findSession,
  listSessions,
  touchSession,
} from "@/db/sessions.ts";

/** `leave` comes from outside: it goes on after the request. */
export function openAccounts(writer: Kysely<Schema>, leave: Accounts["leave"]): Accounts {
  return {
    async count() {
      const row = await writer.selectFrom("users").select((eb) => eb.fn.countAll<number>().as("n"))
        .executeTakeFirst();
      return Number(row?.n ?? 0);
    },
    create: ({ id, email, passwordHash, role }, as) =>
      createUser(writer, { id, email, passwordHash, role }, as),
    findByEmail: async (email) => toAccount(await findLogin(writer, email)),
    find: async (id) => toAccount(await readLogin(writer, id)),
    async setPassword(id, passwordHash) {
      await writer.updateTable("users").where("id", "=", id).set({ password_hash: passwordHash }).execute();
    },
    list: () => listMembers(writer),
    change: (id, change, by) => changeUser(writer, id, change, by),
    leave,
    defaults: (id) => readDefaults(writer, id),
    saveDefaults: (id, defaults) => saveDefaults(writer, id, defaults),
  };
}

function toAccount(found: { user: User; passwordHash: string } | null): Account | null {
  if (!found) return null;
  const { id, email, role, createdAt, disabledAt } = found.user;
  return { id, email, role, createdAt, disabledAt, passwordHash: found.passwordHash };
}

export function openInvitations(writer: Kysely<Schema>): Invitations {
  return {
    create: (invitation, by) => createInvitation(writer, invitation, by),
    list: () => listInvitations(writer),
    find: (tokenHash) => findInvitation(writer, tokenHash),
    revoke: (id, by) => revokeInvitation(writer, id, by),
  };
}

export function openSessions(writer: Kysely<Schema>): Sessions {
  return {
    create: ({ tokenHash, userId, createdAt, expiresAt, address, agent }) =>
      createSession(writer, { tokenHash, userId, ttlMs: expiresAt - createdAt, address, agent }),
    find: (tokenHash) => findSession(writer, tokenHash),
    list: (userId) => listSessions(writer, userId),
    touch: (tokenHash, seen) => touchSession(writer, { tokenHash, ...seen }),
    remove: (tokenHash) => endSession(writer, tokenHash),
    removeOthers: (userId, keepHash) => endOtherSessions(writer, { userId, keepHash }),
  };
}

export function openTokens(writer: Kysely<Schema>): ApiTokens {
  return {
    create: (userId, token, by) => createApiToken(writer, userId, token, by),
    list: (userId) => listApiTokens(writer, userId),
    use: (tokenHash) => useApiToken(writer, tokenHash),
    revoke: (userId, id, by) => revokeApiToken(writer, { userId, id }, by),
  };
}
