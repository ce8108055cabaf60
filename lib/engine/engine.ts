import type { ColumnType, Row } from '../analysis/columns';

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
  /** Columns of the analysis; absent: those of the query. */
  readonly columns?: readonly ResultColumn[] | undefined;
}

/** Runs query text and answers in plain rows. */
export interface QueryEngine {
  readonly name: string;
  /** @throws QueryError */
  run(query: string, options?: QueryOptions): Promise<QueryResult>;
}

export type QueryErrorKind = 'syntax' | 'timeout' | 'throttled' | 'limit' | 'denied' | 'unknown';

export class QueryError extends Error {
  override name = 'QueryError';
  constructor(
    message: string,
    readonly engine: string,
    readonly kind: QueryErrorKind,
    readonly retryable: boolean,
    readonly queryId: string | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
