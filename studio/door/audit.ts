/** The audit log, as the API asks for it, over the database. */
import type { Audit } from "@/core/audit.ts";
import { listAudit, writeAudit } from "@/db/audit.ts";
import type { Database } from "@/db/sqlite.ts";

export function openAudit({ reader, writer }: Pick<Database, "reader" | "writer">): Audit {
  return {
    list: (filter, page) => listAudit(reader, filter, page),
    note: (entry, by) => writeAudit(writer, entry, by),
  };
}
