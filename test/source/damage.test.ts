import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { trustedBytes } from '../../lib/source/decode';
import { flowlogs } from '../support/cli';
import { HEADER, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
const FRAMES = join(__dirname, '..', 'fixtures', 'frames');
let serial = 0;

const record = (n: number) =>
  `2 123456789012 eni-0a1 192.0.2.${n} 198.51.100.9 ${40000 + ((n * 37) % 9999)} 443 6 1 ${n * 97} 1790000000 1790000060 ACCEPT OK`;
const sixOf = (member: number) => Array.from({ length: 6 }, (_, i) => record(member * 6 + i + 1));

interface Kind {
  name: string;
  /** Stored members, each with a header line and six records. */
  members: Buffer[];
  /** What the reference makes of the bytes of one member; undefined where it refuses them. */
  judge: (stored: Buffer, index: number) => string | undefined;
  /** Whether the reference takes zero bytes at the end of a file for padding. */
  padding: boolean;
}

const texts = [0, 1, 2].map((i) => `${[HEADER, ...sixOf(i)].join('\n')}\n`);

function gunzip(stored: Buffer): string | undefined {
  try {
    const { buffer, engine } = gunzipSync(stored, { info: true }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    return engine.bytesWritten === stored.length ? buffer.toString() : undefined;
  } catch {
    return undefined;
  }
}

const frames = ['a', 'b', 'c'].map((name) => readFileSync(join(FRAMES, `${name}.zst`)));

const KINDS: Kind[] = [
  { name: 'gzip', members: texts.map((text) => gzipSync(text)), judge: gunzip, padding: true },
  {
    name: 'zstd',
    members: frames,
    // Each has a checksum: whatever was changed is refused, or was not needed to tell the text.
    judge: (stored, i) => (stored.equals(frames[i]!) ? texts[i] : undefined),
    padding: false,
  },
];

type Edit = { at: number } & ({ kind: 'flip'; bit: number } | { kind: 'cut'; length: number } | { kind: 'insert'; bytes: Uint8Array });

/** A part of the stored file: a member or what is none, as changed. */
interface Piece {
  member: number;
  bytes: Buffer;
}

function edited(pieces: readonly Piece[], edit: Edit): Piece[] {
  const out: Piece[] = [];
  let from = 0;
  let left = edit.kind === 'cut' ? edit.length : 0;
  let inserted = edit.kind !== 'insert';
  for (const { member, bytes } of pieces) {
    const at = edit.at - from;
    from += bytes.length;
    if (edit.kind === 'flip' && at >= 0 && at < bytes.length) {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ (1 << edit.bit);
      out.push({ member, bytes: changed });
    } else if (edit.kind === 'cut' && at < bytes.length && left > 0) {
      const start = Math.max(0, at);
      const end = Math.min(bytes.length, start + left);
      left -= end - start;
      out.push({ member, bytes: Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]) });
    } else if (edit.kind === 'insert' && !inserted && at <= bytes.length) {
      inserted = true;
      if (at === 0) out.push({ member: -1, bytes: Buffer.from(edit.bytes) }, { member, bytes });
      else if (at === bytes.length) out.push({ member, bytes }, { member: -1, bytes: Buffer.from(edit.bytes) });
      else out.push({ member, bytes: Buffer.concat([bytes.subarray(0, at), edit.bytes, bytes.subarray(at)]) });
    } else out.push({ member, bytes });
  }
  return out.filter(({ bytes }) => bytes.length > 0);
}

const readBack = (path: string) =>
  withLogs([path], async ({ db, totals }) => ({
    ports: (await db.rows('SELECT srcport, bytes FROM flow_records ORDER BY ALL')).map(
      ({ srcport, bytes }) => `${srcport as number} ${bytes as string}`,
    ),
    totals,
  })).catch((error: unknown) => ({ refused: (error as Error).message }));

const portsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('2 '))
    .map((line) => `${line.split(' ')[5]} ${line.split(' ')[9]}`);

