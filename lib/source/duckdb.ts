import { resolve } from 'node:path';
import { SourceError } from './errors';

/** A DuckDB in memory that answers in plain JSON values. */
export interface Database {
  /** Runs one or more statements, on one connection; the rows of the last one, with 64-bit integers, decimals and timestamps as strings. */
  rows(sql: string, signal?: AbortSignal): Promise<Record<string, unknown>[]>;
  /** Columns and a cursor over chunks of rows: nothing is held beyond a chunk. */
  stream(
    sql: string,
    signal?: AbortSignal,
  ): Promise<{
    columns: { name: string; type: string }[];
    chunks: AsyncIterable<unknown[][]>;
    /** For chunks that nobody will read; reading them to the end, or breaking off, closes too. */
    close: () => void;
  }>;
  /** Columns that are DOUBLE and without NULL, for tables too large for objects. */
  numbers(sql: string): Promise<Float64Array[]>;
  interrupt(): void;
  /** Interrupts what is under way, which then rejects, and closes once nothing is. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly threads: number;
  /** DuckDB size, such as `400MB`. */
  readonly memory: string;
  /** Folder that results too large for the memory spill to. */
  readonly temporaryFolder: string;
}

/** Quotes a SQL string literal. */
export const sqlString = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Whether DuckDB can read a file of that name: in a pattern a backslash separates folders, and cannot be quoted. */
export const isReadablePath = (path: string): boolean => !(/[*?[]/.test(path) && path.includes('\\'));

/**
 * Quotes the path of a file that DuckDB is to read: it takes paths for patterns, and some beginnings for places that are no files.
 * @throws SourceError for a name that no pattern can say
 */
export function sqlPath(path: string): string {
  const whole = resolve(path);
  if (!isReadablePath(whole))
    throw new SourceError(`${path}: the query engine cannot read a path with both a backslash and any of * ? [: rename the file or folder`);
  return sqlString(asPattern(whole));
}

/** The pattern that only one path fits. */
const asPattern = (path: string) => path.replace(/[*?[]/g, (c) => `[${c}]`);

/** SQL list of files that may be read by {@link sqlPath}: DuckDB asks for the pattern, then for the file. */
export const allowedPaths = (paths: readonly string[]): string =>
  `[${[...new Set(paths.flatMap((path) => [resolve(path), asPattern(resolve(path))]))].map(sqlString).join(', ')}]`;

/** The same for several. */
export const sqlPaths = (paths: readonly string[]): string => `[${paths.map(sqlPath).join(', ')}]`;

/** Quotes a SQL identifier. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

type Connection = Awaited<ReturnType<Awaited<ReturnType<(typeof import('@duckdb/node-api'))['DuckDBInstance']['create']>>['connect']>>;

/** While one conversion flushes its last row group on one core, the next one already parses. */
const CONNECTIONS = 2;

const INTERRUPT_AGAIN_MS = 20;

/** Starts a call that closing must wait for. */
type Tracked = <T>(start: () => Promise<T>) => Promise<T>;

async function load(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    throw new SourceError(
      'DuckDB is not installed: it is an optional dependency that the local engine needs. Install it with: npm install @duckdb/node-api',
      { cause },
    );
  }
}

/**
 * Opens a private in-memory DuckDB. No extension is ever downloaded or loaded.
 * @throws SourceError when the optional dependency is absent
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { DuckDBInstance } = await load();
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: options.memory,
    temp_directory: options.temporaryFolder,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    integer_division: 'true',
  });
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => instance.connect()));
  // Each question would read the ends of all files again. Told in SQL: as an option it asks for an extension that is built in.
  await connections[0]?.run('SET parquet_metadata_cache = true');
  const idle = [...connections];
  const waiting: ((connection: Connection) => void)[] = [];
  let closing = false;
  const refuseWhenClosing = () => {
    if (closing) throw new Error('the database is being closed');
  };
  // What waits when closing begins is refused by its first call.
  const acquire = () => idle.pop() ?? new Promise<Connection>((resolve) => waiting.push(resolve));
  const release = (connection: Connection) => {
    const next = waiting.shift();
    if (next === undefined) idle.push(connection);
    else next(connection);
  };
  // A connection that is closed while it works waits for itself: https://github.com/duckdb/duckdb, ClientContext::Destroy
  // takes the lock that the query holds, in the query's own thread.
  const underWay = new Set<Promise<unknown>>();
  const tracked: Tracked = (start) => {
    refuseWhenClosing();
    const call = start().then((value) => {
      // An interrupted stream ends without a word.
      refuseWhenClosing();
      return value;
    });
    underWay.add(call);
    void call.catch(() => undefined).finally(() => underWay.delete(call));
    return call;
  };
  return {
    async rows(sql, signal) {
      const connection = await acquire();
      const interrupt = () => connection.interrupt();
      signal?.addEventListener('abort', interrupt, { once: true });
      try {
        signal?.throwIfAborted();
        const reader = await tracked(() => connection.runAndReadAll(sql));
        signal?.throwIfAborted();
        return reader.getRowObjectsJson();
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error as Error).message.startsWith('Out of Memory')) throw error;
        throw new SourceError(
          `${options.memory} of memory are not enough: give the query engine more with --memory (100MB is a sensible least)`,
          { cause: error },
        );
      } finally {
        signal?.removeEventListener('abort', interrupt);
        release(connection);
      }
    },
    async stream(sql, signal) {
      // A second query on a connection would end the first one's rows without a word: each stream has its own until it ends.
      const connection = await acquire();
      const interrupt = () => connection.interrupt();
      signal?.addEventListener('abort', interrupt, { once: true });
      try {
        signal?.throwIfAborted();
        const result = await tracked(() => connection.stream(sql));
        const names = result.deduplicatedColumnNames();
        const types = result.columnTypes();
        let open = true;
        const close = () => {
          if (open) {
            signal?.removeEventListener('abort', interrupt);
            release(connection);
          }
          open = false;
        };
        const next = (rows: AsyncIterator<unknown[][]>) => () =>
          tracked(async () => {
            const chunk = await rows.next();
            signal?.throwIfAborted();
            return chunk;
          });
        const chunks = rowsOf(next(result.yieldRowsJson()), close);
        return { columns: names.map((name, i) => ({ name, type: String(types[i]) })), chunks, close };
      } catch (error) {
        signal?.removeEventListener('abort', interrupt);
        release(connection);
        throw error;
      }
    },
    async numbers(sql) {
      const connection = await acquire();
      try {
        const result = await tracked(() => connection.stream(sql));
        const parts: Float64Array[][] = result.columnNames().map(() => []);
        const fetch = () => tracked(() => result.fetchChunk());
        for (let chunk = await fetch(); chunk !== null && chunk.rowCount > 0; chunk = await fetch()) {
          for (const [column, part] of parts.entries()) {
            const values = new Float64Array(chunk.rowCount);
            chunk.visitColumnValues(column, (value, row) => (values[row] = value as number));
            part.push(values);
          }
        }
        return parts.map(joined);
      } finally {
        release(connection);
      }
    },
    interrupt() {
      for (const connection of connections) connection.interrupt();
    },
    async close() {
      closing = true;
      while (underWay.size > 0) {
        // Whatever has not begun to work does not hear an interrupt: it is told again.
        for (const connection of connections) connection.interrupt();
        await Promise.race([Promise.allSettled(underWay), new Promise((resolve) => setTimeout(resolve, INTERRUPT_AGAIN_MS))]);
      }
      for (const connection of connections) connection.closeSync();
      instance.closeSync();
    },
  };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function* rowsOf(next: () => Promise<IteratorResult<unknown[][]>>, close: () => void): AsyncIterable<unknown[][]> {
  try {
    for (let chunk = await next(); chunk.done !== true; chunk = await next()) yield chunk.value;
  } finally {
    close();
  }
}
