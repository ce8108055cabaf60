import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openDatabase } from '../../lib/source/duckdb';
import { tarOf, zipOf } from '../support/archives';
import { documented } from '../support/documented';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';
import { rowsOf } from '../support/rows';

const folder = temporaryFolder();
let serial = 0;
const row = documented('wrapping');
const file = (content: string | Buffer, name = `${++serial}`) => writeLog(folder, name, content);
const log = (...sources: string[]) => `${[HEADER, ...sources.map((src) => line({ src }))].join('\n')}\n`;
const A = log('192.0.2.1');
const B = log('192.0.2.2');
const sourcesOf = ({ rows }: { rows: Record<string, unknown>[] }) => rows.map((row) => row['srcaddr']);

const TWO = [
  { name: 'AWSLogs/', type: 'Directory' as const },
  { name: 'AWSLogs/2026/a.log.gz', content: gzipSync(A) },
  { name: './AWSLogs/2026/b.log', content: B },
];

const BOTH = log('192.0.2.1', '192.0.2.2');
const COMPRESSED = row('gzip, zstd');
const TWICE = row('gzip within gzip');
const UTF16 = row('UTF-16, as PowerShell writes it');
const ARCHIVE = row('tar, zip (stored or deflated)');
const BASE64 = row('base64, one payload per line');
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const base64 = (...payloads: string[]) => payloads.map((payload) => gzipSync(payload).toString('base64')).join('\n');

describe.each([
  [COMPRESSED, 'gzip', gzipSync(BOTH)],
  [COMPRESSED, 'members that cut a line', Buffer.concat([gzipSync(BOTH.slice(0, 170)), gzipSync(BOTH.slice(170))])],
  [TWICE, 'two', gzipSync(gzipSync(BOTH))],
  [TWICE, 'three', gzipSync(gzipSync(gzipSync(BOTH)))],
  [UTF16, 'with a byte order mark', utf16(`\ufeff${BOTH}`)],
  [UTF16, 'the other way round', utf16(`\ufeff${BOTH}`).swap16()],
  [UTF16, 'without', utf16(BOTH)],
  [UTF16, 'in gzip', gzipSync(utf16(BOTH).swap16())],
  [BASE64, 'of gzip', base64(BOTH)],
  [BASE64, 'of gzip, two lines', base64(A, B)],
  [ARCHIVE, 'tar', tarOf(TWO)],
  [ARCHIVE, 'tar in gzip', gzipSync(tarOf(TWO))],
  [ARCHIVE, 'zip', zipOf(TWO)],
  [ARCHIVE, 'zip of stored files', zipOf(TWO.map((entry) => ({ ...entry, method: 0 })))],
  [ARCHIVE, 'zip in gzip', gzipSync(zipOf(TWO))],
  [ARCHIVE, 'tar in zip in tar', tarOf([{ name: 'x.zip', content: zipOf([{ name: 'x.tgz', content: gzipSync(tarOf(TWO)) }]) }])],
] as [string, string, Buffer][])('%s: %s', (_rule, _form, content) => {
  test('is read, whatever its name is', async () => {
    for (const path of [file(content), file(content, `${++serial}.log`)]) {
      const read = await rowsOf([path], 'srcaddr');
      expect(sourcesOf(read)).toEqual(['192.0.2.1', '192.0.2.2']);
      expect(read.totals).toMatchObject({ lines: 2, records: 2, rejectedLines: 0 });
      expect(read.skipped).toEqual([]);
    }
  });

  test('answers alike filling the cache and from it, and leaves nothing behind', async () => {
    const path = file(content);
    const cache = join(folder, 'cache');
    const temporary = join(folder, `temporary-${++serial}`);
    mkdirSync(temporary);
    const usual = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    const once = () => rowsOf([path], '*', { cache });
    const first = await once();
    const entries = readdirSync(join(cache, 'records')).length;
    expect(await once()).toEqual(first);
    expect(readdirSync(join(cache, 'records'))).toHaveLength(entries);
    expect(readdirSync(temporary)).toEqual([]);
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
  });
});

