/** SQLite through `node:sqlite`, which Kysely has no dialect for: one writer connection, one read-only connection for pages. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  type LimitNode,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  SqliteQueryCompiler,
  type SqliteStatement,
  ValueNode,
} from "kysely";
import type { Schema } from "./schema.ts";

const STATEMENTS_MAX = 256;
const BUSY_TIMEOUT_MS = 2000;

export interface Database {
  writer: Kysely<Schema>;
  /** For pages: never waits for the writer. On `:memory:` it is the writer's own connection. */
  reader: Kysely<Schema>;
  close(): Promise<void>;
}

export interface Watching {
  /** Told of every statement after it ran, for instance to log the slow ones. */
  onQuery?: (query: { sql: string; parameters: readonly unknown[]; durationMs: number }) => void;
  /** Milliseconds that stand for SQLite's own clock: the simulation turns it. */
  now?: () => number;
}

/**
 * Opens a database file, or `:memory:`, for writing and for reading. The schema is not touched; see migrate.ts.
 * Once per process: SQLite blocks the thread while it waits for a lock, so a second writer in the same thread would wait
 * for one that cannot go on.
 */
export function openDatabase(path: string, watching: Watching = {}): Database {
  const write = openFile(path, { readOnly: false });
  const { now } = watching;
  if (now) write.function("unixepoch", { varargs: true }, () => now() / 1000);
  const writer = connect(write, watching);
  if (path === ":memory:") {
    return { writer, reader: writer, close: () => closeAll([[writer, write]]) };
  }
  const read = openFile(path, { readOnly: true });
  const reader = connect(read, watching);
  return { writer, reader, close: () => closeAll([[reader, read], [writer, write]]) };
}

/** A read-only connection of its own; the file must have been opened for writing before. */
export function openReader(path: string, watching: Watching = {}): Kysely<Schema> {
  return connect(openFile(path, { readOnly: true }), watching);
}

export const WAL_BYTES_MAX = 32 * 1024 * 1024;

function openFile(path: string, { readOnly }: { readOnly: boolean }): DatabaseSync {
  const file = new DatabaseSync(path, {
    readOnly,
    enableForeignKeyConstraints: true,
    timeout: BUSY_TIMEOUT_MS,
  });
  // NORMAL loses the last commits on a power cut, never on a crash of the process, and keeps the file whole in both.
  if (!readOnly) file.exec("pragma journal_mode = wal; pragma synchronous = normal");
  // A checkpoint every 16 MB of log: four times fewer syncs than by default made turns a third faster.
  if (!readOnly) file.exec("pragma wal_autocheckpoint = 4000");
  // A reader that takes long, as a backup does, lets the log grow; afterwards it is cut to this again.
  if (!readOnly) file.exec(`pragma journal_size_limit = ${WAL_BYTES_MAX}`);
  // Trades 16 MB for fewer reads; temporary sorts stay in memory.
  file.exec("pragma cache_size = -16384; pragma temp_store = memory");
  return file;
}

function connect(file: DatabaseSync, { onQuery }: Watching): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: new NodeSqliteDialect(cacheStatements(file)),
    ...(onQuery
      ? {
        log: ({ query: { sql, parameters }, queryDurationMillis: durationMs }) =>
          onQuery({ sql, parameters, durationMs }),
      }
      : {}),
  });
}

async function closeAll(pairs: [Kysely<Schema>, DatabaseSync][]): Promise<void> {
  for (const [kysely, file] of pairs) {
    await kysely.destroy();
    // Kysely leaves a file open that it never ran a query on.
    if (file.isOpen) file.close();
  }
}

class NodeSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(database: SqliteDatabase) {
    super({ database });
    this.#config = { database };
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver(this.#config);
  }

  override createQueryCompiler(): SqliteQueryCompiler {
    return new LiteralLimits();
  }
}

/**
 * SQLite looks at a bound limit while it plans, and so plans anew whenever one is bound: twenty times what a short query
 * takes. A limit that is written out is planned once. The same goes for a bound value beside a partial index on its
 * column: such values are written out with `sql.lit`.
 */
class LiteralLimits extends SqliteQueryCompiler {
  protected override visitLimit(node: LimitNode): void {
    const { limit } = node;
    if (!ValueNode.is(limit) || !Number.isSafeInteger(limit.value)) return super.visitLimit(node);
    this.append(`limit ${limit.value}`);
  }
}

/** Kysely begins deferred transactions, which fail with "database is locked" when a read turns into a write. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(BEGIN);
  }
}

const BEGIN = CompiledQuery.raw("begin immediate");

/** Prepared statements by text, the least recently used one dropped first. */
function cacheStatements(file: DatabaseSync): SqliteDatabase {
  const known = new Map<string, SqliteStatement>();
  return {
    close: () => file.close(),
    prepare(text) {
      const found = known.get(text);
      if (found) {
        known.delete(text);
        known.set(text, found);
        return found;
      }
      const made = wrapStatement(file.prepare(text));
      known.set(text, made);
      if (known.size > STATEMENTS_MAX) {
        for (const oldest of known.keys()) {
          known.delete(oldest);
          break;
        }
      }
      return made;
    },
  };
}

function wrapStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...parameters.map(toInput)),
    run: (parameters) => statement.run(...parameters.map(toInput)),
    iterate: (parameters) => statement.iterate(...parameters.map(toInput)),
  };
}

function toInput(value: unknown): SQLInputValue {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "bigint") {
    return value;
  }
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`Cannot bind a value of type ${typeof value} to a SQL parameter`);
}
