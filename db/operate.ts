/** What operators change in the runtime: each change and its entry in the audit log are one transaction. */
import type { Kysely } from "kysely";
import type { AuditEntry, By } from "@/core/audit.ts";
import { trusted, UNTRIED } from "@/core/faring.ts";
import type { BackendRow, Mail, NewJob } from "@/core/store.ts";
import { writeAudit } from "./audit.ts";
import { encode } from "./codec.ts";
import { readDeadletter } from "./queries/mod.ts";
import type { Schema } from "./schema.ts";
import { readClock } from "./statements.ts";
import { admitJobs } from "./store/admit.ts";
import { postMail } from "./store/mail_rows.ts";
import { changeBackend } from "./store/slot_rows.ts";

/** False when there is no such backend. */
export async function setBackend(
  writer: Kysely<Schema>,
  { id, status }: { id: string; status: "up" | "drain" },
  by: By,
): Promise<boolean> {
  return await writer.transaction().execute(async (tx) => {
    const changed = await changeBackend(tx, { id, decide: (row) => ({ status: nextStatus(row, status) }) });
    if (!changed) return false;
    const { before } = changed;
    await writeAudit(tx, {
      action: `backend.${status}`,
      subject: id,
      before: { status: before.status, url: before.url },
      after: { status, url: before.url },
    }, by);
    return true;
  });
}

/** Ends the hold of a server. False when there is no such backend. */
export async function trustBackend(writer: Kysely<Schema>, id: string, by: By): Promise<boolean> {
  return await writer.transaction().execute(async (tx) => {
    const changed = await changeBackend(tx, {
      id,
      decide: ({ faring }) => ({ faring: faring ? trusted(faring) : null }),
    });
    if (!changed) return false;
    const { row, heldUntil } = changed.before.faring ?? UNTRIED;
    await writeAudit(tx, {
      action: "backend.use",
      subject: id,
      before: { held: heldUntil !== null, films: row.length },
      after: { held: false },
    }, by);
    return true;
  });
}

/** One that is silent takes nothing before its next answer. */
function nextStatus({ status, problem }: BackendRow, wanted: "up" | "drain"): BackendRow["status"] {
  if (wanted === "drain") return "drain";
  if (status !== "drain") return status;
  return problem === null ? "up" : "down";
}

/** Posts a dead letter again, or drops it. Null when it is gone, else the actor that it is for. */
export async function settleLetter(
  writer: Kysely<Schema>,
  { id, how }: { id: string; how: "retry" | "drop" },
  by: By,
): Promise<string | null> {
  return await writer.transaction().execute(async (tx) => {
    const letter = await readDeadletter(tx, id);
    if (!letter) return null;
    const { actorId: to, kind, body, error, attempts, at } = letter;
    await tx.deleteFrom("deadletter").where("msg_id", "=", id).execute();
    if (how === "retry") {
      await postMail(tx, [{ id: `${id}:again:${at}`, to, kind, body }], { at: await readClock(tx) });
    }
    await writeAudit(tx, {
      action: `letter.${how}`,
      subject: id,
      // What is dropped stands nowhere else any more.
      before: { actorId: to, kind, error, attempts, ...(how === "drop" ? { body: encode(body) } : {}) },
      after: null,
    }, by);
    return to;
  });
}

/** Mail that an operator sends to somebody's job. */
export async function postByOperator(
  writer: Kysely<Schema>,
  mail: Mail,
  { entry, by }: { entry: AuditEntry; by: By },
): Promise<void> {
  await writer.transaction().execute(async (tx) => {
    await postMail(tx, [mail], { at: await readClock(tx) });
    await writeAudit(tx, entry, by);
  });
}

/** Jobs that an operator lets in for their owners: all of them, or none. */
export async function admitByOperator(
  writer: Kysely<Schema>,
  jobs: readonly NewJob[],
  { openMax, entry, by }: { openMax: number; entry: AuditEntry; by: By },
): Promise<void> {
  await writer.transaction().execute(async (tx) => {
    await admitJobs(tx, jobs, { openMax });
    await writeAudit(tx, entry, by);
  });
}
