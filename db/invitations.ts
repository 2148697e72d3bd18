/** Invitations: each lets one person in, once. Tokens come in hashed. */
import type { Kysely, Selectable } from "kysely";
import type { Invitation } from "@/core/account.ts";
import type { By } from "@/core/audit.ts";
import { writeAudit } from "./audit.ts";
import type { InvitationsTable, Schema } from "./schema.ts";
import { readClock } from "./statements.ts";

const DAY_MS = 86_400_000;

export async function createInvitation(
  writer: Kysely<Schema>,
  invitation: Omit<Invitation, "usedAt" | "usedBy">,
  by?: By,
): Promise<void> {
  const { id, tokenHash, note, role, createdBy, createdAt, expiresAt } = invitation;
  await writer.transaction().execute(async (tx) => {
    const at = await readClock(tx);
    await tx.insertInto("invitations").values({
      id,
      token_hash: tokenHash,
      note,
      role,
      created_by: createdBy,
      created_at: at,
      expires_at: at + expiresAt - createdAt,
      used_at: null,
      used_by: null,
    }).execute();
    const after = { role, note, days: (expiresAt - createdAt) / DAY_MS };
    if (by) await writeAudit(tx, { action: "invitation.make", subject: id, before: null, after }, by);
  });
}

/** Newest first. */
export async function listInvitations(on: Kysely<Schema>): Promise<Invitation[]> {
  const rows = await select(on).orderBy("invitations.created_at", "desc").orderBy("invitations.id", "desc")
    .execute();
  return rows.map(toInvitation);
}

export async function findInvitation(on: Kysely<Schema>, tokenHash: string): Promise<Invitation | null> {
  const row = await select(on).where("token_hash", "=", tokenHash).executeTakeFirst();
  return row ? toInvitation(row) : null;
}

/** False when it is gone or was used. */
export async function revokeInvitation(writer: Kysely<Schema>, id: string, by?: By): Promise<boolean> {
  return await writer.transaction().execute(async (tx) => {
    const gone = await tx.deleteFrom("invitations").where("id", "=", id).where("used_at", "is", null)
      .returning(["role", "note"]).executeTakeFirst();
    if (!gone) return false;
    const before = { role: gone.role, note: gone.note };
    if (by) await writeAudit(tx, { action: "invitation.revoke", subject: id, before, after: null }, by);
    return true;
  });
}

/** Inside the transaction that makes the account. False when it lets nobody in any more. */
export async function useInvitation(
  tx: Kysely<Schema>,
  { tokenHash, usedBy, at }: { tokenHash: string; usedBy: string; at: number },
): Promise<boolean> {
  const used = await tx.updateTable("invitations").where("token_hash", "=", tokenHash)
    .where("used_at", "is", null).where("expires_at", ">", at).set({ used_at: at, used_by: usedBy })
    .executeTakeFirst();
  return Number(used.numUpdatedRows) === 1;
}

function select(on: Kysely<Schema>) {
  return on.selectFrom("invitations").leftJoin("users", "users.id", "invitations.used_by")
    .selectAll("invitations").select("users.email");
}

function toInvitation(row: Selectable<InvitationsTable> & { email: string | null }): Invitation {
  return {
    id: row.id,
    tokenHash: row.token_hash,
    note: row.note,
    role: row.role === "operator" ? "operator" : "creator",
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    usedBy: row.email,
  };
}
