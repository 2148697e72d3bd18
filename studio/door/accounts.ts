/** Accounts and sessions, as the API asks for them, over the database. */
import type { Kysely } from "kysely";
import type { Account, Accounts, Sessions } from "@/core/studio.ts";
import { problemOf } from "@/core/problem.ts";
import { createSession, createUser, endSession, findLogin, readUser } from "@/db/accounts.ts";
import type { Schema } from "@/db/schema.ts";

export function openAccounts(writer: Kysely<Schema>): Accounts {
  const withHash = async (id: string): Promise<Account | null> => {
    const user = await readUser(writer, id);
    if (!user || user.disabledAt !== null) return null;
    const row = await writer.selectFrom("users").where("id", "=", id).select("password_hash")
      .executeTakeFirst();
    return {
      id,
      email: user.email,
      passwordHash: row?.password_hash ?? "",
      role: user.role,
      createdAt: user.createdAt,
    };
  };
  return {
    async count() {
      const row = await writer.selectFrom("users").select((eb) => eb.fn.countAll<number>().as("n"))
        .executeTakeFirst();
      return Number(row?.n ?? 0);
    },
    async create(account, as) {
      const anybody = await writer.selectFrom("users").select("id").limit(1).executeTakeFirst();
      if (as === "first" && anybody) return "not_first";
      try {
        const { id, email, passwordHash, role } = account;
        await createUser(writer, { id, email, passwordHash, role });
        return "created";
      } catch (thrown) {
        if (problemOf(thrown).code === "auth.email_taken") return "email_taken";
        throw thrown;
      }
    },
    async findByEmail(email) {
      const found = await findLogin(writer, email);
      return found ? await withHash(found.user.id) : null;
    },
    find: withHash,
    async setPassword(id, passwordHash) {
      await writer.updateTable("users").where("id", "=", id).set({ password_hash: passwordHash }).execute();
    },
  };
}

export function openSessions(writer: Kysely<Schema>): Sessions {
  return {
    create: ({ tokenHash, userId, createdAt, expiresAt }) =>
      createSession(writer, { tokenHash, userId, ttlMs: expiresAt - createdAt }),
    async find(tokenHash) {
      const row = await writer.selectFrom("sessions").where("token_hash", "=", tokenHash)
        .select(["user_id", "created_at", "expires_at"]).executeTakeFirst();
      return row
        ? { tokenHash, userId: row.user_id, createdAt: row.created_at, expiresAt: row.expires_at }
        : null;
    },
    remove: (tokenHash) => endSession(writer, tokenHash),
    async removeOthers(userId, keepHash) {
      await writer.deleteFrom("sessions").where("user_id", "=", userId).where("token_hash", "!=", keepHash)
        .execute();
    },
  };
}
