/**
 * Google Cloud reports a flow between two of one's own machines from both sides, and once more where it passes a gateway. Each is
 * counted once, whichever files the reports lie in.
 */
import { join } from 'node:path';
import { FOREIGN_NAMES } from '../../flow-log/foreign';
import { type Database, sqlPath, sqlPaths, sqlString } from '../duckdb';
import type { Part } from '../spool';
import { SOUND, type UnitResult } from '../unit-result';

/** Of reports of one flow at one time the first of these is kept. */
const REPORTERS = ['SRC', 'DEST', 'SRC_GATEWAY', 'DEST_GATEWAY'];

/** A packet is on its way, and times are cut to seconds. */
const TOLERANCE_SECONDS = 1;

/** Reports that overlap have a stretch of this length in common: by it they are joined. Google's intervals are 5 seconds to 15 minutes. */
const STRETCH_SECONDS = 60;

const CONNECTION = 'srcaddr, dstaddr, srcport, dstport, protocol';

/** Reports of some rank, one row for each stretch that they touch. */
const reports = (from: string, where: string, tolerance: number) =>
  `(SELECT file_index, file_row_number, ${CONNECTION}, "start", "end", rank, ` +
  `unnest(range(("start" - ${tolerance}) // ${STRETCH_SECONDS}, ("end" + ${tolerance}) // ${STRETCH_SECONDS} + 1)) AS stretch FROM ` +
  `(SELECT *, file_index, file_row_number, list_position([${REPORTERS.map(sqlString).join(', ')}], reporter) AS rank FROM ${from}) WHERE ${where} AND "end" >= "start")`;

/** Places of the records that another side reported better. */
const known = (from: string) =>
  `SELECT DISTINCT worse.file_index, worse.file_row_number FROM ${reports(from, 'rank > 1', TOLERANCE_SECONDS)} AS worse ` +
  `SEMI JOIN ${reports(from, `rank < ${REPORTERS.length}`, 0)} AS better ` +
  `ON ${CONNECTION.split(', ')
    .map((name) => `worse.${name} = better.${name}`)
    .join(' AND ')} AND worse.stretch = better.stretch AND better.rank < worse.rank ` +
  `AND better."start" <= worse."end" + ${TOLERANCE_SECONDS} AND better."end" >= worse."start" - ${TOLERANCE_SECONDS}`;

/** The same results without what another side reported too. */
export async function withoutOtherSide(db: Database, results: readonly UnitResult[], scratch: string): Promise<UnitResult[]> {
  const isGoogle = ({ names }: Part) => names.join(' ') === FOREIGN_NAMES.gcp.join(' ');
  const parts = results.flatMap((result) => result.parts.filter(isGoogle));
  if (parts.length === 0) return [...results];
  const from = `read_parquet(${sqlPaths(parts.map(({ path }) => path))}, hive_partitioning = false)`;
  const places = join(scratch, 'other-side.parquet');
  await db.rows(`COPY (${known(from)}) TO ${sqlString(places)} (FORMAT parquet)`);
  const [found] = await db.rows(`SELECT count(*) AS n FROM read_parquet(${sqlPath(places)})`);
  const leftOut = Number(found?.['n']);
  if (leftOut === 0) return [...results];
  const path = join(scratch, 'one-side.parquet');
  await db.rows(
    `COPY (SELECT records.* EXCLUDE (file, row) FROM (SELECT *, file_index AS file, file_row_number AS row FROM ${from}) AS records ` +
      `ANTI JOIN read_parquet(${sqlPath(places)}) AS known ON file = known.file_index AND row = known.file_row_number) ` +
      `TO ${sqlString(path)} (FORMAT parquet, PARQUET_VERSION V2, COMPRESSION lz4)`,
  );
  const [row] = await db.rows(
    `SELECT count(*) AS records, min("start") AS "from", max("start") AS "to", count(*) FILTER ("start" IS NULL) AS timeless FROM read_parquet(${sqlPath(path)})`,
  );
  const records = Number(row?.['records']);
  const time = (value: unknown) => (typeof value === 'string' ? Number(value) : null);
  const part: Part = {
    path,
    names: FOREIGN_NAMES.gcp,
    records,
    from: time(row?.['from']),
    to: time(row?.['to']),
    timeless: Number(row?.['timeless']),
  };
  return [
    ...results.map((result) => ({ ...result, parts: result.parts.filter((one) => !isGoogle(one)) })),
    { ...SOUND, parts: records === 0 ? [] : [part], ignored: { 'other-side': leftOut } },
  ];
}
