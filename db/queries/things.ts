/** Conditions that films and files share: where they were put, what a person thinks of them, when they were made. */
import { type RawBuilder, sql, type SqlBool } from "kysely";

export interface ThingFilter {
  /** Null: in no project. */
  projectId?: string | null;
  /** `kept` is everything but the rejected. */
  mark?: "starred" | "rejected" | "kept";
  /** Made at or after. */
  from?: number;
  /** Made before. */
  until?: number;
}

/** All of a filter in one condition. */
export function narrowThings(table: "jobs" | "assets", filter: ThingFilter): RawBuilder<SqlBool> {
  const column = (name: string) => sql.ref(`${table}.${name}`);
  const parts: RawBuilder<SqlBool>[] = [];
  const { projectId, mark, from, until } = filter;
  if (projectId === null) parts.push(sql`${column("project_id")} is null`);
  else if (projectId !== undefined) parts.push(sql`${column("project_id")} = ${projectId}`);
  // Few are rejected: the sign keeps the database from an index that would leave the order to be sorted.
  if (mark === "kept") parts.push(sql`+${column("mark")} >= 0`);
  else if (mark !== undefined) parts.push(sql`${column("mark")} = ${mark === "starred" ? 1 : -1}`);
  if (from !== undefined) parts.push(sql`${column("created_at")} >= ${from}`);
  if (until !== undefined) parts.push(sql`${column("created_at")} < ${until}`);
  return parts.length === 0 ? sql<SqlBool>`1 = 1` : sql<SqlBool>`${sql.join(parts, sql` and `)}`;
}
