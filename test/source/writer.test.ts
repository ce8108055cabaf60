import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS, parseKey } from '../../lib/flow-log/layout';
import { FolderStore } from '../../lib/source/object-store';
import { type ObjectStore, writeObjects, type WriteOptions, type Written } from '../../lib/source/writer';
import { HEADER, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
let serial = 0;
const fresh = () => join(folder, `dest-${++serial}`);

const filesBelow = (place: string): string[] =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(place, join(entry.parentPath, entry.name)))
    .sort();

const convert = (paths: readonly string[], dest: string, more: Partial<WriteOptions> = {}): Promise<Written> =>
  withLogs(paths, (records) =>
    writeObjects(records, {
      format: parseFormat('default'),
      layout: { hive: false, hourly: false },
      prefix: '',
      account: '000000000000',
      region: 'us-east-1',
      flowLogId: 'fl-0123456789abcdef0',
      store: new FolderStore(dest),
      ...more,
    }),
  );

const rowsOf = (paths: readonly string[], columns = '*') =>
  withLogs(paths, (records) => records.db.rows(`SELECT ${columns} FROM flow_records ORDER BY ALL`));

const T0 = Date.UTC(2026, 10, 20, 5) / 1000;
const address = fc.integer({ min: 1, max: 250 }).map((n) => `192.0.2.${n}`);
const word = fc.constantFrom('123456789012', '210987654321', 'unknown');
const recordLine = fc
  .record({
    account: word,
    src: address,
    port: fc.integer({ min: 0, max: 65535 }),
    at: fc.integer({ min: 0, max: 7200 }),
    bytes: fc.integer({ min: 0, max: 10 ** 12 }),
  })
  .map(
    ({ account, src, port, at, bytes }) =>
      `2 ${account} eni-0a1 ${src} 198.51.100.9 40000 ${port} 6 1 ${bytes} ${T0 + at} ${T0 + at + 59} ACCEPT OK`,
  );
const idleLine = fc.integer({ min: 0, max: 7200 }).map((at) => `2 123456789012 eni-0a1 - - - - - - - ${T0 + at} ${T0 + at + 60} - NODATA`);
const oddLine = fc
  .record({ at: fc.integer({ min: 0, max: 7200 }), lag: fc.integer({ min: -9000, max: 9000 }) })
  .map(({ at, lag }) => `2 123456789012 eni-0a1 192.0.2.1 198.51.100.9 1 2 6 1 40 ${T0 + at} ${T0 + at + lag} ACCEPT OK`);
const timeless = fc
  .constantFrom('start', 'end')
  .map(
    (missing) =>
      `2 123456789012 eni-0a1 192.0.2.1 198.51.100.9 1 2 6 1 40 ${missing === 'start' ? '-' : T0} ${missing === 'end' ? '-' : T0 + 99} ACCEPT OK`,
  );
const lines = fc.array(fc.oneof({ weight: 8, arbitrary: recordLine }, idleLine, oddLine, timeless), { minLength: 1, maxLength: 80 });

test('what was written reads back as it was, in every layout, text and Parquet', async () => {
  await fc.assert(
    fc.asyncProperty(lines, fc.constantFrom(...Object.keys(LAYOUTS)), fc.boolean(), async (sample, layout, parquet) => {
      // Two files, so that a slice may leave one out.
      const half = Math.floor(sample.length / 2);
      const source = join(folder, `s-${++serial}`);
      for (const part of ['a', 'b']) {
        mkdirSync(join(source, part), { recursive: true });
        writeLog(join(source, part), 'x.log', [HEADER, ...(part === 'a' ? sample.slice(0, half) : sample.slice(half))].join('\n'));
      }
      const dest = fresh();
      const written = await convert([source], dest, {
        layout: LAYOUTS[layout]!,
        sliceRecords: 10,
        ...(parquet ? { format: undefined } : {}),
      });
      expect(written.records).toBe(sample.length);
      expect(await rowsOf([dest])).toEqual(await rowsOf([source]));
      for (const key of filesBelow(dest))
        expect(parseKey(key)).toMatchObject({ layout: LAYOUTS[layout], flowLogId: 'fl-0123456789abcdef0', region: 'us-east-1' });
    }),
    { numRuns: 30 },
  );
});

test('an object holds the records of five minutes of one account, and is named by when it was published', async () => {
  const at = (account: string, end: number) => `2 ${account} eni-0a1 192.0.2.1 198.51.100.9 1 2 6 1 40 ${T0} ${T0 + end} ACCEPT OK`;
  const source = writeLog(
    folder,
    'two-accounts.log',
    [HEADER, at('123456789012', 299), at('123456789012', 300), at('unknown', 10)].join('\n'),
  );
  const dest = fresh();
  await convert([source], dest);
  expect(filesBelow(dest).map((key) => key.replace(/_[0-9a-f]{8}\./, '_HASH.'))).toEqual([
    'AWSLogs/000000000000/vpcflowlogs/us-east-1/2026/11/20/000000000000_vpcflowlogs_us-east-1_fl-0123456789abcdef0_20261120T0505Z_HASH.log.gz',
    'AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/20/123456789012_vpcflowlogs_us-east-1_fl-0123456789abcdef0_20261120T0505Z_HASH.log.gz',
    'AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/20/123456789012_vpcflowlogs_us-east-1_fl-0123456789abcdef0_20261120T0510Z_HASH.log.gz',
  ]);
  const [first = ''] = filesBelow(dest);
  expect(gunzipSync(readFileSync(join(dest, first))).toString()).toBe(`${HEADER}\n${at('unknown', 10)}\n`);
});

