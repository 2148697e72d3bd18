/** The audit log of the studio in memory. */
import { type Audit, type AuditEntry, type By, withoutSecrets } from "@/core/audit.ts";
import type { FakeClock, FakeStudio } from "./fake_studio.ts";

type Kept = FakeStudio["kept"];

/** What a change writes beside itself. */
export function noteIn(kept: Kept, clock: FakeClock, entry: AuditEntry, by: By): void {
  const email = (id: string) => kept.accounts.find((one) => one.id === id)?.email;
  kept.audit.unshift({
    ...entry,
    before: withoutSecrets(entry.before),
    after: withoutSecrets(entry.after),
    seq: kept.audit.length + 1,
    at: clock.now(),
    byStudio: false,
    byMachine: false,
    person: { id: by.userId, email: email(by.userId) ?? "" },
    tokenId: by.tokenId,
    address: by.address,
    about: email(entry.subject) ?? null,
  });
}

export function fakeAudit(kept: Kept, clock: FakeClock): Audit {
  return {
    list: ({ thing, personId, subject, from, until }, { before, limit }) =>
      Promise.resolve(
        kept.audit.filter((one) =>
          (thing === null || one.action.startsWith(`${thing}.`)) &&
          (personId === null || one.person?.id === personId) &&
          (subject === null || one.subject === subject) &&
          one.at >= (from ?? 0) && one.at < (until ?? Infinity) && one.seq < (before ?? Infinity)
        ).slice(0, limit),
      ),
    note: (entry, by) => Promise.resolve(noteIn(kept, clock, entry, by)),
  };
}
