/** Mail of the in-memory store. */
import type { Mail, MailFate, StoredMail } from "@/core/store.ts";
import { freeze } from "./freeze.ts";
import type { MemoryMail, Tables } from "./tables.ts";

/** Returns the actors that got mail due now. */
export function postMail(
  tables: Tables,
  mail: readonly Mail[],
  at: number,
  trace: string | null = null,
): Set<string> {
  const told = new Set<string>();
  for (const item of mail) {
    freeze(item);
    if (!tables.actors.has(item.to)) {
      bury(tables, {
        id: item.id,
        actorId: item.to,
        kind: item.kind,
        body: item.body,
        error: "There is no such actor",
        at,
      });
      continue;
    }
    if (tables.mail.has(item.id)) continue;
    const dueAt = at + Math.max(0, Math.ceil(item.delayMs ?? 0));
    putMail(tables, {
      seq: ++tables.mailSeq,
      id: item.id,
      to: item.to,
      kind: item.kind,
      body: item.body,
      dueAt,
      attempts: 0,
      error: null,
      doneAt: null,
      trace: item.trace ?? trace,
    });
    if (dueAt <= at) told.add(item.to);
  }
  return told;
}

function putMail(tables: Tables, mail: MemoryMail): void {
  tables.mail.set(mail.id, freeze(mail));
  const open = tables.openMail.get(mail.to) ?? new Map<number, MemoryMail>();
  if (mail.doneAt === null) open.set(mail.seq, mail);
  else open.delete(mail.seq);
  if (open.size > 0) tables.openMail.set(mail.to, open);
  else tables.openMail.delete(mail.to);
}

/** Keeps the first of two letters with one id. */
export function bury(
  tables: Tables,
  letter: { id: string; actorId: string; kind: string; body: unknown; error: string; at: number },
): void {
  if (!tables.deadletters.has(letter.id)) tables.deadletters.set(letter.id, freeze(letter));
}

/** Open mail that is due, oldest first. A delayed one keeps its number, so the order is by number, not by insertion. */
export function readDue(
  tables: Tables,
  { actorId, at, limit }: { actorId: string; at: number; limit: number },
): StoredMail[] {
  const due: MemoryMail[] = [];
  for (const mail of tables.openMail.get(actorId)?.values() ?? []) if (mail.dueAt <= at) due.push(mail);
  due.sort((a, b) => a.seq - b.seq);
  return due.slice(0, limit).map(({ seq, id, kind, body, attempts, trace }) =>
    freeze({ seq, id, kind, body, attempts, trace })
  );
}

export function settleMail(
  tables: Tables,
  fates: readonly MailFate[],
  { actorId, at, mail }: { actorId: string; at: number; mail: readonly StoredMail[] },
): { handled: number; dueAgain: number } {
  let handled = 0;
  let dueAgain = 0;
  for (const fate of fates) {
    const read = mail.find((candidate) => candidate.seq === fate.seq);
    const stored = read && tables.mail.get(read.id);
    if (!stored) continue;
    handled++;
    if (fate.fate === "later") {
      const delayMs = Math.max(0, Math.ceil(fate.delayMs));
      if (delayMs === 0) dueAgain++;
      putMail(tables, {
        ...stored,
        dueAt: at + delayMs,
        attempts: stored.attempts + 1,
        error: fate.error,
      });
      continue;
    }
    if (fate.fate === "done") {
      putMail(tables, { ...stored, error: null, doneAt: at });
      continue;
    }
    putMail(tables, { ...stored, attempts: stored.attempts + 1, error: fate.error, doneAt: at });
    const { id, kind, body } = stored;
    bury(tables, { id, actorId, kind, body, error: fate.error, at });
  }
  return { handled, dueAgain };
}
