import { type AthenaClient, GetQueryExecutionCommand, GetQueryResultsCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { failureOf, resultColumns, rowsOf } from '../engine/athena';
import { remoteError } from '../engine/remote-errors';
import type { Page, Pages } from './pages';

const PAGE_ROWS = 1000;
const POLL_MS = 300;

/** Pages of Athena's results, which stay there for a day at least. */
export class AthenaPages implements Pages {
  constructor(
    private readonly client: AthenaClient,
    private readonly target: { readonly workgroup: string; readonly database: string },
    /** How long a call waits for a query. */
    private readonly waitMs: number,
  ) {}

  async start(sql: string): Promise<string> {
    try {
      const { QueryExecutionId } = await this.client.send(
        new StartQueryExecutionCommand({
          QueryString: sql,
          WorkGroup: this.target.workgroup,
          QueryExecutionContext: { Database: this.target.database, Catalog: 'AwsDataCatalog' },
        }),
      );
      return QueryExecutionId ?? '';
    } catch (error) {
      throw remoteError(error, 'athena', undefined);
    }
  }

  async page(queryId: string, from: string | undefined): Promise<Page | 'running'> {
    try {
      if (from === undefined && !(await this.finished(queryId))) return 'running';
      const { ResultSet, NextToken } = await this.client.send(
        new GetQueryResultsCommand({
          QueryExecutionId: queryId,
          MaxResults: PAGE_ROWS,
          ...(from === undefined ? {} : { NextToken: from }),
        }),
      );
      const columns = resultColumns(ResultSet?.ResultSetMetadata?.ColumnInfo ?? []);
      const rows = ResultSet?.Rows ?? [];
      // The first row of the first page repeats the column names.
      return { rows: rowsOf(from === undefined ? rows.slice(1) : rows, columns), next: NextToken };
    } catch (error) {
      throw remoteError(error, 'athena', queryId);
    }
  }

  private async finished(queryId: string): Promise<boolean> {
    for (const until = Date.now() + this.waitMs; ;) {
      const { QueryExecution: execution } = await this.client.send(new GetQueryExecutionCommand({ QueryExecutionId: queryId }));
      const state = execution?.Status?.State;
      if (state === 'SUCCEEDED') return true;
      if (execution !== undefined && (state === 'FAILED' || state === 'CANCELLED')) throw failureOf(execution, queryId);
      if (Date.now() + POLL_MS > until) return false;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
