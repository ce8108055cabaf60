/** IBM Cloud flow log objects to the flat view's Parquet: DuckDB reads regular ones, whatever is irregular is checked value by value first. */
import { createWriteStream, promises as fs, type WriteStream } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { once } from 'node:events';
import { FOREIGN_NAMES } from '../../flow-log/foreign';
import { type Dialect, FLOW_COLUMNS, flatSql, HEADER_COLUMNS, keySql, SKIPPED } from '../../flow-log/ibm';
import { assertSound, compressionOf } from '../decode';
import { type Database, isReadablePath, sqlPath, sqlPaths, sqlString } from '../duckdb';
import { IrregularError, SourceError } from '../errors';
import type { InputFile } from '../input';
import { describeSyntaxError } from '../json-items';
import { fitsInteger } from '../lines';
import { inParallel } from '../../parallel';
import type { Part } from '../spool';
import { startsLikeJson } from './json';
import type { ForeignLines } from './lines';
import type { FileReader, TextSource, UnitContext } from './reader';

const DUCKDB_TYPES = { string: 'VARCHAR', int: 'INTEGER', bigint: 'BIGINT', boolean: 'BOOLEAN' } as const;

const DUCKDB: Dialect = {
  epoch: (sql) => `CAST(floor(epoch(TRY_CAST(${sql} AS TIMESTAMP))) AS BIGINT)`,
  timestamp: (sql) => `TRY_CAST(${sql} AS TIMESTAMP)`,
};

/** Objects have about 100 KB of flows; larger ones than this are read by the slow reader, which cuts them. */
const MAX_DOCUMENT = 2 * 1024 * 1024;
const FLOWS_PER_LINE = 5000;
const VERIFIED_AT_ONCE = 4;
/** A row holds the header's names too: usual row groups and dictionaries of them do not fit into a small memory. */
const SMALL = 'ROW_GROUP_SIZE 10240, STRING_DICTIONARY_PAGE_SIZE_LIMIT 65536, DICTIONARY_SIZE_LIMIT 2000';

const struct = `STRUCT(${FLOW_COLUMNS.map(({ name, type }) => `${name} ${DUCKDB_TYPES[type]}`).join(', ')})[]`;
const columnsOf = (extra: Readonly<Record<string, string>>) =>
  Object.entries({
    ...Object.fromEntries(HEADER_COLUMNS.map(({ name, type }) => [name, DUCKDB_TYPES[type]])),
    flow_logs: struct,
    ...extra,
  })
    .map(([name, type]) => `${name}: '${type}'`)
    .join(', ');

/** A conversion reads its files on all threads already: two at once would only need twice the memory. */
let before: Promise<unknown> = Promise.resolve();

function convert(...args: Parameters<typeof convertNow>): Promise<{ part: Part; odd: number }> {
  const mine = before.then(() => convertNow(...args));
  before = mine.catch(() => undefined);
  return mine;
}

async function convertNow(db: Database, reader: string, path: string, out: string, serial: number): Promise<{ part: Part; odd: number }> {
  const more = `CASE WHEN coalesce(len(flow_logs), 0) = 0 OR ${SKIPPED} THEN list_append(coalesce(flow_logs, []), NULL) ELSE flow_logs END`;
  const objects = `(SELECT *, ${keySql(path)} FROM ${reader})`;
  const unnested = `(SELECT * EXCLUDE (flow_logs), unnest(${more}) AS f FROM ${objects})`;
  const parquet = join(out, `flat-${serial}.parquet`);
  await db.rows(
    `COPY (${flatSql(unnested, 'f IS NULL', DUCKDB)}) TO ${sqlString(parquet)} (FORMAT parquet, PARQUET_VERSION V2, COMPRESSION lz4, ${SMALL})`,
  );
  const incomplete = [
    ...['action', 'direction', 'initiator_ip', 'target_ip', 'initiator_port', 'target_port', 'transport_protocol'],
    ...['packets_from_initiator', 'bytes_from_initiator', 'packets_from_target', 'bytes_from_target', 'start_time', 'end_time'],
  ].map((name) => `${name} IS NULL`);
  const [row] = await db.rows(
    `SELECT count(*) + count(*) FILTER (packets_from_target > 0 OR bytes_from_target > 0) AS records, min("start") AS "from", max("start") AS "to", count(*) FILTER ("start" IS NULL) AS timeless, ` +
      `count(*) FILTER (NOT regexp_matches(coalesce(version, ''), '^[01]\\.') OR "start" IS NULL OR "end" IS NULL OR (log_status = 'OK' AND ("start" > "end" OR ${incomplete.join(' OR ')}))) AS odd ` +
      `FROM read_parquet(${sqlPath(parquet)}, hive_partitioning = false)`,
  );
  const { records, from, to, timeless, odd } = row as Record<'records' | 'from' | 'to' | 'timeless' | 'odd', string | null>;
  const time = (text: string | null) => (text === null ? null : Number(text));
  return {
    part: {
      path: parquet,
      names: FOREIGN_NAMES.ibm,
      records: Number(records),
      from: time(from),
      to: time(to),
      timeless: Number(timeless),
      flat: true,
    },
    odd: Number(odd),
  };
}

