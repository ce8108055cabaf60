import type { ColumnType, Row } from '../analysis/columns';
import { LinesError } from '../lines-error';
import type { Language } from '../analysis/literal';

export interface ResultColumn {
  readonly name: string;
  readonly type: ColumnType;
}

export interface QueryStats {
  readonly queryId: string;
  readonly recordsRead: number | undefined;
  readonly bytesScanned: number | undefined;
  readonly elapsedMs: number;
}

export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly Row[];
  /** More rows exist than `maxRows`. */
  readonly truncated: boolean;
  readonly stats: QueryStats;
}

export interface QueryOptions {
  readonly signal?: AbortSignal | undefined;
  readonly maxRows?: number | undefined;
  /** Half-open, in Unix seconds: for the language whose text holds no time. */
  readonly window?: { readonly from: number; readonly to: number } | undefined;
  /** Columns of the analysis; absent: those of the query. */
  readonly columns?: readonly ResultColumn[] | undefined;
}

/** A result in chunks, so that it need not fit into memory. */
export interface QueryStream {
  readonly columns: readonly ResultColumn[];
  readonly chunks: AsyncIterable<Row[]>;
  /** Final once the chunks have ended. */
  readonly stats: () => QueryStats;
}

/** Runs query text and answers in plain rows. */
export interface QueryEngine {
  readonly name: string;
  readonly language: Language;
  /** @throws QueryError */
  run(query: string, options?: QueryOptions): Promise<QueryResult>;
  /** @throws QueryError, also while the chunks are read */
  stream(query: string, options?: QueryOptions): Promise<QueryStream>;
  /** Rows that the query gives; absent where counting costs as much as querying. @throws QueryError */
  count?(query: string, signal?: AbortSignal): Promise<number>;
  /** The most rows that the engine gives; absent where it has no such limit. */
  readonly mostRows?: number;
}

/** All rows of a stream, at most `maxRows`. */
export async function collect(engine: QueryEngine, query: string, options: QueryOptions): Promise<QueryResult> {
  const rows: Row[] = [];
  let truncated = false;
  const { columns, chunks, stats } = await engine.stream(query, options);
  const max = options.maxRows ?? Infinity;
  for await (const chunk of chunks) {
    const room = max - rows.length;
    for (const row of chunk.slice(0, room)) rows.push(row);
    if (chunk.length > room) {
      truncated = true;
      break;
    }
  }
  return { columns, rows, truncated, stats: stats() };
}

/** The analysis's columns, if the query gives exactly these. @throws QueryError */
export function expectColumns(
  expected: readonly ResultColumn[],
  got: readonly string[],
  engine: string,
  queryId: string,
): readonly ResultColumn[] {
  const names = expected.map(({ name }) => name);
  if (names.join() === got.join()) return expected;
  throw new QueryError(
    `the query returns columns ${got.join(', ')}; analysis.yaml declares ${names.join(', ')}`,
    engine,
    'unknown',
    false,
    queryId,
  );
}

export type QueryErrorKind = 'syntax' | 'missing-column' | 'timeout' | 'throttled' | 'limit' | 'denied' | 'unknown';

export class QueryError extends LinesError {
  override name = 'QueryError';
  constructor(
    message: string | readonly string[],
    readonly engine: string,
    readonly kind: QueryErrorKind,
    readonly retryable: boolean,
    readonly queryId: string | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
