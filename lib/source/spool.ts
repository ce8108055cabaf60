import { closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findField } from '../flow-log/fields';
import { athenaTypeOf, type Format, sqlNameOf } from '../flow-log/format';
import { type Database, sqlName, sqlPath, sqlString } from './duckdb';
import { MAX_LINE } from './lines';
import { isTime, secondsSql } from './times';

/** Rows of one format in one Parquet file. */
export interface Part {
  readonly path: string;
  /** AWS's names of the format, in order. */
  readonly names: readonly string[];
  /** Those that the file holds; absent: all. */
  readonly kept?: readonly string[];
  readonly records: number;
  /** Least and greatest `start` in Unix seconds; null where the format has none. */
  readonly from: number | null;
  readonly to: number | null;
  /** Records without `start`. */
  readonly timeless: number;
  /** The file holds the flat view of IBM's flow logs, from which the records are made. */
  readonly flat?: true;
}

const SPOOL_BYTES = 64 * 1024 * 1024;

let serial = 0;

/** Spool files that no spool uses now: writing over an old file is cheaper than making a new one. */
const idle: string[] = [];

/**
 * Collects checked lines of one format in a temporary file and turns them into Parquet, piece by piece, so that
 * neither memory nor disk grows with the input.
 */
export class Spool {
  private fd: number | undefined;
  private bytes = 0;
  private path = '';
  private readonly parts: Part[] = [];

  constructor(
    private readonly db: Database,
    private readonly format: Format,
    /** Names of the columns that the lines hold, in the format's order. */
    readonly kept: readonly string[],
    private readonly how: {
      readonly scratch: string;
      readonly out: string;
      /** Whether values may be quoted, see {@link quotedLine}. */
      readonly quoted: boolean;
    },
  ) {}

  private open(): number {
    const used = idle.findIndex((path) => dirname(path) === this.how.scratch);
    const [path] = used === -1 ? [] : idle.splice(used, 1);
    this.path = path ?? join(this.how.scratch, `spool-${++serial}.txt`);
    return openSync(this.path, path === undefined ? 'w' : 'r+');
  }

  /** Takes whole lines, text of one character a byte; they are written when this returns its promise. */
  async write(lines: Uint8Array | string): Promise<void> {
    this.fd ??= this.open();
    // Unlike writeSync, it goes on where a disk that is getting full took a part only.
    writeFileSync(this.fd, lines, 'latin1');
    this.bytes += lines.length;
    if (this.bytes >= SPOOL_BYTES) await this.flush();
  }

  async end(): Promise<readonly Part[]> {
    await this.flush();
    return this.parts;
  }

  discard(): void {
    if (this.fd === undefined) return;
    closeSync(this.fd);
    this.fd = undefined;
    idle.push(this.path);
  }

  /** Converts what has been written so far. */
  private async flush(): Promise<void> {
    if (this.fd === undefined) return;
    ftruncateSync(this.fd, this.bytes);
    closeSync(this.fd);
    this.fd = undefined;
    this.bytes = 0;
    try {
      this.parts.push(await this.convert());
    } finally {
      idle.push(this.path);
    }
  }

  private async convert(): Promise<Part> {
    const path = join(this.how.out, `part-${++serial}.parquet`);
    const all = this.kept.length === this.format.names.length;
    const range = this.kept.includes('start')
      ? 'min("start") AS "from", max("start") AS "to", count(*) FILTER ("start" IS NULL) AS timeless'
      : 'NULL AS "from", NULL AS "to", count(*) AS timeless';
    const [row] = await this.db.rows(
      `${copyStatement({ text: this.path, quoted: this.how.quoted }, this.kept, path, all ? LONG_LIVED : SHORT_LIVED)}; SELECT count(*) AS records, ${range} FROM read_parquet(${sqlPath(path)}, hive_partitioning = false)`,
    );
    const { records, from, to, timeless } = row as Record<'records' | 'from' | 'to' | 'timeless', string | null>;
    return {
      path,
      names: this.format.names,
      ...(all ? {} : { kept: this.kept }),
      records: Number(records),
      from: from === null ? null : Number(from),
      to: to === null ? null : Number(to),
      timeless: Number(timeless),
    };
  }
}

/** Names of the columns to keep: the requested ones, those that have no valid name, and the time; at least one. */
export function keptColumns(format: Format, columns: ReadonlySet<string> | undefined): readonly string[] {
  if (columns === undefined) return format.names;
  const kept = format.names.filter((name) => name === 'start' || columns.has(sqlNameOf(name)) || findField(name) === undefined);
  return kept.length > 0 ? kept : format.names.slice(0, 1);
}

const isInteger = (name: string) => athenaTypeOf(name) !== 'string';

/** Whether the fast path can distinguish a record from a repeated header: only by a column that must be a number. */
export const hasSentinel = (format: Format): boolean => format.names.some(isInteger);

const SQL_TYPES = { int: 'INTEGER', bigint: 'BIGINT', string: 'VARCHAR' } as const;

export const sqlTypeOf = (name: string): 'INTEGER' | 'BIGINT' | 'VARCHAR' => SQL_TYPES[athenaTypeOf(name)];

/** What is read once is written for speed, what is kept for size. */
const SHORT_LIVED = 'COMPRESSION uncompressed, ROW_GROUP_SIZE 61440, DICTIONARY_SIZE_LIMIT 1';
const LONG_LIVED = 'COMPRESSION lz4';

/** A carriage return ends a line for DuckDB, regardless of its options, unless it is quoted. */
export const needsQuotes = (line: string): boolean => line.includes('\r');

/** A record line for a spool with quotes. */
export const quotedLine = (line: string): string =>
  line
    .split(' ')
    .map((token) => (/[\r"]/.test(token) ? `"${token.replaceAll('"', '""')}"` : token))
    .join(' ');

/** Twice what a line may have: quotes are doubled. */
const MAX_LINE_SIZE = 2 * MAX_LINE + 1024;

function copyStatement({ text, quoted }: { text: string; quoted: boolean }, kept: readonly string[], parquet: string, how: string): string {
  const quote = quoted ? '"' : '';
  const columns = kept.map((name, i) => `'c${i}': '${sqlTypeOf(name)}'`);
  const select = kept.map((name, i) => {
    const value = isTime(name) ? secondsSql(`c${i}`) : `c${i}`;
    return `${value} AS ${sqlName(sqlNameOf(name))}`;
  });
  return (
    `COPY (SELECT ${select.join(', ')} FROM read_csv(${sqlPath(text)}, columns = {${columns.join(', ')}}, ` +
    `auto_detect = false, header = false, delim = ' ', quote = '${quote}', escape = '${quote}', comment = '', nullstr = '-', allow_quoted_nulls = false, hive_partitioning = false, new_line = '\\n', max_line_size = ${MAX_LINE_SIZE}, buffer_size = 2097152)) ` +
    `TO ${sqlString(parquet)} (FORMAT parquet, PARQUET_VERSION V2, WRITE_BLOOM_FILTER false, ${how})`
  );
}
