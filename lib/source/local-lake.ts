/** A lake on disk: one sorted Parquet file per hour, which `flowlogs` reads like any other source. */
import { promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { FLAT_TABLE, RECORDS_TABLE } from '../flow-log/tables';
import { draftName } from './draft';
import { sqlName, sqlPath, sqlPaths, sqlString } from './duckdb';
import { SourceError } from './errors';
import { type FolderLock, lockFolder, type LockOptions } from './folder-lock';
import type { Records } from './records';
import { floorSql } from './times';

export interface HourTotals {
  /** Unix seconds of its start; undefined for records that have none. */
  readonly hour: number | undefined;
  readonly records: number;
  readonly bytes: number;
  readonly packets: number;
}

export interface LocalOutcome {
  readonly compacted: number;
  readonly unchanged: number;
  readonly records: number;
  /** Hours whose file has records that the sources lack, or that cannot be distinguished: not changed. */
  readonly kept: readonly Kept[];
}

export interface Kept {
  readonly hour: number | undefined;
  /** Records of the file that the sources lack; 0 if values cannot be matched. */
  readonly missing: number;
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
  /** Frequently queried columns come first. */
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
    throw new SourceError('IBM flow logs are compacted separately, as their flat view: pass them without other sources');
  const both = (what: string) => `coalesce(${what}_from_initiator, 0) + coalesce(${what}_from_target, 0)`;
  return {
    table: FLAT_TABLE,
    columns: flat,
    bytes: both('bytes'),
    packets: both('packets'),
    order: ['log_status', 'action', 'target_port', 'target_ip', 'start', ...flat],
  };
}

const nameOf = (hour: number | undefined) =>
  `hour=${hour === undefined ? 'none' : new Date(hour * 1000).toISOString().slice(0, 13).replace('T', '-')}`;
const fileOf = (folder: string, hour: number | undefined) => join(folder, nameOf(hour), 'records.parquet');
const FILE = /(^|[\\/])hour=(?:none|[\d-]+)[\\/]records\.parquet$/;

/**
 * Hours that are written by one statement: a statement an hour takes longer than to write its file. More would hold more buffers than
 * memory allows; and so many records come out of a sort as one piece, in their order.
 */
const HOURS_AT_ONCE = 32;
const RECORDS_AT_ONCE = 100_000;

/** SQL of the hours of a table; that of records without a start is NULL. */
const hourSql = ({ columns }: Subject) => (columns.includes('start') ? floorSql('"start"', HOUR) : 'NULL');

async function totalsOf(records: Records, subject: Subject, relation: string): Promise<HourTotals[]> {
  const { bytes, packets } = subject;
  const rows = await records.db.rows(
    `SELECT ${hourSql(subject)} AS hour, count(*) AS records, sum(${bytes})::DOUBLE AS bytes, sum(${packets})::DOUBLE AS packets FROM ${relation} GROUP BY 1 ORDER BY 1`,
  );
  return rows.map((row) => ({
    hour: row['hour'] === null ? undefined : Number(row['hour']),
    records: Number(row['records']),
    bytes: Number(row['bytes']),
    packets: Number(row['packets']),
  }));
}

export interface CompactOptions extends LockOptions {
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
}

/**
 * Writes the records of each hour, and those that have no start, into their file, and keeps what the file knows of them beyond the sources: columns that these lack.
 * A file is replaced by one rename, so a reader sees the old one or the new; one that holds records which the sources lack is never
 * replaced. One process at a time writes into a lake.
 */
export async function compactLocally(records: Records, folder: string, options: CompactOptions = {}): Promise<LocalOutcome> {
  const subject = subjectOf(records);
  const hours = await totalsOf(records, subject, subject.table);
  const outcome = { compacted: 0, unchanged: 0, kept: [] as Kept[] };
  await records.db.rows('SET preserve_insertion_order = true');
  const lock = await lockFolder(folder, options);
  try {
    await removeDrafts(folder);
    let done = 0;
    for (const some of await runsOf(hours, folder, subject)) {
      const [first] = some;
      if (first === undefined) continue;
      if (some.length > 1) {
        await writeHours(records, subject, folder, { hours: some, lock }, () => {
          outcome.compacted++;
          options.onProgress?.(++done, hours.length);
        });
      } else {
        const one = await compactHour(records, subject, folder, { ...first, lock });
        if (typeof one !== 'string') outcome.kept.push(one);
        else if (first.hour !== undefined) outcome[one]++;
        options.onProgress?.(++done, hours.length);
      }
    }
  } finally {
    await lock.release();
  }
  return { ...outcome, records: hours.reduce((sum, { records: n }) => sum + n, 0) };
}

const exists = async (path: string): Promise<boolean> => (await fs.stat(path).catch(() => undefined)) !== undefined;

/** Hours in order: runs of those that have no file yet, and each other one by itself. */
async function runsOf(hours: readonly HourTotals[], lake: string, { columns }: Subject): Promise<HourTotals[][]> {
  const runs: HourTotals[][] = [];
  let [open, held] = [false, 0];
  for (const hour of hours) {
    // The folders are named by a column of this name.
    const isNew = hour.hour !== undefined && !columns.includes('hour') && !(await exists(fileOf(lake, hour.hour)));
    const last = runs.at(-1);
    if (last !== undefined && open && isNew && last.length < HOURS_AT_ONCE && held + hour.records <= RECORDS_AT_ONCE) {
      last.push(hour);
      held += hour.records;
    } else {
      runs.push([hour]);
      [open, held] = [isNew, hour.records];
    }
  }
  return runs;
}

const copyTo = (select: string, path: string, more = '') =>
  `COPY (${select}) TO ${sqlString(path)} (FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP}${more})`;

const orderOf = ({ order }: Subject): string => [...new Set(order)].map(sqlName).join(', ');

/** Writes hours that have no file: all into a draft, from which each is renamed. */
async function writeHours(
  records: Records,
  subject: Subject,
  lake: string,
  { hours, lock }: { readonly hours: readonly HourTotals[]; readonly lock: FolderLock },
  onHour: () => void,
): Promise<void> {
  const [from = 0, to = 0] = [hours[0]?.hour, hours.at(-1)?.hour];
  const draft = join(lake, `.${draftName('hours')}`);
  const name = `strftime(make_timestamp(CAST("start" AS BIGINT) * 1000000), '%Y-%m-%d-%H')`;
  try {
    await records.db.rows(
      copyTo(
        `SELECT *, ${name} AS "hour" FROM ${subject.table} WHERE "start" >= ${from} AND "start" < ${to + HOUR} ORDER BY "hour", ${orderOf(subject)}`,
        draft,
        `, PARTITION_BY ("hour")`,
      ),
    );
    for (const { hour } of hours) {
      const path = fileOf(lake, hour);
      await fs.mkdir(dirname(path), { recursive: true });
      await removeDrafts(dirname(path));
      lock.assertHeld();
      // DuckDB numbers the names.
      const made = await fs.readdir(join(draft, nameOf(hour)));
      if (made.length !== 1) throw new Error(`${draft}: expected one file of ${nameOf(hour)}, got ${made.join(', ')}`);
      await fs.rename(join(draft, nameOf(hour), made[0] ?? ''), path);
      onHour();
    }
  } finally {
    await fs.rm(draft, { recursive: true, force: true });
  }
}

async function compactHour(
  records: Records,
  subject: Subject,
  lake: string,
  { hour, records: count, lock }: HourTotals & { lock: FolderLock },
): Promise<'compacted' | 'unchanged' | Kept> {
  const path = fileOf(lake, hour);
  const condition = hour === undefined ? `(${hourSql(subject)}) IS NULL` : `"start" >= ${hour} AND "start" < ${hour + HOUR}`;
  const within = `SELECT * FROM ${subject.table} WHERE ${condition}`;
  const merge = await mergeWith(records, path, within);
  if ('missing' in merge) return { hour, missing: merge.missing };
  if (merge.records === count && !merge.adds) return 'unchanged';
  await fs.mkdir(dirname(path), { recursive: true });
  await removeDrafts(dirname(path));
  const draft = join(dirname(path), `.${draftName('records')}`);
  try {
    await records.db.rows(copyTo(`SELECT * FROM (${merge.select}) ORDER BY ${orderOf(subject)}`, draft));
    lock.assertHeld();
    await fs.rename(draft, path);
  } catch (error) {
    await fs.rm(draft, { force: true });
    throw error;
  }
  return 'compacted';
}

/** The holder of the lock is the only writer: drafts are of killed runs. */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await fs.readdir(folder))
    if (/^\..*\.(?:draft|tmp)$/.test(name)) await fs.rm(join(folder, name), { recursive: true, force: true });
}

