import type { AthenaType } from '../flow-log/fields';
import { athenaTypeOf, type Format, sqlNameOf } from '../flow-log/format';
import { ACCOUNT_COLUMN, type Layout, type Partition, partitionOf, REGION_COLUMN } from '../flow-log/layout';
import { tableSql } from './render';

/** A table of raw records as the view sees it. */
export interface ViewedTable {
  /** `database.table` */
  readonly name: string;
  readonly format: Format;
  readonly layout: Layout;
}

export interface ViewColumn {
  readonly name: string;
  /** Trino's type. */
  readonly type: 'varchar' | 'integer' | 'bigint';
}

const TRINO_TYPES: Readonly<Record<AthenaType, ViewColumn['type']>> = { string: 'varchar', int: 'integer', bigint: 'bigint' };

/** Partition columns of a view over tables, each layout's once. */
export const partitionsOf = (tables: readonly Pick<ViewedTable, 'layout'>[]): Partition[] => [
  ...new Map(tables.map(({ layout }) => [partitionOf(layout).column, partitionOf(layout)])).values(),
];

/** Columns of all formats, in the order met, then what tells where a record came from. */
export function viewColumns(tables: readonly Pick<ViewedTable, 'format' | 'layout'>[]): ViewColumn[] {
  const fields = new Map<string, ViewColumn>();
  for (const name of tables.flatMap(({ format }) => format.names))
    fields.set(sqlNameOf(name), { name: sqlNameOf(name), type: TRINO_TYPES[athenaTypeOf(name)] });
  const origin = [ACCOUNT_COLUMN, REGION_COLUMN, ...partitionsOf(tables).map(({ column }) => column)];
  return [...fields.values(), ...origin.map((name) => ({ name, type: 'varchar' as const }))];
}

/**
 * One table over tables of the same kind of record: fields that one lacks are typed NULLs, and `-` is NULL as everywhere
 * else, so that a question outlives a format.
 */
export function recordsViewSql(tables: readonly ViewedTable[]): string {
  const columns = viewColumns(tables);
  return tables
    .map(({ name, format, layout }) => {
      const fields = new Set(format.names.map(sqlNameOf));
      const own = new Set([ACCOUNT_COLUMN, REGION_COLUMN, partitionOf(layout).column]);
      const select = columns.map((column) => {
        if (own.has(column.name)) return `"${column.name}"`;
        if (!fields.has(column.name)) return `CAST(NULL AS ${column.type}) AS "${column.name}"`;
        return column.type === 'varchar' ? `nullif("${column.name}", '-') AS "${column.name}"` : `"${column.name}"`;
      });
      return `SELECT ${select.join(', ')}\nFROM ${tableSql(name)}`;
    })
    .join('\nUNION ALL\n');
}
