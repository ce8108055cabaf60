import { dirname } from 'node:path';
import type { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import type { QueryEngine, QueryOptions, QueryStats } from '../lib/engine/engine';
import { humanCount } from '../lib/analysis/human';
import type { Column } from '../lib/analysis/schema';
import { typedByField } from '../lib/inventory/decorate';
import type { Records } from '../lib/source/records';
import type { QueryFormat, RowOptions } from './answer-options';
import { assertFile } from './draft';
import { UsageError } from './errors';
import { interruption } from './interrupt';
import { namesOf, type NamesOptions } from './names';
import { rowWriter, tellAttribution, withUnits, type Writing } from './output';
import { notice } from './say';

/** Default number of rows of a table on a terminal. */
const TABLE_ROWS = 1000;

/** How and where the rows of a query are written. */
export type Answering = Omit<Writing, 'format' | 'names'> & { readonly format: QueryFormat } & RowOptions & NamesOptions;

export async function openEngine(records: Records, options?: { format: string; output?: string | undefined }): Promise<DuckDbEngine> {
  const { DuckDbEngine: Engine } = await import('../lib/engine/duckdb/duckdb.js');
  return Engine.over(records, options?.format === 'parquet' && options.output !== undefined ? [dirname(options.output)] : []);
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
  options: Answering,
): Promise<QueryStats | undefined> {
  const { format, ...writing } = options;
  const names = await namesOf(options);
  if (format === 'parquet') {
    if (!isDuckDb(engine)) throw new UsageError(`-f parquet needs local files; --engine ${engine.name} writes csv, json or ndjson`);
    if (options.output === undefined) throw new UsageError('-f parquet needs -o FILE: it cannot be written to standard output');
    const limited = options.limit === undefined ? query : `SELECT * FROM (${query.replace(/;\s*$/, '')}\n) LIMIT ${options.limit}`;
    await assertFile('-o', options.output);
    const rows = await engine.writeParquet(limited, options.output, { columns: known, names });
    notice(`Wrote ${humanCount(rows, 'row')} to ${options.output}.`, options.quiet);
    tellAttribution(names, options.quiet);
    return undefined;
  }
  const request: QueryOptions = { signal: interruption(), columns: known, window };
  const { columns, chunks, stats } = await engine.stream(query, request);
  const typed = withUnits(known === undefined ? typedByField(columns) : columns, known);
  const writer = rowWriter({ ...writing, format, names }, typed, bar);
  const limit = options.limit ?? (format === 'table' ? TABLE_ROWS : Infinity);
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
