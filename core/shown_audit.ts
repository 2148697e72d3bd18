/** What the API shows of the audit log, as pages read it. Times are ISO 8601, UTC. */
import type { AuditRecord } from "./audit.ts";

export interface ShownAuditRecord extends Omit<AuditRecord, "seq" | "at"> {
  id: string;
  at: string;
}

export interface ShownAudit {
  items: ShownAuditRecord[];
  next: string | null;
}
