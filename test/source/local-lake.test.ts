import { promises as fs, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { compactLocally, verifyLocally } from '../../lib/source/local-lake';
import { flowlogs } from '../support/cli';
import { HEADER, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
const IBM = join(__dirname, '..', '..', 'queries', '_fixtures', 'ibm_vpc_flowlogs_v1');
const T0 = Date.UTC(2026, 10, 20, 5) / 1000;
let serial = 0;
const fresh = () => join(folder, `lake-${++serial}`);
/** @param at undefined for a record without start */
const line = (at: number | undefined, port = 443, bytes = 40) =>
  `2 123456789012 eni-0a1 192.0.2.1 198.51.100.9 40000 ${port} 6 1 ${bytes} ${at === undefined ? '-' : T0 + at} ${T0 + (at ?? 0) + 9} ACCEPT OK`;
const log = (lines: readonly string[]) => writeLog(folder, `l-${++serial}.log`, [HEADER, ...lines].join('\n'));
const rowsOf = (paths: readonly string[]) => withLogs(paths, (records) => records.db.rows('SELECT * FROM flow_records ORDER BY ALL'));
const compact = (paths: readonly string[], lake: string) => withLogs(paths, (records) => compactLocally(records, lake));
const verify = (paths: readonly string[], lake: string) => withLogs(paths, (records) => verifyLocally(records, lake));

test('however often and in whatever pieces it is compacted, the lake holds what the sources hold', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.array(fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 20_000 }) }, fc.constant(undefined)), {
          minLength: 1,
          maxLength: 30,
        }),
        { minLength: 1, maxLength: 4 },
      ),
      async (deliveries) => {
        const lake = fresh();
        const sources: string[] = [];
        for (const times of deliveries) {
          sources.push(log(times.map((at, i) => line(at, i))));
          await compact(sources, lake);
        }
        expect(await rowsOf([lake])).toEqual(await rowsOf(sources));
        expect(await verify(sources, lake)).toEqual([]);
        expect(await compact(sources, lake)).toMatchObject({ compacted: 0, kept: [] });
      },
    ),
    { numRuns: 15 },
  );
});

test('records of before 1970 stand in the hour in which they begin', async () => {
  const lake = fresh();
  const source = log([-1, 0, -3600, -3601, -7200].map((start) => line(start - T0)));
  expect(await compact([source], lake)).toMatchObject({ compacted: 3, records: 5 });
  expect(await rowsOf([lake])).toEqual(await rowsOf([source]));
  expect(await verify([source], lake)).toEqual([]);
});

test('records without a start are in a file of their own, which is said and not lost either', async () => {
  const lake = fresh();
  const some = log([line(0), line(undefined, 22), line(undefined, 23)]);
  const { code, stderr } = await flowlogs(['compact', some, '-o', lake, '--no-cache']);
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(
      /^1 hour compacted, 0 unchanged: 3 records\.\n2 records have no start, so in no hour: in hour=none of the lake\.\n/,
    ),
  ]);
  expect(
    readdirSync(lake)
      .filter((name) => !name.startsWith('.'))
      .sort(),
  ).toEqual(['hour=2026-11-20-05', 'hour=none']);
  expect(await compact([log([line(0), line(undefined, 22)])], lake)).toMatchObject({ kept: [{ hour: undefined, missing: 1 }] });
  expect(await rowsOf([lake])).toEqual(await rowsOf([some]));
  const told = await flowlogs(['verify-lake', lake, log([line(0)]), '--no-cache', '-q']);
  expect(told).toMatchObject({ code: 1, stdout: expect.stringMatching(/^records without start: raw 0 records, .*; lake 2 records, /) });
});

test('logs without the column of times are a lake, too', async () => {
  const lake = fresh();
  const source = writeLog(folder, 'no-times.log', 'srcaddr dstaddr action bytes\n192.0.2.1 192.0.2.2 ACCEPT 7\n');
  expect(await compact([source], lake)).toMatchObject({ records: 1, kept: [] });
  expect(await compact([source], lake)).toMatchObject({ records: 1, kept: [] });
  expect(await rowsOf([lake])).toEqual(await rowsOf([source]));
  expect(await verify([source], lake)).toEqual([]);
});

test('an hour is never replaced by fewer records, nor by others', async () => {
  const lake = fresh();
  const whole = log([line(0), line(10), line(4000)]);
  await compact([whole], lake);
  const part = log([line(0), line(4000), line(4100)]);
  expect(await compact([part], lake)).toEqual({ compacted: 1, unchanged: 0, records: 3, kept: [{ hour: T0, missing: 1 }] });
  expect(await rowsOf([lake])).toHaveLength(4);
  const told = await flowlogs(['compact', part, '-o', lake, '--no-cache']);
  expect(told).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('2026-11-20T05:00:00Z: the lake holds 1 records that these sources lack'),
  });
});

test('verify-lake names the hours that differ and exits 1', async () => {
  const lake = fresh();
  const whole = log([line(0), line(4000)]);
  await compact([whole], lake);
  const more = log([line(4001, 22, 100)]);
  expect(await flowlogs(['verify-lake', lake, whole, more, '--no-cache', '-q'])).toEqual({
    code: 1,
    stdout: '2026-11-20T06:00:00Z: raw 2 records, 140 bytes, 2 packets; lake 1 records, 40 bytes, 1 packets\n',
    stderr: '',
  });
  expect(await flowlogs(['verify-lake', lake, whole, '--no-cache'])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('agree'),
  });
});

test('a run that was killed leaves whole files only, and the next one completes them', async () => {
  const lake = fresh();
  const source = log([line(0), line(4000), line(8000)]);
  await expect(
    withLogs([source], (records) =>
      compactLocally(records, lake, {
        onProgress: (done) => {
          if (done === 2) throw new Error('killed');
        },
      }),
    ),
  ).rejects.toThrow('killed');
  await fs.writeFile(join(lake, 'hour=2026-11-20-05', '.99.draft'), 'half a file');
  expect(await rowsOf([lake])).toHaveLength(2);
  expect(await compact([source], lake)).toMatchObject({ compacted: 1, unchanged: 2 });
  expect(await rowsOf([lake])).toEqual(await rowsOf([source]));
});

test("IBM's flow logs are kept as their flat view: records, questions and header are as before", async () => {
  const lake = fresh();
  expect(await compact([IBM], lake)).toMatchObject({ compacted: 2, kept: [] });
  expect(readdirSync(lake)).toEqual(['hour=2020-07-24-10', 'hour=2020-07-24-11']);
  expect(await rowsOf([lake])).toEqual(await rowsOf([IBM]));
  const ask = (source: string) => flowlogs(['query', 'ibm-https-top-receivers', source, '--no-cache', '-q', '-f', 'json']);
  const [before, after] = await Promise.all([ask(IBM), ask(lake)]);
  expect(JSON.parse(after.stdout)).toHaveLength(2);
  expect(after.stdout).toBe(before.stdout);
  expect(await verify([IBM], lake)).toEqual([]);
  // The folder hour=… of the lake must not be taken for the key's part of that name.
  const keys = (source: string) =>
    withLogs([source], (records) => records.db.rows('SELECT DISTINCT account, hour, vnic_id FROM flow_flat ORDER BY ALL'));
  expect(await keys(lake)).toEqual(await keys(IBM));
  expect((await keys(lake))[0]).toEqual({ account: '123456789012', hour: '10', vnic_id: '0717-0d4' });
  await expect(compact([IBM, log([line(0)])], fresh())).rejects.toThrow('pass them without other sources');
});
