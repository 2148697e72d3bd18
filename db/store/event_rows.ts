/** Rows of the history: one per event, numbered by the database and, within one actor, by version. */
import { statement } from "../statements.ts";

export const INSERT_EVENT = statement(
  "insert into event (actor_id, ver, user_id, kind, message, body, at) values (?, ?, ?, ?, ?, ?, ?)",
);
