/**
 * Google Cloud reports a flow between two of one's own machines from both sides, and once more where it passes a gateway. Each is
 * counted once, whichever files the reports lie in.
 */
import { join } from 'node:path';
import { FOREIGN_NAMES } from '../../flow-log/foreign';
import { type Database, sqlString } from '../duckdb';
import type { Part } from '../spool';
import { SOUND, type UnitResult } from '../unit-result';

/** Of reports of one flow at one time the first of these is kept. */
const REPORTERS = ['SRC', 'DEST', 'SRC_GATEWAY', 'DEST_GATEWAY'];

/** A packet is on its way, and times are cut to seconds. */
const TOLERANCE_SECONDS = 1;

const rank = `list_position([${REPORTERS.map(sqlString).join(', ')}], reporter)`;

/** SQL of whether a better report of the same flow overlaps this one in time. */
function reportedBefore(): string {
  const best = REPORTERS.map((_, i) => `WHEN ${i + 1} THEN max("end") FILTER (${rank} <= ${i}) OVER until_end`);
  return `coalesce(CASE ${rank} ${best.join(' ')} END >= "start" - ${TOLERANCE_SECONDS}, false)`;
}

const WINDOW =
  'WINDOW until_end AS (PARTITION BY srcaddr, dstaddr, srcport, dstport, protocol ORDER BY "start" ' +
  `RANGE BETWEEN UNBOUNDED PRECEDING AND greatest(coalesce("end", "start") - "start", 0) + ${TOLERANCE_SECONDS} FOLLOWING)`;

/** The same results without what another side reported too. */
export async function withoutOtherSide(db: Database, results: readonly UnitResult[], scratch: string): Promise<UnitResult[]> {
  const isGoogle = ({ names }: Part) => names.join(' ') === FOREIGN_NAMES.gcp.join(' ');
  const parts = results.flatMap((result) => result.parts.filter(isGoogle));
  if (parts.length === 0) return [...results];
  const from = `read_parquet([${parts.map(({ path }) => sqlString(path)).join(', ')}], hive_partitioning = false)`;
  const path = join(scratch, 'one-side.parquet');
  const [sides] = await db.rows(`SELECT count(DISTINCT reporter) AS sides FROM ${from}`);
  if (Number(sides?.['sides']) < 2) return [...results];
  await db.rows(
    `COPY (SELECT * EXCLUDE (known) FROM (SELECT *, ${reportedBefore()} AS known FROM ${from} ${WINDOW}) WHERE NOT known) ` +
      `TO ${sqlString(path)} (FORMAT parquet, PARQUET_VERSION V2, COMPRESSION lz4)`,
  );
  const [row] = await db.rows(
    `SELECT count(*) AS records, min("start") AS "from", max("start") AS "to" FROM read_parquet(${sqlString(path)})`,
  );
  const records = Number(row?.['records']);
  const time = (value: unknown) => (typeof value === 'string' ? Number(value) : null);
  const part: Part = { path, names: FOREIGN_NAMES.gcp, records, from: time(row?.['from']), to: time(row?.['to']) };
  const leftOut = parts.reduce((sum, { records: n }) => sum + n, 0) - records;
  return [
    ...results.map((result) => ({ ...result, parts: result.parts.filter((one) => !isGoogle(one)) })),
    { ...SOUND, parts: records === 0 ? [] : [part], ignored: leftOut === 0 ? {} : { 'other-side': leftOut } },
  ];
}
