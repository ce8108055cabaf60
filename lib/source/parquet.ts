import { type Format, formatOf } from '../flow-log/format';
import { findFieldBySqlName } from '../flow-log/fields';
import { FOREIGN_NAMES } from '../flow-log/foreign';
import { FLAT_COLUMNS } from '../flow-log/ibm';
import { type Database, sqlName, sqlString } from './duckdb';
import { SourceError } from './errors';
import type { InputFile } from './input';
import { type Part, sqlTypeOf } from './spool';

/** Parquet objects of one schema, as AWS's delivery (or anybody) wrote them. */
export interface ParquetGroup {
  readonly format: Format;
  readonly files: readonly InputFile[];
  readonly records: number;
  readonly badValues: number;
  /** `SELECT` that gives the columns of the format, typed as the field table says. */
  readonly select: string;
}

const INTEGER_TYPES = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|INTEGER)$/;

/** AWS's field name of a Parquet column, which is spelt with underscores (or, in some writers, hyphens). */
const fieldNameOf = (column: string) => findFieldBySqlName(column.replaceAll('-', '_'))?.name ?? column;

/**
 * Groups Parquet files by schema. `protocol` is INT32 in AWS's files and INT64 in other writers': both are read.
 * @throws SourceError naming the file that is no Parquet or has no flow-log column
 */
export async function openParquet(db: Database, files: readonly InputFile[]): Promise<ParquetGroup[]> {
  const groups = new Map<string, { columns: { column: string; type: string }[]; files: InputFile[]; records: number }>();
  for (const { file, columns, records } of await describeAll(db, files)) {
    const key = JSON.stringify(columns);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { columns, files: [file], records });
    else {
      group.files.push(file);
      group.records += records;
    }
  }
  return Promise.all([...groups.values()].map((group) => groupOf(db, group)));
}

interface Described {
  readonly file: InputFile;
  readonly columns: { column: string; type: string }[];
  readonly records: number;
}

const listOf = (files: readonly InputFile[]) => `[${files.map(({ path }) => sqlString(path)).join(', ')}]`;

/** Files of one schema are described once: a lake has thousands. Whatever is odd is told file by file. */
async function describeAll(db: Database, files: readonly InputFile[]): Promise<Described[]> {
  if (files.length < 2) return oneByOne(db, files);
  try {
    const schemas = await db.rows(
      `SELECT file_name, md5(string_agg(concat_ws(' ', name, type, converted_type, logical_type), ',')) AS schema FROM parquet_schema(${listOf(files)}) GROUP BY 1`,
    );
    const counts = await db.rows(`SELECT file_name, num_rows FROM parquet_file_metadata(${listOf(files)})`);
    const schemaOf = new Map(schemas.map((row) => [String(row['file_name']), String(row['schema'])]));
    const recordsOf = new Map(counts.map((row) => [String(row['file_name']), Number(row['num_rows'])]));
    const known = new Map<string, Described['columns']>();
    const described: Described[] = [];
    for (const file of files) {
      const [schema, records] = [schemaOf.get(file.path), recordsOf.get(file.path)];
      if (schema === undefined || records === undefined) return await oneByOne(db, files);
      const columns = known.get(schema) ?? (await describe(db, file)).columns;
      known.set(schema, columns);
      described.push({ file, columns, records });
    }
    return described;
  } catch (error) {
    if (error instanceof SourceError) throw error;
    return oneByOne(db, files);
  }
}

async function oneByOne(db: Database, files: readonly InputFile[]): Promise<Described[]> {
  const described: Described[] = [];
  for (const file of files) described.push({ file, ...(await describe(db, file)) });
  return described;
}

