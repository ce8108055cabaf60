import { dirname } from 'node:path';
import type { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import type { QueryEngine, QueryOptions, QueryStats } from '../lib/engine/engine';
import type { Column } from '../lib/analysis/schema';
import type { Records } from '../lib/source/records';
import { UsageError } from './errors';
import { interruption } from './interrupt';
import type { OutputOptions } from './options';
import { rowWriter, withUnits } from './output';
import { notice } from './say';

/** Rows of a table on a terminal when nobody said how many. */
const TABLE_ROWS = 1000;

export async function openEngine(records: Records, options: OutputOptions): Promise<DuckDbEngine> {
  const { DuckDbEngine: Engine } = await import('../lib/engine/duckdb/duckdb.js');
  return Engine.over(records, options.output === 'parquet' && options.out !== undefined ? [dirname(options.out)] : []);
}

export interface WriteRequest {
  readonly query: string;
  /** Columns of the analysis; absent: those of the query. */
  readonly columns?: readonly Column[] | undefined;
  /** Column to draw bars for. */
  readonly bar?: string | undefined;
  readonly window?: { readonly from: number; readonly to: number };
}

/** Runs one query and writes its rows as they come. */
export async function writeQuery(
  engine: QueryEngine,
  { query, columns: known, bar, window }: WriteRequest,
  options: OutputOptions & { quiet?: boolean },
): Promise<QueryStats | undefined> {
  if (options.output === 'parquet') {
    if (!isDuckDb(engine))
      throw new UsageError(`--output parquet is for files read here, not for --engine ${engine.name}; use csv or ndjson`);
    if (options.out === undefined) throw new UsageError('--output parquet needs --out FILE');
    const limited = options.limit === undefined ? query : `SELECT * FROM (${query.replace(/;\s*$/, '')}\n) LIMIT ${options.limit}`;
    const rows = await engine.writeParquet(limited, options.out);
    notice(`Wrote ${rows} rows to ${options.out}.`, options.quiet);
    return undefined;
  }
  const request: QueryOptions = { signal: interruption(), columns: known, window };
  const { columns, chunks, stats } = await engine.stream(query, request);
  const writer = rowWriter(options, withUnits(columns, known), bar);
  const limit = options.limit ?? (options.output === 'table' ? TABLE_ROWS : Infinity);
  let written = 0;
  let more = false;
  for await (const chunk of chunks) {
    const room = limit - written;
    const rows = chunk.length > room ? chunk.slice(0, room) : chunk;
    await writer.chunk(rows);
    written += rows.length;
    if (chunk.length > room) {
      more = true;
      break;
    }
  }
  await writer.end();
  if (more) notice(`First ${written} rows; --limit N shows more or fewer.`, options.quiet);
  return stats();
}

const isDuckDb = (engine: QueryEngine): engine is DuckDbEngine => engine.name === 'duckdb';
