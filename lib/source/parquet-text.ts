import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { type Database, sqlName, sqlPaths } from './duckdb';
import { textsAsBytes } from './parquet-footer';
import { type ParquetFile, withFooters } from './parquet-file';

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
export async function withReadableTexts(db: Database, files: readonly ParquetFile[], scratch: string): Promise<readonly ParquetFile[]> {
  const broken = new Set<ParquetFile>();
  for (const alike of unchecked(files)) for (const file of await withBrokenText(db, alike)) broken.add(file);
  if (broken.size === 0) return files;
  const copies: ParquetFile[] = [];
  for (const file of broken) copies.push(await withBytes(file, join(scratch, `bytes-${copies.length}.parquet`)));
  const known = await withFooters(db, copies);
  const readable = new Map([...broken].map((file, i) => [file, known[i]]));
  return files.map((file) => readable.get(file) ?? file);
}

const fromOf = (files: readonly ParquetFile[]) => `read_parquet(${sqlPaths(files.map(({ at }) => at))}, hive_partitioning = false)`;

/** Files whose text is not validated yet, grouped by schema. Readers report the files that cannot be opened. */
function unchecked(files: readonly ParquetFile[]): ParquetFile[][] {
  const alike = new Map<string, ParquetFile[]>();
  for (const file of files) {
    if (file.footer === undefined || file.footer.createdBy.startsWith(CHECKED_BY)) continue;
    const { schema } = file.footer;
    const same = alike.get(schema);
    if (same === undefined) alike.set(schema, [file]);
    else same.push(file);
  }
  return [...alike.values()];
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
