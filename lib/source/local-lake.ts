/** A lake on disk: one sorted Parquet file per hour, which `flowlogs` reads like any other source. */
import { promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { FLAT_TABLE, RECORDS_TABLE } from '../flow-log/tables';
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

/** Small, so that what is sorted together can be passed over by its least and greatest values. */
const ROW_GROUP = 16_384;

/** What is compacted: records, or the flat view with both directions in a row, which holds more. */
interface Subject {
  readonly table: string;
  readonly columns: readonly string[];
  readonly bytes: string;
  readonly packets: string;
  /** What questions ask for comes first. */
  readonly order: readonly string[];
}

function subjectOf(records: Records): Subject {
  const flat = records.tables.get(FLAT_TABLE);
  const own = records.tables.get(RECORDS_TABLE) ?? [];
  if (flat === undefined) {
    const sum = (name: string) => (own.includes(name) ? `coalesce(${name}, 0)` : '0');
    const order = ['action', 'dstport', 'dstaddr', 'interface_id', 'start', ...own];
    return {
      table: RECORDS_TABLE,
      columns: own,
      bytes: sum('bytes'),
      packets: sum('packets'),
      order: order.filter((name) => own.includes(name)),
    };
  }
  if (records.formats.length > 1)
    throw new SourceError('IBM flow logs are compacted by themselves, as their flat view: name them apart from the other sources');
  const both = (what: string) => `coalesce(${what}_from_initiator, 0) + coalesce(${what}_from_target, 0)`;
  return {
    table: FLAT_TABLE,
    columns: flat,
    bytes: both('bytes'),
    packets: both('packets'),
    order: ['log_status', 'action', 'target_port', 'target_ip', 'start', ...flat],
  };
}

const fileOf = (folder: string, hour: number) =>
  join(folder, `hour=${new Date(hour * 1000).toISOString().slice(0, 13).replace('T', '-')}`, 'records.parquet');

async function totalsOf(records: Records, { bytes, packets }: Subject, relation: string): Promise<HourTotals[]> {
  const rows = await records.db.rows(
    `SELECT "start" // ${HOUR} * ${HOUR} AS hour, count(*) AS records, sum(${bytes})::DOUBLE AS bytes, sum(${packets})::DOUBLE AS packets FROM ${relation} GROUP BY 1 ORDER BY 1`,
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
  const subject = subjectOf(records);
  const hours = await totalsOf(records, subject, subject.table);
  const timeless = hours.find(({ hour }) => Number.isNaN(hour));
  if (timeless !== undefined) throw new SourceError(`${timeless.records} records have no start: no hour can hold them. Mend their source`);
  const order = [...new Set(subject.order)].map(sqlName).join(', ');
  let compacted = 0;
  let unchanged = 0;
  const kept: { hour: number; missing: number }[] = [];
  await records.db.rows('SET preserve_insertion_order = true');
  for (const [i, { hour, records: count }] of hours.entries()) {
    const path = fileOf(folder, hour);
    const within = `SELECT * FROM ${subject.table} WHERE "start" >= ${hour} AND "start" < ${hour + HOUR}`;
    const missing = await missingFrom(records, subject, path, within);
    if (missing === undefined || missing.lost === 0) {
      if (missing?.records === count) unchanged++;
      else {
        await fs.mkdir(dirname(path), { recursive: true });
        const draft = join(dirname(path), `.${process.pid}.draft`);
        await records.db.rows(
          `COPY (${within} ORDER BY ${order}) TO ${sqlString(draft)} (FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP})`,
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
async function missingFrom(
  records: Records,
  { columns }: Subject,
  path: string,
  within: string,
): Promise<{ records: number; lost: number } | undefined> {
  if ((await fs.stat(path).catch(() => undefined)) === undefined) return undefined;
  const file = `read_parquet(${sqlString(path)}, hive_partitioning = false)`;
  const there = new Set((await records.db.rows(`DESCRIBE SELECT * FROM ${file}`)).map((row) => String(row['column_name'])));
  const common = columns
    .filter((name) => there.has(name))
    .map(sqlName)
    .join(', ');
  const [row] = await records.db.rows(
    `SELECT (SELECT count(*) FROM ${file}) AS records, (SELECT count(*) FROM (SELECT ${common} FROM ${file} EXCEPT ALL SELECT ${common} FROM (${within}))) AS lost`,
  );
  return { records: Number(row?.['records']), lost: Number(row?.['lost']) };
}

/** Hours of which sources and lake say different things. */
export async function verifyLocally(
  records: Records,
  folder: string,
): Promise<{ hour: number; raw: HourTotals | undefined; lake: HourTotals | undefined }[]> {
  const subject = subjectOf(records);
  const raw = new Map((await totalsOf(records, subject, subject.table)).map((totals) => [totals.hour, totals]));
  const files = await fs.readdir(folder, { recursive: true }).catch(() => []);
  const list = files.filter((name) => /(^|[\\/])hour=[\d-]+[\\/]records\.parquet$/.test(name)).map((name) => sqlString(join(folder, name)));
  const relation = `read_parquet([${list.join(', ')}], union_by_name = true, hive_partitioning = false)`;
  const lake = new Map((list.length === 0 ? [] : await totalsOf(records, subject, relation)).map((totals) => [totals.hour, totals]));
  return [...new Set([...raw.keys(), ...lake.keys()])]
    .sort((a, b) => a - b)
    .map((hour) => ({ hour, raw: raw.get(hour), lake: lake.get(hour) }))
    .filter(({ raw: a, lake: b }) => a?.records !== b?.records || a?.bytes !== b?.bytes || a?.packets !== b?.packets);
}
