import { dirname } from 'node:path';
import type { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import type { QueryEngine, QueryOptions, QueryStats } from '../lib/engine/engine';
import { humanCount, humanNumber } from '../lib/analysis/human';
import { oneMore, type RowLimit } from '../lib/analysis/row-limit';
import type { Column } from '../lib/analysis/schema';
import { typedByField } from '../lib/inventory/decorate';
import type { Records } from '../lib/source/records';
import type { QueryFormat, RowOptions } from './answer-options';
import { assertFile } from './draft';
import { UsageError } from './errors';
import { interruption } from './interrupt';
import { namesOf, type NamesOptions } from './names';
import { rowWriter, tellAttribution, withUnits, type Writing } from './output';
import { cutText } from './row-limit';
import { notice } from './say';

/** How and where the rows of a query are written. */
export type Answering = Omit<Writing, 'format' | 'names'> & { readonly format: QueryFormat } & RowOptions & NamesOptions;

export async function openEngine(records: Records, options?: { format: string; output?: string | undefined }): Promise<DuckDbEngine> {
  const { DuckDbEngine: Engine } = await import('../lib/engine/duckdb/duckdb.js');
  return Engine.over(records, options?.format === 'parquet' && options.output !== undefined ? [dirname(options.output)] : []);
}

export interface WriteRequest {
  /** The query, for as many rows; a text that has no such parameter is the same for all. */
  readonly text: (rows: RowLimit) => string;
  /** Rows to give. */
  readonly rows: RowLimit;
  /** Columns of the analysis; absent: those of the query. */
  readonly columns?: readonly Column[] | undefined;
  /** Column to draw bars for. */
  readonly bar?: string | undefined;
  readonly window?: { readonly from: number; readonly to: number };
}

/** Runs one query and writes its rows as they come; says so where some are not given. */
export async function writeQuery(engine: QueryEngine, request: WriteRequest, options: Answering): Promise<QueryStats | undefined> {
  const { text, rows, columns: known, bar, window } = request;
  const { format, ...writing } = options;
  const names = await namesOf(options);
  if (format === 'parquet') {
    await writeParquet(engine, request, options, names);
    return undefined;
  }
  const asked: QueryOptions = { signal: interruption(), columns: known, window };
  const { columns, chunks, stats } = await engine.stream(text(oneMore(rows)), asked);
  const typed = withUnits(known === undefined ? typedByField(columns) : columns, known);
  const writer = rowWriter({ ...writing, format, names }, typed, bar);
  const limit = rows === 'all' ? Infinity : rows;
  let written = 0;
  let more = false;
  for await (const chunk of chunks) {
    const room = limit - written;
    const part = chunk.length > room ? chunk.slice(0, room) : chunk;
    await writer.chunk(part);
    written += part.length;
    if (chunk.length > room) {
      more = true;
      break;
    }
  }
  await writer.end();
  if (more) notice(cutText(written, await engine.count?.(text('all'), interruption())), options.quiet);
  else if (written === engine.mostRows)
    notice(
      `First ${humanNumber(written)} rows, the most that Logs Insights gives; there may be more. Query a shorter window.`,
      options.quiet,
    );
  return stats();
}

async function writeParquet(
  engine: QueryEngine,
  { text, rows, columns }: WriteRequest,
  { output, quiet }: Answering,
  names: Awaited<ReturnType<typeof namesOf>>,
): Promise<void> {
  if (!isDuckDb(engine)) throw new UsageError(`-f parquet needs local files; --engine ${engine.name} writes csv, json or ndjson`);
  if (output === undefined) throw new UsageError('-f parquet needs -o FILE: it cannot be written to standard output');
  const limited = rows === 'all' ? text(rows) : `SELECT * FROM (${text(rows).replace(/;\s*$/, '')}\n) LIMIT ${rows}`;
  await assertFile('-o', output);
  const written = await engine.writeParquet(limited, output, { columns, names });
  notice(`Wrote ${humanCount(written, 'row')} to ${output}.`, quiet);
  tellAttribution(names, quiet);
  const total = rows === 'all' ? written : await engine.count(text('all'), interruption());
  if (total > written) notice(cutText(written, total), quiet);
}

const isDuckDb = (engine: QueryEngine): engine is DuckDbEngine => engine.name === 'duckdb';