/** The law: text of members that the reference accepts is read, everything else is counted or refused by name, nothing is made up. */
async function holds(kind: Kind, stored: readonly Piece[]): Promise<void> {
  const pieces = stored.slice(0, kind.padding ? stored.findLastIndex(({ bytes }) => bytes.some((byte) => byte !== 0)) + 1 : undefined);
  const judged = pieces.map(({ member, bytes }) => (member === -1 ? undefined : kind.judge(bytes, member)));
  const expected = judged.flatMap((text) => (text === undefined ? [] : portsOf(text))).sort();
  const path = writeLog(folder, `${++serial}.log.${kind.name === 'gzip' ? 'gz' : 'zst'}`, Buffer.concat(stored.map(({ bytes }) => bytes)));
  const got = await readBack(path);
  if ('refused' in got) {
    expect(got.refused).toContain(path);
    expect(expected).toEqual([]);
    return;
  }
  // A member may be sound although it was changed where nothing reads it, and an insertion may even make one.
  const own = new Set(texts.flatMap(portsOf));
  expect(got.ports.filter((port) => !own.has(port))).toEqual([]);
  const more = [...got.ports].sort();
  for (const port of expected) expect(more.splice(more.indexOf(port), 1)).toEqual([port]);
  if (judged.includes(undefined) && more.length === 0) expect(got.totals.rejectedLines).toBeGreaterThan(0);
  if (!judged.includes(undefined)) expect(got.totals.rejectedLines).toBe(0);
}

describe.each(KINDS)('damaged $name', (kind) => {
  const whole = kind.members.map((bytes, member) => ({ member, bytes }));
  const size = whole.reduce((sum, { bytes }) => sum + bytes.length, 0);

  test('a byte that is flipped, anywhere: the text of the other members is trusted, and that of no other', async () => {
    for (let at = 0; at < size; at++) {
      const pieces = edited(whole, { kind: 'flip', at, bit: (at * 5) % 8 });
      const path = writeLog(folder, `flip.log.${kind.name}`, Buffer.concat(pieces.map(({ bytes }) => bytes)));
      const judged = pieces.map(({ member, bytes }) => kind.judge(bytes, member));
      const { bytes, damage } = await trustedBytes(path);
      // A flip may do no harm: then the text is what it was.
      const harmless = judged.includes(undefined) && bytes.toString() === texts.join('');
      if (!harmless) {
        expect([at, bytes.toString()]).toEqual([at, judged.join('')]);
        expect(damage === undefined).toBe(!judged.includes(undefined));
      }
    }
  });

  test('flips, cuts, insertions and appended bytes, several at once: what can be trusted is read, the account is complete', async () => {
    const at = fc.integer({ min: 0, max: size + 5 });
    const edit: fc.Arbitrary<Edit> = fc.oneof(
      fc.record({ kind: fc.constant('flip' as const), at, bit: fc.integer({ min: 0, max: 7 }) }),
      fc.record({
        kind: fc.constant('cut' as const),
        at,
        length: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: size })),
      }),
      fc.record({ kind: fc.constant('insert' as const), at, bytes: fc.uint8Array({ minLength: 1, maxLength: 30 }) }),
      fc.record({ kind: fc.constant('insert' as const), at: fc.constant(size), bytes: fc.uint8Array({ minLength: 1, maxLength: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) =>
        holds(
          kind,
          edits.reduce<Piece[]>((pieces, one) => edited(pieces, one), whole),
        ),
      ),
      { numRuns: 40, examples: [[[{ kind: 'insert', at: size, bytes: Uint8Array.of(0) }]]] },
    );
  });
});

test('--strict fails for one stray byte behind a perfect file, and says where it is', async () => {
  for (const [name, stored] of [
    ['stray.log.gz', Buffer.concat([gzipSync(texts[0]!), Buffer.from([0x1f])])],
    ['stray.log.zst', Buffer.concat([frames[0]!, Buffer.from([0x28])])],
  ] as const) {
    const path = writeLog(folder, name, stored);
    const told = await flowlogs(['sql', 'SELECT count(*) AS n FROM flow_records', path, '--no-cache', '-o', 'csv']);
    expect(told).toMatchObject({
      code: 0,
      stdout: 'n\n6\n',
      stderr: expect.stringContaining(`1 bytes from byte ${stored.length - 1} of the file`),
    });
    expect((await flowlogs(['sql', 'SELECT 1', path, '--no-cache', '--strict'])).code).toBe(1);
  }
});

