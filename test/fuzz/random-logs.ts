/** Random files that are flow logs, almost are, or are not. */
import { gzipSync } from 'node:zlib';
import { FIELDS } from '../../lib/flow-log/fields';
import { tarOf, zipOf } from '../support/archives';

/** mulberry32: a stream of numbers that a seed tells. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Random = ReturnType<typeof randomOf>;

const one = <T>(random: Random, list: readonly T[]): T => list[random(list.length)]!;

const UNKNOWN = [
  'quantum-state',
  'Weird',
  'x_y',
  "it's",
  'a"b',
  '#c',
  'startTime',
  'End',
  'pkt_srcAddr',
  'é',
  'a$b',
  'a,b',
  'n'.repeat(129),
];
const INTEGERS = [
  '0',
  '22',
  '443',
  '65535',
  '-1',
  '-0',
  '007',
  '2147483647',
  '2147483648',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
];
const TIMES = [
  '1790000000',
  '1790000000123',
  '1790000000123456',
  '1790000000123456789',
  '99999999999',
  '100000000000',
  '-5',
  '-62135596800',
  '-62135596801',
];
const NO_INTEGERS = ['ssh', '1.5', '1e3', '0x10', '+5', '1_0', '--', '٣', '1\t'];
const TEXTS = [
  'ACCEPT',
  'REJECT',
  'OK',
  'NODATA',
  'eni-0a1',
  '192.0.2.7',
  '2001:db8::1',
  'unknown',
  '"q',
  '#x',
  "it's",
  'a\rb',
  '\ttab',
  'ä',
  '漢字',
  'x\x07',
  '2026-11-20T05:00:00Z',
  'srcaddr',
  'action',
  'x,y',
  '%20',
];

function spelt(random: Random, name: string): string {
  switch (random(12)) {
    case 0:
      return name.replaceAll('-', '_');
    case 1:
      return name.replace(/-(.)/g, (_, c: string) => c.toUpperCase());
    case 2:
      return name.toUpperCase();
    default:
      return name;
  }
}

function formatOf(random: Random): string[] {
  const names = [...FIELDS.map(({ name }) => name)].sort(() => random(3) - 1).slice(0, 1 + random(14));
  if (random(3) > 0) names.unshift('version', 'start');
  if (random(6) === 0) names.splice(random(names.length + 1), 0, one(random, UNKNOWN));
  const distinct = [...new Set(names)];
  return random(40) === 0 ? [...distinct, distinct[0]!] : distinct;
}

function value(random: Random, name: string): string {
  if (random(15) === 0) return '-';
  const field = FIELDS.find((known) => known.name === name);
  if (field?.textType !== 'integer') return one(random, TEXTS);
  if (random(12) === 0) return one(random, NO_INTEGERS);
  return name === 'start' || name === 'end' ? one(random, TIMES) : one(random, INTEGERS);
}

function regularValue(random: Random, name: string): string {
  const field = FIELDS.find((known) => known.name === name);
  return field?.textType === 'integer' ? String(random(100000)) : one(random, ['ACCEPT', 'eni-0a1', '192.0.2.7', '-']);
}

const DEFAULT = 'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(
  ' ',
);
const EXPORTED = '2 123456789012 eni-0a1 192.0.2.1 198.51.100.9 40000 22 6 1 40 1790000000 1790000060 REJECT OK';

/** Text with a record a line, regular in every byte or not at all. */
function randomText(random: Random): Buffer {
  const regular = random(3) === 0;
  const exported = !regular && random(8) === 0;
  let format = exported ? DEFAULT : formatOf(random);
  const lines: string[] = [];
  if (exported) lines.push(`2026-11-20T05:00:00.000Z ${EXPORTED}`);
  else if (regular || random(12) > 0) lines.push(format.map((name) => (regular ? name : spelt(random, name))).join(' '));
  for (let i = random(12); i > 0; i--) {
    if (regular) {
      lines.push(format.map((name) => regularValue(random, name)).join(' '));
      continue;
    }
    const tokens = format.map((name) => value(random, name));
    const led = random(exported ? 3 : 15) === 0 ? '2026-11-20T05:00:00Z ' : '';
    switch (random(16)) {
      case 0:
        lines.push(led + tokens.slice(1).join(' '));
        break;
      case 1:
        lines.push(`${led}${tokens.join(' ')} more`);
        break;
      case 2:
        lines.push(one(random, ['', '   ', '\t', '\r', ' \v\f']));
        break;
      case 3:
        lines.push((random(4) === 0 ? '\ufeff' : '') + format.map((name) => spelt(random, name)).join(' '));
        break;
      case 4:
        format = random(4) === 0 ? formatOf(random) : format;
        lines.push(format.join(' '));
        break;
      case 5:
        lines.push(tokens.join('  '), ` ${tokens.join(' ')} `);
        break;
      case 6:
        lines.push(
          one(random, ['start', 'END', 'error in action and region of the host', 'srcaddr dstaddr -', 'version', 'x'.repeat(70_000)]),
        );
        break;
      default:
        lines.push(led + tokens.join(' '));
    }
  }
  let text = Buffer.from(joined(random, lines, regular));
  if (random(12) === 0) text = Buffer.concat([Buffer.from('\ufeff'), text]);
  if (random(25) === 0 && text.length > 0) text[random(text.length)] = 0x80 + random(0x80);
  return text;
}

/** Lines with their ends: of one kind, or of any. */
function joined(random: Random, lines: readonly string[], regular: boolean): string {
  const ends = ['\n', '\r\n', '\r\r\n'];
  const end = regular || random(4) > 0 ? '\n' : random(3) === 0 ? undefined : one(random, ends);
  const text = lines.map((line) => `${line}${end ?? one(random, ends)}`).join('');
  return random(4) > 0 ? text : text.replace(/[\r\n]+$/, '');
}