test('an archive in a folder counts as the files in it, beside others', async () => {
  const inside = join(folder, 'inside');
  mkdirSync(inside);
  writeLog(inside, 'logs.tgz', gzipSync(tarOf(TWO)));
  writeLog(inside, 'c.log', log('192.0.2.3'));
  const read = await rowsOf([inside], 'srcaddr');
  expect(sourcesOf(read)).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3']);
  expect(read.totals.files).toBe(3);
  expect(read.kinds).toEqual({ aws: 3, tar: 1 });
});

describe('archives behind archives', () => {
  const tars = [
    tarOf([{ name: 'a.log', content: A }]),
    tarOf([
      { name: 'b.log', content: B },
      { name: 'c.log', content: log('192.0.2.3') },
    ]),
  ];
  const padded = tars.map((bytes) => Buffer.concat([bytes, Buffer.alloc(512 * 18)]));

  test.each([
    ['one after the other', Buffer.concat(tars)],
    ['padded, as tar does it', Buffer.concat(padded)],
    ['in gzip members', Buffer.concat(tars.map((bytes) => gzipSync(bytes)))],
    ['an empty one first', Buffer.concat([tars[0]!, tarOf([]), tars[1]!])],
  ])('%s: each is read', async (_, content) => {
    const read = await rowsOf([file(content)], 'srcaddr');
    expect(sourcesOf(read)).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3']);
    expect(read.totals.rejectedLines).toBe(0);
  });

  test('bytes behind the end that are none are one rejected line', async () => {
    const read = await rowsOf([file(Buffer.concat([...padded, Buffer.from('x'.repeat(5000))]))], 'srcaddr');
    expect(read.totals).toMatchObject({ records: 3, rejectedLines: 1 });
    expect(read.reasons).toEqual(['1 damaged tar archive: bytes after its end that are not an archive']);
  });

  test('however the bytes are cut', async () => {
    const { readTar } = await import('../../lib/source/wrapping/tar.js');
    const whole = Buffer.concat([...padded, ...tars]);
    for (const size of [1, 511, 512, 513, 5000]) {
      const names: (string | undefined)[] = [];
      const cut = async function* () {
        for (let at = 0; at < whole.length; at += size) yield await Promise.resolve(whole.subarray(at, at + size));
      };
      const take = async ({ name, content }: { name: string | undefined; content: AsyncIterable<Buffer> }) => {
        let text = '';
        for await (const chunk of content) text += chunk.toString();
        names.push(`${name} ${text.length}`);
      };
      await readTar(cut(), take, ({ why }) => names.push(why));
      const each = [`a.log ${A.length}`, `b.log ${B.length}`, `c.log ${log('192.0.2.3').length}`];
      expect([size, names]).toEqual([size, [...each, ...each]]);
    }
  });
});

test('names that climb out, collide or are hostile stay in our folder, and each is read', async () => {
  const long = 'x'.repeat(90);
  const names = [
    '../../../../tmp/flowlogs-escaped.log',
    '/tmp/flowlogs-escaped.log',
    'a.log',
    'a.log',
    'a.log/b.log',
    "o'brien [1] *.log",
    'naïve.log',
    'dir\\..\\..\\x.log',
    `${long}/${long}.log`,
    'new\nline.log',
  ];
  const entries = names.map((name, i) => ({ name, content: log(`192.0.2.${i + 1}`) }));
  for (const content of [tarOf(entries), zipOf(entries)]) {
    const read = await rowsOf([file(content)], 'srcaddr');
    expect(read.totals).toMatchObject({ records: names.length, rejectedLines: 0 });
    expect(read.skipped).toEqual([]);
    expect(existsSync('/tmp/flowlogs-escaped.log')).toBe(false);
  }
});

test('what is no file or no flow log is passed over by name; hidden files and marker objects silently', async () => {
  const more = [
    { name: 'README.md', content: 'words\n' },
    { name: 'link.log', type: 'SymbolicLink' as const },
    { name: 'pipe', type: 'FIFO' as const },
    { name: '__MACOSX/._a.log', content: 'x' },
    { name: '.DS_Store', content: 'x' },
    { name: '_SUCCESS', content: '' },
  ];
  const { totals, skipped } = await rowsOf([file(tarOf([...TWO, ...more]), 'mixed.tar')]);
  expect(totals).toMatchObject({ records: 2, rejectedLines: 0 });
  expect(skipped.sort()).toEqual([
    'README.md: no header line: got "words"; say --log-format \'<fields>\'',
    'link.log: a SymbolicLink, not a file',
    'pipe: a FIFO, not a file',
  ]);
  const zip = zipOf([
    ...TWO,
    { name: 'secret.log', content: A, encrypted: true },
    { name: 'new.log', content: A, method: 93 },
    ...more.slice(3),
  ]);
  expect((await rowsOf([file(zip)])).skipped).toEqual([
    'secret.log: encrypted: unpack it yourself',
    'new.log: compressed by method 93 of zip: expected deflate, unpack it yourself',
  ]);
});

