import { athenaTypeOf, type Format, FormatError, formatOf, namesFlowLog, sqlNameOf } from '../flow-log/format';
import { FOREIGN_NAMES } from '../flow-log/foreign';
import { FLAT_COLUMNS } from '../flow-log/ibm';
import { NO_UTF8 } from './bytes';
import { type Database, sqlName, sqlPath, sqlPaths, sqlString } from './duckdb';
import { SourceError } from './errors';
import { nameOf } from './input';
import { valueReason } from './lines';
import { type ParquetColumn, readColumn, type StoredBounds } from './parquet-column';
import type { ParquetFile } from './parquet-file';
import type { Part } from './spool';

/** Parquet objects of one schema, as AWS's delivery (or anybody) wrote them. */
export interface ParquetGroup {
  readonly format: Format;
  /** Where DuckDB reads them. */
  readonly paths: readonly string[];
  readonly records: number;
  readonly rejectedRows: number;
  readonly badValues: number;
  /** `SELECT` that gives the columns of the format, typed as the field table says. */
  readonly select: string;
  /** `SELECT` of `file`, `line` (the row, from 1 on), `field` (NULL where the row is rejected), `reason`, `text` of every rejected row and bad value; undefined if there is none. */
  readonly rejects: string | undefined;
}

export interface OpenedParquet {
  readonly groups: readonly ParquetGroup[];
  /** Files of a folder that are no flow logs. */
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
}

/**
 * Groups Parquet files by schema. What is no flow log is skipped where it was met in a folder.
 * @throws SourceError for a file that the user named and that is no Parquet, or no flow log
 */
export async function openParquet(db: Database, files: readonly ParquetFile[]): Promise<OpenedParquet> {
  const groups = new Map<string, { columns: Column[]; files: ParquetFile[]; records: number }>();
  const skipped: { path: string; why: string }[] = [];
  for (const described of await describeAll(db, files)) {
    if ('why' in described) {
      const { path, shown, explicit } = described.file.file;
      if (explicit) throw new SourceError(`${shown ?? path}: ${described.why}`);
      skipped.push({ path: nameOf(described.file.file), why: described.why });
      continue;
    }
    const { file, columns, records } = described;
    const key = JSON.stringify([columns, file.bytes === undefined ? undefined : [...file.bytes]]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { columns, files: [file], records });
    else {
      group.files.push(file);
      group.records += records;
    }
  }
  return { groups: await Promise.all([...groups.values()].map((group) => groupOf(db, group))), skipped };
}

interface Column {
  readonly column: string;
  readonly type: string;
}

interface Described {
  readonly file: ParquetFile;
  readonly columns: Column[];
  readonly records: number;
}

/** A file that is no flow log. */
interface Refused {
  readonly file: ParquetFile;
  readonly why: string;
}

/** Files of one schema are described once: a lake has thousands. */
async function describeAll(db: Database, files: readonly ParquetFile[]): Promise<(Described | Refused)[]> {
  const known = new Map<string, Column[] | string>();
  const described: (Described | Refused)[] = [];
  for (const file of files) described.push(await describe(db, file, known));
  return described;
}

async function describe(db: Database, file: ParquetFile, known: Map<string, Column[] | string>): Promise<Described | Refused> {
  const { footer } = file;
  if (file.file.size === 0) return { file, why: 'an empty file, not Parquet' };
  try {
    const columns = known.get(footer?.schema ?? '') ?? (await columnsOf(db, file));
    if (footer === undefined) return { file, why: 'not readable as Parquet: its end is damaged' };
    known.set(footer.schema, columns);
    return typeof columns === 'string' ? { file, why: columns } : { file, columns, records: footer.records };
  } catch (error) {
    return { file, why: `not readable as Parquet: ${(error as Error).message.replace(PLACE_IN_SQL, '')}` };
  }
}

/** Of a question that no user wrote. */
const PLACE_IN_SQL = /\n\nLINE \d+: [^]*$/;

/** The columns, or why they are not those of a flow log. */
async function columnsOf(db: Database, file: ParquetFile): Promise<Column[] | string> {
  const found = await db.rows(`DESCRIBE SELECT * FROM read_parquet(${sqlPath(file.at)}, hive_partitioning = false)`);
  const columns = found.map((row) => ({ column: String(row['column_name']), type: String(row['column_type']) }));
  const names = columns.map(({ column }) => column);
  return whyNoFlowLog(names) ?? whyAmbiguous(file, names) ?? columns;
}

/** Most of what a message shows of a file's columns. */
const MAX_SHOWN = 200;

