import type { Column } from './schema';

/** One value of a result row: the same for every engine, ready for JSON. */
export type Value = string | number | boolean | null;
export type Row = Record<string, Value>;
export type ColumnType = Column['type'];

/** A JSON number while exact, else the digits as a string. */
export function integerValue(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/**
 * `2026-11-20 05:00:00.000 UTC`, `2026-11-20 05:00:00` and the like to `2026-11-20T05:00:00Z`; fractions kept if not zero. A time of another zone
 * stays with it: `2026-11-20T00:00:00 America/New_York`.
 */
export function timestampValue(text: string): string {
  const match = /^(\d{4,}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d+)?(.*)$/.exec(text);
  if (match === null) return text;
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  const zone = (match[4] ?? '').trim();
  return `${match[1]}T${match[2]}${fraction === '.' ? '' : fraction}${/^(?:|Z|UTC|[+-]00(?::00)?)$/.test(zone) ? 'Z' : ` ${zone}`}`;
}

/** A time of the engine here with its zone, as Athena prints it. */
const zonedText = (value: object): string =>
  'wall' in value && 'zone' in value ? `${String(value.wall)} ${String(value.zone)}` : JSON.stringify(value);

/** An engine's raw value as the column's type. */
export function coerce(value: unknown, type: ColumnType): Value {
  if (value === null || value === undefined) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  switch (type) {
    case 'integer':
      return integerValue(text);
    case 'number':
      return text === '' || Number.isNaN(Number(text)) ? text : Number(text);
    case 'boolean':
      return text === 'true';
    case 'timestamp':
      return timestampValue(typeof value === 'object' ? zonedText(value) : text);
    case 'address':
    case 'string':
      return text;
  }
}

/** Rows of exactly the given columns, in their order. */
export const coerceRow = (raw: Readonly<Record<string, unknown>>, columns: readonly { name: string; type: ColumnType }[]): Row =>
  Object.fromEntries(columns.map(({ name, type }) => [name, coerce(raw[name], type)]));