const CELLS = [...TEXTS.filter((text) => !text.includes('\r')), 'a b', '100%', 'q"q', ''];

function cell(random: Random, name: string): string {
  const text =
    FIELDS.find((known) => known.name === name)?.textType === 'string' && random(4) === 0 ? one(random, CELLS) : value(random, name);
  return text.replaceAll(/[\r\t]/g, '');
}

/** Names of columns as tables spell them; the addresses among them, without which rows are no flow log. */
const tableNames = (random: Random): string[] =>
  [...new Set(['srcaddr', 'dstaddr', ...formatOf(random).filter((name) => FIELDS.some((field) => field.name === name))])]
    .sort(() => random(3) - 1)
    .map((name) => (random(2) === 0 ? name.replaceAll('-', '_') : name));

const fieldOf = (column: string) => column.replaceAll('_', '-');

/** Rows as Athena and others write them: CSV with or without quotes, NULL as an empty cell. */
function randomCsv(random: Random): Buffer {
  let names = tableNames(random);
  const always = random(2) === 0;
  const quoted = (text: string) => (always || /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const header = () => names.map(quoted).join(',');
  const lines = [header()];
  for (let i = random(8); i > 0; i--) {
    const cells = names.map((name) => (random(9) === 0 ? '' : cell(random, fieldOf(name))));
    switch (random(12)) {
      case 0:
        lines.push(header());
        break;
      case 1:
        names = random(2) === 0 ? tableNames(random) : [...names, one(random, names)];
        lines.push(header());
        break;
      case 2:
        lines.push(cells.slice(1).map(quoted).join(','));
        break;
      case 3:
        lines.push([...cells, 'more'].map(quoted).join(','));
        break;
      default:
        lines.push(cells.map(quoted).join(','));
    }
  }
  return Buffer.from(joined(random, lines, false));
}

/** Rows as `UNLOAD` writes them in JSON: what is NULL is absent or `null`, integers are numbers. */
function randomJsonRows(random: Random): Buffer {
  const rows = Array.from({ length: 1 + random(8) }, () => {
    const cells = tableNames(random).flatMap((name) => {
      const text = cell(random, fieldOf(name));
      if (random(9) === 0) return random(2) === 0 ? [] : [`"${name}":null`];
      return [`"${name}":${/^-?(?:0|[1-9]\d*)$/.test(text) ? text : JSON.stringify(text)}`];
    });
    // A row without both addresses and without other names of flow logs would be no row.
    return `{"interface_id":"eni-0a1","log_status":"OK",${cells.filter((one) => !/^"(?:interface.id|log.status)"/.test(one)).join(',')}}`.replace(
      ',}',
      '}',
    );
  });
  return Buffer.from(rows.join(one(random, ['\n', '\r\n', '', ' '])));
}

/** Messages of the default format in JSON documents. */
function randomMessages(random: Random): Buffer {
  const message = () => (random(6) === 0 ? `${EXPORTED} more` : EXPORTED.replace('40000', one(random, [...INTEGERS, ...NO_INTEGERS])));
  const documents = Array.from({ length: 1 + random(6) }, () => JSON.stringify({ message: random(3) === 0 ? EXPORTED : message() }));
  return Buffer.from(
    [JSON.stringify({ message: EXPORTED }), ...documents, ...documents.map(() => JSON.stringify({ message: EXPORTED }))].join('\n'),
  );
}

function plain(random: Random): Buffer {
  switch (random(12)) {
    case 0:
      return randomCsv(random);
    case 1:
      return randomJsonRows(random);
    case 2:
      return randomMessages(random);
    default:
      return randomText(random);
  }
}

/** The content of one file. */
export function randomLog(random: Random): Buffer {
  switch (random(24)) {
    case 0:
      return gzipSync(gzipSync(plain(random)));
    case 1: {
      const text = Buffer.from(
        plain(random)
          .toString('utf8')
          .replace(/^\ufeff/, '')
          .replaceAll('\ufffd', '?'),
      );
      const utf16 = Buffer.from(`\ufeff${text.toString()}`, 'utf16le');
      return random(2) === 0 ? utf16 : utf16.swap16();
    }
    case 2: {
      const entries = Array.from({ length: 1 + random(3) }, (_, i) => ({
        name: `${one(random, ['', 'd/', './'])}${i}.log`,
        content: plain(random),
      }));
      return random(2) === 0 ? (random(2) === 0 ? gzipSync(tarOf(entries)) : tarOf(entries)) : zipOf(entries);
    }
    case 3:
    case 4:
    case 5:
      return stored(random, randomText(random));
    case 6:
    case 7:
      return flipped(random, stored(random, randomText(random)));
    default: {
      const text = plain(random);
      return random(4) === 0 ? stored(random, text) : text;
    }
  }
}

/** As gzip, in one member or several. */
function stored(random: Random, text: Buffer): Buffer {
  const members: Buffer[] = [];
  const lines = text.toString('latin1').split(/(?<=\n)/);
  while (lines.length > 0) members.push(gzipSync(Buffer.from(lines.splice(0, 1 + random(6)).join(''), 'latin1')));
  return Buffer.concat([...members, Buffer.alloc(random(6) === 0 ? 16 : 0)]);
}

function flipped(random: Random, bytes: Buffer): Buffer {
  if (bytes.length > 0) bytes[random(bytes.length)]! ^= 1 << random(8);
  return bytes;
}