/** Parquet of the flat view of IBM's flow logs, as `flowlogs compact` writes it: records are made of it, not read from it. */
export async function flatParts(db: Database, files: readonly InputFile[]): Promise<{ parts: Part[]; others: InputFile[] }> {
  if (files.length === 0) return { parts: [], others: [] };
  const names = FLAT_COLUMNS.map(({ name }) => sqlString(name)).join(', ');
  const found = await db
    .rows(
      `SELECT file_name FROM parquet_schema(${listOf(files)}) WHERE name IN (${names}) GROUP BY 1 HAVING count(DISTINCT name) = ${FLAT_COLUMNS.length}`,
    )
    // What cannot be read is told by whoever reads it as records.
    .catch(() => []);
  const flat = new Set(found.map((row) => String(row['file_name'])));
  const parts: Part[] = [];
  for (const file of files) if (flat.has(file.path)) parts.push(await flatPart(db, file));
  return { parts, others: files.filter(({ path }) => !flat.has(path)) };
}

async function flatPart(db: Database, { path }: InputFile): Promise<Part> {
  const [row] = await db.rows(
    `SELECT count(*) + count(*) FILTER (packets_from_target > 0 OR bytes_from_target > 0) AS records, min("start") AS "from", max("start") AS "to" FROM read_parquet(${sqlString(path)}, hive_partitioning = false)`,
  );
  const time = (value: unknown) => (typeof value === 'string' ? Number(value) : null);
  return {
    path,
    names: FOREIGN_NAMES.ibm,
    records: Number(row?.['records']),
    from: time(row?.['from']),
    to: time(row?.['to']),
    flat: true,
  };
}

async function describe(db: Database, file: InputFile): Promise<{ columns: { column: string; type: string }[]; records: number }> {
  const from = `read_parquet(${sqlString(file.path)}, hive_partitioning = false)`;
  try {
    const columns = await db.rows(`DESCRIBE SELECT * FROM ${from}`);
    const [count] = await db.rows(`SELECT count(*) AS n FROM ${from}`);
    const found = columns.map((row) => ({ column: String(row['column_name']), type: String(row['column_type']) }));
    if (!found.some(({ column }) => findFieldBySqlName(column.replaceAll('-', '_')) !== undefined)) {
      throw new SourceError(`${file.path}: a Parquet file without any flow-log column; got ${found.map((c) => c.column).join(', ')}`);
    }
    return { columns: found, records: Number(count?.['n']) };
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(`${file.path}: not readable as Parquet: ${(error as Error).message}`, { cause: error });
  }
}

async function groupOf(
  db: Database,
  group: { columns: { column: string; type: string }[]; files: InputFile[]; records: number },
): Promise<ParquetGroup> {
  const list = group.files.map((file) => sqlString(file.path)).join(', ');
  const from = `read_parquet([${list}], hive_partitioning = false)`;
  const names = group.columns.map(({ column }) => fieldNameOf(column));
  const format = formatOf(names);
  const select = group.columns.map(({ column, type }, i) => {
    const name = names[i] ?? column;
    const target = sqlTypeOf(name);
    const raw = sqlName(column);
    const value = INTEGER_TYPES.test(type) ? raw : `NULLIF(${raw}::VARCHAR, '-')`;
    return `TRY_CAST(${value} AS ${target}) AS ${sqlName(name.replaceAll('-', '_'))}`;
  });
  const textual = group.columns.filter(({ type }, i) => sqlTypeOf(names[i] ?? '') !== 'VARCHAR' && !INTEGER_TYPES.test(type));
  const badValues =
    textual.length === 0
      ? 0
      : await countBad(
          db,
          from,
          textual.map(({ column }) => column),
        );
  return { format, files: group.files, records: group.records, badValues, select: `SELECT ${select.join(', ')} FROM ${from}` };
}

async function countBad(db: Database, from: string, columns: readonly string[]): Promise<number> {
  const sum = columns.map(
    (c) => `count(*) FILTER (${sqlName(c)} IS NOT NULL AND ${sqlName(c)}::VARCHAR <> '-' AND TRY_CAST(${sqlName(c)} AS BIGINT) IS NULL)`,
  );
  const [row] = await db.rows(`SELECT ${sum.join(' + ')} AS n FROM ${from}`);
  return Number(row?.['n']);
}
