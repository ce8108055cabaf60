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
  interrupt(): void;
  close(): void;
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

/** Quotes a SQL identifier. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

type Connection = Awaited<ReturnType<Awaited<ReturnType<(typeof import('@duckdb/node-api'))['DuckDBInstance']['create']>>['connect']>>;

/** While one conversion flushes its last row group on one core, the next one already parses. */
const CONNECTIONS = 2;

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
  const idle = [...connections];
  const waiting: ((connection: Connection) => void)[] = [];
  const acquire = () => idle.pop() ?? new Promise<Connection>((resolve) => waiting.push(resolve));
  const release = (connection: Connection) => {
    const next = waiting.shift();
    if (next === undefined) idle.push(connection);
    else next(connection);
  };
  return {
    async rows(sql, signal) {
      const connection = await acquire();
      const interrupt = () => connection.interrupt();
      signal?.addEventListener('abort', interrupt, { once: true });
      try {
        signal?.throwIfAborted();
        const reader = await connection.runAndReadAll(sql);
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
        const result = await connection.stream(sql);
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
        return { columns: names.map((name, i) => ({ name, type: String(types[i]) })), chunks: rowsOf(result, close), close };
      } catch (error) {
        signal?.removeEventListener('abort', interrupt);
        release(connection);
        throw error;
      }
    },
    interrupt() {
      for (const connection of connections) connection.interrupt();
    },
    close() {
      for (const connection of connections) connection.closeSync();
      instance.closeSync();
    },
  };
}

async function* rowsOf(result: { yieldRowsJson(): AsyncIterableIterator<unknown[][]> }, close: () => void): AsyncIterable<unknown[][]> {
  try {
    yield* result.yieldRowsJson();
  } finally {
    close();
  }
}
