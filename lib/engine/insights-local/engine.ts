import type { Row } from '../../analysis/columns';
import { INSIGHTS_MOST_ROWS } from '../../analysis/row-limit';
import { findFieldBySqlName } from '../../flow-log/fields';
import { sqlName } from '../../source/duckdb';
import { RECORDS_TABLE } from '../../flow-log/tables';
import type { Records } from '../../source/records';
import type { DuckDbEngine } from '../duckdb/duckdb';
import { collect, QueryError, type QueryEngine, type QueryOptions, type QueryResult, type QueryStream, type ResultColumn } from '../engine';
import { rowOfFields } from '../insights-rows';
import type { Type } from './functions';
import { InsightsSyntaxError } from './parse';
import { columnSql, type Events, translateInsights } from './translate';

const EVENTS_TABLE = 'insights_events';

const TYPES = { any: 'string', string: 'string', number: 'number', boolean: 'boolean', timestamp: 'timestamp' } as const satisfies Record<
  Type,
  ResultColumn['type']
>;

/** Whether `-` is a value, or no value: AWS does not say which it is for discovered fields, so questions must not depend on it. */
export type Dash = 'value' | 'missing';

/** Records as the events of a log group: every field as text, `@message` as the line was, `@timestamp` the record's start. */
export async function eventsOfRecords(
  records: Records,
  window?: { readonly from: number; readonly to: number },
  dash: Dash = 'value',
): Promise<Events> {
  const text = (name: string) => `CAST(${sqlName(name)} AS VARCHAR)`;
  const fields = records.columns.map(({ name }) => ({ name, field: findFieldBySqlName(name)?.insightsName ?? name }));
  const select = fields.map(
    ({ name, field }) => `${dash === 'value' ? `coalesce(${text(name)}, '-')` : text(name)} AS ${columnSql(field)}`,
  );
  const message = `concat_ws(' ', ${records.columns.map(({ name }) => `coalesce(${text(name)}, '-')`).join(', ')})`;
  const bounds = window === undefined ? '' : ` WHERE "start" >= ${window.from} AND "start" < ${window.to}`;
  await records.db.rows(
    `CREATE OR REPLACE VIEW ${EVENTS_TABLE} AS SELECT make_timestamp(CAST("start" AS BIGINT) * 1000000) AS "@timestamp", ${message} AS "@message", ${select.join(', ')} FROM ${RECORDS_TABLE}${bounds}`,
  );
  return { table: EVENTS_TABLE, fields: fields.map(({ field }) => field) };
}

/** Logs Insights QL over local records. */
export class InsightsLocalEngine implements QueryEngine {
  readonly name = 'insights-local';
  readonly language = 'insights';
  readonly mostRows = INSIGHTS_MOST_ROWS;

  constructor(
    private readonly duckdb: DuckDbEngine,
    private readonly events: Events,
  ) {}

  run(query: string, options: QueryOptions = {}): Promise<QueryResult> {
    return collect(this, query, options);
  }

  async count(query: string, signal?: AbortSignal): Promise<number> {
    const { sql } = await translateInsights(query, this.events, this.mostRows);
    return this.duckdb.count(sql, signal);
  }

  /** @throws QueryError */
  async stream(query: string, options: QueryOptions = {}): Promise<QueryStream> {
    try {
      // As the engine of log groups requests it, which does not leave the number to Logs Insights.
      const { sql, columns } = await translateInsights(query, this.events, this.mostRows);
      const own = columns.map(({ name, type }) => ({ name, type: TYPES[type] }));
      const { chunks, stats } = await this.duckdb.stream(sql, { signal: options.signal, columns: own });
      const wanted = options.columns;
      return wanted === undefined ? { columns: own, chunks, stats } : { columns: wanted, chunks: mapped(chunks, wanted), stats };
    } catch (error) {
      if (!(error instanceof InsightsSyntaxError)) throw error;
      throw new QueryError(error.message, this.name, 'syntax', false, undefined, { cause: error });
    }
  }
}

async function* mapped(chunks: AsyncIterable<Row[]>, columns: readonly ResultColumn[]): AsyncIterable<Row[]> {
  for await (const rows of chunks) yield rows.map((row) => rowOfFields(row, columns));
}
