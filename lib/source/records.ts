import { createReadStream, createWriteStream, promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FIELDS } from '../flow-log/fields';
import { FLAT_COLUMNS, ibmRecordsSql } from '../flow-log/ibm';
import { FLAT_TABLE, RECORDS_TABLE } from '../flow-log/tables';
import { type Format, formatKey, formatOf, printFormat, sqlNameOf, unknownNames } from '../flow-log/format';
import { UnitCache } from './cache';
import { compressionOf } from './decode';
import { type Database, openDatabase, sqlName, sqlPaths } from './duckdb';
import { SourceError } from './errors';
import { withoutOtherSide } from './foreign/other-side';
import { PARQUET_SOURCES } from './foreign/registry';
import { ingest } from './ingest';
import { findFiles } from './find-files';
import { type InputFile, isParquet, isReadable, nameOf } from './input';
import { added, type Counts, type Ignored, type Kind, WRAPPINGS } from './kind';
import { MAX_SAMPLE, type Reject } from './lines';
import { inParallel } from '../parallel';
import { flatParts, openParquet, type OpenedParquet, type ParquetGroup } from './parquet';
import { type ParquetFile, parquetFiles } from './parquet-file';
import { withReadableTexts } from './parquet-text';
import { type Part, sqlTypeOf } from './spool';
import type { Hints } from './sniff';
import { keepStream } from './streamed';
import { planUnits, unitKey } from './unit';
import { MAX_SAMPLES, SOUND, type UnitResult } from './unit-result';
import { unwrap } from './wrapping/unwrap';

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
  /** Number of files by kind; wrappings are counted in addition to their content. */
  readonly kinds: Counts<Kind>;
  /** What is no record by design, counted. */
  readonly ignored: Counts<Ignored>;
  /**
   * SQL of a relation like {@link RECORDS_TABLE} that leaves out files without any record whose start is in `[from, to]`:
   * so a reader in order of time need not open all of them each time.
   */
  between(from: number, to: number): string;
  /** `[least start, greatest start + 1)` in Unix seconds; undefined without records. */
  range(): Promise<{ from: number; to: number } | undefined>;
  /** How many have no `start`: they are in no window. */
  timeless(): Promise<number>;
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
  const named = await findFiles(sources);
  const scratch = await fs.mkdtemp(join(tmpdir(), 'flowlogs-'));
  let db: Database | undefined;
  try {
    db = await openDatabase({ threads: options.threads, memory: options.memory, temporaryFolder: join(scratch, 'spill') });
    const onAbort = () => void db?.end(options.signal?.reason as Error);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    const read = await readAll(db, named, scratch, options);
    const stored = await withReadableTexts(db, await parquetFiles(db, read.parquet, scratch), scratch);
    const { parts: flat, others } = await flatParts(db, stored);
    const foreign = await foreignParquet(db, others, scratch);
    const own = await openParquet(db, foreign.others);
    const parquet: OpenedParquet = { groups: [...own.groups, ...foreign.groups], skipped: own.skipped };
    const ownFiles = foreign.others.length - own.skipped.length;
    const ofParquet: UnitResult = {
      ...SOUND,
      parts: flat,
      kinds: { ...(flat.length > 0 ? { ibm: flat.length } : {}), ...(ownFiles > 0 ? { parquet: ownFiles } : {}) },
    };
    const text = await withoutOtherSide(db, read.text, scratch);
    const places = placesOf(read, stored);
    return await assemble(db, scratch, places, [...text, ...foreign.accounts, ofParquet], parquet, async () => {
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

interface ReadFiles {
  /** All that were opened, wrappings too. */
  readonly files: readonly InputFile[];
  /** How many there are without the wrappings. */
  readonly count: number;
  readonly text: readonly UnitResult[];
  readonly parquet: readonly InputFile[];
}

/**
 * Reads text, and what shows while it is read: an archive's members, Parquet without its name. Detected by content, which costs nothing
 * for the many files that are neither.
 */
async function readAll(db: Database, named: readonly InputFile[], scratch: string, options: RecordsOptions): Promise<ReadFiles> {
  const files: InputFile[] = [];
  const skippedFiles = named.filter((file) => !isReadable(file)).map((file) => ({ path: nameOf(file), why: file.unreadable ?? '' }));
  const text: UnitResult[] = [{ ...SOUND, skippedFiles }];
  const parquet: InputFile[] = [];
  let count = skippedFiles.length;
  let next: InputFile[] = [];
  for (const [i, file] of named.filter(isReadable).entries())
    next.push(file.stream === true ? await keepStream(file, scratch, i, options.signal) : file);
  for (let round = 0; next.length > 0; round++) {
    files.push(...next);
    count += next.length;
    const others: InputFile[] = [];
    for (const file of next) ((await isParquet(file)) ? parquet : others).push(file);
    const units = await readUnits(db, others, scratch, options, round);
    text.push(...units);
    // Two members of an archive may have one name.
    const byName = new Map<string, InputFile[]>();
    for (const file of next) byName.set(nameOf(file), [...(byName.get(nameOf(file)) ?? []), file]);
    next = [];
    for (const [i, { name, as }] of units.flatMap(({ elsewhere }) => elsewhere).entries()) {
      const file = byName.get(name)?.shift();
      if (file === undefined) continue;
      // Parquet and zip are read from their end on, which a compressed stream does not have.
      const compression = await compressionOf(file.path);
      const wrapping = (as === 'parquet' || as === 'zip') && compression !== 'none' ? compression : as;
      if (wrapping === 'parquet') {
        parquet.push(file);
        continue;
      }
      const { files: members, account } = await unwrap(file, wrapping, join(scratch, `unwrapped-${round}-${i}`), options.signal);
      text.push({ ...account, kinds: { [wrapping]: 1 } });
      count += account.skippedFiles.length - 1;
      next.push(...members);
    }
  }
  return { files, count, text, parquet };
}

interface Places {
  readonly count: number;
  /** A file as the user wrote it, or as it is known within an archive. */
  readonly asGiven: (path: string) => string;
  /** The same as {@link nameOf} says it. */
  readonly asNamed: (path: string) => string;
}

/** Results name files as {@link nameOf} does, DuckDB by where it read them. */
function placesOf({ files, count }: ReadFiles, stored: readonly ParquetFile[]): Places {
  const given = new Map(files.map((file) => [nameOf(file), file.shown ?? file.path]));
  const named = new Map(stored.map(({ file, at }) => [at, nameOf(file)]));
  const asNamed = (path: string) => named.get(path) ?? path;
  return { count, asNamed, asGiven: (path) => given.get(asNamed(path)) ?? asNamed(path) };
}

/** Parquet of systems that have their own names for what flow logs hold. */
async function foreignParquet(
  db: Database,
  files: readonly ParquetFile[],
  scratch: string,
): Promise<{ groups: ParquetGroup[]; accounts: UnitResult[]; others: readonly ParquetFile[] }> {
  const groups: ParquetGroup[] = [];
  const accounts: UnitResult[] = [];
  let others = files;
  for (const { reader } of PARQUET_SOURCES) {
    const reading = await reader.open(db, others, scratch);
    groups.push(...reading.groups);
    accounts.push(reading.account);
    others = reading.others;
  }
  return { groups, accounts, others };
}

async function readUnits(
  db: Database,
  files: readonly InputFile[],
  scratch: string,
  options: RecordsOptions,
  round: number,
): Promise<UnitResult[]> {
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
      const out = join(scratch, `unit-${round}-${index}`);
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
  { count, asGiven, asNamed }: Places,
  results: readonly UnitResult[],
  { groups: parquet, skipped }: OpenedParquet,
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
  const skippedFiles = [...results.flatMap((result) => result.skippedFiles), ...skipped].map(({ path, why }) => ({
    path: asGiven(path),
    why,
  }));
  const emptyFiles = results.flatMap((result) => result.emptyFiles).map(asGiven);
  const records = formats.reduce((sum, format) => sum + format.records, 0);
  const rejectedLines =
    results.reduce((sum, result) => sum + result.rejectedLines, 0) + parquet.reduce((sum, group) => sum + group.rejectedRows, 0);
  const kinds = added(results.map((result) => result.kinds));
  // A log that holds nothing but its header line is one.
  const any = Object.keys(kinds).some((kind) => !Object.hasOwn(WRAPPINGS, kind));
  if (!any && rejectedLines === 0 && emptyFiles.length === 0 && skippedFiles.length > 0) {
    const [first] = skippedFiles;
    throw new SourceError(`none of the ${count} files is a flow log. First: ${first?.path}: ${first?.why}`);
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
    readablePaths: [...results.flatMap((result) => result.parts.map((part) => part.path)), ...parquet.flatMap((group) => group.paths)],
    scratch,
    columns,
    tables: new Map([
      [RECORDS_TABLE, columns.map(({ name }) => name)],
      ...(flat.length > 0 ? [[FLAT_TABLE, FLAT_COLUMNS.map(({ name }) => name)] as const] : []),
    ]),
    totals: {
      files: count,
      lines: records + rejectedLines,
      records,
      rejectedLines,
      badValues: results.reduce((sum, result) => sum + result.badValues, 0) + parquet.reduce((sum, group) => sum + group.badValues, 0),
    },
    formats,
    samples: [...results.flatMap((result) => result.samples), ...(await parquetSamples(db, parquet))]
      .slice(0, MAX_SAMPLES)
      .map((sample) => ({ ...sample, file: asGiven(sample.file) })),
    emptyFiles,
    skippedFiles,
    assumedFiles: results.flatMap((result) => result.assumedFiles).map(asGiven),
    kinds,
    ignored: added(results.map((result) => result.ignored)),
    between: (from, to) => `(${unionOf(columns, groups, { from, to })})`,
    range: () => rangeOf(db, results, parquet, columns),
    timeless: () => timelessIn(db, parts, parquet),
    writeRejects: (path) => writeRejects(db, results, parquet, { path, asNamed }),
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

/** IBM's flow logs have their own view, with both directions in a row; records are derived from it. */
async function flatGroups(db: Database, parts: readonly Part[]): Promise<Group[]> {
  const [first] = parts;
  if (first === undefined) return [];
  const from = (paths: readonly string[]) => `read_parquet(${sqlPaths(paths)}, hive_partitioning = false)`;
  await db.rows(`CREATE VIEW ${FLAT_TABLE} AS SELECT * FROM ${from(overlapping(parts, undefined))}`);
  const select = (range?: TimeRange) => {
    const paths = overlapping(parts, range);
    return paths.length === 0 ? undefined : ibmRecordsSql(range === undefined ? FLAT_TABLE : from(paths));
  };
  return [{ names: first.names, select }];
}

/** A unit read without cache holds only the requested columns; one read line by line holds all. */
function selectOf(group: { names: readonly string[]; parts: Part[] }): Group {
  const kept = new Set(group.parts.flatMap((part) => part.kept ?? part.names));
  const names = group.names.filter((name) => kept.has(name));
  const columns = names.map((name) => sqlName(sqlNameOf(name))).join(', ');
  const select = (range?: TimeRange) => {
    const paths = overlapping(group.parts, range);
    return paths.length === 0
      ? undefined
      : `SELECT ${columns} FROM read_parquet(${sqlPaths(paths)}, union_by_name = true, hive_partitioning = false)`;
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

async function timelessIn(db: Database, parts: readonly Part[], parquet: readonly ParquetGroup[]): Promise<number> {
  let count = parts.reduce((sum, { timeless }) => sum + timeless, 0);
  for (const { format, select, records } of parquet) {
    if (format.names.includes('start')) {
      const [row] = await db.rows(`SELECT count(*) AS n FROM (${select}) WHERE "start" IS NULL`);
      count += Number(row?.['n']);
    } else count += records;
  }
  return count;
}

async function parquetSamples(db: Database, groups: readonly ParquetGroup[]): Promise<Reject[]> {
  const samples: Reject[] = [];
  for (const { rejects } of groups) {
    if (rejects === undefined || samples.length >= MAX_SAMPLES) continue;
    const rows = await db.rows(`SELECT * FROM (${rejects}) ORDER BY file, line, field LIMIT ${MAX_SAMPLES}`);
    samples.push(...rows.map(({ file, line, field, reason, text }) => parquetReject([file, line, field, reason, text])));
  }
  return samples;
}

const parquetReject = ([file, line, field, reason, text]: readonly unknown[]): Reject => ({
  file: String(file),
  line: Number(line),
  kind: field === null ? 'line' : 'value',
  reason: String(reason),
  text: String(text).slice(0, MAX_SAMPLE),
  ...(typeof field === 'string' ? { field } : {}),
});

async function writeRejects(
  db: Database,
  results: readonly UnitResult[],
  parquet: readonly ParquetGroup[],
  { path, asNamed }: { path: string } & Pick<Places, 'asNamed'>,
): Promise<void> {
  await fs.writeFile(path, '');
  for (const { rejectsFile } of results) {
    if (rejectsFile !== undefined) await pipeline(createReadStream(rejectsFile), createWriteStream(path, { flags: 'a' }));
  }
  for (const { rejects } of parquet) {
    if (rejects === undefined) continue;
    const { chunks } = await db.stream(rejects);
    for await (const rows of chunks) {
      const lines = rows.map(parquetReject).map((reject) => `${JSON.stringify({ ...reject, file: asNamed(reject.file) })}\n`);
      await fs.appendFile(path, lines.join(''));
    }
  }
}
