/** Times of records: Unix seconds, whatever a producer counts in. */

/** No flow log is of the year 5138, where seconds reach this; as milliseconds it is a time of 1973. */
const MILLISECONDS_FROM = 100_000_000_000n;
const MICROSECONDS_FROM = MILLISECONDS_FROM * 1000n;
const NANOSECONDS_FROM = MICROSECONDS_FROM * 1000n;

/** The year 1: no calendar goes further back. */
const EARLIEST = -62_135_596_800n;

/** Integers that are already seconds. */
export const SECONDS = [EARLIEST, MILLISECONDS_FROM - 1n] as const;

/** Whether a field of AWS is a time. */
export const isTime = (name: string): boolean => name === 'start' || name === 'end';

/** SQL of a 64-bit integer as seconds. */
export const secondsSql = (sql: string): string =>
  `CASE WHEN ${sql} < ${MILLISECONDS_FROM} THEN ${sql} WHEN ${sql} < ${MICROSECONDS_FROM} THEN ${sql} // 1000 ` +
  `WHEN ${sql} < ${NANOSECONDS_FROM} THEN ${sql} // 1000000 ELSE ${sql} // 1000000000 END`;

/** SQL of the last multiple of a unit that is not after an integer, before 1970 too: DuckDB's `//` cuts towards 0. */
export const floorSql = (sql: string, unit: number): string => `((${sql}) - ((${sql}) % ${unit} + ${unit}) % ${unit})`;

/** SQL that is true for a 64-bit integer that can be a time. */
export const isTimeSql = (sql: string): string => `${sql} >= ${EARLIEST}`;

/** Whether an integer can be a time. */
export const canBeTime = (text: string): boolean => !text.startsWith('-') || BigInt(text) >= EARLIEST;