/** Reads a unit of regular objects at once. @throws IrregularError where any of them needs a closer look */
async function readObjects(db: Database, files: readonly InputFile[], out: string): Promise<Part[]> {
  const kinds = new Set(await Promise.all(files.map(async ({ path }) => compressionOf(path))));
  const [compression] = kinds;
  if (kinds.size !== 1 || compression === undefined) throw new IrregularError('mixed compression');
  // DuckDB does not look at gzip's checksums.
  if (compression === 'gzip') await inParallel(files, VERIFIED_AT_ONCE, ({ path }) => assertSound(path));
  if (!files.every(({ path }) => isReadablePath(resolve(path)))) throw new IrregularError('a path that is no pattern');
  const reader =
    `read_json(${sqlPaths(files.map(({ path }) => path))}, columns = {${columnsOf({})}}, format = 'unstructured', records = true, hive_partitioning = false, ` +
    `compression = '${compression}', maximum_object_size = ${MAX_DOCUMENT}, filename = true)`;
  try {
    const { part, odd } = await convert(db, reader, 'filename', out, 1);
    if (odd > 0) throw new IrregularError(`${odd} odd flows`);
    return part.records === 0 ? [] : [part];
  } catch (error) {
    if (error instanceof SourceError || error instanceof IrregularError) throw error;
    throw new IrregularError((error as Error).message);
  }
}

/** Collects checked objects as JSON lines and converts them together. */
class IbmObjects {
  private readonly path: string;
  private stream: WriteStream | undefined;

  constructor(private readonly context: UnitContext) {
    this.path = join(context.scratch, `objects-${basename(context.out)}.ndjson`);
  }

  /** Checks one file; a broken object is one rejected line, a broken flow another. */
  async read(file: InputFile, text: string, lines: ForeignLines, damaged: boolean): Promise<void> {
    let object: unknown;
    try {
      object = JSON.parse(text.replace(/^\ufeff/, ''));
    } catch (error) {
      // What is missing is what was damaged.
      if (damaged) return;
      const reason = describeSyntaxError(text, error);
      return lines.badLine(Number(/line (\d+)/.exec(reason)?.[1] ?? 1), text.trimStart(), reason);
    }
    const checked = checkedObject(object as Readonly<Record<string, unknown>>, lines, text);
    if (checked === undefined) return;
    this.stream ??= createWriteStream(this.path);
    const { flow_logs: flows } = checked;
    for (let at = 0; at === 0 || at < flows.length; at += FLOWS_PER_LINE) {
      // Lost data is reported once, with the last piece of an object.
      const state = at + FLOWS_PER_LINE < flows.length ? null : checked['state'];
      const piece = { ...checked, state, path: resolve(file.path), flow_logs: flows.slice(at, at + FLOWS_PER_LINE) };
      if (!this.stream.write(`${JSON.stringify(piece)}\n`)) await once(this.stream, 'drain');
    }
  }

  async end(): Promise<Part[]> {
    if (this.stream === undefined) return [];
    this.stream.end();
    await once(this.stream, 'close');
    try {
      const reader =
        `read_json(${sqlPath(this.path)}, hive_partitioning = false, columns = {${columnsOf({ path: 'VARCHAR' })}}, ` +
        `format = 'newline_delimited', maximum_object_size = ${MAX_DOCUMENT})`;
      const { part } = await convert(this.context.db, reader, 'path', this.context.out, 2);
      return part.records === 0 ? [] : [part];
    } finally {
      await fs.rm(this.path, { force: true });
    }
  }
}

const VERSION = /^[01]\.\d+(\.\d+)?$/;
const ADDRESS_KEYS = ['initiator_ip', 'target_ip'];
const REQUIRED = new Set([
  ...['start_time', 'end_time', 'direction', 'action', ...ADDRESS_KEYS, 'initiator_port', 'target_port', 'transport_protocol'],
  ...['bytes_from_initiator', 'packets_from_initiator', 'bytes_from_target', 'packets_from_target'],
]);
const WORDS: Readonly<Record<string, readonly string[]>> = {
  action: ['accepted', 'accept', 'a', 'rejected', 'reject', 'r'],
  direction: ['i', 'inbound', 'o', 'outbound'],
};

