import { findField } from '../flow-log/fields';
import { athenaTypeOf } from '../flow-log/format';
import { sqlName } from './duckdb';
import { nestedOf } from './nested';
import { sqlTypeOf } from './spool';
import { isTime, isTimeSql, SECONDS, secondsSql } from './times';

/** Minimum and maximum of a column, from the metadata of its files. */
export interface StoredBounds {
  readonly low: bigint;
  readonly high: bigint;
}

/** How a column becomes a column of the records. */
export interface ParquetColumn {
  /** AWS's name of the field. */
  readonly name: string;
  /** As the file names it. */
  readonly column: string;
  /** SQL of what the file says, as a text. */
  readonly text: string;
  /** SQL of its value, NULL where it does not fit the field. */
  readonly value: string;
  /** SQL that is true where a value does not fit; undefined where none can. */
  readonly bad: string | undefined;
  /** SQL that is true where a text is no UTF-8; undefined where none can be. */
  readonly broken: string | undefined;
  /** What a value should be. */
  readonly expected: string;
}

const INTEGER_TYPES = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|INTEGER)$/;
const FRACTION_TYPES = /^(?:FLOAT|DOUBLE|DECIMAL.*)$/;
const TIME_TYPES = /^(?:TIMESTAMP.*|DATE)$/;

const LIMITS = { INTEGER: [-(2n ** 31n), 2n ** 31n - 1n], BIGINT: [-(2n ** 63n), 2n ** 63n - 1n] } as const;

/** A column as its file has it. */
interface Stored {
  readonly column: string;
  readonly type: string;
  /** Where its type is BLOB, or has one inside: whether the file calls it bytes too, and not text. */
  readonly isBytes: boolean;
  readonly bounds: StoredBounds | undefined;
}

/** The same rules as for text, whatever type a writer chose. `protocol` is INT32 in AWS's files and INT64 in other writers'. */
export function readColumn(name: string, stored: Stored): ParquetColumn {
  const { column, bounds } = stored;
  const own = sqlName(column);
  const isBlob = stored.type === 'BLOB';
  const nested = isBlob || !stored.type.includes('BLOB') ? undefined : nestedOf(own, stored.type);
  // Old writers do not say which bytes are text.
  const decoded = `TRY(decode(${own}))`;
  const isText = isBlob && (findField(name) !== undefined || !stored.isBytes);
  const raw = nested !== undefined ? `(${nested.text})` : !isBlob ? own : isText ? decoded : `coalesce(${decoded}, ${own}::VARCHAR)`;
  const type = isBlob ? 'VARCHAR' : stored.type;
  const broken = isText ? `(${own} IS NOT NULL AND ${decoded} IS NULL)` : stored.isBytes ? undefined : nested?.broken;
  const common = { name, column, text: `${raw}::VARCHAR`, broken };
  const target = sqlTypeOf(name);
  const dash = dashSql(raw, type);
  if (target === 'VARCHAR') {
    const value = dash === undefined ? `${raw}::VARCHAR` : `CASE WHEN NOT ${dash} THEN ${raw}::VARCHAR END`;
    return { ...common, value, bad: undefined, expected: '' };
  }
  const time = isTime(name);
  const integer = integerSql(raw, type, target, time);
  const expected = `${athenaTypeOf(name) === 'int' ? 'a 32-bit' : 'a 64-bit'} integer${time ? ' that is a time from the year 1 on' : ''}`;
  const [least, greatest] = time ? SECONDS : LIMITS[target];
  if (INTEGER_TYPES.test(type) && bounds !== undefined && bounds.low >= least && bounds.high <= greatest)
    return { ...common, value: `CAST(${raw} AS ${target})`, bad: undefined, expected };
  const seconds = TIME_TYPES.test(type) ? integer : secondsSql(integer);
  const scaled = time ? `CASE WHEN ${isTimeSql(integer)} THEN ${seconds} END` : integer;
  const missing = FRACTION_TYPES.test(type) ? `isnan(${raw})` : dash;
  const present = missing === undefined ? '' : ` AND NOT ${missing}`;
  return { ...common, value: scaled, bad: `${raw} IS NOT NULL${present} AND (${scaled}) IS NULL`, expected };
}

/** SQL that is true for `-`; undefined where none can be. A comparison with a time's text is none: DuckDB makes a time of `-` first, and NULL of that. */
function dashSql(raw: string, type: string): string | undefined {
  if (INTEGER_TYPES.test(type) || FRACTION_TYPES.test(type) || TIME_TYPES.test(type)) return undefined;
  return type === 'VARCHAR' ? `(${raw} = '-')` : `regexp_full_match(${raw}::VARCHAR, '-')`;
}

/** NULL for what is no integer of the type. */
function integerSql(raw: string, type: string, target: 'INTEGER' | 'BIGINT', time: boolean): string {
  if (INTEGER_TYPES.test(type)) return `TRY_CAST(${raw} AS ${target})`;
  // Writers that know no missing integer write numbers with a fraction.
  if (FRACTION_TYPES.test(type)) return `CASE WHEN isfinite(${raw}) AND ${raw} = trunc(${raw}) THEN TRY_CAST(${raw} AS ${target}) END`;
  if (time && TIME_TYPES.test(type)) return `CASE WHEN isfinite(${raw}) THEN CAST(floor(epoch(${plainTime(raw, type)})) AS BIGINT) END`;
  return `CASE WHEN regexp_full_match(${raw}::VARCHAR, '-?[0-9]+') THEN TRY_CAST(${raw}::VARCHAR AS ${target}) END`;
}

/** A time without zone is UTC. */
const plainTime = (raw: string, type: string) => (/TIME ZONE|TIMESTAMPTZ/.test(type) ? raw : `${raw}::TIMESTAMP`);
