/** Records to objects as AWS's delivery writes them. https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html */
import { createHash } from 'node:crypto';
import { createReadStream, promises as fs } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { findField } from '../flow-log/fields';
import { type Format, formatKey, printFormat, printHeader, sqlNameOf } from '../flow-log/format';
import { type Layout, printKey } from '../flow-log/layout';
import { REGION_PATTERN } from '../flow-log/region';
import { RECORDS_TABLE } from '../flow-log/tables';
import { sqlName, sqlPath, sqlString } from './duckdb';
import { SourceError } from './errors';
import { MAX_LINE } from './lines';
import type { Records } from './records';
import { floorSql } from './times';

export interface WriteOptions {
  /** Columns of text objects; undefined writes Parquet with all columns. */
  readonly format: Format | undefined;
  readonly layout: Layout;
  /** Folder before `AWSLogs/`; empty for none. */
  readonly prefix: string;
  /** For the keys of records whose own account is no 12 digits. */
  readonly account: string;
  /** For the keys of records whose own Region is none of AWS's. */
  readonly region: string;
  readonly flowLogId: string;
  /** An object that has reached it is published. @default 75 MB, as AWS does it */
  readonly maxBytes?: number;
  /** Records that are sorted together. @default 250,000: what the memory of a small machine takes */
  readonly sliceRecords?: number;
  /** SQL condition of the records to write. */
  readonly where?: string | undefined;
  readonly store: ObjectStore;
  readonly signal?: AbortSignal | undefined;
  /** Called before anything is written, with the least number of objects: one per interval, account and Region. */
  readonly onPlan?: ((plan: { readonly records: number; readonly objects: number }) => void) | undefined;
  readonly onProgress?: ((progress: { records: number; of: number; objects: number; bytes: number }) => void) | undefined;
}

/** Where objects go. Publishing is atomic: a reader sees the whole object or none. */
export interface ObjectStore {
  /** Size of an object; undefined if there is none. */
  size(key: string): Promise<number | undefined>;
  publish(key: string, draft: string): Promise<void>;
}

