/** The audit log: written in the transaction of the change that it tells of, read newest first. */
import { type Kysely, sql } from "kysely";
import {
  type AuditAction,
  AUDITED,
  type AuditEntry,
  type AuditFacts,
  type AuditFilter,
  type AuditRecord,
  type Doer,
  withoutSecrets,
} from "@/core/audit.ts";
import { decode, encode } from "./codec.ts";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";

interface Detail {
  before: AuditFacts;
  after: AuditFacts;
  tokenId?: string;
  byStudio?: true;
  byMachine?: true;
}

/** Inside the transaction of the change; `by` is null where the studio did it by itself. */
export async function writeAudit(tx: Kysely<Schema>, entry: AuditEntry, doer: Doer): Promise<void> {
  const by = doer === "machine" ? null : doer;
  const detail: Detail = { before: withoutSecrets(entry.before), after: withoutSecrets(entry.after) };
  if (doer === "machine") detail.byMachine = true;
  else if (doer === null) detail.byStudio = true;
  if (by !== null && by.tokenId !== null) detail.tokenId = by.tokenId;
  await tx.insertInto("audit_log").values({
    user_id: by?.userId ?? null,
    action: entry.action,
    subject: entry.subject,
    detail_json: encode(detail),
    address: by?.address ?? null,
    at: await readClock(tx),
  }).execute();
}

/** Newest first, those before `before`. */
export async function listAudit(
  on: Kysely<Schema>,
  { thing, personId, subject, from, until }: AuditFilter,
  { before, limit }: { before: number | null; limit: number },
): Promise<AuditRecord[]> {
  let query = on.selectFrom("audit_log").leftJoin("users as who", "who.id", "audit_log.user_id")
    .leftJoin("users as about", "about.id", "audit_log.subject")
    .leftJoin("backend", "backend.id", "audit_log.subject")
    .leftJoin("jobs", "jobs.id", "audit_log.subject")
    .selectAll("audit_log").select([
      "who.email as email",
      "about.email as about",
      "backend.name",
      "backend.url",
      "jobs.title",
    ]);
  if (thing !== null) query = query.where("action", "in", AUDITED[thing].map((act) => `${thing}.${act}`));
  if (personId !== null) query = query.where("user_id", "=", personId);
  if (subject !== null) query = query.where("subject", "=", subject);
  if (from !== null) query = query.where("at", ">=", from);
  if (until !== null) query = query.where("at", "<", until);
  if (before !== null) query = query.where("seq", "<", before);
  const rows = await query.orderBy("seq", "desc").limit(limit).execute();
  return rows.map((row) => {
    const { before, after, tokenId = null, byStudio = false, byMachine = false } = decode<Detail>(
      row.detail_json,
    );
    return {
      seq: row.seq,
      at: row.at,
      action: row.action as AuditAction,
      subject: row.subject,
      before,
      after,
      byStudio,
      byMachine,
      person: row.user_id === null ? null : { id: row.user_id, email: row.email ?? "" },
      tokenId,
      address: row.address,
      about: row.about ?? (row.name || row.url) ?? (row.title || null),
    };
  });
}

/** What a person did stays told, without who it was. */
export async function forgetPerson(tx: Kysely<Schema>, userId: string): Promise<void> {
  await tx.updateTable("audit_log").where("user_id", "=", userId).set({ user_id: null, address: null })
    .execute();
  await sql`update audit_log set subject = '' where subject = ${userId}`.execute(tx);
}
