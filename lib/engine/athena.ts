import {
  type AthenaClient,
  type ColumnInfo,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  type Row as AthenaRow,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { coerceRow, type ColumnType, type Row } from '../analysis/columns';
import {
  collect,
  expectColumns,
  QueryError,
  type QueryEngine,
  type QueryErrorKind,
  type QueryOptions,
  type QueryResult,
  type QueryStats,
  type QueryStream,
  type ResultColumn,
} from './engine';
import { poll } from './poll';
import { remoteError } from './remote-errors';

export interface AthenaTarget {
  readonly workgroup: string;
  readonly database: string;
}

const TYPES: readonly [RegExp, ColumnType][] = [
  [/^(tinyint|smallint|integer|int|bigint)$/, 'integer'],
  [/^(float|real|double|decimal.*)$/, 'number'],
  [/^boolean$/, 'boolean'],
  [/^timestamp.*$/, 'timestamp'],
];

const typeOf = (type: string): ColumnType => TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? 'string';

/** Columns of a result with their types. */
export const resultColumns = (info: readonly ColumnInfo[]): ResultColumn[] =>
  info.map(({ Name, Type }) => ({ name: Name ?? '', type: typeOf(Type ?? '') }));

/** Athena cancels a query itself after 30 minutes unless the quota was raised. https://docs.aws.amazon.com/general/latest/gr/athena.html */
const DEADLINE_MS = 30 * 60 * 1000;
const PAGE = 1000;

/** Athena SQL over the tables of a stack. */
export class AthenaEngine implements QueryEngine {
  readonly name = 'athena';
  readonly language = 'sql';

  constructor(
    private readonly client: AthenaClient,
    private readonly target: AthenaTarget,
  ) {}

  run(query: string, options: QueryOptions = {}): Promise<QueryResult> {
    return collect(this, query, options);
  }

  /** @throws QueryError; AbortError after the query was cancelled */
  async stream(query: string, options: QueryOptions = {}): Promise<QueryStream> {
    const started = performance.now();
    let queryId: string | undefined;
    try {
      const answer = await this.client.send(
        new StartQueryExecutionCommand({
          QueryString: query,
          WorkGroup: this.target.workgroup,
          QueryExecutionContext: { Database: this.target.database, Catalog: 'AwsDataCatalog' },
        }),
        options.signal === undefined ? {} : { abortSignal: options.signal },
      );
      const id = answer.QueryExecutionId ?? '';
      queryId = id;
      const execution = await this.finished(id, options.signal);
      const stats: QueryStats = {
        queryId: id,
        recordsRead: undefined,
        bytesScanned: execution.Statistics?.DataScannedInBytes,
        elapsedMs: Math.round(performance.now() - started),
      };
      return await this.results(id, options, stats);
    } catch (error) {
      throw remoteError(error, this.name, queryId);
    }
  }

  private finished(id: string, signal: AbortSignal | undefined): Promise<QueryExecution> {
    return poll(
      async () => {
        const { QueryExecution: execution } = await this.client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
        if (execution === undefined) return undefined;
        const state = execution.Status?.State;
        if (state === 'SUCCEEDED') return execution;
        if (state === 'FAILED' || state === 'CANCELLED') throw failureOf(execution, id);
        return undefined;
      },
      {
        signal,
        deadlineMs: DEADLINE_MS,
        cancel: async () => {
          await this.client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
        },
        onTimeout: () =>
          new QueryError(`no result within ${DEADLINE_MS / 60_000} minutes; the query was cancelled`, this.name, 'timeout', true, id),
      },
    );
  }

  private async results(id: string, options: QueryOptions, stats: QueryStats): Promise<QueryStream> {
    const page = (token?: string) =>
      this.client.send(
        new GetQueryResultsCommand({ QueryExecutionId: id, MaxResults: PAGE, ...(token === undefined ? {} : { NextToken: token }) }),
      );
    const first = await page();
    const info = first.ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
    const names = info.map(({ Name }) => Name ?? '');
    const own = resultColumns(info);
    const columns = options.columns === undefined ? own : expectColumns(options.columns, names, this.name, id);
    const chunks = async function* (): AsyncGenerator<Row[]> {
      // The first row of a SELECT's first page repeats the column names.
      const head = first.ResultSet?.Rows ?? [];
      const header = head[0]?.Data?.every(({ VarCharValue }, i) => VarCharValue === names[i]) === true;
      yield rowsOf(header ? head.slice(1) : head, columns);
      for (let token = first.NextToken; token !== undefined;) {
        options.signal?.throwIfAborted();
        const next = await page(token);
        yield rowsOf(next.ResultSet?.Rows ?? [], columns);
        token = next.NextToken;
      }
    };
    return { columns, chunks: chunks(), stats: () => stats };
  }
}

/** Rows of a page of results. */
export const rowsOf = (rows: readonly AthenaRow[], columns: readonly ResultColumn[]): Row[] =>
  rows.map(({ Data }) => coerceRow(Object.fromEntries(columns.map(({ name }, i) => [name, Data?.[i]?.VarCharValue])), columns));

/** Trino's error names, as Athena passes them on. */
const FAILURES: readonly [RegExp, QueryErrorKind, readonly string[]][] = [
  [
    /Bytes scanned limit/i,
    'limit',
    ['The workgroup cancels queries that scan this much: query a shorter window (--from, --to), or raise workgroup.scanLimitGiB'],
  ],
  [/EXCEEDED_|INSUFFICIENT_RESOURCES|exhausted resources/i, 'limit', ['Query a shorter window']],
  [
    /PERMISSION_DENIED|Access ?Denied|not authorized/i,
    'denied',
    ['The caller must be able to read the table, the bucket and its key: docs/deploy.md lists the permissions'],
  ],
  [/COLUMN_NOT_FOUND/, 'missing-column', []],
  [
    /^(SYNTAX_ERROR|TYPE_MISMATCH|FUNCTION_NOT_FOUND|TABLE_NOT_FOUND|SCHEMA_NOT_FOUND|MISSING_|INVALID_|NOT_SUPPORTED|AMBIGUOUS|DIVISION_BY_ZERO)/,
    'syntax',
    [],
  ],
];

/** Why a query did not succeed. */
export function failureOf(execution: QueryExecution, id: string): QueryError {
  const reason = execution.Status?.StateChangeReason ?? '';
  const known = FAILURES.find(([pattern]) => pattern.test(reason));
  const kind = known?.[1] ?? 'unknown';
  const state = execution.Status?.State === 'CANCELLED' ? 'the query was cancelled' : 'the query failed';
  const retryable = known === undefined && execution.Status?.AthenaError?.Retryable === true;
  return new QueryError([`${state}: ${reason === '' ? 'no reason given' : reason}`, ...(known?.[2] ?? [])], 'athena', kind, retryable, id);
}
