import type { Partials } from '../../analysis/catalogue';
import { relationSql } from '../../analysis/render';
import { type RelationName, RELATIONS, type RelationTables } from '../../analysis/relations';
import type { Scope } from '../../analysis/scope';
import { RECORDS_TABLE } from '../../flow-log/tables';
import type { Records } from '../../source/records';

/** Seconds `[from, to)`. */
interface Span {
  readonly from: number;
  readonly to: number;
}

const HOUR = 3600;
const RECORDS_AT_ONCE = 400_000;

const HOURLY = RELATIONS.filter((name) => name !== 'conversations');
const tableOf = (name: RelationName) => `flow_${name}`;

export interface RelationsRequest {
  readonly records: Records;
  readonly catalogue: Partials;
  readonly window: Span;
  readonly scope: Scope;
  readonly signal?: AbortSignal | undefined;
  /** Conversations of about so many records are in memory at a time. @default 400 000 */
  readonly recordsAtOnce?: number | undefined;
  /** Called after each part of the window, in order, when its conversations and those of the part before are there, and hourly rows up to its end. */
  readonly onPart: (part: Span, relations: RelationTables) => Promise<void>;
}

/**
 * Makes the relations of local records part by part, so that memory holds the conversations of two parts and the hourly
 * rows of all. Afterwards only the hourly relations are there.
 */
export async function makeRelations(request: RelationsRequest): Promise<RelationTables> {
  const { records, catalogue, window, scope, signal, recordsAtOnce = RECORDS_AT_ONCE } = request;
  const columns = new Set(records.columns.map(({ name }) => name));
  const run = (sql: string) => records.db.rows(sql, signal);
  const hourly: RelationTables = Object.fromEntries(HOURLY.map((name) => [name, { table: tableOf(name) }]));
  const text = (name: RelationName, part: Span, relations: RelationTables) =>
    relationSql(catalogue, name, { window: part, scope, table: RECORDS_TABLE, columns, relations }, 0);
  const made: string[] = [];
  for (const [i, part] of partsOf(window, records.totals.records, recordsAtOnce).entries()) {
    const own = `${tableOf('conversations')}_${i}`;
    await run(`CREATE TABLE ${own} AS SELECT * FROM ${text('conversations', part, {})}`);
    made.push(own);
    if (made.length > 2) await run(`DROP TABLE ${made.shift() ?? ''}`);
    const relations: RelationTables = { conversations: { table: own } };
    for (const name of HOURLY)
      await run(
        `${i === 0 ? `CREATE OR REPLACE TABLE ${tableOf(name)} AS` : `INSERT INTO ${tableOf(name)}`} SELECT * FROM ${text(name, part, relations)}`,
      );
    await run(`CREATE OR REPLACE VIEW ${tableOf('conversations')} AS ${made.map((name) => `SELECT * FROM ${name}`).join(' UNION ALL ')}`);
    await request.onPart(part, { ...hourly, conversations: { table: tableOf('conversations') } });
  }
  await run([`DROP VIEW ${tableOf('conversations')}`, ...made.map((name) => `DROP TABLE ${name}`)].join('; '));
  return hourly;
}

/** Whole hours, the last one up to the window's end. */
function partsOf({ from, to }: Span, records: number, atOnce: number): Span[] {
  const first = Math.floor(from / HOUR) * HOUR;
  const share = Math.round(((to - first) * atOnce) / Math.max(records, 1) / HOUR) * HOUR;
  const step = Math.max(share, HOUR);
  return Array.from({ length: Math.ceil((to - first) / step) }, (_, i) => ({
    from: first + i * step,
    to: Math.min(first + (i + 1) * step, to),
  }));
}
