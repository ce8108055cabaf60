/** Tables as AWS's delivery writes them, as other writers do, and as nobody should. */
import { FIELDS } from '../../lib/flow-log/fields';
import { INTEGERS, NO_INTEGERS, one, type Random, spelt, TEXTS, TIMES, UNKNOWN } from './random-values';

interface Column {
  readonly name: string;
  /** A type of Apache Arrow; `timestamp-us-UTC` for one with unit and zone, `raw-string` and `raw-binary` for characters that are bytes. */
  readonly type: string;
  readonly values: readonly (string | null)[];
}

export interface Table {
  readonly columns: readonly Column[];
  readonly codec: string;
  readonly page: string;
  readonly dictionary: boolean;
  readonly statistics: boolean;
  /** Rows of a group. */
  readonly group: number;
}

/** What is no UTF-8, each character a byte. */
const NO_TEXTS = ['\xff', 'a\xff', '\xc3', '\xed\xa0\x80', '\xf5\x80\x80\x80', '\xc0\x80'];
/** Texts in UTF-8, in the same way. */
const BYTES = ['ACCEPT', '\xc3\xa4', '\xf0\x9f\x99\x82', 'a\nb', 'a\\b', '-', '', '22'];

const WIDTHS = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'] as const;
const FRACTIONS = ['0', '1', '-3', '1.5', '443', '2147483648'];
const FLOATS = [...FRACTIONS, 'nan', 'inf', '-inf', '1e300', '-0'];
const NO_FIELD = ['a.b', 'a b', '漢字', 'line\nfeed', '100%', '', 'filename', 'file_row_number', 'file_index', 'C1', 'Start_1', '"'];

/** Least and greatest integer of a type. */
function limits(type: (typeof WIDTHS)[number]): [bigint, bigint] {
  const bits = BigInt(/\d+/.exec(type)?.[0] ?? 64);
  return type.startsWith('u') ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

function integerOf(random: Random, type: (typeof WIDTHS)[number], pool: readonly string[]): string {
  const [least, greatest] = limits(type);
  const fitting = pool.filter((text) => BigInt(text) >= least && BigInt(text) <= greatest).map((text) => BigInt(text).toString());
  return one(random, [...fitting, String(least), String(greatest)]);
}

/** A value where a NULL may be too. */
const cells = (random: Random, rows: number, value: () => string): (string | null)[] =>
  Array.from({ length: rows }, () => (random(9) === 0 ? null : value()));

const UNITS = { s: 1n, ms: 1000n, us: 1_000_000n, ns: 1_000_000_000n };

function timeColumn(random: Random): { type: string; value: () => string } {
  const unit = one(random, ['s', 'ms', 'us', 'ns'] as const);
  const type = `timestamp-${unit}${one(random, ['', '-UTC', '-Europe/Berlin'])}`;
  // What seconds become milliseconds must still be 64 bits.
  const seconds =
    unit === 'ns' ? ['1790000000', '0', '-1', '-5'] : ['1790000000', '0', '-1', '-62135596800', '-62135596801', '253402300799'];
  return { type, value: () => String(BigInt(one(random, seconds)) * UNITS[unit] + (unit === 's' ? 0n : BigInt(random(999)))) };
}

function numberColumn(random: Random, name: string): { type: string; value: () => string } {
  const time = name === 'start' || name === 'end';
  switch (random(8)) {
    case 0:
      return {
        type: one(random, ['string', 'large_string', 'dictionary', 'binary']),
        value: () => one(random, [...INTEGERS, ...NO_INTEGERS, ...TIMES, '-', '', ' 1']),
      };
    case 1:
      return { type: one(random, ['float', 'double']), value: () => one(random, FLOATS) };
    case 2:
      return { type: 'decimal', value: () => one(random, FRACTIONS) };
    case 3:
      return random(2) === 0 ? { type: 'bool', value: () => one(random, ['true', 'false']) } : timeColumn(random);
    case 4:
      if (time) return random(3) === 0 ? { type: 'date', value: () => one(random, ['0', '-1', '20717']) } : timeColumn(random);
  }
  const type = time ? one(random, ['int64', 'int64', 'uint64', 'int32'] as const) : one(random, WIDTHS);
  return { type, value: () => integerOf(random, type, time ? TIMES : INTEGERS.filter((text) => text !== '-0')) };
}

function textColumn(random: Random, known: boolean): { type: string; value: () => string } {
  if (random(8) === 0) {
    const type = known ? one(random, ['raw-string', 'raw-binary']) : 'raw-string';
    const broken = random(2) === 0;
    return { type, value: () => one(random, broken && random(4) === 0 ? NO_TEXTS : BYTES) };
  }
  if (random(8) > 0)
    return {
      type: one(random, ['string', 'string', 'large_string', 'dictionary']),
      value: () => one(random, [...TEXTS, '-', '', ' a b ', 'NaN']),
    };
  const type = one(random, ['int32', 'int64', 'uint64'] as const);
  return random(3) === 0
    ? { type: 'bool', value: () => one(random, ['true', 'false']) }
    : { type, value: () => integerOf(random, type, ['0', '22', '-1']) };
}

/** As AWS's delivery writes it: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html */
function delivered(random: Random, name: string): { type: string; value: () => string } {
  const field = FIELDS.find((known) => known.name === name);
  if (field?.textType !== 'integer') return { type: 'string', value: () => one(random, ['ACCEPT', 'eni-0a1', '192.0.2.7', '-']) };
  const type = field.athenaType === 'int' ? 'int32' : 'int64';
  return { type, value: () => String(random(100_000)) };
}

function names(random: Random): string[] {
  const found = [...FIELDS.map(({ name }) => name)].sort(() => random(3) - 1).slice(0, 1 + random(10));
  if (random(3) > 0) found.unshift('version', 'start');
  if (random(3) === 0) found.push(one(random, [...UNKNOWN, ...NO_FIELD]));
  if (random(12) === 0) found.push(one(random, ['START', 'pktSrcAddr', 'end-time', 'Srcaddr']));
  return [...new Set(found)].map((name) => (random(2) === 0 ? name.replaceAll('-', '_') : spelt(random, name)));
}

export function randomTable(random: Random): Table {
  const rows = random(12);
  const regular = random(3) === 0;
  const foreign = random(12) === 0;
  const columns = [...new Set(foreign ? ['time', 'host', 'action', 'x', 'y'] : names(random))].map((name): Column => {
    const field = FIELDS.find((known) => known.name === name.toLowerCase().replaceAll('_', '-'));
    const { type, value } = regular
      ? delivered(random, field?.name ?? name)
      : field?.textType === 'integer'
        ? numberColumn(random, field.name)
        : textColumn(random, field !== undefined);
    return { name, type, values: cells(random, rows, value) };
  });
  return {
    columns,
    codec: one(random, ['snappy', 'zstd', 'gzip', 'none']),
    page: one(random, ['1.0', '2.0']),
    dictionary: random(2) === 0,
    statistics: random(4) > 0,
    group: 1 + random(12),
  };
}
