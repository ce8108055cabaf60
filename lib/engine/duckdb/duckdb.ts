import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bareSql } from '../../analysis/functions';
import { HELPERS } from '../../analysis/helpers';
import { coerceRow, type Row } from '../../analysis/columns';
import { packageRoot } from '../../package-root';
import { allowedPaths, type Database, sqlString } from '../../source/duckdb';
import { RECORDS_TABLE } from '../../flow-log/tables';
import type { Records } from '../../source/records';
import {
  collect,
  expectColumns,
  QueryError,
  type QueryEngine,
  type QueryErrorKind,
  type QueryOptions,
  type QueryResult,
  type QueryStream,
  type ResultColumn,
} from '../engine';
import { type ParquetNaming, withNames } from './names';
import { typeOf } from './types';
import { namesZones, withZonedCalls, zonesPrelude } from './zones';

/** Athena SQL over local records. */
export class DuckDbEngine implements QueryEngine {
  readonly name = 'duckdb';
  readonly language = 'sql';
  private queries = 0;
  private zones: Promise<unknown> | undefined;

  private constructor(private readonly records: Records) {}

  /**
   * @param options `prelude: false` if it was loaded before, for views of one's own
   * @param writable folders that {@link writeParquet} may write to; nothing else outside the records can be reached
   */
  static async over(records: Records, writable: readonly string[] = [], { prelude = true } = {}): Promise<DuckDbEngine> {
    if (prelude) await loadPrelude(records.db);
    const list = (paths: readonly string[]) => `[${paths.map(sqlString).join(', ')}]`;
    await records.db.rows(
      `SET allowed_paths = ${allowedPaths(records.readablePaths)}; SET allowed_directories = ${list([records.scratch, ...writable].map((path) => `${resolve(path)}/`))}; ` +
        'SET enable_external_access = false; SET lock_configuration = true',
    );
    return new DuckDbEngine(records);
  }

  /** From now on the table holds only the records that meet a condition of SQL that `render` made. */
  async restrict(condition: string): Promise<void> {
    await this.records.db.rows(
      `ALTER VIEW ${RECORDS_TABLE} RENAME TO all_${RECORDS_TABLE}; CREATE VIEW ${RECORDS_TABLE} AS SELECT * FROM all_${RECORDS_TABLE} WHERE ${condition}`,
    );
  }

  run(query: string, options: QueryOptions = {}): Promise<QueryResult> {
    return collect(this, query, options);
  }

  /** The same in chunks, for results that need not fit into memory. */
  async stream(query: string, options: QueryOptions = {}): Promise<QueryStream> {
    const started = performance.now();
    const queryId = `duckdb-${++this.queries}`;
    assertReadOnly(query, queryId);
    let unread: (() => Promise<unknown>) | undefined;
    try {
      const { columns: found, chunks } = await this.records.db.stream(await this.runnable(query), options.signal);
      unread = () => chunks.return();
      const own = found.map(({ name, type }) => ({ name, type: typeOf(type) }));
      const columns =
        options.columns === undefined
          ? own
          : expectColumns(
              options.columns,
              found.map(({ name }) => name),
              this.name,
              queryId,
            );
      return {
        columns,
        chunks: rowsOf(
          chunks,
          found.map(({ name }) => name),
          columns,
          (error) => this.explain(error, queryId, options.signal),
        ),
        stats: () => ({
          queryId,
          recordsRead: this.records.totals.records,
          bytesScanned: undefined,
          elapsedMs: Math.round(performance.now() - started),
        }),
      };
    } catch (error) {
      await unread?.();
      throw this.explain(error, queryId, options.signal);
    }
  }

  async count(query: string, signal?: AbortSignal): Promise<number> {
    const { rows } = await this.run(`SELECT count(*) AS n FROM (${query.replace(/;\s*$/, '')}\n) AS counted`, { signal });
    return Number(rows[0]?.['n']);
  }