test('rejects and skipped files are named by archive and member', async () => {
  const path = file(zipOf([{ name: 'a/bad.log', content: `${A}short line\n` }]), 'named.zip');
  const out = join(folder, 'rejects.ndjson');
  const samples = await withLogs([path], async (records) => {
    await records.writeRejects(out);
    return records.samples;
  });
  expect(samples).toEqual([expect.objectContaining({ file: `${path}!/a/bad.log`, line: 3, text: 'short line' })]);
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ file: `${path}!/a/bad.log`, line: 3 });
});

describe('damage', () => {
  test('a member whose checksum is wrong is rejected, the others stand', async () => {
    const path = file(
      zipOf([
        { name: 'a.log', content: A },
        { name: 'b.log', content: B, wrongChecksum: true },
        { name: 'c.log', content: log('192.0.2.3') },
      ]),
      'crc.zip',
    );
    const read = await rowsOf([path], 'srcaddr');
    expect(sourcesOf(read)).toEqual(['192.0.2.1', '192.0.2.3']);
    expect(read.totals).toMatchObject({ lines: 3, rejectedLines: 1 });
    expect(read.reasons).toEqual(['1 damaged zip entry (its checksum is wrong)']);
  });

  test('a zip archive without its end is refused by name, skipped in a folder', async () => {
    const content = zipOf(TWO).subarray(0, -30);
    await expect(rowsOf([file(content, 'cut.zip')])).rejects.toThrow(/cut\.zip: damaged zip archive: End of central directory/);
  });

  test('a tar archive that ends early: what is whole is read, the rest is counted', async () => {
    const whole = tarOf([
      { name: 'a.log', content: A },
      { name: 'b.log', content: log(...Array.from({ length: 50 }, (_, i) => `192.0.3.${i}`)) },
    ]);
    const read = await rowsOf([file(whole.subarray(0, 512 * 4 + 300), 'cut.tar')], 'srcaddr');
    expect(sourcesOf(read)).toContain('192.0.2.1');
    expect(read.totals.rejectedLines).toBeGreaterThan(0);
    expect(read.reasons.join()).toContain('damaged tar archive: Truncated input');
  });

  test('a damaged header in the middle costs its own file only', async () => {
    const bytes = tarOf([
      { name: 'a.log', content: A },
      { name: 'b.log', content: B },
      { name: 'c.log', content: log('192.0.2.3') },
    ]);
    bytes[512 * 2 + 20] = 0x7f;
    const read = await rowsOf([file(bytes)], 'srcaddr');
    expect(sourcesOf(read)).toEqual(['192.0.2.1', '192.0.2.3']);
    expect(read.reasons).toEqual(['1 damaged tar archive: checksum failure']);
  });

  test.each([
    ['tar in gzip', gzipSync(tarOf(TWO))],
    ['gzip in gzip', gzipSync(gzipSync(A))],
  ])('%s that is cut or contradicts its checksum gives nothing that nobody vouches for', async (_, content) => {
    const wrong = Buffer.from(content);
    wrong.writeUInt32LE(0xdeadbeef, wrong.length - 8);
    for (const broken of [content.subarray(0, -20), wrong]) {
      await expect(rowsOf([file(broken)])).rejects.toThrow(
        /(truncated|corrupt) gzip member.*: \d+ bytes from byte 0 of the file on are damaged/,
      );
      const beside = await rowsOf([file(A), file(tarOf([{ name: 'inner', content: broken }]))], 'srcaddr');
      expect(sourcesOf(beside)).toEqual(['192.0.2.1']);
      expect(beside.totals.rejectedLines).toBeGreaterThan(0);
    }
  });
});