/** What the file of an hour becomes. */
interface Merge {
  readonly select: string;
  /** Records that the file holds now. */
  readonly records: number | undefined;
  /** Whether the sources know more of the same records than the file. */
  readonly adds: boolean;
}

/** The records of the sources, with the values of columns that only the file of the hour has. */
async function mergeWith({ db }: Records, path: string, within: string): Promise<Merge | { missing: number }> {
  if (!(await exists(path))) return { select: within, records: undefined, adds: true };
  const file = `read_parquet(${sqlPath(path)}, hive_partitioning = false)`;
  const typesOf = async (relation: string) =>
    new Map((await db.rows(`DESCRIBE ${relation}`)).map((row) => [String(row['column_name']), String(row['column_type'])]));
  const own = await typesOf(within);
  const there = await typesOf(`SELECT * FROM ${file}`);
  const names = (list: readonly string[]) => list.map(sqlName).join(', ');
  const common = [...own.keys()].filter((name) => there.has(name));
  const onlyThere = [...there.keys()].filter((name) => !own.has(name));
  const onlyOwn = [...own.keys()].filter((name) => !there.has(name));
  const count = async (sql: string) => Number((await db.rows(sql))[0]?.['n']);
  // What is compared is what the sources' types make of the file: a value that does not fit them would be lost.
  const cast = common.map((name) => `TRY_CAST(${sqlName(name)} AS ${own.get(name) ?? ''})`);
  const misfits = common.map((name, i) => `(${sqlName(name)} IS NOT NULL AND ${cast[i] ?? ''} IS NULL)`);
  const known = `SELECT ${[...common.map((name, i) => `${cast[i] ?? ''} AS ${sqlName(name)}`), ...onlyThere.map(sqlName)].join(', ')} FROM ${file}`;
  const held = await count(`SELECT count(*) AS n FROM ${file}`);
  if (common.length === 0) return { missing: held };
  const unfit = await count(`SELECT count(*) FILTER (${misfits.join(' OR ')}) AS n FROM ${file}`);
  const lost = await count(
    `SELECT count(*) AS n FROM (SELECT ${names(common)} FROM (${known}) EXCEPT ALL SELECT ${names(common)} FROM (${within}))`,
  );
  if (unfit + lost > 0) return { missing: Math.max(unfit, lost) };
  const some = (list: readonly string[]) => list.map((name) => `${sqlName(name)} IS NOT NULL`).join(' OR ');
  const adds = onlyOwn.length > 0 && (await count(`SELECT count(*) FILTER (${some(onlyOwn)}) AS n FROM (${within})`)) > 0;
  if (onlyThere.length === 0) return { select: within, records: held, adds };
  // Records that are alike in all that both know, and differ in what each knows alone, cannot be put together.
  const different = (relation: string, list: readonly string[]) =>
    `SELECT ${names(common)} FROM (${relation}) GROUP BY ALL HAVING count(DISTINCT row(${names(list)})) > 1`;
  if (adds && (await count(`SELECT count(*) AS n FROM (${different(known, onlyThere)} INTERSECT ${different(within, onlyOwn)})`)) > 0)
    return { missing: 0 };
  const numbered = (relation: string) => `SELECT *, row_number() OVER (PARTITION BY ${names(common)}) AS "key twin" FROM (${relation})`;
  const same = [...common, 'key twin'].map((name) => `s.${sqlName(name)} IS NOT DISTINCT FROM f.${sqlName(name)}`).join(' AND ');
  const columns = [...[...own.keys()].map((name) => `s.${sqlName(name)}`), ...onlyThere.map((name) => `f.${sqlName(name)}`)];
  const select = `SELECT ${columns.join(', ')} FROM (${numbered(within)}) AS s LEFT JOIN (${numbered(known)}) AS f ON ${same}`;
  return { select, records: held, adds };
}

/** Hours of which sources and lake say different things. */
export async function verifyLocally(
  records: Records,
  folder: string,
): Promise<{ hour: number | undefined; raw: HourTotals | undefined; lake: HourTotals | undefined }[]> {
  const subject = subjectOf(records);
  const raw = new Map((await totalsOf(records, subject, subject.table)).map((totals) => [totals.hour, totals]));
  const files = await fs.readdir(folder, { recursive: true }).catch(() => []);
  const list = files.filter((name) => FILE.test(name)).map((name) => join(folder, name));
  const relation = `read_parquet(${sqlPaths(list)}, union_by_name = true, hive_partitioning = false)`;
  const lake = new Map((list.length === 0 ? [] : await totalsOf(records, subject, relation)).map((totals) => [totals.hour, totals]));
  return [...new Set([...raw.keys(), ...lake.keys()])]
    .sort((a = Infinity, b = Infinity) => a - b)
    .map((hour) => ({ hour, raw: raw.get(hour), lake: lake.get(hour) }))
    .filter(({ raw: a, lake: b }) => a?.records !== b?.records || a?.bytes !== b?.bytes || a?.packets !== b?.packets);
}
