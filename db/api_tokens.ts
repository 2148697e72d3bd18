/** API tokens: programs that act for a person. Tokens come in hashed. */
import type { Kysely, Selectable } from "kysely";
import type { By } from "@/core/audit.ts";
import { type ApiToken, type Scope, SCOPES, TOKENS_MAX } from "@/core/tokens.ts";
import { writeAudit } from "./audit.ts";
import type { ApiTokensTable, Schema } from "./schema.ts";
import { readClock } from "./statements.ts";

/** How exactly the last use is known: one write in this time. */
const USED_EVERY_MS = 60_000;
const DAY_MS = 86_400_000;

/** False when the person has as many as one may have. A token that operates the studio is told of in the audit log. */
export async function createApiToken(
  writer: Kysely<Schema>,
  userId: string,
  { id, name, scope, tokenHash, hint, createdAt, expiresAt }: ApiToken & { tokenHash: string },
  by?: By,
): Promise<boolean> {
  return await writer.transaction().execute(async (tx) => {
    const at = await readClock(tx);
    const { n } = await tx.selectFrom("api_tokens").where("user_id", "=", userId)
      .select((eb) => eb.fn.countAll<number>().as("n")).executeTakeFirstOrThrow();
    if (Number(n) >= TOKENS_MAX) return false;
    await tx.insertInto("api_tokens").values({
      id,
      user_id: userId,
      name,
      token_hash: tokenHash,
      hint,
      scope,
      created_at: at,
      used_at: null,
      expires_at: at + expiresAt - createdAt,
    }).execute();
    if (by && scope === "admin") {
      const after = { name, scope, days: (expiresAt - createdAt) / DAY_MS };
      await writeAudit(tx, { action: "token.make", subject: id, before: null, after }, by);
    }
    return true;
  });
}

/** Newest first, ended ones too. */
export async function listApiTokens(on: Kysely<Schema>, userId: string): Promise<ApiToken[]> {
  const rows = await on.selectFrom("api_tokens").where("user_id", "=", userId).selectAll()
    .orderBy("created_at", "desc").orderBy("id", "desc").execute();
  return rows.map(toToken);
}

/** Null when it is unknown or has ended. Notes its use now and then. */
export async function useApiToken(
  { reader, writer }: { reader: Kysely<Schema>; writer: Kysely<Schema> },
  tokenHash: string,
): Promise<{ id: string; userId: string; scope: Scope } | null> {
  const row = await reader.selectFrom("api_tokens").where("token_hash", "=", tokenHash).selectAll()
    .executeTakeFirst();
  const at = await readClock(reader);
  if (!row || (row.expires_at ?? 0) <= at) return null;
  if (at - (row.used_at ?? 0) >= USED_EVERY_MS) {
    await writer.updateTable("api_tokens").where("id", "=", row.id).set({ used_at: at }).execute();
  }
  return { id: row.id, userId: row.user_id, scope: scopeOf(row.scope) };
}

export async function revokeApiToken(
  writer: Kysely<Schema>,
  { id, userId }: { id: string; userId: string },
  by?: By,
): Promise<boolean> {
  return await writer.transaction().execute(async (tx) => {
    const gone = await tx.deleteFrom("api_tokens").where("id", "=", id).where("user_id", "=", userId)
      .returning(["name", "scope"]).executeTakeFirst();
    if (by && gone?.scope === "admin") {
      await writeAudit(tx, { action: "token.revoke", subject: id, before: gone, after: null }, by);
    }
    return gone !== undefined;
  });
}

function toToken(row: Selectable<ApiTokensTable>): ApiToken {
  return {
    id: row.id,
    name: row.name,
    scope: scopeOf(row.scope),
    hint: row.hint,
    createdAt: row.created_at,
    usedAt: row.used_at,
    expiresAt: row.expires_at ?? 0,
  };
}

/** What is no scope may do least. */
function scopeOf(text: string): Scope {
  return SCOPES.find((scope) => scope === text) ?? "read";
}
