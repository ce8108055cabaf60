import {
  type CloudWatchLogsClient,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Row } from '../analysis/columns';
import { INSIGHTS_MOST_ROWS } from '../analysis/row-limit';
import { collect, QueryError, type QueryEngine, type QueryOptions, type QueryResult, type QueryStream } from './engine';
import { rowOfFields } from './insights-rows';
import { poll } from './poll';
import { remoteError } from './remote-errors';

export interface InsightsTarget {
  readonly logGroups: readonly string[];
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html: queries time out after 60 minutes. */
const DEADLINE_MS = 60 * 60 * 1000;
const PAGE = 10_000;

/** Logs Insights QL over log groups. */
export class InsightsEngine implements QueryEngine {
  readonly name = 'insights';
  readonly language = 'insights';
  readonly mostRows = INSIGHTS_MOST_ROWS;

  constructor(
    private readonly client: CloudWatchLogsClient,
    private readonly target: InsightsTarget,
  ) {}

  run(query: string, options: QueryOptions = {}): Promise<QueryResult> {
    return collect(this, query, options);
  }

  /** @throws QueryError; AbortError after the query was stopped */
  async stream(query: string, options: QueryOptions = {}): Promise<QueryStream> {
    const started = performance.now();
    const { logGroups } = this.target;
    const { window } = options;
    if (window === undefined) throw new QueryError('a Logs Insights query needs a window', this.name, 'syntax', false, undefined);
    let queryId: string | undefined;
    try {
      const { queryId: id = '' } = await this.client.send(
        new StartQueryCommand({
          logGroupNames: [...logGroups],
          queryString: query,
          startTime: window.from,
          // StartQuery takes both ends in.
          endTime: window.to - 1,
          limit: INSIGHTS_MOST_ROWS,
        }),
        options.signal === undefined ? {} : { abortSignal: options.signal },
      );
      queryId = id;
      const first = await this.finished(id, options.signal);
      const stats = {
        queryId: id,
        recordsRead: first.statistics?.recordsScanned,
        bytesScanned: first.statistics?.bytesScanned,
        elapsedMs: Math.round(performance.now() - started),
      };
      const columns = options.columns ?? columnsOf(first);
      const { client } = this;
      const chunks = async function* (): AsyncGenerator<Row[]> {
        let page = first;
        for (;;) {
          yield rowsOf(page, columns, options.columns !== undefined);
          if (page.nextToken === undefined) return;
          options.signal?.throwIfAborted();
          page = await client.send(new GetQueryResultsCommand({ queryId: id, maxItems: PAGE, nextToken: page.nextToken }));
        }
      };
      return { columns, chunks: chunks(), stats: () => stats };
    } catch (error) {
      throw remoteError(error, this.name, queryId);
    }
  }

  private finished(id: string, signal: AbortSignal | undefined): Promise<GetQueryResultsCommandOutput> {
    return poll(
      async () => {
        const answer = await this.client.send(new GetQueryResultsCommand({ queryId: id, maxItems: PAGE }));
        switch (answer.status) {
          case 'Complete':
            return answer;
          case 'Failed':
            throw new QueryError('the query failed; Logs Insights returned no reason', this.name, 'unknown', false, id);
          case 'Cancelled':
            throw new QueryError('the query was cancelled', this.name, 'unknown', false, id);
          case 'Timeout':
            throw new QueryError(
              'the query took longer than Logs Insights allows: query a shorter window',
              this.name,
              'timeout',
              false,
              id,
            );
          default:
            return undefined;
        }
      },
      {
        signal,
        deadlineMs: DEADLINE_MS,
        cancel: async () => {
          await this.client.send(new StopQueryCommand({ queryId: id }));
        },
        onTimeout: () =>
          new QueryError(`no result within ${DEADLINE_MS / 60_000} minutes; the query was stopped`, this.name, 'timeout', true, id),
      },
    );
  }
}

/** Pointer to the log event, which is no result. */
const POINTER = '@ptr';

const fieldsOf = (page: GetQueryResultsCommandOutput) =>
  (page.results ?? []).map((row) =>
    Object.fromEntries(row.flatMap(({ field, value }) => (field === undefined || field === POINTER ? [] : [[field, value]]))),
  );

const columnsOf = (page: GetQueryResultsCommandOutput) =>
  [...new Set(fieldsOf(page).flatMap((row) => Object.keys(row)))].map((name) => ({ name, type: 'string' as const }));

const rowsOf = (page: GetQueryResultsCommandOutput, columns: QueryStream['columns'], ofAnalysis: boolean): Row[] =>
  fieldsOf(page).map((row) =>
    ofAnalysis ? rowOfFields(row, columns) : Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null])),
  );