const many = (n: number, slots = 1) =>
  Array.from({ length: n }, (_, i) => {
    const at = T0 + (i % slots) * 300 + (i % 250);
    return `2 123456789012 eni-0a1 192.0.2.${i % 250} 198.51.100.${(i * 7) % 250} ${i % 60000} 443 6 ${i} ${i * 977} ${at} ${at + 20} ACCEPT OK`;
  });

test('an object that reaches its size is published, and the next one goes on', async () => {
  const source = writeLog(folder, 'large.log', [HEADER, ...many(300_000)].join('\n'));
  const dest = fresh();
  const written = await convert([source], dest, { maxBytes: 100_000 });
  expect(written.objects).toBeGreaterThan(2);
  expect(await rowsOf([dest], 'count(*) AS n, sum(bytes)::BIGINT AS bytes')).toEqual(
    await rowsOf([source], 'count(*) AS n, sum(bytes)::BIGINT AS bytes'),
  );
});

test('the same records give the same objects, whatever the order they came in; what stands there is kept', async () => {
  const all = many(3000);
  const [one, other] = [fresh(), fresh()];
  const first = await convert([writeLog(folder, 'order-1.log', [HEADER, ...all].join('\n'))], one);
  await convert(
    [
      writeLog(folder, 'order-2a.log', [HEADER, ...all.slice(1000).reverse()].join('\n')),
      writeLog(folder, 'order-2b.log', [HEADER, ...all.slice(0, 1000)].join('\n')),
    ],
    other,
  );
  expect(filesBelow(other)).toEqual(filesBelow(one));
  const [gone = ''] = filesBelow(one);
  rmSync(join(one, gone));
  expect(await convert([join(folder, 'order-1.log')], one)).toEqual({ ...first, kept: first.objects - 1 });
  expect(filesBelow(one)).toEqual(filesBelow(other));
});

test('interrupted between objects it leaves whole ones only, and a second run completes them', async () => {
  const source = writeLog(folder, 'hours.log', [HEADER, ...many(2000, 20)].join('\n'));
  const [dest, whole] = [fresh(), fresh()];
  const real = new FolderStore(dest);
  let left = 1;
  const failing: ObjectStore = {
    size: (key) => real.size(key),
    publish: async (key, draft) => {
      if (left-- <= 0) throw new Error('the disk is full');
      await real.publish(key, draft);
    },
  };
  await expect(convert([source], dest, { store: failing })).rejects.toThrow('the disk is full');
  await convert([source], whole);
  for (const key of filesBelow(dest)) expect(readFileSync(join(dest, key))).toEqual(readFileSync(join(whole, key)));
  expect(filesBelow(dest)).toHaveLength(1);
  await convert([source], dest);
  expect(filesBelow(dest)).toEqual(filesBelow(whole));
});

test('records of before 1970 are written, too', async () => {
  const at = (start: number) => `2 123456789012 eni-0a1 192.0.2.1 198.51.100.9 1 2 6 1 40 ${start} ${start + 1} ACCEPT OK`;
  const source = writeLog(folder, 'old.log', [HEADER, ...[-1, -2, -300, -301, 5].map(at)].join('\n'));
  for (const format of [parseFormat('default'), undefined]) {
    const dest = fresh();
    await convert([source], dest, { format, sliceRecords: 2 });
    expect(await rowsOf([dest])).toEqual(await rowsOf([source]));
  }
});

test('a v2 object of another version says so, unknown fields are -, and records without any time are refused', async () => {
  const v3 = writeLog(
    folder,
    'v3.log',
    `version interface-id srcaddr start end action vpc-id\n5 eni-0a1 192.0.2.1 ${T0} ${T0} ACCEPT vpc-1\n`,
  );
  const dest = fresh();
  await convert([v3], dest);
  const [key = ''] = filesBelow(dest);
  expect(gunzipSync(readFileSync(join(dest, key))).toString()).toBe(`${HEADER}\n2 - eni-0a1 192.0.2.1 - - - - - - ${T0} ${T0} ACCEPT -\n`);
  const timeless = writeLog(folder, 'timeless.log', 'version srcaddr start end\n2 192.0.2.1 - -\n');
  await expect(convert([timeless], fresh())).rejects.toThrow('1 records have neither start nor end');
});
