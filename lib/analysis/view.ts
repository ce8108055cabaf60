import type { AthenaType } from '../flow-log/fields';
import { athenaTypeOf, type Format, sqlNameOf } from '../flow-log/format';
import { ACCOUNT_COLUMN, type Layout, type Partition, partitionOf, PARTITIONS, partitionValue, REGION_COLUMN } from '../flow-log/layout';
import { tableSql } from './render';

/** A table of raw records as the view sees it. */
export interface ViewedTable {
  /** `database.table` */
  readonly name: string;
  readonly format: Format;
  readonly layout: Layout;
  /** Unix seconds; records that end later are another table's. @default - none */
  readonly until?: number | undefined;
}

export interface ViewColumn {
  readonly name: string;
  /** Trino's type. */
  readonly type: 'varchar' | 'integer' | 'bigint' | 'boolean' | 'timestamp(3)';
}

/** Trino's words for the types of fields. */
export const TRINO_TYPES: Readonly<Record<AthenaType, ViewColumn['type']>> = { string: 'varchar', int: 'integer', bigint: 'bigint' };

const partitionsOf = (tables: readonly Pick<ViewedTable, 'layout'>[]): Partition[] => [
  ...new Map(tables.map(({ layout }) => [partitionOf(layout).column, partitionOf(layout)])).values(),
];

/** Hours `[from, to)` that a compacted table holds completely. */
export interface LakePart {
  /** `database.table` */
  readonly name: string;
  /** Spelt as the partition column `hour`. @default - none yet: nothing is read from it */
  readonly hours?: { readonly from: string; readonly to: string };
}

/** Partition columns of a view: each layout's once, and the lake's. */
export const viewPartitions = (tables: readonly Pick<ViewedTable, 'layout'>[], withLake: boolean): Partition[] => {
  const own = partitionsOf(tables);
  return withLake && !own.includes(PARTITIONS.hour) ? [...own, PARTITIONS.hour] : own;
};

/** Columns of all formats, in the order met, then whose objects a record came from. */
export function recordColumns(tables: readonly Pick<ViewedTable, 'format'>[]): ViewColumn[] {
  const fields = new Map<string, ViewColumn>();
  for (const name of tables.flatMap(({ format }) => format.names))
    fields.set(sqlNameOf(name), { name: sqlNameOf(name), type: TRINO_TYPES[athenaTypeOf(name)] });
  return [...fields.values(), ...[ACCOUNT_COLUMN, REGION_COLUMN].map((name) => ({ name, type: 'varchar' as const }))];
}

/** The same with the partition columns. */
export const viewColumns = (tables: readonly Pick<ViewedTable, 'format' | 'layout'>[], withLake = false): ViewColumn[] => [
  ...recordColumns(tables),
  ...viewPartitions(tables, withLake).map(({ column }) => ({ name: column, type: 'varchar' as const })),
];

/**
 * One table over tables of the same kind of record: fields that one lacks are typed NULLs, and `-` is NULL as everywhere
 * else, so that a question outlives a format. With a lake, its hours are read from there and all others from the tables:
 * every record once.
 */
export function recordsViewSql(tables: readonly ViewedTable[], lake?: LakePart): string {
  if (lake?.hours === undefined) return outsideSql(tables, lake);
  const columns = viewColumns(tables, true);
  const own = new Set([...recordColumns(tables).map(({ name }) => name), PARTITIONS.hour.column]);
  const select = columns.map(({ name, type }) => (own.has(name) ? `"${name}"` : `CAST(NULL AS ${type}) AS "${name}"`));
  const compacted = `SELECT ${select.join(', ')}\nFROM ${tableSql(lake.name)}\nWHERE ${withinSql(lake.hours)}`;
  return `${compacted}\nUNION ALL\n${outsideSql(tables, lake)}`;
}

/** Partitions of a compacted table that hours lie in. */
export const withinSql = ({ from, to }: Required<LakePart>['hours']): string => `"hour" >= '${from}' AND "hour" < '${to}'`;

