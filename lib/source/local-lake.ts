/** A lake on disk: one sorted Parquet file per hour, which `flowlogs` reads like any other source. */
import { promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { RECORDS_TABLE } from '../flow-log/tables';
import { sqlName, sqlString } from './duckdb';
import { SourceError } from './errors';
import type { Records } from './records';

export interface HourTotals {
  /** Unix seconds of its start. */
  readonly hour: number;
  readonly records: number;
  readonly bytes: number;
  readonly packets: number;
}

export interface LocalOutcome {
  readonly compacted: number;
  readonly unchanged: number;
  readonly records: number;
  /** Hours whose file holds records that the sources lack: left as they are. */
  readonly kept: readonly { hour: number; missing: number }[];
}

const HOUR = 3600;

const fileOf = (folder: string, hour: number) =>
  join(folder, `hour=${new Date(hour * 1000).toISOString().slice(0, 13).replace('T', '-')}`, 'records.parquet');

/** Totals per hour of a relation of the records' columns. */
async function totalsOf(records: Records, relation: string): Promise<HourTotals[]> {
  const there = new Set(records.columns.map(({ name }) => name));
  const sum = (name: string) => (there.has(name) ? `coalesce(sum(${name}), 0)` : '0');
  const rows = await records.db.rows(
    `SELECT "start" // ${HOUR} * ${HOUR} AS hour, count(*) AS records, ${sum('bytes')}::DOUBLE AS bytes, ${sum('packets')}::DOUBLE AS packets FROM ${relation} GROUP BY 1 ORDER BY 1`,
  );
  return rows.map((row) => ({
    hour: row['hour'] === null ? NaN : Number(row['hour']),
    records: Number(row['records']),
    bytes: Number(row['bytes']),
    packets: Number(row['packets']),
  }));
}

/**
 * Writes the records of each hour into its file. A file is replaced by one rename, so a reader sees the old one or the
 * new; one that holds records which the sources lack is never replaced.
 * @throws SourceError if a record has no start: no hour can hold it
 */
export async function compactLocally(
  records: Records,
  folder: string,
  onProgress: (done: number, of: number) => void = () => undefined,
): Promise<LocalOutcome> {
  const hours = await totalsOf(records, RECORDS_TABLE);
  const timeless = hours.find(({ hour }) => Number.isNaN(hour));
  if (timeless !== undefined) throw new SourceError(`${timeless.records} records have no start: no hour can hold them. Mend their source`);
  const names = records.columns.map(({ name }) => name);
  const order = ['action', 'interface_id', 'start', ...names].filter((name, i, all) => names.includes(name) && all.indexOf(name) === i);
  let compacted = 0;
  let unchanged = 0;
  const kept: { hour: number; missing: number }[] = [];
  for (const [i, { hour, records: count }] of hours.entries()) {
    const path = fileOf(folder, hour);
    const missing = await missingFrom(records, path, hour);
    if (missing === undefined || missing.lost === 0) {
      if (missing?.records === count) unchanged++;
      else {
        await fs.mkdir(dirname(path), { recursive: true });
        const draft = join(dirname(path), `.${process.pid}.draft`);
        await records.db.rows(
          `COPY (SELECT * FROM ${RECORDS_TABLE} WHERE "start" >= ${hour} AND "start" < ${hour + HOUR} ORDER BY ${order.map(sqlName).join(', ')}) TO ${sqlString(draft)} (FORMAT parquet, COMPRESSION zstd)`,
        );
        await fs.rename(draft, path);
        compacted++;
      }
    } else kept.push({ hour, missing: missing.lost });
    onProgress(i + 1, hours.length);
  }
  return { compacted, unchanged, kept, records: hours.reduce((sum, { records: n }) => sum + n, 0) };
}

/** How many records of an hour's file the sources lack; undefined if there is no file. */
async function missingFrom(records: Records, path: string, hour: number): Promise<{ records: number; lost: number } | undefined> {
  if ((await fs.stat(path).catch(() => undefined)) === undefined) return undefined;
  const there = new Set(
    (await records.db.rows(`DESCRIBE SELECT * FROM read_parquet(${sqlString(path)})`)).map((row) => String(row['column_name'])),
  );
  const common = records.columns
    .map(({ name }) => name)
    .filter((name) => there.has(name))
    .map(sqlName)
    .join(', ');
  const [row] = await records.db.rows(
    `SELECT (SELECT count(*) FROM read_parquet(${sqlString(path)})) AS records, (SELECT count(*) FROM (SELECT ${common} FROM read_parquet(${sqlString(path)}) ` +
      `EXCEPT ALL SELECT ${common} FROM ${RECORDS_TABLE} WHERE "start" >= ${hour} AND "start" < ${hour + HOUR})) AS lost`,
  );
  return { records: Number(row?.['records']), lost: Number(row?.['lost']) };
}

/** Hours of which sources and lake say different things. */
export async function verifyLocally(
  records: Records,
  folder: string,
): Promise<{ hour: number; raw: HourTotals | undefined; lake: HourTotals | undefined }[]> {
  const raw = new Map((await totalsOf(records, RECORDS_TABLE)).map((totals) => [totals.hour, totals]));
  const files = await fs.readdir(folder, { recursive: true }).catch(() => []);
  const list = files.filter((name) => /(^|[\\/])hour=[\d-]+[\\/]records\.parquet$/.test(name)).map((name) => sqlString(join(folder, name)));
  const lake = new Map(
    (list.length === 0
      ? []
      : await totalsOf(records, `read_parquet([${list.join(', ')}], union_by_name = true, hive_partitioning = false)`)
    ).map((totals) => [totals.hour, totals]),
  );
  return [...new Set([...raw.keys(), ...lake.keys()])]
    .sort((a, b) => a - b)
    .map((hour) => ({ hour, raw: raw.get(hour), lake: lake.get(hour) }))
    .filter(({ raw: a, lake: b }) => a?.records !== b?.records || a?.bytes !== b?.bytes || a?.packets !== b?.packets);
}
