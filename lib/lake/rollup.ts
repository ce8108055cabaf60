/**
 * Five-minute counts of records: what the baselines of detections read instead of the records of the past.
 * docs/lake.md says which detections use them.
 */
import type { Partials } from '../analysis/catalogue';
import { renderPartial, tableSql } from '../analysis/render';
import { type LakePart, outsideSql, type ViewColumn, type ViewedTable, viewPartitions, withinSql } from '../analysis/view';

/** Columns, without those of partitions. */
export const ROLLUP_COLUMNS: readonly ViewColumn[] = [
  { name: 'five_minutes', type: 'bigint' },
  ...['vpc_id', 'subnet_id', 'interface_id', 'action', 'flow_direction', 'port_class', 'source'].map((name) => ({
    name,
    type: 'varchar' as const,
  })),
  ...['records', 'packets', 'bytes', 'outbound_rejected', 'internet_out', 'internet_in'].map((name) => ({ name, type: 'bigint' as const })),
];

/** Columns of records that the counts are made of; the others may be absent. */
export const ROLLUP_REQUIRES = ['interface_id', 'srcaddr', 'dstaddr', 'srcport', 'dstport', 'action', 'packets', 'bytes', 'start'];

const OPTIONAL = ['vpc_id', 'subnet_id', 'flow_direction'];

/**
 * The counts of a relation of records.
 * @param columns names of its columns
 * @param keys partition columns to keep apart
 */
export function rollupSql(catalogue: Partials, source: string, columns: readonly string[], keys: readonly string[] = []): string {
  const there = new Set(columns);
  const nonPublic = (address: string) => `(${renderPartial(catalogue, 'non_public_address', { address })})`;
  const optional = OPTIONAL.map((name) => (there.has(name) ? `"${name}"` : `CAST(NULL AS VARCHAR) AS "${name}"`));
  const sum = (sql: string, name: string) => `CAST(coalesce(sum(${sql}), 0) AS BIGINT) AS ${name}`;
  return `SELECT five_minutes, vpc_id, subnet_id, interface_id, action, flow_direction, port_class, source,
  count(*) AS records, ${sum('packets', 'packets')}, ${sum('bytes', 'bytes')},
  count(CASE WHEN action = 'REJECT' AND leaves AND NOT coalesce(srcport < 1024 AND dstport >= 32768, false) THEN 1 END) AS outbound_rejected,
  ${sum(`CASE WHEN action = 'ACCEPT' AND leaves THEN bytes END`, 'internet_out')},
  ${sum(`CASE WHEN action = 'ACCEPT' AND enters THEN bytes END`, 'internet_in')}${keys.map((key) => `, "${key}"`).join('')}
FROM (
  SELECT "start" / 300 AS five_minutes, ${optional.join(', ')}, interface_id, action, srcport, dstport, packets, bytes,
    CASE WHEN dstport IN (22, 23, 135, 445, 3389, 5900, 5985, 5986) THEN 'administration' WHEN dstport < 1024 THEN 'system' WHEN dstport < 32768 THEN 'user' WHEN dstport >= 32768 THEN 'dynamic' END AS port_class,
    CASE WHEN action = 'REJECT' THEN srcaddr END AS source,
    coalesce(${nonPublic('srcaddr')} AND NOT ${nonPublic('dstaddr')}, false) AS leaves,
    coalesce(${nonPublic('dstaddr')} AND NOT ${nonPublic('srcaddr')}, false) AS enters${keys.map((key) => `, "${key}"`).join('')}
  FROM ${source}
) AS counted
GROUP BY five_minutes, vpc_id, subnet_id, interface_id, action, flow_direction, port_class, source${keys.map((key) => `, "${key}"`).join('')}`;
}

/** Columns of the view of counts. */
export const rollupViewColumns = (tables: readonly Pick<ViewedTable, 'layout'>[]): ViewColumn[] => [
  ...ROLLUP_COLUMNS,
  ...viewPartitions(tables, true).map(({ column }) => ({ name: column, type: 'varchar' as const })),
];

/** Stands for the relation in a text that another program completes. */
export const SOURCE = '<source>';

/** The view of counts: compacted hours from their table, all others counted on the spot. */
export function rollupViewSql(viewSql: string, tables: readonly ViewedTable[], lake: LakePart): string {
  const counted = viewSql.replace(SOURCE, `(\n${outsideSql(tables, lake)}\n) AS outside`);
  if (lake.hours === undefined) return counted;
  const keys = viewPartitions(tables, true).map(({ column }) => (column === 'hour' ? '"hour"' : `CAST(NULL AS varchar) AS "${column}"`));
  const names = ROLLUP_COLUMNS.map(({ name }) => `"${name}"`);
  return `SELECT ${[...names, ...keys].join(', ')}\nFROM ${tableSql(lake.name)}\nWHERE ${withinSql(lake.hours)}\nUNION ALL\n${counted}`;
}