/** Records of the tables alone, without the hours that a lake holds. */
export function outsideSql(tables: readonly ViewedTable[], lake: LakePart | undefined): string {
  const columns = viewColumns(tables, lake !== undefined);
  const raw = tables.map((table) => {
    const select = columns.map((column) => rawColumn(table, column));
    const outside = lake?.hours === undefined || !table.layout.hourly ? [] : [outsideOf(partitionOf(table.layout), lake.hours)];
    return `SELECT ${select.join(', ')}\nFROM ${tableSql(table.name)}${whereSql([...outside, ...untilOf(table)])}`;
  });
  return raw.join('\nUNION ALL\n');
}

/**
 * Raw records of one hour of delivery, without partition columns. Tables of a daily layout have no hours: they are read as
 * they are, and no lake holds them.
 */
export const hourSql = (tables: readonly ViewedTable[], hour: string): string =>
  tables
    .filter(({ layout }) => layout.hourly)
    .map((table) => {
      const partition = partitionOf(table.layout);
      const select = recordColumns(tables).map((column) => rawColumn(table, column));
      const conditions = [`"${partition.column}" = '${spelt(partition, hour)}'`, ...untilOf(table)];
      return `SELECT ${select.join(', ')}\nFROM ${tableSql(table.name)}${whereSql(conditions)}`;
    })
    .join('\nUNION ALL\n');

/** An hour in the spelling of a partition column. */
const spelt = (partition: Partition, hour: string): string =>
  partitionValue(partition, new Date(`${hour.slice(0, 10).replaceAll('/', '-')}T${hour.slice(11)}:00:00Z`));

function rawColumn({ format, layout }: ViewedTable, { name, type }: ViewColumn): string {
  if ([ACCOUNT_COLUMN, REGION_COLUMN, partitionOf(layout).column].includes(name)) return `"${name}"`;
  if (!format.names.some((field) => sqlNameOf(field) === name)) return `CAST(NULL AS ${type}) AS "${name}"`;
  return type === 'varchar' ? `nullif("${name}", '-') AS "${name}"` : `"${name}"`;
}

const whereSql = (conditions: readonly string[]): string => (conditions.length === 0 ? '' : `\nWHERE ${conditions.join(' AND ')}`);

/** Times of a record by which a table can end, the one that is preferred first. */
export const UNTIL_FIELDS = ['end', 'start'] as const;

function untilOf({ format, until }: ViewedTable): string[] {
  const field = UNTIL_FIELDS.find((name) => format.names.includes(name));
  return until === undefined || field === undefined ? [] : [`"${sqlNameOf(field)}" <= ${until}`];
}

/** Partitions outside the lake's hours, in a table's own spelling. */
const outsideOf = (partition: Partition, { from, to }: Required<LakePart>['hours']): string =>
  `("${partition.column}" < '${spelt(partition, from)}' OR "${partition.column}" >= '${spelt(partition, to)}')`;

/** A view as Glue keeps those of Athena. The form is that of `CREATE VIEW`; Athena does not document it. */
export const viewText = (schema: string, sql: string, columns: readonly ViewColumn[]): string =>
  `/* Presto View: ${Buffer.from(
    JSON.stringify({ originalSql: sql, catalog: 'awsdatacatalog', schema, columns, runAsInvoker: true }),
  ).toString('base64')} */`;

/** Parameters that make a Glue table a view: both are needed. */
export const VIEW_PARAMETERS = { presto_view: 'true', comment: 'Presto View' } as const;
export const VIEW_EXPANDED_TEXT = '/* Presto View */';

/** Glue's words for the types. */
export const GLUE_TYPES: Readonly<Record<ViewColumn['type'], string>> = {
  varchar: 'string',
  integer: 'int',
  bigint: 'bigint',
  boolean: 'boolean',
  'timestamp(3)': 'timestamp',
};