  /**
   * Writes the result to a Parquet file.
   * @param naming what is known of addresses, in columns of its own
   */
  async writeParquet(query: string, path: string, naming: ParquetNaming = {}): Promise<number> {
    const queryId = `duckdb-${++this.queries}`;
    assertReadOnly(query, queryId);
    try {
      const runnable = (await this.runnable(query)).replace(/;\s*$/, '');
      const [row] = await this.records.db.rows(
        `COPY (${await withNames(this.records, runnable, naming)}\n) TO ${sqlString(path)} (FORMAT parquet, COMPRESSION zstd)`,
      );
      return Number(row?.['Count'] ?? 0);
    } catch (error) {
      throw this.explain(error, queryId, undefined);
    }
  }

  /** The text as DuckDB can run it; what it needs of time zones is defined before. */
  private async runnable(query: string): Promise<string> {
    if (!namesZones(query)) return query;
    await (this.zones ??= this.records.db.rows(zonesPrelude()));
    return withZonedCalls(query);
  }

  private explain(error: unknown, queryId: string, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted === true) return signal.reason;
    if (error instanceof QueryError) return error;
    const message = (error as Error).message;
    const [kind, hint] = classify(message, this.records);
    const lines = message.split('\n').slice(0, 4).join('\n').trim().split('\n');
    return new QueryError([...lines, ...hint], this.name, kind, false, queryId, { cause: error });
  }
}

/** Rows of chunks; ending early, or never starting, ends the chunks. */
function rowsOf(
  chunks: Pick<AsyncIterator<unknown[][]>, 'next'> & { return(): Promise<unknown> },
  names: readonly string[],
  columns: readonly ResultColumn[],
  explain: (error: unknown) => unknown,
): AsyncIterableIterator<Row[]> {
  const rowOf = (values: readonly unknown[]) => coerceRow(Object.fromEntries(names.map((name, i) => [name, values[i]])), columns);
  return {
    async next() {
      try {
        const chunk = await chunks.next();
        return chunk.done === true ? { done: true, value: undefined } : { done: false, value: chunk.value.map(rowOf) };
      } catch (error) {
        throw explain(error);
      }
    },
    async return() {
      await chunks.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function classify(message: string, records: Records): [QueryErrorKind, readonly string[]] {
  if (message.includes('Out of Memory')) return ['limit', ['Raise --memory, or query a shorter window with --from and --to']];
  if (/^(Parser|Binder|Catalog|Conversion|Invalid Input) Error/.test(message)) {
    const missing = message.includes('not found') || message.includes('does not exist');
    return ['syntax', missing ? [`The table ${RECORDS_TABLE} has columns ${records.columns.map(({ name }) => name).join(', ')}`] : []];
  }
  return ['unknown', []];
}

/** One SELECT (or WITH … SELECT): nothing that could write, attach, load or read another file. */
function assertReadOnly(query: string, queryId: string): void {
  const bare = bareSql(query).trim().replace(/;\s*$/, '');
  const fail = (what: string) => new QueryError(`${what}; expected one SELECT over ${RECORDS_TABLE}`, 'duckdb', 'syntax', false, queryId);
  if (bare === '') throw fail('the query is empty');
  if (!/^(\(|select\b|with\b|values\b)/i.test(bare)) throw fail(`got ${JSON.stringify(bare.slice(0, 40))}`);
  if (bare.includes(';')) throw fail('got more than one statement');
}

const helperMacros = (): string =>
  Object.entries(HELPERS)
    .map(([name, { parameters, sql }]) => `CREATE MACRO ${name}(${parameters.join(', ')}) AS ${sql(...parameters)};`)
    .join('\n');

/** Defines what Athena SQL needs, see prelude.sql, and what people do. */
export async function loadPrelude(db: Database): Promise<void> {
  await db.rows(`${readFileSync(join(packageRoot(), 'lib', 'engine', 'duckdb', 'prelude.sql'), 'utf8')}\n${helperMacros()}`);
}