describe('bombs', () => {
  const END_OF_TAR = 1024;
  const zeros = 'x'.repeat(1024 * 1024);

  test('an archive that unpacks to far more than flow logs do stops with an error', async () => {
    const entries = Array.from({ length: 300 }, (_, i) => ({ name: `${i}.log`, content: zeros }));
    await expect(rowsOf([file(zipOf(entries), 'bomb.zip')])).rejects.toThrow(/bomb\.zip: .*decompression bomb/);
    const part = gzipSync(tarOf(entries.slice(0, 30)).subarray(0, -END_OF_TAR));
    const tgz = Buffer.concat([...Array.from({ length: 10 }, () => part), gzipSync(Buffer.alloc(END_OF_TAR))]);
    await expect(rowsOf([file(tgz, 'bomb.tgz')])).rejects.toThrow(/bomb\.tgz: .*decompression bomb/);
  });

  test('one that hides its size in archives within archives too', async () => {
    const inner = zipOf(Array.from({ length: 20 }, (_, i) => ({ name: `${i}.log`, content: zeros })));
    const outer = zipOf(Array.from({ length: 20 }, (_, i) => ({ name: `${i}.zip`, content: inner })));
    await expect(rowsOf([file(outer, 'nested.zip')])).rejects.toThrow(/nested\.zip!.*decompression bomb/);
  });

  test('one that has no end', async () => {
    let content: Buffer = Buffer.from(A);
    for (let i = 0; i < 8; i++) content = zipOf([{ name: 'again.zip', content, method: 0 }]);
    await expect(rowsOf([file(content, 'endless.zip')])).rejects.toThrow(/more than 6 nested archives or compressions/);
  });
});

describe('Parquet', () => {
  let bytes: Buffer;
  beforeAll(async () => {
    const db = await openDatabase({ threads: 1, memory: '200MB', temporaryFolder: join(folder, 'spill') });
    const path = join(folder, 'made.parquet');
    await db.rows(`COPY (SELECT '192.0.2.9' AS srcaddr, 1790000000 AS "start") TO '${path}' (FORMAT parquet)`);
    await db.close();
    bytes = readFileSync(path);
  });

  test.each([
    ['without a name of its own, as UNLOAD writes it', () => bytes, { parquet: 1 }],
    ['in gzip', () => gzipSync(bytes), { parquet: 1, gzip: 1 }],
    ['in an archive', () => tarOf([{ name: 'data/part-0', content: bytes }]), { parquet: 1, tar: 1 }],
    ['in an archive, under its name', () => zipOf([{ name: 'data/part-0.parquet', content: bytes }]), { parquet: 1, zip: 1 }],
  ])('%s', async (_, content, kinds) => {
    const read = await rowsOf([file(content())], 'srcaddr, "start"');
    expect(read.rows).toEqual([{ srcaddr: '192.0.2.9', start: '1790000000' }]);
    expect([read.kinds, read.totals.files]).toEqual([kinds, 1]);
  });
});

test("IBM's objects keep the parts of their keys within an archive", async () => {
  const object = {
    version: '0.0.1',
    state: 'ok',
    number_of_flow_logs: 0,
    capture_start_time: '2026-01-01T00:00:00Z',
    capture_end_time: '2026-01-01T00:05:00Z',
    flow_logs: [],
  };
  const name =
    'ibm_vpc_flowlogs_v1/account=abc/region=us-south/vpc-id=v1/subnet-id=s1/endpoint-type=vnics/instance-id=i1/vnic-id=n1/record-type=all/year=2026/month=01/day=01/hour=00/stream-id=x/00000000.gz';
  const { rows } = await rowsOf(
    [file(tarOf([{ name, content: gzipSync(JSON.stringify(object)) }]))],
    'account_id, region, subnet_id, log_status',
  );
  expect(rows).toEqual([{ account_id: 'abc', region: 'us-south', subnet_id: 's1', log_status: 'NODATA' }]);
});

test('a named pipe is read once, like a file', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const { spawn } = await import('node:child_process');
  const writer = spawn('sh', ['-c', 'cat "$1" > "$0"', pipe, file(gzipSync(A))]);
  const read = await rowsOf([pipe], 'srcaddr');
  writer.kill();
  expect(sourcesOf(read)).toEqual(['192.0.2.1']);
});