function whyNoFlowLog(columns: readonly string[]): string | undefined {
  if (!namesFlowLog(columns)) {
    const list = columns.join(', ');
    return `a Parquet file without the columns of flow logs; got ${list.length > MAX_SHOWN ? `${list.slice(0, MAX_SHOWN)} …` : list}`;
  }
  try {
    formatOf(columns.map(columnName));
    return undefined;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return `columns with ambiguous names: ${error.message}`;
  }
}

/** DuckDB gives a column that differs from another in case only a name that the file does not have: which is the field's is not known then. */
function whyAmbiguous({ footer }: ParquetFile, names: readonly string[]): string | undefined {
  const stored = (footer?.nodes ?? []).map(({ name }) => name);
  // One without a name gets one too, by its place.
  const given = names.find((name) => !stored.includes(name) && !(stored.includes('') && /^C\d+$/.test(name)));
  if (given === undefined) return undefined;
  const twins = stored.filter((name) => name.toLowerCase() === given.replace(/_\d+$/, '').toLowerCase());
  return `ambiguous columns: got ${twins.map((name) => JSON.stringify(name)).join(', ')}; name each field once`;
}

/** A column may be named by what no header line can say. */
const columnName = (column: string) => column.replace(/[^\x21-\x23\x25-\x2b\x2d-\x7a\x7c\x7e]/g, '_').slice(0, 128);

async function groupOf(db: Database, group: { columns: Column[]; files: ParquetFile[]; records: number }): Promise<ParquetGroup> {
  const paths = group.files.map(({ at }) => at);
  const list = sqlPaths(paths);
  const format = formatOf(group.columns.map(({ column }) => columnName(column)));
  const bounds = await boundsOf(db, list, group.columns, format);
  const bytes = group.files[0]?.bytes;
  const columns = group.columns.map(({ column, type }, i) => {
    const isBytes = bytes === undefined || bytes.has(column);
    return readColumn(format.names[i] ?? column, { column, type, isBytes, bounds: bounds.get(column) });
  });
  const select = columns.map(({ name, value }) => `${value} AS ${sqlName(sqlNameOf(name))}`);
  const from = `read_parquet(${list}, hive_partitioning = false)`;
  const broken = columns.flatMap((column) => (column.broken === undefined ? [] : [column.broken]));
  const row = broken.length === 0 ? undefined : `(${broken.join(' OR ')})`;
  const rejectedRows = row === undefined ? 0 : Number((await db.rows(`SELECT count(*) AS n FROM ${from} WHERE ${row}`))[0]?.['n']);
  // No rows: no query.
  const rejected = rejectedRows === 0 ? undefined : row;
  const sound = rejected === undefined ? from : `${from} WHERE NOT ${rejected}`;
  const bad = await badColumns(db, sound, columns);
  return {
    format,
    paths,
    records: group.records - rejectedRows,
    rejectedRows,
    badValues: bad.count,
    select: `SELECT ${select.join(', ')} FROM ${sound}`,
    rejects:
      rejectedRows + bad.count === 0 ? undefined : rejectsSql(rowsSql(paths, group.columns), { columns, bad: bad.columns, rejected }),
  };
}

/** Minimum and maximum integers from the footers of the files: most columns need not be read to be validated. */
async function boundsOf(db: Database, list: string, columns: readonly Column[], format: Format): Promise<Map<string, StoredBounds>> {
  const names = columns.filter((_, i) => athenaTypeOf(format.names[i] ?? '') !== 'string').map(({ column }) => sqlString(column));
  if (names.length === 0) return new Map();
  const rows = await db.rows(
    `SELECT path_in_schema AS name, min(TRY_CAST(stats_min_value AS HUGEINT))::VARCHAR AS low, max(TRY_CAST(stats_max_value AS HUGEINT))::VARCHAR AS high, ` +
      `count(*) FILTER (stats_null_count IS DISTINCT FROM num_values AND (TRY_CAST(stats_min_value AS HUGEINT) IS NULL OR TRY_CAST(stats_max_value AS HUGEINT) IS NULL)) AS unknown ` +
      `FROM parquet_metadata(${list}) WHERE path_in_schema IN (${names.join(', ')}) GROUP BY 1`,
  );
  return new Map(
    rows
      .filter((row) => Number(row['unknown']) === 0)
      .map((row) => [
        String(row['name']),
        { low: BigInt((row['low'] as string | null) ?? 0), high: BigInt((row['high'] as string | null) ?? 0) },
      ]),
  );
}

