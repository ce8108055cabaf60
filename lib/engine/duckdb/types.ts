import type { ColumnType } from '../../analysis/columns';

const TYPES: readonly [RegExp, ColumnType][] = [
  [/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/, 'integer'],
  [/^(FLOAT|DOUBLE|DECIMAL.*)$/, 'number'],
  [/^BOOLEAN$/, 'boolean'],
  [/^(TIMESTAMP.*|STRUCT\("?instant"? TIMESTAMP WITH TIME ZONE, "?zone"? .*)$/, 'timestamp'],
];

/** A type of DuckDB as the type of a column. */
export const typeOf = (duckdbType: string): ColumnType => TYPES.find(([pattern]) => pattern.test(duckdbType))?.[1] ?? 'string';
