/** Accounts, invitations, sessions and tokens, as the API asks for them, over the database. */
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
import type { Database } from "@/db/sqlite.ts";
import {
  createSession,
  endOtherSessions,
  endSession,
  findSession,
  listSessions,
  touchSession,
} from "@/db/sessions.ts";

type On = Pick<Database, "reader" | "writer">;

/**
 * Every request asks who it comes from: on the connection for reads, which sees all that was committed before it asks, so
 * that nobody waits behind a long write. `leave` comes from outside: it goes on after the request.
 */
export function openAccounts({ reader, writer }: On, leave: Accounts["leave"]): Accounts {
  return {
    async count() {
      const row = await writer.selectFrom("users").select((eb) => eb.fn.countAll<number>().as("n"))
        .executeTakeFirst();
      return Number(row?.n ?? 0);
    },
    create: ({ id, email, passwordHash, role }, as) =>
      createUser(writer, { id, email, passwordHash, role }, as),
    findByEmail: async (email) => toAccount(await findLogin(reader, email)),
    find: async (id) => toAccount(await readLogin(reader, id)),
    async setPassword(id, passwordHash) {
      await writer.updateTable("users").where("id", "=", id).set({ password_hash: passwordHash }).execute();
    },
    list: () => listMembers(reader),
    change: (id, change, by) => changeUser(writer, id, change, by),
    leave,
    defaults: (id) => readDefaults(reader, id),
    saveDefaults: (id, defaults) => saveDefaults(writer, id, defaults),
  };
}

function toAccount(found: { user: User; passwordHash: string } | null): Account | null {
  if (!found) return null;
  const { id, email, role, createdAt, disabledAt } = found.user;
  return { id, email, role, createdAt, disabledAt, passwordHash: found.passwordHash };
}

export function openInvitations({ reader, writer }: On): Invitations {
  return {
    create: (invitation, by) => createInvitation(writer, invitation, by),
    list: () => listInvitations(reader),
    find: (tokenHash) => findInvitation(writer, tokenHash),
    revoke: (id, by) => revokeInvitation(writer, id, by),
  };
}

export function openSessions({ reader, writer }: On): Sessions {
  return {
    create: ({ tokenHash, userId, createdAt, expiresAt, address, agent }) =>
      createSession(writer, { tokenHash, userId, ttlMs: expiresAt - createdAt, address, agent }),
    find: (tokenHash) => findSession(reader, tokenHash),
    list: (userId) => listSessions(reader, userId),
    touch: (tokenHash, seen) => touchSession(writer, { tokenHash, ...seen }),
    remove: (tokenHash) => endSession(writer, tokenHash),
    removeOthers: (userId, keepHash) => endOtherSessions(writer, { userId, keepHash }),
  };
}

export function openTokens({ reader, writer }: On): ApiTokens {
  return {
    create: (userId, token, by) => createApiToken(writer, userId, token, by),
    list: (userId) => listApiTokens(reader, userId),
    use: (tokenHash) => useApiToken({ reader, writer }, tokenHash),
    revoke: (userId, id, by) => revokeApiToken(writer, { userId, id }, by),
  };
}
