import { coerce, type ColumnType, type Row } from '../analysis/columns';
import { FIELDS } from '../flow-log/fields';
import type { ResultColumn } from './engine';

const SQL_NAME_OF = new Map(FIELDS.map((field) => [field.insightsName, field.sqlName]));

/**
 * Column of a result field: `srcAddr` is `srcaddr`; `bytes_` is `bytes`, since an alias may not hide a field of the same
 * name.
 */
export const columnOfField = (field: string): string => SQL_NAME_OF.get(field) ?? field.replace(/_$/, '');

/** Times come as text (`bin`), as epoch seconds (fields such as startTime) or milliseconds (min of @timestamp). */
function timeText(value: unknown): unknown {
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
  if (number === undefined) return value;
  return new Date(number >= 100_000_000_000 ? number : number * 1000).toISOString().replace('T', ' ').replace('Z', '');
}

const coerceField = (value: unknown, type: ColumnType) =>
  // Everything is text in Insights, and `-` means that there is no value.
  value === '-' || value === '' ? null : coerce(type === 'timestamp' ? timeText(value) : value, type);

/** A result row of Insights as a row of the analysis; a column without field is null. */
export function rowOfFields(fields: Readonly<Record<string, unknown>>, columns: readonly ResultColumn[]): Row {
  const byColumn = new Map(Object.entries(fields).map(([field, value]) => [columnOfField(field), value]));
  return Object.fromEntries(columns.map(({ name, type }) => [name, coerceField(byColumn.get(name), type)]));
}
