/** Sums of a panel per value of the dimension that is being brushed: a brush then adds up a small table instead of reading records. */
import type { Database } from '../source/duckdb';
import type { DimensionId } from './dimensions';
import type { Panel } from './panels';
import type { Measure } from './state';

/** What a brush moves over. */
export type Active = 'time' | Extract<DimensionId, 'bytes_size' | 'packets_size' | 'weekday_hour'>;

export interface Cube {
  readonly table: string;
  /** Largest total of a group that the cube leaves out; undefined if it holds all groups. */
  readonly leftOut: number | undefined;
}

/** Groups with the largest totals that a cube keeps. */
const KEPT = 20_000;

/** The catalog name under which the prepared tables are attached. */
export const PREPARED = 'prepared';

/** SQL of a sum, by the macro of {@link sumMacro}. */
export const sumSql = (column: string): string => `${PREPARED}.total(${column})`;

/**
 * SQL of the macro by which all sums are made. Integers of 64 bits are fastest; a few broken values can add up to more, and then all are fractions,
 * which the page shows them as anyway.
 * @param records SQL of the relation that holds every number that is summed, `bytes` and `packets`
 */
export async function sumMacro(db: Database, records: string): Promise<string> {
  // No subset of the negative, or of the positive, numbers has a larger sum than all of them.
  const limits = ['bytes', 'packets'].flatMap((name) => [
    `coalesce(sum(${name}) FILTER (${name} > 0), 0) < ${2n ** 63n}`,
    `coalesce(sum(${name}) FILTER (${name} < 0), 0) > -${2n ** 63n}`,
  ]);
  const [row] = await db.rows(`SELECT ${limits.join(' AND ')} AS fits FROM ${records}`);
  const type = row?.['fits'] === true ? 'BIGINT' : 'DOUBLE';
  return `CREATE MACRO ${PREPARED}.total(x) AS CAST(coalesce(sum(x), 0) AS ${type})`;
}

const TOTALS: Readonly<Record<Measure, string>> = { records: 'count(*)', bytes: sumSql('bytes'), packets: sumSql('packets') };
const SUMMED_BY: Readonly<Record<Measure | 'rejected', string>> = { ...TOTALS, rejected: 'count_if(rejected)' };
/** Columns of sums that every group has. */
export const SUMMED = Object.keys(SUMMED_BY) as readonly (keyof typeof SUMMED_BY)[];
export const SUMS = SUMMED.map((name) => `${SUMMED_BY[name]} AS ${name}`).join(', ');

/** Group keys of a panel as columns `k0`, `k1` of the prepared records. */
export const keysOf = (panel: Panel, step: number): string[] => panel.by.map((by, i) => `${by === 'time' ? `s / ${step}` : by} AS k${i}`);
export const keyNames = (panel: Panel): string[] => panel.by.map((_, i) => `k${i}`);

const activeSql = (active: Active, step: number): string => (active === 'time' ? `s / ${step}` : active);

/** Conditions that leave out records without a value for the panel; totals count those too. */
export const presence = (panel: Panel, hasAction: boolean): string[] =>
  panel.id === 'summary' ? [] : panel.by.flatMap((by) => (by === 'time' || (by === 'action' && !hasAction) ? [] : [`${by} IS NOT NULL`]));

export interface CubeRequest {
  readonly table: string;
  readonly records: string;
  readonly panel: Panel;
  readonly measure: Measure;
  readonly active: Active;
  readonly step: number;
  readonly conditions: readonly string[];
  /** Groups that stay whatever their size: SQL over `k0`. */
  readonly always?: string | undefined;
}

export async function buildCube(db: Database, request: CubeRequest): Promise<Cube> {
  const { table, records, panel, measure, active, step, always } = request;
  const keys = keysOf(panel, step);
  const names = keyNames(panel).join(', ');
  const where = request.conditions.length === 0 ? '' : `WHERE ${request.conditions.join(' AND ')}`;
  const sums = `SELECT ${activeSql(active, step)} AS a, ${keys.join(', ')}, ${SUMS} FROM ${records} ${where} GROUP BY ALL`;
  if (panel.top === undefined) {
    await db.rows(`CREATE TABLE ${table} AS ${sums} ORDER BY a`);
    return { table, leftOut: undefined };
  }
  const groups = `${table}_groups`;
  await db.rows(
    `CREATE TABLE ${groups} AS SELECT * FROM (SELECT ${keys.join(', ')}, ${TOTALS[measure]} AS total FROM ${records} ${where} GROUP BY ALL) ` +
      `ORDER BY ${always === undefined ? '' : `${always} DESC, `}total DESC LIMIT ${KEPT + 1}`,
  );
  const [row] = await db.rows(`SELECT count(*) AS n, min(total) AS least FROM ${groups}`);
  const all = Number(row?.['n']) <= KEPT;
  await db.rows(
    `CREATE TABLE ${table} AS SELECT c.* FROM (${sums}) AS c ${all ? '' : `SEMI JOIN ${groups} USING (${names})`} ORDER BY a; DROP TABLE ${groups}`,
  );
  return { table, leftOut: all ? undefined : Number(row?.['least']) };
}