export interface Written {
  readonly records: number;
  readonly objects: number;
  /** Objects that stood there already, from a run before. */
  readonly kept: number;
  readonly bytes: number;
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3.html: "The maximum file size for a log file is 75 MB." */
const MAX_BYTES = 75 * 1000 * 1000;
const SLOT_SECONDS = 300;
const OBJECTS_AT_ONCE = 8;
/** Text is compressed piece by piece, each a gzip member of its own: the size is known, and what waits is small. */
const PIECE_BYTES = 4 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;
/** A third of the time of zlib's default for a fifth more bytes. */
const COMPRESSION_LEVEL = 1;
const SLICE_RECORDS = 250_000;
const LINE_FEED = 10;
const RECORDS_PER_PARQUET = 2_000_000;

const compress = promisify(gzip);

/** The highest version among the fields: what AWS writes in `version`. */
const versionOf = (format: Format): number => Math.max(2, ...format.names.map((name) => findField(name)?.since ?? 2));

interface Slot {
  readonly account: string;
  readonly region: string;
  /** Unix seconds of publishing. */
  readonly published: number;
  readonly records: number;
}

/**
 * Writes all records, sorted by time, in objects of five minutes or 75 MB. The same records give the same objects, names
 * included; an existing one is not written again, so repeating an interrupted run resumes it.
 * Memory does not grow with the input: records are sorted slice by slice, objects are built in a temporary file.
 * @throws SourceError if a record has neither start nor end: no object can hold it
 */
export async function writeObjects(records: Records, options: WriteOptions): Promise<Written> {
  await records.db.rows('SET preserve_insertion_order = true');
  // Every record is read once: pages of files kept for a next time, and freed memory kept for a next slice, only add up.
  await records.db.rows("SET enable_external_file_cache = false; SET allocator_flush_threshold = '16MB'");
  const plan = await planOf(records, options);
  const slots = await slotsOf(records, plan);
  const count = slots.reduce((sum, { records: n }) => sum + n, 0);
  options.onPlan?.({ records: count, objects: slots.length });
  const publisher = new Publisher(options, count, records.scratch);
  const write = options.format === undefined ? writeParquet : writeText(options.format, options.maxBytes ?? MAX_BYTES);
  const slices = slicesOf(slots, options.sliceRecords ?? SLICE_RECORDS);
  // The next slice is sorted while this one is compressed.
  let next = slices[0] === undefined ? undefined : sortSlice(records, plan, slices[0], 0);
  for (const [i, slice] of slices.entries()) {
    const path = await next;
    const following = slices[i + 1];
    next = following === undefined ? undefined : sortSlice(records, plan, following, i + 1);
    next?.catch(() => undefined);
    if (path !== undefined) {
      await write(records, path, slice, publisher);
      await fs.rm(path);
    }
  }
  return publisher.end();
}

/** A column that every record has in addition to its start, and their maximum difference in seconds. */
interface Clock {
  readonly column: string;
  /** Most that it is after the start. */
  readonly late: number;
  /** Most that it is before the start, which only broken records are. */
  readonly early: number;
}

async function clockOf(records: Records, column: string, where: string): Promise<Clock | undefined> {
  if (!records.columns.some(({ name }) => name === 'start')) return undefined;
  const [row] = await records.db.rows(
    `SELECT count(*) FILTER (${column} IS NULL OR "start" IS NULL) AS without, max(${column} - "start") AS late, max("start" - ${column}) AS early FROM ${RECORDS_TABLE} WHERE ${where}`,
  );
  if (Number(row?.['without']) > 0) return undefined;
  return { column, late: Math.max(0, Number(row?.['late'] ?? 0)), early: Math.max(0, Number(row?.['early'] ?? 0)) };
}

interface Plan {
  /** SQL of the key of an object. */
  readonly account: string;
  readonly region: string;
  readonly published: string;
  /** SQL of a record as a line of text; undefined for Parquet. */
  readonly line: LineSql | undefined;
  /** Columns of the records that are written. */
  readonly written: readonly string[];
  readonly where: string;
  /** The column that says when a record was published, if every record has it: its range passes over what a slice does not hold. */
  readonly clock: Clock | undefined;
}

async function planOf(records: Records, options: WriteOptions): Promise<Plan> {
  const { format } = options;
  const there = new Map(records.columns.map((column) => [column.name, column.type]));
  const names = format?.names.map(sqlNameOf) ?? [...there.keys()];
  const own = (name: string, pattern: string, fallback: string) =>
    there.has(name)
      ? `CASE WHEN regexp_full_match(${name}, ${sqlString(pattern)}) THEN ${name} ELSE ${sqlString(fallback)} END`
      : sqlString(fallback);
  const time = ['end', 'start'].filter((name) => there.has(name)).map(sqlName);
  if (time.length === 0) throw new SourceError('these records have neither start nor end: they belong to no object');
  const [first = ''] = time;
  const clock = await clockOf(records, first, options.where ?? 'true');
  const same = records.formats.length === 1 && format !== undefined && records.formats[0]?.format === printFormat(format);
  const value = (name: string, text: (column: string) => string): string => {
    if (name === 'version' && format !== undefined && !same) return `'${versionOf(format)}'`;
    if (!there.has(name)) return "'-'";
    return `coalesce(${there.get(name) === 'VARCHAR' ? text(sqlName(name)) : `CAST(${sqlName(name)} AS VARCHAR)`}, '-')`;
  };
  return {
    account: own('account_id', '\\d{12}', options.account),
    region: own('region', REGION_PATTERN, options.region),
    published: `${floorSql(`coalesce(${time.join(', ')})`, SLOT_SECONDS)} + ${SLOT_SECONDS}`,
    line: format === undefined ? undefined : lineSql(names, value),
    written: names.map(sqlName),
    where: options.where ?? 'true',
    clock,
  };
}

/** SQL of a record as a line, and of the same where that line would not be read as it was meant. */
interface LineSql {
  readonly plain: string;
  readonly encoded: string;
  /** Selects one part of `"key line"`. */
  readonly isOdd: string;
}

/**
 * White space and control characters are percent-encoded, as AWS does it in the values of tags, and a text that is empty is not known.
 * Few lines have any of these, and looking at a whole one is cheaper than at each of its values.
 */
function lineSql(names: readonly string[], value: (name: string, text: (column: string) => string) => string): LineSql {
  const line = (text: (column: string) => string) => `concat_ws(' ', ${names.map((name) => value(name, text)).join(', ')})`;
  return {
    plain: line((column) => column),
    encoded: line(
      (column) =>
        `nullif(array_to_string(list_transform(string_split(${column}, ''), lambda c: CASE WHEN c < '!' OR c = chr(127) THEN url_encode(c) ELSE c END), ''), '')`,
    ),
    isOdd: `regexp_matches("key line", '[\\x00-\\x1f\\x7f]|  |^ | $') OR strlen("key line") - strlen(replace("key line", ' ', '')) <> ${names.length - 1}`,
  };
}

/** Every object's slot with its number of records, in the order in which they are written. */
async function slotsOf(records: Records, { account, region, published, where }: Plan): Promise<Slot[]> {
  const rows = await records.db.rows(
    `SELECT ${published} AS published, ${account} AS account, ${region} AS region, count(*) AS records FROM ${RECORDS_TABLE} WHERE ${where} GROUP BY ALL ORDER BY ALL`,
  );
  const lost = rows.filter((row) => row['published'] === null).reduce((sum, row) => sum + Number(row['records']), 0);
  if (lost > 0)
    throw new SourceError(
      `${lost} records have neither start nor end: they belong to no object. Leave them out with --from, or fix the source`,
    );
  return rows.map((row) => ({
    account: String(row['account']),
    region: String(row['region']),
    published: Number(row['published']),
    records: Number(row['records']),
  }));
}

/** Slots that are sorted together: whole five minutes. */
function slicesOf(slots: readonly Slot[], most: number): Slot[][] {
  const slices: Slot[][] = [];
  let size = 0;
  for (const slot of slots) {
    const current = slices.at(-1);
    const begins = current?.at(-1)?.published !== slot.published;
    if (current === undefined || (begins && size + slot.records > most)) {
      slices.push([slot]);
      size = slot.records;
    } else {
      current.push(slot);
      size += slot.records;
    }
  }
  return slices;
}

/** A range on a plain column, by which row groups can be skipped. */
const within = (clock: Plan['clock'], first: Slot | undefined, last: Slot | undefined): string =>
  clock === undefined || first === undefined || last === undefined
    ? ''
    : `${clock.column} >= ${first.published - SLOT_SECONDS} AND ${clock.column} < ${last.published} AND `;

/**
 * Sorts one slice into a file: text lines, or Parquet with the slot's keys in front. Ties are equal lines or records. Lines are
 * made before they are sorted: one text moves more cheaply than its columns.
 */
async function sortSlice(records: Records, plan: Plan, slice: readonly Slot[], serial: number): Promise<string> {
  const { account, region, published, line, written, where, clock } = plan;
  const [first, last] = [slice[0], slice.at(-1)];
  const path = join(records.scratch, `slice-${serial}.${line === undefined ? 'parquet' : 'txt'}`);
  const relation =
    clock === undefined || first === undefined || last === undefined
      ? RECORDS_TABLE
      : records.between(first.published - SLOT_SECONDS - clock.late, last.published + clock.early);
  const keys = [`${published} AS "key slot"`, `${account} AS "key account"`, `${region} AS "key region"`];
  const own = records.columns.some(({ name }) => name === 'start') ? '"start"' : '0';
  const from = `FROM ${relation} WHERE ${where} AND ${within(clock, first, last)}${published} BETWEEN ${first?.published} AND ${last?.published}`;
  const order = (tie: string) => `ORDER BY "key slot", "key account", "key region", "key start", hash(${tie})`;
  const sorted = records.db.rows(
    line === undefined
      ? `COPY (SELECT * EXCLUDE ("key start") FROM (SELECT ${[...keys, `${own} AS "key start"`, ...written].join(', ')} ${from}) ${order(written.join(', '))}) TO ${sqlString(path)} (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 20480)`
      : `COPY (SELECT CASE WHEN strlen(line) > ${MAX_LINE} THEN error('${TOO_LONG}') ELSE line END FROM (SELECT ${[...keys, `${own} AS "key start"`, `CASE WHEN ${line.isOdd} THEN ${line.encoded} ELSE "key line" END AS line`].join(', ')} FROM (SELECT *, ${line.plain} AS "key line" ${from})) ${order('line')}) TO ${sqlString(path)} (FORMAT csv, HEADER false, DELIMITER ' ', QUOTE '', ESCAPE '')`,
  );
  await sorted.catch((error: unknown) => {
    throw (error as Error).message.includes(TOO_LONG) ? new SourceError(TOO_LONG) : error;
  });
  return path;
}

/** Readers reject such a line, including this one. */
const TOO_LONG = `a record makes a line of more than ${MAX_LINE} characters, which readers reject: convert to Parquet, or fix the source`;

/** Gives drafts their names and sends them off. */
class Publisher {
  private records = 0;
  private objects = 0;
  private kept = 0;
  private bytes = 0;
  private drafts = 0;
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly options: WriteOptions,
    private readonly of: number,
    private readonly folder: string,
  ) {}

