/** What operators tell and change of many jobs at once: each time one transaction, and one entry in the audit log. */
import { type Kysely, sql, type SqlBool } from "kysely";
import type { LineName } from "@/core/admin.ts";
import type { AuditAction, AuditEntry, AuditFacts, By } from "@/core/audit.ts";
import {
  type Chosen,
  concerns,
  type Errand,
  type LineFilter,
  type LineMove,
  type Told,
} from "@/core/line.ts";
import { isStatus } from "@/core/status.ts";
import type { Revision } from "@/core/store.ts";
import { writeAudit } from "./audit.ts";
import { isLive } from "./queries/conditions.ts";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";
import { reviseJob } from "./store/admit.ts";
import { postMail } from "./store/mail_rows.ts";

const UNDER_WAY = "'granted', 'running', 'collecting'";
/** The lines part all live jobs: as `standingOf` and `isHeld` see them. */
function isIn(name: LineName) {
  const on = (condition: string) =>
    sql.raw<SqlBool>(`exists (select 1 from step where step.job_id = jobs.id and ${condition})`);
  const served = on(`step.state in (${UNDER_WAY}) and step.kind = 'prompt'`);
  const made = on(`step.state in (${UNDER_WAY})`);
  const ready = on("step.state = 'ready'");
  if (name === "running") return sql<SqlBool>`(${served} or (${made} and not ${ready}))`;
  return name === "waiting"
    ? sql<SqlBool>`(${ready} and not ${served})`
    : sql<SqlBool>`(not ${ready} and not ${made})`;
}

/** Live jobs of everybody that fit, as they came. */
export function selectFitting(on: Kysely<Schema>, { name, owner, mode, search }: LineFilter) {
  let query = on.selectFrom("jobs").innerJoin("actor", "actor.id", "jobs.id")
    .leftJoin("users", "users.id", "jobs.owner_id")
    .where(isLive("jobs.status")).where("jobs.deleted_at", "is", null);
  if (name !== null) query = query.where(isIn(name));
  if (owner !== null) query = query.where(sql<SqlBool>`lower(users.email) = ${owner.toLowerCase()}`);
  if (mode !== null) query = query.where("jobs.mode", "=", mode);
  if (search !== null) {
    query = query.where(({ or, eb }) =>
      or([
        eb("jobs.id", "=", search),
        sql<SqlBool>`instr(lower(jobs.title), ${search.toLowerCase()}) > 0`,
      ])
    );
  }
  return query;
}

/** Those that are meant and still live, by age. */
async function readChosen(tx: Kysely<Schema>, chosen: Chosen) {
  const live: LineFilter = { name: null, owner: null, mode: null, search: null };
  let query = selectFitting(tx, "where" in chosen ? chosen.where : live);
  if ("ids" in chosen) {
    query = query.where(
      "jobs.id",
      "in",
      sql<string>`(select value from json_each(${JSON.stringify(chosen.ids)}))`,
    );
  }
  const rows = await query.select([
    "jobs.id",
    "jobs.status",
    "jobs.paused",
    "jobs.cancelling",
    "actor.priority",
    sql<number | null>`json_extract(actor.state, '$.byOperator')`.as("by_operator"),
  ]).orderBy("jobs.created_at").orderBy("jobs.id").execute();
  return rows.flatMap(({ id, status, paused, cancelling, priority, by_operator }) =>
    isStatus(status)
      ? [{
        id,
        status,
        priority,
        paused: paused === 1,
        cancelling: cancelling === 1,
        byOperator: by_operator === 1,
      }]
      : []
  );
}

