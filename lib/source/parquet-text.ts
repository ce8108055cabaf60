import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { type Database, sqlName, sqlPaths } from './duckdb';
import type { ParquetFile } from './parquet';
import { textsAsBytes } from './parquet-footer';

const MAGIC = 'PAR1';

/** DuckDB ends a question at the first text that is no UTF-8, whichever row of whichever file it is in. */
const NO_TEXT = 'Invalid string encoding found in Parquet file';

/** It checks texts before it writes them. */
const CHECKED_BY = 'DuckDB version';

/**
 * Files with a text that is no UTF-8 as copies whose texts are bytes: a row of them is rejected then, not the question. Every text of every
 * file is read for that, but of those that DuckDB wrote.
 * @param scratch where the copies go
 */
export async function withReadableTexts(db: Database, files: readonly ParquetFile[], scratch: string): Promise<ParquetFile[]> {
  const broken = new Set<ParquetFile>();
  for (const alike of await unchecked(db, files)) for (const file of await withBrokenText(db, alike)) broken.add(file);
  const readable: ParquetFile[] = [];
  for (const [i, file] of files.entries())
    readable.push(broken.has(file) ? await withBytes(file, join(scratch, `bytes-${i}.parquet`)) : file);
  return readable;
}

const fromOf = (files: readonly ParquetFile[]) => `read_parquet(${sqlPaths(files.map(({ at }) => at))}, hive_partitioning = false)`;

/** Files whose text is not validated yet, grouped by schema. Readers report the files that cannot be opened. */
async function unchecked(db: Database, files: readonly ParquetFile[]): Promise<ParquetFile[][]> {
  const looked = files.filter(({ file }) => file.size > 0);
  if (looked.length === 0) return [];
  const list = sqlPaths(looked.map(({ at }) => at));
  try {
    const rows = await db.rows(
      `SELECT file_name, created_by, schema FROM parquet_file_metadata(${list}) JOIN (SELECT file_name, md5(string_agg(concat_ws(' ', name, type, num_children, converted_type, logical_type), ',')) AS schema ` +
        `FROM parquet_schema(${list}) GROUP BY 1) USING (file_name)`,
    );
    const rowOf = new Map(rows.map((row) => [String(row['file_name']), row]));
    const alike = new Map<string, ParquetFile[]>();
    for (const file of looked) {
      const row = rowOf.get(file.at);
      if (String(row?.['created_by']).startsWith(CHECKED_BY)) continue;
      const schema = String(row?.['schema']);
      alike.set(schema, [...(alike.get(schema) ?? []), file]);
    }
    return [...alike.values()];
  } catch {
    if (looked.length === 1) return [];
    const each: ParquetFile[][] = [];
    for (const file of looked) each.push(...(await unchecked(db, [file])));
    return each;
  }
}

/** @param alike files of one schema */
async function withBrokenText(db: Database, alike: readonly ParquetFile[]): Promise<readonly ParquetFile[]> {
  try {
    const columns = await db.rows(`DESCRIBE SELECT * FROM ${fromOf(alike.slice(0, 1))}`);
    const texts = columns.filter((row) => /VARCHAR|JSON|ENUM/.test(String(row['column_type'])));
    if (texts.length === 0) return [];
    await db.rows(`SELECT ${texts.map((row) => `max(hash(${sqlName(String(row['column_name']))}))`).join(', ')} FROM ${fromOf(alike)}`);
    return [];
  } catch (error) {
    if (alike.length > 1) {
      const broken: ParquetFile[] = [];
      for (const file of alike) broken.push(...(await withBrokenText(db, [file])));
      return broken;
    }
    return (error as Error).message.includes(NO_TEXT) ? alike : [];
  }
}

/** A copy that differs in its footer only. */
async function withBytes(file: ParquetFile, at: string): Promise<ParquetFile> {
  await fs.copyFile(file.at, at);
  const handle = await fs.open(at, 'r+');
  try {
    const { size } = await handle.stat();
    const end = Buffer.alloc(8);
    await handle.read(end, 0, 8, size - 8);
    const length = end.readUInt32LE(0);
    const old = Buffer.alloc(length);
    await handle.read(old, 0, length, size - 8 - length);
    const { footer, bytes } = textsAsBytes(old);
    end.writeUInt32LE(footer.length, 0);
    await handle.truncate(size - 8 - length);
    await handle.write(Buffer.concat([footer, end.subarray(0, 4), Buffer.from(MAGIC)]), 0, footer.length + 8, size - 8 - length);
    return { ...file, at, bytes };
  } finally {
    await handle.close();
  }
}
