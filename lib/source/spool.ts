import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findField } from '../flow-log/fields';
import { athenaTypeOf, type Format, sqlNameOf } from '../flow-log/format';
import { type Database, sqlName, sqlString } from './duckdb';

/** Rows of one format in one Parquet file. */
export interface Part {
  readonly path: string;
  /** AWS's names of the format, in order. */
  readonly names: readonly string[];
  readonly records: number;
  /** Least and greatest `start` in Unix seconds; null where the format has none. */
  readonly from: number | null;
  readonly to: number | null;
  /** The file holds the flat view of IBM's flow logs, from which the records are made. */
  readonly flat?: true;
}

/** Text that DuckDB found irregular although it looked regular: the unit is read again line by line. */
export class IrregularError extends Error {
  override name = 'IrregularError';
}

const SPOOL_BYTES = 64 * 1024 * 1024;
const LINE_FEED = 10;

/** Marks a row whose integers do not print as they were written. No field can have this name: it holds a space. */
const ODD = '"odd row"';

let serial = 0;

/** Spool files that no spool uses now: writing over an old file is cheaper than making a new one. */
const idle: string[] = [];

/**
 * Collects decoded lines of one format in a temporary file and turns them into Parquet, piece by piece, so that
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
    private readonly folder: { readonly scratch: string; readonly out: string },
    /** SQL names of the columns to keep; all if undefined. */
    private readonly columns: ReadonlySet<string> | undefined,
    /** Whether the lines were checked one by one before; if not, anything odd throws {@link IrregularError}. */
    private readonly checked: boolean,
  ) {}

  private open(): number {
    const used = idle.findIndex((path) => dirname(path) === this.folder.scratch);
    const [path] = used === -1 ? [] : idle.splice(used, 1);
    this.path = path ?? join(this.folder.scratch, `spool-${++serial}.txt`);
    return openSync(this.path, path === undefined ? 'w' : 'r+');
  }

  write(bytes: Uint8Array | string): void {
    this.fd ??= this.open();
    if (typeof bytes === 'string') this.bytes += writeSync(this.fd, bytes, null, 'latin1');
    else this.bytes += writeSync(this.fd, bytes);
  }

  /** Enough text has come together: flush at the next line end. */
  get full(): boolean {
    return this.bytes >= SPOOL_BYTES;
  }

  /** Converts what has been written so far. Must stand at the end of a line. */
  async flush(): Promise<void> {
    if (this.fd === undefined) return;
    ftruncateSync(this.fd, this.bytes);
    closeSync(this.fd);
    this.fd = undefined;
    this.bytes = 0;
    try {
      const part = await this.convert();
      if (part.records > 0) this.parts.push(part);
    } finally {
      idle.push(this.path);
    }
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

  private async convert(): Promise<Part> {
    const id = ++serial;
    const path = join(this.folder.out, `part-${id}.parquet`);
    const kept = keptColumns(this.format, this.columns);
    const rejects = `rejects_${id}`;
    const hasStart = kept.includes('start');
    const [row] = await this.db.rows(
      `${copyStatement(this.path, this.format, kept, path, rejects, this.columns !== undefined)}; ` +
        `SELECT count(*) AS records, count(*) FILTER (${ODD}) AS odd, (SELECT count(*) FROM ${rejects}) AS rejected, ` +
        `${hasStart ? 'min("start") AS "from", max("start") AS "to"' : 'NULL AS "from", NULL AS "to"'} FROM read_parquet(${sqlString(path)})`,
    );
    const { records, odd, rejected, from, to } = row as Record<'records' | 'odd' | 'rejected' | 'from' | 'to', string | null>;
    if (Number(rejected) > 0 || (!this.checked && Number(odd) > 0)) throw new IrregularError(`${rejected} rejected, ${odd} odd`);
    return {
      path,
      names: this.format.names,
      records: Number(records),
      from: from === null ? null : Number(from),
      to: to === null ? null : Number(to),
    };
  }
}

/** Names whose columns are kept: those asked for, those nobody could ask for by name, and an integer: it makes a stray header line show. */
function keptColumns(format: Format, columns: ReadonlySet<string> | undefined): string[] {
  if (columns === undefined) return [...format.names];
  const kept = format.names.filter((name) => name === 'start' || columns.has(sqlNameOf(name)) || findField(name) === undefined);
  if (kept.some(isInteger)) return kept;
  const sentinel = format.names.find(isInteger);
  return sentinel === undefined ? (kept.length > 0 ? kept : [...format.names]) : [...kept, sentinel];
}

const isInteger = (name: string) => athenaTypeOf(name) !== 'string';

/** Whether the fast path can tell a record from a stray header: only by a column that must be a number. */
export const hasSentinel = (format: Format): boolean => format.names.some(isInteger);

const SQL_TYPES = { int: 'INTEGER', bigint: 'BIGINT', string: 'VARCHAR' } as const;

export const sqlTypeOf = (name: string): 'INTEGER' | 'BIGINT' | 'VARCHAR' => SQL_TYPES[athenaTypeOf(name)];

/** Some producers write milliseconds; no flow log is of the year 5138, where seconds reach this. */
const MILLISECONDS_FROM = 100_000_000_000;

/** What is read once is written for speed, what is kept for size. */
const SHORT_LIVED = 'COMPRESSION uncompressed, ROW_GROUP_SIZE 20480';
const LONG_LIVED = 'COMPRESSION lz4';

function copyStatement(
  text: string,
  format: Format,
  kept: readonly string[],
  parquet: string,
  rejects: string,
  shortLived: boolean,
): string {
  const raw = format.names.map((_, i) => `c${i}`);
  const rawOf = (name: string) => raw[format.names.indexOf(name)] ?? '';
  const select = kept.map((name) => {
    const type = sqlTypeOf(name);
    const value = type === 'VARCHAR' ? rawOf(name) : `TRY_CAST(${rawOf(name)} AS ${type})`;
    const seconds =
      name === 'start' || name === 'end' ? `CASE WHEN ${value} >= ${MILLISECONDS_FROM} THEN ${value} // 1000 ELSE ${value} END` : value;
    return `${seconds} AS ${sqlName(sqlNameOf(name))}`;
  });
  // An integer that does not print as it was written ('1e3', '1.5', a word) is for the line reader to judge.
  const odd = kept
    .filter(isInteger)
    .map(
      (name) => `(${rawOf(name)} IS NOT NULL AND TRY_CAST(${rawOf(name)} AS ${sqlTypeOf(name)})::VARCHAR IS DISTINCT FROM ${rawOf(name)})`,
    );
  const columns = raw.map((name) => `'${name}': 'VARCHAR'`).join(', ');
  return (
    `COPY (SELECT ${select.join(', ')}, ${odd.length > 0 ? odd.join(' OR ') : 'false'} AS ${ODD} FROM read_csv(${sqlString(text)}, columns = {${columns}}, ` +
    `auto_detect = false, header = false, delim = ' ', quote = '', escape = '', comment = '', nullstr = '-', new_line = '\\n', max_line_size = 131072, buffer_size = 4194304, ` +
    `ignore_errors = true, store_rejects = true, rejects_limit = 1, rejects_table = '${rejects}', rejects_scan = '${rejects}_scans')) ` +
    `TO ${sqlString(parquet)} (FORMAT parquet, PARQUET_VERSION V2, WRITE_BLOOM_FILTER false, ${shortLived ? SHORT_LIVED : LONG_LIVED})`
  );
}

export const endsLine = (chunk: Uint8Array): boolean => chunk[chunk.length - 1] === LINE_FEED;
