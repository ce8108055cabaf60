import { createReadStream, createWriteStream, promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FIELDS } from '../flow-log/fields';
import { FLAT_COLUMNS, ibmRecordsSql } from '../flow-log/ibm';
import { FLAT_TABLE, RECORDS_TABLE } from '../flow-log/tables';
import { type Format, formatKey, formatOf, printFormat, sqlNameOf, unknownNames } from '../flow-log/format';
import { UnitCache } from './cache';
import { type Database, openDatabase, sqlName, sqlString } from './duckdb';
import { SourceError } from './errors';
import { ingest, MAX_SAMPLES, SOUND, type UnitResult } from './ingest';
import { findFiles, type InputFile, isParquet, isReadable } from './input';
import type { Reject } from './lines';
import { inParallel } from './parallel';
import { flatParts, openParquet, type ParquetGroup } from './parquet';
import { type Part, sqlTypeOf } from './spool';
import type { Hints } from './sniff';
import { planUnits, unitKey } from './unit';

export interface Progress {
  readonly filesDone: number;
  readonly files: number;
  readonly bytesDone: number;
  readonly bytes: number;
}

export interface RecordsOptions extends Partial<Hints> {
  /** SQL names of the columns to keep; undefined keeps all. All are checked. Ignored when the cache is on: it always holds all. */
  readonly columns?: ReadonlySet<string> | undefined;
  /** Folder of the Parquet cache; undefined for none. */
  readonly cache: string | undefined;
  readonly threads: number;
  readonly memory: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What was read. `records + rejectedLines = lines`; blank lines and header lines are neither. */
export interface Totals {
  readonly files: number;
  readonly lines: number;
  readonly records: number;
  readonly rejectedLines: number;
  readonly badValues: number;
}

export interface FormatSummary {
  readonly format: string;
  readonly records: number;
  readonly unknownFields: readonly string[];
}

/** Open records: the view {@link RECORDS_TABLE} in a private DuckDB, with the account of what is not in it. */
export interface Records {
  readonly db: Database;
  /** Files that the view reads; the only ones that a query may read. */
  readonly readablePaths: readonly string[];
  /** Folder for temporary files; removed by `close`. */
  readonly scratch: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Columns of the tables, by their names. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
  readonly totals: Totals;
  readonly formats: readonly FormatSummary[];
  readonly samples: readonly Reject[];
  readonly emptyFiles: readonly string[];
  readonly skippedFiles: readonly { readonly path: string; readonly why: string }[];
  readonly assumedFiles: readonly string[];
  /**
   * SQL of a relation like {@link RECORDS_TABLE} that leaves out files without any record whose start is in `[from, to]`:
   * whoever goes through time need not open them all each time.
   */
  between(from: number, to: number): string;
  /** `[least start, greatest start + 1)` in Unix seconds; undefined without records. */
  range(): Promise<{ from: number; to: number } | undefined>;
  /** Writes every rejected line and bad value as NDJSON. */
  writeRejects(path: string): Promise<void>;
  close(): Promise<void>;
}

/** How many units are decoded at a time, so that decoding and converting overlap. */
const UNITS_AT_ONCE = 4;

/**
 * Reads files, folders and globs.
 * @throws SourceError when nothing can be read, or a file that the user named is no flow log
 */
export async function openRecords(sources: readonly string[], options: RecordsOptions): Promise<Records> {
  const files = await findFiles(sources);
  const scratch = await fs.mkdtemp(join(tmpdir(), 'flowlogs-'));
  let db: Database | undefined;
  try {
    db = await openDatabase({ threads: options.threads, memory: options.memory, temporaryFolder: join(scratch, 'spill') });
    const onAbort = () => void db?.end(options.signal?.reason as Error);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    const readable = files.filter(isReadable);
    const text = readable.filter((file) => !isParquet(file));
    const results = [
      ...(await readUnits(db, text, scratch, options)),
      { ...SOUND, skippedFiles: files.filter((file) => !isReadable(file)).map(skipped) },
    ];
    const { parts: flat, others } = await flatParts(db, readable.filter(isParquet));
    const parquet = await openParquet(db, others);
    return await assemble(db, scratch, files, [...results, { ...SOUND, parts: flat }], parquet, async () => {
      options.signal?.removeEventListener('abort', onAbort);
      await db?.close();
      await fs.rm(scratch, { recursive: true, force: true });
    });
  } catch (error) {
    await db?.close();
    await fs.rm(scratch, { recursive: true, force: true });
    options.signal?.throwIfAborted();
    throw error;
  }
}

const skipped = ({ path, unreadable = '' }: InputFile) => ({ path: resolve(path), why: unreadable });

async function readUnits(db: Database, files: readonly InputFile[], scratch: string, options: RecordsOptions): Promise<UnitResult[]> {
  const units = planUnits(files);
  const cache = options.cache === undefined ? undefined : new UnitCache(join(options.cache, 'records'));
  const form = [
    options.headless === undefined ? '' : formatKey(options.headless),
    ...(options.source === undefined ? [] : [options.source]),
  ].join('\n');
  const progress = { filesDone: 0, files: files.length, bytesDone: 0, bytes: files.reduce((sum, file) => sum + file.size, 0) };
  const state = { filled: false };
  const readUnit = async (unit: (typeof units)[number], index: number): Promise<UnitResult> => {
    options.signal?.throwIfAborted();
    const common = { headless: options.headless, source: options.source, scratch, signal: options.signal };
    if (cache === undefined) {
      const out = join(scratch, `unit-${index}`);
      await fs.mkdir(out);
      return ingest(db, unit, out, { ...common, columns: options.columns });
    }
    const key = unitKey(unit, form);
    const cached = await cache.get(key);
    if (cached !== undefined) return cached;
    state.filled = true;
    return cache.put(key, (out) => ingest(db, unit, out, { ...common, columns: undefined }));
  };
  const results = await inParallel(units, UNITS_AT_ONCE, async (unit, index) => {
    const result = await readUnit(unit, index);
    progress.filesDone += unit.files.length;
    progress.bytesDone += unit.files.reduce((sum, file) => sum + file.size, 0);
    options.onProgress?.({ ...progress });
    return result;
  });
  if (state.filled) await cache?.prune();
  return results;
}

interface Group {
  readonly names: readonly string[];
  /** Undefined where no file can hold a start within the range. */
  readonly select: (range?: TimeRange) => string | undefined;
}

/** Both ends included, Unix seconds. */
interface TimeRange {
  readonly from: number;
  readonly to: number;
}

const overlapping = (parts: readonly Part[], range: TimeRange | undefined): string[] =>
  parts
    .filter(({ from, to }) => range === undefined || from === null || to === null || (from <= range.to && to >= range.from))
    .map(({ path }) => path);

async function assemble(
  db: Database,
  scratch: string,
  files: readonly InputFile[],
  results: readonly UnitResult[],
  parquet: readonly ParquetGroup[],
  close: () => Promise<void>,
): Promise<Records> {
  const parts = results.flatMap((result) => result.parts);
  const flat = parts.filter((part) => part.flat === true);
  const textGroups = groupParts(parts.filter((part) => part.flat !== true));
  const formats: FormatSummary[] = [
    ...textGroups.map(({ names, records }) => summaryOf(formatOf(names), records)),
    ...groupParts(flat).map(({ names, records }) => summaryOf(formatOf(names), records)),
    ...parquet.map(({ format, records }) => summaryOf(format, records)),
  ];
  const given = new Map(files.map(({ path }) => [resolve(path), path]));
  const asGiven = (path: string) => given.get(path) ?? path;
  const skippedFiles = results.flatMap((result) => result.skippedFiles).map(({ path, why }) => ({ path: asGiven(path), why }));
  const emptyFiles = results.flatMap((result) => result.emptyFiles).map(asGiven);
  const records = formats.reduce((sum, format) => sum + format.records, 0);
  const rejectedLines = results.reduce((sum, result) => sum + result.rejectedLines, 0);
  if (records === 0 && rejectedLines === 0 && emptyFiles.length === 0 && skippedFiles.length > 0) {
    const [first] = skippedFiles;
    throw new SourceError(`none of the ${files.length} files is a flow log. First: ${first?.path}: ${first?.why}`);
  }
  const groups: Group[] = [
    ...textGroups.map(selectOf),
    ...(await flatGroups(db, flat)),
    ...parquet.map(({ format, select }) => ({ names: format.names, select: () => select })),
  ];
  const columns = columnsOf(groups);
  await db.rows(`CREATE VIEW ${RECORDS_TABLE} AS ${unionOf(columns, groups)}`);
  return {
    db,
    readablePaths: [
      ...results.flatMap((result) => result.parts.map((part) => part.path)),
      ...parquet.flatMap((group) => group.files.map((file) => file.path)),
    ],
    scratch,
    columns,
    tables: new Map([
      [RECORDS_TABLE, columns.map(({ name }) => name)],
      ...(flat.length > 0 ? [[FLAT_TABLE, FLAT_COLUMNS.map(({ name }) => name)] as const] : []),
    ]),
    totals: {
      files: files.length,
      lines: records + rejectedLines,
      records,
      rejectedLines,
      badValues: results.reduce((sum, result) => sum + result.badValues, 0) + parquet.reduce((sum, group) => sum + group.badValues, 0),
    },
    formats,
    samples: results
      .flatMap((result) => result.samples)
      .slice(0, MAX_SAMPLES)
      .map((sample) => ({ ...sample, file: asGiven(sample.file) })),
    emptyFiles,
    skippedFiles,
    assumedFiles: results.flatMap((result) => result.assumedFiles).map(asGiven),
    between: (from, to) => `(${unionOf(columns, groups, { from, to })})`,
    range: () => rangeOf(db, results, parquet, columns),
    writeRejects: (path) => writeRejects(results, path),
    close,
  };
}

const summaryOf = (format: Format, records: number): FormatSummary => ({
  format: printFormat(format),
  records,
  unknownFields: unknownNames(format),
});

/** Parts of the same columns belong together, whichever unit they came from. */
function groupParts(parts: readonly Part[]): { names: readonly string[]; parts: Part[]; records: number }[] {
  const groups = new Map<string, { names: readonly string[]; parts: Part[]; records: number }>();
  for (const part of parts) {
    const key = part.names.join(' ');
    const group = groups.get(key) ?? { names: part.names, parts: [], records: 0 };
    group.parts.push(part);
    group.records += part.records;
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** IBM's flow logs stand in a view of their own, with both directions in a row; records are made of it. */
async function flatGroups(db: Database, parts: readonly Part[]): Promise<Group[]> {
  const [first] = parts;
  if (first === undefined) return [];
  const from = (paths: readonly string[]) => `read_parquet([${paths.map(sqlString).join(', ')}], hive_partitioning = false)`;
  await db.rows(`CREATE VIEW ${FLAT_TABLE} AS SELECT * FROM ${from(overlapping(parts, undefined))}`);
  const select = (range?: TimeRange) => {
    const paths = overlapping(parts, range);
    return paths.length === 0 ? undefined : ibmRecordsSql(range === undefined ? FLAT_TABLE : from(paths));
  };
  return [{ names: first.names, select }];
}

/** A unit read without cache holds only the columns asked for; one read line by line holds all. */
function selectOf(group: { names: readonly string[]; parts: Part[] }): Group {
  const listOf = (paths: readonly string[]) => `[${paths.map(sqlString).join(', ')}]`;
  const kept = new Set(group.parts.flatMap((part) => part.kept ?? part.names));
  const names = group.names.filter((name) => kept.has(name));
  const columns = names.map((name) => sqlName(sqlNameOf(name))).join(', ');
  const select = (range?: TimeRange) => {
    const paths = overlapping(group.parts, range);
    return paths.length === 0
      ? undefined
      : `SELECT ${columns} FROM read_parquet(${listOf(paths)}, union_by_name = true, hive_partitioning = false)`;
  };
  return { names, select };
}

function columnsOf(groups: readonly Group[]): { name: string; type: string }[] {
  const types = new Map<string, { name: string; type: string }>();
  for (const name of groups.flatMap((group) => group.names)) {
    const column = sqlNameOf(name);
    if (!types.has(column.toLowerCase())) types.set(column.toLowerCase(), { name: column, type: sqlTypeOf(name) });
  }
  const columns = [...types.values()];
  return columns.length > 0 ? columns : FIELDS.map((field) => ({ name: field.sqlName, type: sqlTypeOf(field.name) }));
}

/** All groups under the same columns; what one lacks is NULL. */
function unionOf(columns: readonly { name: string; type: string }[], groups: readonly Group[], range?: TimeRange): string {
  const selects = groups.flatMap((group) => {
    const from = group.select(range);
    if (from === undefined) return [];
    const own = new Set(group.names.map((name) => sqlNameOf(name).toLowerCase()));
    const list = columns.map(({ name, type }) => (own.has(name.toLowerCase()) ? sqlName(name) : `NULL::${type} AS ${sqlName(name)}`));
    return [`SELECT ${list.join(', ')} FROM (${from})`];
  });
  if (selects.length > 0) return selects.join(' UNION ALL ');
  return `SELECT ${columns.map((column) => `NULL::${column.type} AS ${sqlName(column.name)}`).join(', ')} WHERE false`;
}

async function rangeOf(
  db: Database,
  results: readonly UnitResult[],
  parquet: readonly ParquetGroup[],
  columns: readonly { name: string }[],
): Promise<{ from: number; to: number } | undefined> {
  if (parquet.length > 0) {
    if (!columns.some((column) => column.name === 'start')) return undefined;
    const [row] = await db.rows(`SELECT min("start") AS "from", max("start") AS "to" FROM ${RECORDS_TABLE}`);
    const { from, to } = row as Record<'from' | 'to', string | null>;
    return from === null || to === null ? undefined : { from: Number(from), to: Number(to) + 1 };
  }
  const parts = results.flatMap((result) => result.parts);
  const starts = parts.flatMap(({ from, to }) => (from === null || to === null ? [] : [{ from, to }]));
  if (starts.length === 0) return undefined;
  return { from: Math.min(...starts.map(({ from }) => from)), to: Math.max(...starts.map(({ to }) => to)) + 1 };
}

async function writeRejects(results: readonly UnitResult[], path: string): Promise<void> {
  await fs.writeFile(path, '');
  for (const { rejectsFile } of results) {
    if (rejectsFile !== undefined) await pipeline(createReadStream(rejectsFile), createWriteStream(path, { flags: 'a' }));
  }
}
