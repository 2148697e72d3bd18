/** Sessions: who is signed in where. Tokens come in hashed. */
import type { Kysely, Selectable } from "kysely";
import type { Session } from "@/core/account.ts";
import { prepared } from "./prepared.ts";
import type { Schema, SessionsTable } from "./schema.ts";
import { NOW, readClock, run, statement } from "./statements.ts";

/** Stores a session by the hash of its token. */
export async function createSession(
  writer: Kysely<Schema>,
  { tokenHash, userId, ttlMs, address, agent }: {
    tokenHash: string;
    userId: string;
    ttlMs: number;
    address: string;
    agent: string;
  },
): Promise<void> {
  const at = await readClock(writer);
  await writer.insertInto("sessions").values({
    token_hash: tokenHash,
    user_id: userId,
    created_at: at,
    seen_at: at,
    expires_at: at + ttlMs,
    address,
    agent,
  }).execute();
}

/** Null when the session is unknown; one that is over is returned as it is. */
export async function findSession(on: Kysely<Schema>, tokenHash: string): Promise<Session | null> {
  const [row] = await selectSession(on, { tokenHash });
  return row ? toSession(row) : null;
}

const selectSession = prepared((on, at) =>
  on.selectFrom("sessions").where("token_hash", "=", at("tokenHash")).selectAll()
);

/** Those that are not over, newest sight first. */
export async function listSessions(on: Kysely<Schema>, userId: string): Promise<Session[]> {
  const rows = await on.selectFrom("sessions").where("user_id", "=", userId)
    .where("expires_at", ">", await readClock(on)).selectAll()
    .orderBy("seen_at", "desc").orderBy("created_at", "desc").orderBy("token_hash").execute();
  return rows.map(toSession);
}

const TOUCH = statement(`update sessions set seen_at = ${NOW}, address = ?, agent = ? where token_hash = ?`);

/** Notes when and from where a session was seen. */
export async function touchSession(
  writer: Kysely<Schema>,
  { tokenHash, address, agent }: { tokenHash: string; address: string; agent: string },
): Promise<void> {
  await run(writer, TOUCH([address, agent, tokenHash]));
}

export async function endSession(writer: Kysely<Schema>, tokenHash: string): Promise<void> {
  await writer.deleteFrom("sessions").where("token_hash", "=", tokenHash).execute();
}

export async function endOtherSessions(
  writer: Kysely<Schema>,
  { userId, keepHash }: { userId: string; keepHash: string },
): Promise<void> {
  await writer.deleteFrom("sessions").where("user_id", "=", userId).where("token_hash", "!=", keepHash)
    .execute();
}

function toSession(row: Selectable<SessionsTable>): Session {
  return {
    tokenHash: row.token_hash,
    userId: row.user_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    seenAt: row.seen_at,
    address: row.address ?? "",
    agent: row.agent ?? "",
  };
}
