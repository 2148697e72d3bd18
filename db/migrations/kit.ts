/** The words that migrations are written in, so that the same files make a SQLite and a PostgreSQL schema. */
import { type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely, sql } from "kysely";
import type { Schema } from "../schema.ts";

export type Dialect = "sqlite" | "postgres";

export interface Kit {
  /** Only `schema` and raw SQL: a migration speaks of tables of its own time, which today's types do not describe. */
  on: Kysely<Schema>;
  dialect: Dialect;
}

export interface Migration {
  name: string;
  up(kit: Kit): Promise<void>;
}

/** `!` means never empty. `flag` is 0 or 1. `seq` counts up and never gives a number twice. */
export type Kind =
  | "text"
  | "text!"
  | "int"
  | "int!"
  | "zero!"
  | "real"
  | "real!"
  | "json"
  | "json!"
  | "flag!"
  | "bytes"
  | "seq";

export interface TableOptions {
  primary?: string[];
  unique?: string[][];
  /** Column → `table.column`; the row goes with the one that it refers to. */
  belongs?: Record<string, string>;
}

export async function createTable(
  kit: Kit,
  { name, columns, options = {} }: { name: string; columns: Record<string, Kind>; options?: TableOptions },
): Promise<void> {
  let table: CreateTableBuilder<string, string> = kit.on.schema.createTable(name);
  for (const [column, kind] of Object.entries(columns)) {
    const [type, build] = columnOf(kit.dialect, kind);
    const target = options.belongs?.[column];
    table = table.addColumn(column, sql.raw(type), (made) => {
      const built = build(made);
      return target ? built.references(target).onDelete("cascade") : built;
    });
  }
  if (options.primary) table = table.addPrimaryKeyConstraint(`${name}_pk`, options.primary);
  for (const unique of options.unique ?? []) {
    table = table.addUniqueConstraint(`${name}_${unique.join("_")}_key`, unique);
  }
  await table.execute();
}

type Build = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;

function columnOf(dialect: Dialect, kind: Kind): [string, Build] {
  const [text, bytes, json, whole, real] = dialect === "sqlite"
    ? ["text", "blob", "text", "integer", "real"]
    : ["text", "bytea", "jsonb", "bigint", "double precision"];
  const must: Build = (column) => column.notNull();
  const may: Build = (column) => column;
  switch (kind) {
    case "text":
      return [text, may];
    case "text!":
      return [text, must];
    case "int":
      return [whole, may];
    case "int!":
      return [whole, must];
    case "zero!":
    case "flag!":
      return [whole, (column) => column.notNull().defaultTo(0)];
    case "real":
      return [real, may];
    case "real!":
      return [real, must];
    case "json":
      return [json, may];
    case "json!":
      return [json, must];
    case "bytes":
      return [bytes, may];
    case "seq":
      return dialect === "sqlite"
        ? [whole, (column) => column.primaryKey().autoIncrement()]
        : ["bigserial", (column) => column.primaryKey()];
  }
}

/** `where` is a condition on columns that both databases understand, written in SQL. */
export async function createIndex(
  kit: Kit,
  { name, table, columns, unique = false, where }: {
    name: string;
    table: string;
    columns: string[];
    unique?: boolean;
    where?: string;
  },
): Promise<void> {
  const condition = where === undefined ? sql`` : sql` where ${sql.raw(where)}`;
  const kind = sql.raw(unique ? "create unique index" : "create index");
  await sql`${kind} ${sql.id(name)} on ${sql.id(table)} (${sql.raw(columns.join(", "))})${condition}`
    .execute(kit.on);
}