/** Answers who was told as well, for the hint. `cause` makes the ids of the mail. */
export async function tellChosen(
  writer: Kysely<Schema>,
  { chosen, errand, cause }: { chosen: Chosen; errand: Errand; cause: string },
  by: By,
): Promise<Told & { ids: string[] }> {
  const { act, message, priority } = errand;
  return await writer.transaction().execute(async (tx) => {
    const meant = await readChosen(tx, chosen);
    const jobs = meant.filter((job) => concerns(job, act));
    const ids = jobs.map(({ id }) => id);
    const wanted = "ids" in chosen ? chosen.ids.length : meant.length;
    const told = { told: ids.length, passed: wanted - ids.length, ids };
    const [first] = jobs;
    if (first === undefined) return told;
    const mail = ids.map((id) => ({ id: `${act}:${id}:${cause}`, to: id, kind: act, body: message }));
    await postMail(tx, mail, { at: await readClock(tx) });
    const after: AuditFacts = act === "reprioritise" ? { priority } : { told: act };
    const { status, paused } = first;
    const before: AuditFacts = act === "reprioritise" ? { priority: first.priority } : { status, paused };
    await writeAudit(tx, entryFor(act, { ids, chosen, before, after }), by);
    return told;
  });
}

/** One job is told of by its id; many by how many they are, with all their ids. */
function entryFor(
  act: Errand["act"] | "move",
  { ids, chosen, before, after }: {
    ids: readonly string[];
    chosen: Chosen;
    before: AuditFacts;
    after: AuditFacts;
  },
): AuditEntry {
  const [id = ""] = ids;
  if (ids.length === 1) return { action: `job.${act}` as AuditAction, subject: id, before, after };
  const { name = null, owner = null, mode = null, search = null } = "where" in chosen ? chosen.where : {};
  const where = Object.entries({ line: name, owner, mode, search }).filter(([, value]) => value !== null);
  return {
    action: `queue.${act}` as AuditAction,
    subject: "queue",
    before: null,
    after: { ...after, jobs: ids.length, ...Object.fromEntries(where), ids: ids.join(" ") },
  };
}

export interface Reordering {
  chosen: Chosen;
  to: LineMove;
  /** Who is in front from now on, of those that were and those that are meant; null where they cannot move so. */
  decide(front: string[], ids: string[]): string[] | null;
}

/** Writes the operators' own line anew. */
export async function reorderFront(
  writer: Kysely<Schema>,
  { chosen, to, decide }: Reordering,
  by: By,
): Promise<Told | null> {
  return await writer.transaction().execute(async (tx) => {
    const meant = await readChosen(tx, chosen);
    const ids = meant.filter(({ cancelling }) => !cancelling).map(({ id }) => id);
    const wanted = "ids" in chosen ? chosen.ids.length : meant.length;
    const rows = await tx.selectFrom("actor").where("front", "is not", null).orderBy("front").select("id")
      .execute();
    const front = rows.map(({ id }) => id);
    const next = ids.length === 0 ? front : decide(front, ids);
    if (next === null) return null;
    if (ids.length === 0) return { told: 0, passed: wanted };
    await tx.updateTable("actor").where("front", "is not", null).set({ front: null }).execute();
    await sql`update actor set front = (select key + 1 from json_each(${
      JSON.stringify(next)
    }) where value = actor.id)
      where id in (select value from json_each(${JSON.stringify(next)}))`.execute(tx);
    const [first = ""] = ids;
    const placeIn = (line: string[]) => {
      const at = line.indexOf(first);
      return at === -1 ? null : at + 1;
    };
    const before = { front: placeIn(front) };
    const after = { moved: to, ...(ids.length === 1 ? { front: placeIn(next) } : {}) };
    await writeAudit(tx, entryFor("move", { ids, chosen, before, after }), by);
    return { told: ids.length, passed: wanted - ids.length };
  });
}

/** A revision of somebody's job, by an operator. */
export async function reviseByOperator(
  writer: Kysely<Schema>,
  { jobId, revision, entry }: { jobId: string; revision: Revision; entry: AuditEntry },
  by: By,
): Promise<boolean> {
  return await writer.transaction().execute(async (tx) => {
    if (!await reviseJob(tx, jobId, revision)) return false;
    await writeAudit(tx, entry, by);
    return true;
  });
}