type Json = Readonly<Record<string, unknown>>;

function checkedObject(object: Json | null, lines: ForeignLines, text: string): (Json & { flow_logs: Json[] }) | undefined {
  const broken = (reason: string) => {
    lines.badLine(1, text.trimStart(), reason);
    return undefined;
  };
  if (typeof object !== 'object' || object === null || !Array.isArray(object['flow_logs']))
    return broken('not a flow log object: expected one JSON object with an array flow_logs');
  const { version } = object;
  if (typeof version !== 'string' || !VERSION.test(version))
    return broken(`version: got ${JSON.stringify(version)}, expected 0.x or 1.x; flows of another version may have another meaning`);
  const header = Object.fromEntries(
    HEADER_COLUMNS.map(({ name, type }) => [name, typed(object[name], type, name, lines, 1, name.startsWith('capture_'))]),
  );
  const raw = object['flow_logs'] as readonly unknown[];
  const claimed = header['number_of_flow_logs'];
  if (typeof claimed === 'number' && claimed !== raw.length)
    lines.badValue(1, 'number_of_flow_logs', claimed, `the object has ${raw.length} flow logs`);
  const flows = raw.flatMap((flow, i) => {
    if (typeof flow === 'object' && flow !== null && !Array.isArray(flow)) return [checkedFlow(flow as Json, lines, i + 1)];
    lines.badLine(i + 1, JSON.stringify(flow), `flow_logs[${i}]: expected an object`);
    return [];
  });
  return { ...header, flow_logs: flows };
}

function checkedFlow(flow: Json, lines: ForeignLines, line: number): Json {
  const checked = Object.fromEntries(
    FLOW_COLUMNS.map(({ name, type }) => {
      const value = typed(flow[name], type, name, lines, line, name.endsWith('_time'));
      if (value === null && flow[name] === undefined && REQUIRED.has(name)) lines.badValue(line, name, undefined, 'missing, read as NULL');
      const words = WORDS[name];
      if (words === undefined || value === null || (typeof value === 'string' && words.includes(value.toLowerCase()))) return [name, value];
      lines.badValue(line, name, value, `expected ${words.join(', ')} in any case, read as NULL`);
      return [name, null];
    }),
  );
  const { start_time: start, end_time: end } = checked;
  if (typeof start === 'string' && typeof end === 'string' && Date.parse(zoned(end)) < Date.parse(zoned(start)))
    lines.badValue(line, 'end_time', end, `before start_time ${start}`);
  return checked;
}

/** A time without zone is UTC. */
const zoned = (time: string) => (/(Z|[+-]\d{2}:?\d{2})$/i.test(time) ? time : `${time}Z`);

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/i;

/** The value if it is of the type, else NULL with a notice. A number may be spelt as text, as some writers do. */
function typed(
  value: unknown,
  type: (typeof FLOW_COLUMNS)[number]['type'],
  name: string,
  lines: ForeignLines,
  line: number,
  time: boolean,
): unknown {
  if (value === undefined || value === null) return null;
  const bad = (what: string) => {
    lines.badValue(line, name, value, `expected ${what}, read as NULL`);
    return null;
  };
  switch (type) {
    case 'string':
      if (typeof value !== 'string') return bad('a string');
      if (time && !ISO.test(value)) return bad('a time such as 2020-07-24T15:53:00Z');
      return value;
    case 'boolean':
      return typeof value === 'boolean' ? value : bad('true or false');
    case 'int':
    case 'bigint': {
      const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
      if (!fitsInteger(text, type) || text.startsWith('-')) return bad(`a whole number of at least 0`);
      return typeof value === 'string' ? Number(value) : value;
    }
  }
}

function objectReader(objects: IbmObjects, file: InputFile, lines: ForeignLines): FileReader {
  const chunks: Buffer[] = [];
  let damaged = false;
  return {
    push: (chunk) => {
      chunks.push(chunk);
    },
    damaged: (damage) => {
      lines.damaged(damage);
      damaged = true;
    },
    end: () => objects.read(file, Buffer.concat(chunks).toString('utf8'), lines, damaged),
  };
}

export const ibm: TextSource = {
  form: 'text',
  claims: (head) => startsLikeJson(head) && /"(?:flow_logs|collector_crn|capture_start_time)"\s*:/.test(head),
  whole: readObjects,
  open: (context) => {
    const objects = new IbmObjects(context);
    return { file: (file, lines) => objectReader(objects, file, lines), end: () => objects.end() };
  },
};