async function badColumns(
  db: Database,
  from: string,
  columns: readonly ParquetColumn[],
): Promise<{ count: number; columns: ParquetColumn[] }> {
  const doubtful = columns.filter(({ bad }) => bad !== undefined);
  if (doubtful.length === 0) return { count: 0, columns: [] };
  const [row] = await db.rows(`SELECT ${doubtful.map(({ bad }, i) => `count(*) FILTER (${bad ?? ''}) AS "${i}"`).join(', ')} FROM ${from}`);
  const counts = doubtful.map((_, i) => Number(row?.[i]));
  return { count: counts.reduce((sum, n) => sum + n, 0), columns: doubtful.filter((_, i) => (counts[i] ?? 0) > 0) };
}

const rejectsSql = (
  rows: readonly Rows[],
  { columns, bad, rejected }: { columns: readonly ParquetColumn[]; bad: readonly ParquetColumn[]; rejected: string | undefined },
) =>
  rows
    .flatMap(({ from, file, row }) => [
      ...(rejected === undefined
        ? []
        : [
            `SELECT ${file} AS file, ${row} AS line, NULL AS field, ${brokenReason(columns)} AS reason, ${brokenText(columns)} AS text FROM ${from} WHERE ${rejected}`,
          ]),
      ...bad.map(
        ({ name, text, bad: isBad, expected }) =>
          `SELECT ${file} AS file, ${row} AS line, ${sqlString(name)} AS field, ${sqlString(valueReason(name, expected))} AS reason, ` +
          `${text} AS text FROM ${from} WHERE ${isBad ?? ''}${rejected === undefined ? '' : ` AND NOT ${rejected}`}`,
      ),
    ])
    .join(' UNION ALL ');

/** SQL of the reason why a row with text that is not UTF-8 is rejected. */
const brokenReason = (columns: readonly ParquetColumn[]) =>
  `concat(${sqlString(`${NO_UTF8}: column `)}, CASE ${columns.flatMap(({ column, broken }) => (broken === undefined ? [] : [`WHEN ${broken} THEN ${sqlString(column)}`])).join(' ')} END)`;

/** SQL of the first such text; bytes that are not UTF-8 as `\xFF`. */
const brokenText = (columns: readonly ParquetColumn[]) =>
  `CASE ${columns.flatMap(({ column, broken }) => (broken === undefined ? [] : [`WHEN ${broken} THEN ${sqlName(column)}::VARCHAR`])).join(' ')} END`;

/** Rows and their origin. */
interface Rows {
  readonly from: string;
  /** SQL of the file's path. */
  readonly file: string;
  /** SQL of the row's number, from 1 on. */
  readonly row: string;
}

/** DuckDB's own columns give both for many files at once; a column of the file with the same name hides them. */
function rowsSql(paths: readonly string[], columns: readonly Column[]): Rows[] {
  const names = new Set(columns.map(({ column }) => column.toLowerCase()));
  if (!names.has('filename') && !names.has('file_row_number')) {
    const from = `read_parquet(${sqlPaths(paths)}, hive_partitioning = false)`;
    return [{ from, file: 'filename', row: 'file_row_number + 1' }];
  }
  let row = 'row';
  while (names.has(row)) row += '_';
  return paths.map((path) => ({
    from: `(SELECT *, row_number() OVER () AS ${sqlName(row)} FROM read_parquet(${sqlPath(path)}, hive_partitioning = false))`,
    file: sqlString(path),
    row: sqlName(row),
  }));
}

/** Parquet of the flat view of IBM's flow logs, as `flowlogs compact` writes it: records are derived from it, not read from it. */
export async function flatParts(db: Database, files: readonly ParquetFile[]): Promise<{ parts: Part[]; others: ParquetFile[] }> {
  const parts: Part[] = [];
  const others: ParquetFile[] = [];
  for (const file of files) {
    const names = new Set(file.footer?.nodes.map(({ name }) => name));
    if (FLAT_COLUMNS.every(({ name }) => names.has(name))) parts.push(await flatPart(db, file.at));
    else others.push(file);
  }
  return { parts, others };
}

async function flatPart(db: Database, path: string): Promise<Part> {
  const [row] = await db.rows(
    `SELECT count(*) + count(*) FILTER (packets_from_target > 0 OR bytes_from_target > 0) AS records, min("start") AS "from", max("start") AS "to", count(*) FILTER ("start" IS NULL) AS timeless FROM read_parquet(${sqlPath(path)}, hive_partitioning = false)`,
  );
  const time = (value: unknown) => (typeof value === 'string' ? Number(value) : null);
  return {
    path,
    names: FOREIGN_NAMES.ibm,
    records: Number(row?.['records']),
    from: time(row?.['from']),
    to: time(row?.['to']),
    timeless: Number(row?.['timeless']),
    flat: true,
  };
}