  draft(): string {
    return join(this.folder, `object-${++this.drafts}.draft`);
  }

  /** Sends a draft off while the next one is written. @throws what an earlier one met */
  async publish(slot: Omit<Slot, 'records'>, draft: string, records: number): Promise<void> {
    const sending = this.send(slot, draft, records);
    this.underWay.add(sending);
    // Awaited below or by `end`; without this Node would call it unhandled meanwhile.
    sending.then(
      () => this.underWay.delete(sending),
      () => undefined,
    );
    if (this.underWay.size >= OBJECTS_AT_ONCE) await Promise.race(this.underWay);
  }

  async end(): Promise<Written> {
    await Promise.all(this.underWay);
    return { records: this.records, objects: this.objects, kept: this.kept, bytes: this.bytes };
  }

  private async send(slot: Omit<Slot, 'records'>, draft: string, records: number): Promise<void> {
    this.options.signal?.throwIfAborted();
    const { layout, prefix, flowLogId, store, format } = this.options;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(draft)) hash.update(chunk as Buffer);
    const { size } = await fs.stat(draft);
    const key = printKey({
      prefix,
      account: slot.account,
      region: slot.region,
      layout,
      flowLogId,
      published: new Date(slot.published * 1000),
      hash: hash.digest('hex').slice(0, 8),
      fileFormat: format === undefined ? 'parquet' : 'text',
    });
    if ((await store.size(key)) === size) {
      this.kept++;
      await fs.rm(draft);
    } else {
      await store.publish(key, draft);
    }
    this.objects++;
    this.records += records;
    this.bytes += size;
    this.options.onProgress?.({ records: this.records, of: this.of, objects: this.objects, bytes: this.bytes });
  }
}

