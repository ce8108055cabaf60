import fc from 'fast-check';
import { formatOf, parseFormat } from '../../lib/flow-log/format';
import { LineCutter } from '../../lib/source/cut';
import { IrregularError } from '../../lib/source/errors';
import { LineReader, LineSplitter, MAX_LINE } from '../../lib/source/lines';

const format = parseFormat('default');

/** What the cutter makes of a text that comes in chunks; undefined if it refuses it. */
function cut(text: string, kept: readonly string[], sizes: readonly number[] = [text.length], of = format): string | undefined {
  const bytes = Buffer.from(text, 'latin1');
  const cutter = new LineCutter(of, kept);
  let out = '';
  const take = (pieces: Iterable<Uint8Array>) => {
    for (const piece of pieces) out += Buffer.from(piece).toString('latin1');
  };
  try {
    let at = 0;
    for (let i = 0; at < bytes.length; i++) {
      const size = Math.max(1, sizes[i % sizes.length]!);
      take(cutter.push(bytes.subarray(at, at + size)));
      at += size;
    }
    take(cutter.end());
    return out;
  } catch (error) {
    if (error instanceof IrregularError) return undefined;
    throw error;
  }
}

/** The same by the line reader; undefined if anything in it is no record or a bad value. */
function read(text: string, kept: readonly string[], of = format): string | undefined {
  let out = '';
  let rejects = 0;
  const reader = new LineReader('a.log', of, {
    record: (found, line) => {
      const tokens = line.split(' ');
      out += `${kept.map((name) => tokens[found.names.indexOf(name)]).join(' ')}\n`;
    },
    reject: () => rejects++,
  });
  const splitter = new LineSplitter((line) => reader.read(line));
  splitter.push(Buffer.from(text, 'latin1'));
  splitter.end();
  return rejects === 0 ? out : undefined;
}

const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`));
const word = fc.stringMatching(/^[!-~]{1,50}$/);
const INT = new Set(['version', 'srcport', 'dstport', 'protocol']);
const BIGINT = new Set(['packets', 'bytes', 'start', 'end']);
const tokenOf = (name: string) =>
  fc.oneof(
    { weight: 5, arbitrary: INT.has(name) ? digits(9) : BIGINT.has(name) ? digits(16) : word },
    { arbitrary: fc.constant('-'), weight: 1 },
  );
const record = fc.tuple(...format.names.map(tokenOf)).map((tokens) => tokens.join(' '));
const keptOf = (names: readonly string[]) => fc.subarray([...names], { minLength: 1 });
const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });

test('regular lines keep the chosen columns, in whatever chunks they come and with or without a last line feed', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 12 }),
      keptOf(format.names),
      sizes,
      fc.boolean(),
      (lines, kept, chunks, fed) => {
        const expected = lines.map((line) => `${kept.map((name) => line.split(' ')[format.names.indexOf(name)]).join(' ')}\n`).join('');
        expect(cut(lines.join('\n') + (fed ? '\n' : ''), kept, chunks)).toBe(expected);
      },
    ),
  );
});

test('what passes is what the line reader takes for records without bad values', () => {
  const edit = fc.record({
    at: fc.nat(),
    remove: fc.integer({ min: 0, max: 3 }),
    insert: fc.oneof(
      fc.constantFrom('', ' ', '\n', '\r', '\t', '\0', '-', '+5', '0x1f', '1e3', '1.5', '\xff', '\xc3\xa4', '99999999999999999'),
      word,
    ),
  });
  let passed = 0;
  let refused = 0;
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 6 }),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      keptOf(format.names),
      sizes,
      (lines, edits, kept, chunks) => {
        let text = `${lines.join('\n')}\n`;
        for (const { at, remove, insert } of edits) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + insert + text.slice(place + remove);
        }
        const out = cut(text, kept, chunks);
        if (out === undefined) refused++;
        else passed++;
        if (out !== undefined) expect(out).toBe(read(text, kept));
      },
    ),
    { numRuns: 2000 },
  );
  expect(passed).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
});

const SOUND = '2 123456789012 eni-0a1 10.0.0.1 2001:db8::1 443 50000 6 10 840 1790000000 1790000060 ACCEPT OK';
const withToken = (name: string, token: string) => {
  const tokens = SOUND.split(' ');
  tokens[format.names.indexOf(name)] = token;
  return tokens.join(' ');
};

test.each<readonly [string, string]>([
  ['a column too few', SOUND.slice(0, -3)],
  ['a column too many', `${SOUND} x`],
  ['two spaces', SOUND.replace(' ', '  ')],
  ['a space before', ` ${SOUND}`],
  ['a space behind', `${SOUND} `],
  ['a blank line', ''],
  ['a carriage return', `${SOUND}\r`],
  ['a tab', SOUND.replace('eni', 'e\tni')],
  ['a NUL', SOUND.replace('eni', 'e\0ni')],
  ['a byte beyond ASCII', SOUND.replace('eni', 'e\xffni')],
  ['a header within', format.names.join(' ')],
  ...[...INT, ...BIGINT].flatMap((name) =>
    ['x', '1x', 'x1', '0x1f', '1_000', '+5', '-5', '1e3', '1.5', '--', '١'].map(
      (token) => [`${token} for ${name}`, withToken(name, token)] as const,
    ),
  ),
  ...[...INT].map((name) => [`ten digits for ${name}`, withToken(name, '1234567890')] as const),
  ...[...BIGINT].map((name) => [`seventeen digits for ${name}`, withToken(name, '12345678901234567')] as const),
  ['a line that is too long', withToken('action', 'x'.repeat(MAX_LINE))],
])('%s is left to the line reader, whichever columns are asked for', (_, odd) => {
  for (const text of [`${odd}\n`, `${SOUND}\n${odd}\n${SOUND}\n`, `${`${SOUND}\n`.repeat(5000)}${odd}\n`])
    for (const kept of [['srcaddr'], format.names]) expect(cut(text, kept)).toBeUndefined();
});

test('a long line passes whole, in one chunk or many', () => {
  const long = withToken('action', 'x'.repeat(60_000));
  for (const size of [1e6, 70_000, 4096, 64])
    expect(cut(`${SOUND}\n${long}\n${SOUND}\n`, ['action', 'log-status'], [size])).toBe(`ACCEPT OK\n${'x'.repeat(60_000)} OK\nACCEPT OK\n`);
});

test('many lines in one chunk, more than fit into the memory at once', () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => withToken('bytes', String(i)));
  expect(cut(lines.join('\n'), ['bytes'])).toBe(lines.map((_, i) => `${i}\n`).join(''));
});

test('two cutters in turn do not disturb each other', () => {
  const short = formatOf(['srcaddr', 'bytes']);
  const one = new LineCutter(format, ['srcaddr']);
  const other = new LineCutter(short, ['bytes']);
  const text = (pieces: Iterable<Uint8Array>) => [...pieces].map((piece) => Buffer.from(piece).toString()).join('');
  expect(text(one.push(Buffer.from(SOUND.slice(0, 40))))).toBe('');
  expect(text(other.push(Buffer.from('10.9.9.9 7\n10.8.8.8 8')))).toBe('7\n');
  expect(text(one.push(Buffer.from(`${SOUND.slice(40)}\n`)))).toBe('10.0.0.1\n');
  expect(text(other.end())).toBe('8\n');
});
