import { resolve } from 'node:path';
import { SourceError } from './errors';
import { Pool } from './pool';

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
    /** They hold a connection until they are read to the end, `return` is called, or the signal is aborted. */
    chunks: Required<Pick<AsyncIterableIterator<unknown[][]>, 'next' | 'return'>> & AsyncIterable<unknown[][]>;
  }>;
  /** Columns that are DOUBLE and without NULL, for tables too large for objects. */
  numbers(sql: string): Promise<Float64Array[]>;
  /** Ends what is under way and refuses whatever comes, for this reason; settles once nothing is under way. */
  end(reason: Error): Promise<void>;
  /** The same, and closes. */
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

/** SQL list of files that may be read by {@link sqlPath}: DuckDB requests the pattern, then the file. */
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

/** Makes a call that an abort interrupts, and that closing waits for. */
type Tracked = <T>(connection: Connection, signal: AbortSignal | undefined, start: () => Promise<T>) => Promise<T>;

/** Interrupts a connection again and again once a signal is aborted, until stopped: a query that has not started does not receive it. */
function interruptWhenAborted(connection: Connection, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => undefined;
  let again: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    again = setInterval(() => connection.interrupt(), INTERRUPT_AGAIN_MS);
  };
  signal.addEventListener('abort', interrupt, { once: true });
  return () => {
    signal.removeEventListener('abort', interrupt);
    clearInterval(again);
  };
}

/**
 * Chunks of rows that hold a connection until they end: read to the end, broken off, or the signal aborted, also when no one
 * has begun to read them.
 */
class Cursor implements AsyncIterableIterator<unknown[][]> {
  private readonly own = new AbortController();
  private reading: Promise<unknown> | undefined;
  private open = true;

  constructor(
    private readonly fetch: (signal: AbortSignal) => Promise<IteratorResult<unknown[][]>>,
    private readonly release: () => void,
    private readonly signal: AbortSignal | undefined,
  ) {
    signal?.addEventListener('abort', this.abort, { once: true });
    if (signal?.aborted === true) this.abort();
  }

  private readonly abort = () => {
    this.own.abort(this.signal?.reason);
    if (this.reading === undefined) this.close();
  };

  private close(): void {
    if (this.open) this.release();
    this.open = false;
    this.signal?.removeEventListener('abort', this.abort);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<unknown[][]>> {
    this.own.signal.throwIfAborted();
    if (!this.open) return { done: true, value: undefined };
    const reading = this.fetch(this.own.signal);
    this.reading = reading;
    let done: boolean | undefined = true;
    try {
      const chunk = await reading;
      ({ done } = chunk);
      return chunk;
    } finally {
      this.reading = undefined;
      if (done === true) this.close();
    }
  }

  async return(): Promise<IteratorResult<unknown[][]>> {
    if (this.reading !== undefined) {
      this.own.abort(new Error('reading the rows was stopped'));
      await this.reading.catch(() => undefined);
    }
    this.close();
    return { done: true, value: undefined };
  }
}

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
  // Each question would read the ends of all files again. Set in SQL: as an option it requires an extension that is built in.
  await connections[0]?.run('SET parquet_metadata_cache = true');
  const pool = new Pool([...connections]);
  let closed: Error | undefined;
  const refuseWhenClosed = () => {
    if (closed !== undefined) throw closed;
  };
  // A connection that is closed while it works waits for itself: https://github.com/duckdb/duckdb, ClientContext::Destroy
  // takes the lock that the query holds, in the query's own thread.
  const underWay = new Set<Promise<unknown>>();
  const tracked: Tracked = async (connection, signal, start) => {
    refuseWhenClosed();
    signal?.throwIfAborted();
    const call = start();
    underWay.add(call);
    const stop = interruptWhenAborted(connection, signal);
    try {
      const value = await call;
      // An interrupted stream ends without a word.
      refuseWhenClosed();
      signal?.throwIfAborted();
      return value;
    } catch (error) {
      refuseWhenClosed();
      signal?.throwIfAborted();
      throw error;
    } finally {
      stop();
      underWay.delete(call);
    }
  };
  const end = async (reason: Error) => {
    closed ??= reason;
    pool.close(closed);
    while (underWay.size > 0) {
      // A query that has not started does not receive an interrupt, so the interrupt is repeated.
      for (const connection of connections) connection.interrupt();
      await Promise.race([Promise.allSettled(underWay), new Promise((resolve) => setTimeout(resolve, INTERRUPT_AGAIN_MS))]);
    }
  };
  return {
    async rows(sql, signal) {
      const connection = await pool.acquire(signal);
      try {
        const reader = await tracked(connection, signal, () => connection.runAndReadAll(sql));
        return reader.getRowObjectsJson();
      } catch (error) {
        if (!(error as Error).message.startsWith('Out of Memory')) throw error;
        throw new SourceError(`${options.memory} of memory are not enough: raise --memory (use at least 100MB)`, { cause: error });
      } finally {
        pool.release(connection);
      }
    },
    async stream(sql, signal) {
      // A second query on a connection would end the first one's rows without a word: each stream has its own until it ends.
      const connection = await pool.acquire(signal);
      try {
        const result = await tracked(connection, signal, () => connection.stream(sql));
        const rows = result.yieldRowsJson();
        const names = result.deduplicatedColumnNames();
        const types = result.columnTypes();
        return {
          columns: names.map((name, i) => ({ name, type: String(types[i]) })),
          chunks: new Cursor(
            (given) => tracked(connection, given, () => rows.next()),
            () => pool.release(connection),
            signal,
          ),
        };
      } catch (error) {
        pool.release(connection);
        throw error;
      }
    },
    async numbers(sql) {
      const connection = await pool.acquire();
      try {
        const result = await tracked(connection, undefined, () => connection.stream(sql));
        const parts: Float64Array[][] = result.columnNames().map(() => []);
        const fetch = () => tracked(connection, undefined, () => result.fetchChunk());
        for (let chunk = await fetch(); chunk !== null && chunk.rowCount > 0; chunk = await fetch()) {
          for (const [column, part] of parts.entries()) {
            const values = new Float64Array(chunk.rowCount);
            chunk.visitColumnValues(column, (value, row) => (values[row] = value as number));
            part.push(values);
          }
        }
        return parts.map(joined);
      } finally {
        pool.release(connection);
      }
    },
    end,
    async close() {
      await end(new Error('the database is being closed'));
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
