/** The audit log only grows: entries stay as they were written, but for who somebody was that has left. */
import { sql } from "kysely";
import type { Migration } from "./kit.ts";

export const audit: Migration = {
  name: "0015_audit",
  async up({ on, dialect }) {
    if (dialect === "postgres") return;
    const refuse = sql.raw("begin select raise(abort, 'the audit log only grows'); end");
    await sql`create trigger audit_log_stays before delete on audit_log ${refuse}`.execute(on);
    await sql`create trigger audit_log_is before update on audit_log when
      new.seq is not old.seq or new.action is not old.action or new.detail_json is not old.detail_json
      or new.at is not old.at or (new.user_id is not old.user_id and new.user_id is not null)
      or (new.address is not old.address and new.address is not null)
      or (new.subject is not old.subject and new.subject <> '') ${refuse}`.execute(on);
  },
};