describe('members that cut lines', () => {
  const text = texts.join('');
  const cuts = [text.indexOf('ACCEPT', 900) + 3, text.indexOf('ACCEPT', 1500) + 8];
  const parts = [text.slice(0, cuts[0]), text.slice(cuts[0], cuts[1]), text.slice(cuts[1])].map((part) => gzipSync(part));

  test.each([0, 3, 40, -2])('a flip at byte %i of the second: no line is made of halves', async (at) => {
    const broken = Buffer.from(parts[1]!);
    const place = at < 0 ? broken.length + at : at;
    broken[place] = broken[place]! ^ 0x55;
    const path = writeLog(folder, `halves-${at}.log.gz`, Buffer.concat([parts[0]!, broken, parts[2]!]));
    await withLogs([path], async ({ db, totals }) => {
      const rows = await db.rows(
        "SELECT count(*) AS n, count(*) FILTER (action <> 'ACCEPT' OR log_status <> 'OK') AS wrong FROM flow_records",
      );
      expect(rows).toEqual([
        { n: String(wholeLines(text.slice(0, cuts[0])) + wholeLines(text.slice(cuts[1]).replace(/^.*\n/, ''))), wrong: '0' },
      ]);
      expect(totals.rejectedLines).toBeGreaterThanOrEqual(2);
    });
  });

  test('a last line without line feed is whole if what follows is no member', async () => {
    const path = writeLog(folder, 'no-line-feed.log.gz', Buffer.concat([gzipSync(texts[0]!.trimEnd()), Buffer.from('junk')]));
    await withLogs([path], async ({ totals }) => expect(totals).toMatchObject({ records: 6, rejectedLines: 1 }));
  });
});

const wholeLines = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('2 ')).length;

test('a header line in a damaged member names no columns', async () => {
  const broken = gzipSync(texts[0]!);
  broken.writeUInt32LE(1, broken.length - 8);
  const sound = gzipSync(`${sixOf(1).join('\n')}\n`);
  const path = writeLog(folder, 'header.log.gz', Buffer.concat([broken, sound]));
  await withLogs([path], async ({ totals, samples }) => {
    expect(totals).toMatchObject({ records: 0, rejectedLines: 12 });
    expect(samples.at(-1)?.reason).toBe('no usable header line before it');
  });
  const { parseFormat } = await import('../../lib/flow-log/format.js');
  await withLogs([path], async ({ totals }) => expect(totals).toMatchObject({ records: 6, rejectedLines: 6 }), {
    headless: parseFormat('default'),
  });
});

test('frames without checksum, and frames to skip, are read', async () => {
  const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
  const path = writeLog(
    folder,
    'frames.log.zst',
    Buffer.concat([skippable, readFileSync(join(FRAMES, 'a.nocheck.zst')), skippable, frames[1]!]),
  );
  await withLogs([path], async ({ totals }) => expect(totals).toMatchObject({ records: 12, rejectedLines: 0 }));
});

test('a frame whose window makes the decoder take more memory is read, and so is what follows it', async () => {
  const wide = readFileSync(join(FRAMES, 'wide-window.zst'));
  const path = writeLog(folder, 'wide.log.zst', Buffer.concat([frames[0]!, wide, frames[1]!]));
  await withLogs([path], async ({ totals }) => expect(totals).toMatchObject({ records: 14, rejectedLines: 0 }));
});

test('hundreds of members, each damaged, are looked at once each', async () => {
  const { mapMembers } = await import('../../lib/source/members.js');
  const { GZIP } = await import('../../lib/source/gzip.js');
  const { storedBytes } = await import('../../lib/source/stored.js');
  const work = async (count: number) => {
    const members = Array.from({ length: count }, (_, i) => {
      const stored = gzipSync(texts[i % 3]!);
      stored.writeUInt32LE(i, stored.length - 8);
      return stored;
    });
    let spent = 0;
    const stretches = await mapMembers(storedBytes('x', Buffer.concat(members)), GZIP, (bytes) => (spent += bytes));
    expect(stretches).toHaveLength(count);
    return spent;
  };
  expect(await work(300)).toBeLessThan(3.1 * (await work(100)));
});