type WriteSlice = (records: Records, path: string, slots: readonly Slot[], publisher: Publisher) => Promise<void>;

const writeText =
  (format: Format, maxBytes: number): WriteSlice =>
  async (_records, path, slots, publisher) => {
    const lines = new LineFile(path);
    try {
      for (const slot of slots) {
        let left = slot.records;
        while (left > 0) left -= await writeObject(lines, slot, left, { format, maxBytes, publisher });
      }
    } finally {
      await lines.close();
    }
  };

/** A text file, read by whole lines. */
class LineFile {
  private file: fs.FileHandle | undefined;
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly path: string) {}

  /** The next lines: at least one, at most `most`, about a megabyte. */
  async take(most: number): Promise<{ text: Buffer; lines: number }> {
    this.file ??= await fs.open(this.path);
    let lines = 0;
    let end = 0;
    for (;;) {
      for (let at = this.rest.indexOf(LINE_FEED, end); at !== -1 && lines < most; at = this.rest.indexOf(LINE_FEED, end)) {
        lines++;
        end = at + 1;
      }
      if (lines > 0) break;
      const { bytesRead, buffer } = await this.file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES);
      if (bytesRead === 0) throw new Error(`${this.path}: fewer lines than records`);
      this.rest = Buffer.concat([this.rest, buffer.subarray(0, bytesRead)]);
    }
    const text = this.rest.subarray(0, end);
    this.rest = this.rest.subarray(end);
    return { text, lines };
  }

  async close(): Promise<void> {
    await this.file?.close();
  }
}

interface ObjectRequest {
  readonly format: Format;
  readonly maxBytes: number;
  readonly publisher: Publisher;
}

/** One object: at most the records of its slot that are left, fewer if it reaches its size. */
async function writeObject(lines: LineFile, slot: Slot, left: number, { format, maxBytes, publisher }: ObjectRequest): Promise<number> {
  const draft = publisher.draft();
  const file = await fs.open(draft, 'w');
  let written = 0;
  let size = 0;
  try {
    while (written < left && size < maxBytes) {
      const parts: Buffer[] = written === 0 ? [Buffer.from(`${printHeader(format)}\n`)] : [];
      for (let length = 0; length < PIECE_BYTES && written < left;) {
        const taken = await lines.take(left - written);
        parts.push(taken.text);
        length += taken.text.length;
        written += taken.lines;
      }
      const piece = await compress(Buffer.concat(parts), { level: COMPRESSION_LEVEL });
      await file.write(piece);
      size += piece.length;
    }
  } finally {
    await file.close();
  }
  await publisher.publish(slot, draft, written);
  return written;
}

const writeParquet: WriteSlice = async (records, path, slots, publisher) => {
  for (const slot of slots) {
    for (let from = 0; from < slot.records; from += RECORDS_PER_PARQUET) {
      const draft = publisher.draft();
      await records.db.rows(
        `COPY (SELECT * EXCLUDE ("key slot", "key account", "key region") FROM read_parquet(${sqlPath(path)}, hive_partitioning = false) WHERE "key account" = ${sqlString(slot.account)} ` +
          `AND "key region" = ${sqlString(slot.region)} AND "key slot" = ${slot.published} LIMIT ${RECORDS_PER_PARQUET} OFFSET ${from}) ` +
          `TO ${sqlString(draft)} (FORMAT parquet, COMPRESSION zstd)`,
      );
      await publisher.publish(slot, draft, Math.min(RECORDS_PER_PARQUET, slot.records - from));
    }
  }
};

/** A flow-log id of its own for a format: what converts alike belongs to one flow log. */
export const flowLogIdFor = (format: Format | undefined): string =>
  `fl-${createHash('sha256')
    .update(format === undefined ? 'parquet' : formatKey(format))
    .digest('hex')
    .slice(0, 17)}`;
