/** Random files that are flow logs, almost are, or are not. */
import { gzipSync } from 'node:zlib';
import { FIELDS } from '../../lib/flow-log/fields';
import { tarOf, zipOf } from '../support/archives';
import { INTEGERS, NO_INTEGERS, one, type Random, spelt, TEXTS, TIMES, UNKNOWN } from './random-values';
import { randomTable } from './random-parquet';
import type { Writer } from './writer';

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

interface RandomFile {
  readonly content: Buffer;
  /** Of its name. */
  readonly extension: 'log' | 'parquet';
}

/** One file. */
export async function randomLog(random: Random, writer: Writer): Promise<RandomFile> {
  const log = (content: Buffer): RandomFile => ({ content, extension: 'log' });
  switch (random(28)) {
    case 0:
      return log(gzipSync(gzipSync(plain(random))));
    case 1: {
      const text = Buffer.from(
        plain(random)
          .toString('utf8')
          .replace(/^\ufeff/, '')
          .replaceAll('\ufffd', '?'),
      );
      const utf16 = Buffer.from(`\ufeff${text.toString()}`, 'utf16le');
      return log(random(2) === 0 ? utf16 : utf16.swap16());
    }
    case 2: {
      const entries = Array.from({ length: 1 + random(3) }, (_, i) => ({
        name: `${one(random, ['', 'd/', './'])}${i}.log`,
        content: plain(random),
      }));
      if (random(3) === 0) entries.push({ name: 'd/z.parquet', content: await randomParquet(random, writer) });
      return log(random(2) === 0 ? (random(2) === 0 ? gzipSync(tarOf(entries)) : tarOf(entries)) : zipOf(entries));
    }
    case 3:
    case 4:
      return log(gzipped(random, randomText(random)));
    case 5:
      return log(flipped(random, gzipped(random, randomText(random))));
    case 6:
      return log(await framed(random, writer, randomText(random)));
    case 7:
    case 8:
      // Builds of the reference decoder differ on what is damaged and has no checksum.
      return log(damaged(random, await framed(random, writer, randomText(random), true)));
    case 9:
    case 10:
    case 11:
      return parquetFile(random, writer);
    default: {
      const text = plain(random);
      if (random(4) > 0) return log(text);
      return log(random(3) === 0 ? await framed(random, writer, text) : gzipped(random, text));
    }
  }
}

/** Lines by a few at a time: a member or frame for each. */
function batches(random: Random, text: Buffer): Buffer[] {
  const lines = text.toString('latin1').split(/(?<=\n)/);
  const found: Buffer[] = [];
  while (lines.length > 0) found.push(Buffer.from(lines.splice(0, 1 + random(6)).join(''), 'latin1'));
  return found;
}

/** As gzip, in one member or several. */
const gzipped = (random: Random, text: Buffer): Buffer =>
  Buffer.concat([...batches(random, text).map((lines) => gzipSync(lines)), Buffer.alloc(random(6) === 0 ? 16 : 0)]);

/** As parallel writers of zstd put between frames. https://www.rfc-editor.org/rfc/rfc8878#section-3.1.2 */
const skippable = (random: Random): Buffer => {
  const frame = Buffer.alloc(8 + random(20));
  frame.writeUInt32LE(0x184d2a50 + random(16), 0);
  frame.writeUInt32LE(frame.length - 8, 4);
  return frame;
};

/** As zstd, in one frame or several, with a checksum or without. */
async function framed(random: Random, writer: Writer, text: Buffer, checked = random(4) > 0): Promise<Buffer> {
  const whole = random(3) === 0;
  const frames = await writer.zstd(whole ? [text] : batches(random, text), {
    checksum: checked,
    size: random(2) === 0,
    level: one(random, [-1, 1, 3, 19]),
  });
  if (random(8) === 0) return Buffer.concat([skippable(random), frames]);
  return random(8) === 0 ? Buffer.concat([frames, skippable(random)]) : frames;
}

function flipped(random: Random, bytes: Buffer): Buffer {
  if (bytes.length > 0) bytes[random(bytes.length)]! ^= 1 << random(8);
  return bytes;
}

function damaged(random: Random, bytes: Buffer): Buffer {
  const at = random(bytes.length + 1);
  switch (random(5)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(1 + random(9), random(256)), bytes.subarray(at)]);
    default:
      return flipped(random, bytes);
  }
}

const randomParquet = (random: Random, writer: Writer): Promise<Buffer> => writer.parquet(randomTable(random));

/** Parquet by its name, its first bytes, or neither: also what is cut, empty, or only called so. */
async function parquetFile(random: Random, writer: Writer): Promise<RandomFile> {
  const content = await randomParquet(random, writer);
  const extension = random(3) > 0 ? 'parquet' : 'log';
  switch (random(12)) {
    case 0:
      return { content: content.subarray(0, 4 + random(content.length - 4)), extension };
    case 1:
      return {
        content: one(random, [Buffer.alloc(0), Buffer.from('PAR1'), Buffer.from('PAR1PAR1'), Buffer.from('no Parquet')]),
        extension: 'parquet',
      };
    case 2:
      return {
        content: random(2) === 0 ? gzipSync(content) : await writer.zstd([content], { checksum: true, size: true, level: 3 }),
        extension: 'log',
      };
    default:
      return { content, extension };
  }
}
