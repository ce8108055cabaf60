import { promises as fs } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Database, isReadablePath, sqlPaths } from './duckdb';
import type { InputFile } from './input';

/** A column, or a level within one, as `parquet_schema` lists them: in the order of a walk, the root first. */
export interface ParquetNode {
  readonly name: string;
  readonly children: number;
}

/** What the end of a Parquet file says. */
export interface ParquetFooter {
  readonly createdBy: string;
  readonly records: number;
  /** Names a schema: the same for files that have the same one. */
  readonly schema: string;
  readonly nodes: readonly ParquetNode[];
}

/** A file to read and where DuckDB finds it. */
export interface ParquetFile {
  readonly file: InputFile;
  readonly at: string;
  /** Where texts of the file are given as bytes, since one is no UTF-8: the columns that hold bytes otherwise. */
  readonly bytes?: ReadonlySet<string>;
  /** What its end says; undefined where it cannot be read. */
  readonly footer?: ParquetFooter | undefined;
}

/** Files by paths that DuckDB can read: one that it cannot gets another name in the folder for temporary files. */
export async function parquetFiles(db: Database, files: readonly InputFile[], scratch: string): Promise<ParquetFile[]> {
  const found: ParquetFile[] = [];
  for (const [i, file] of files.entries()) {
    const path = resolve(file.path);
    const at = isReadablePath(path) ? path : join(scratch, `alias-${i}.parquet`);
    if (at !== path) await fs.symlink(path, at);
    found.push({ file, at });
  }
  return withFooters(db, found);
}

/** Files with their footers, read once for all that needs them: a lake has thousands of files. Where one cannot be read there is none. */
export async function withFooters(db: Database, files: readonly ParquetFile[]): Promise<ParquetFile[]> {
  const footers = await footersOf(
    db,
    files.filter(({ file }) => file.size > 0),
  );
  return files.map((file) => ({ ...file, footer: footers.get(file.at) }));
}

/** By path. One file that is no Parquet fails a question about all: each half is read apart then. */
async function footersOf(db: Database, files: readonly ParquetFile[]): Promise<Map<string, ParquetFooter>> {
  if (files.length === 0) return new Map();
  try {
    return await readTogether(db, sqlPaths(files.map(({ at }) => at)));
  } catch {
    if (files.length === 1) return new Map();
    const middle = files.length >> 1;
    const first = await footersOf(db, files.slice(0, middle));
    return new Map([...first, ...(await footersOf(db, files.slice(middle)))]);
  }
}

async function readTogether(db: Database, paths: string): Promise<Map<string, ParquetFooter>> {
  const rows = await db.rows(
    `WITH schemas AS MATERIALIZED (SELECT file_name, to_json(list({name: name, type: type, children: coalesce(num_children, 0), ` +
      `length: type_length, converted: converted_type, logical: logical_type, scale: scale, precision: precision, repetition: repetition_type})) AS nodes ` +
      `FROM parquet_schema(${paths}) GROUP BY 1), keyed AS (SELECT *, md5(nodes::VARCHAR) AS schema FROM schemas) ` +
      `SELECT file_name, created_by, num_rows, schema, CASE WHEN row_number() OVER (PARTITION BY schema) = 1 THEN nodes::VARCHAR END AS nodes ` +
      `FROM parquet_file_metadata(${paths}) JOIN keyed USING (file_name)`,
  );
  const schemas = new Map<string, readonly ParquetNode[]>();
  for (const { schema, nodes } of rows) if (typeof nodes === 'string') schemas.set(String(schema), JSON.parse(nodes) as ParquetNode[]);
  return new Map(
    rows.map((row) => {
      const schema = String(row['schema']);
      return [
        String(row['file_name']),
        { createdBy: String(row['created_by']), records: Number(row['num_rows']), schema, nodes: schemas.get(schema) ?? [] },
      ];
    }),
  );
}
