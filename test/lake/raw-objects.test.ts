import { ListObjectsV2Command, type ListObjectsV2CommandInput, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS, printKey } from '../../lib/flow-log/layout';
import { type Hour, hourOf, hourStart } from '../../lib/lake/hours';
import type { Inventory } from '../../lib/lake/lake';
import { RawObjects, type RawTable } from '../../lib/lake/raw-objects';

const PAGE = 3;
const REGIONS = ['eu-central-1', 'us-east-1'];
const ACCOUNTS = ['123456789012', '123456789013'];

/** A bucket behind ListObjectsV2, in small pages, that counts its requests. */
function bucketOf(keys: ReadonlyMap<string, number>) {
  const client = new S3Client({ region: 'us-east-1' });
  const sorted = [...keys.keys()].sort();
  const seen = { requests: 0, busy: 0, most: 0 };
  mockClient(client)
    .on(ListObjectsV2Command)
    .callsFake(async ({ Prefix = '', StartAfter = '', ContinuationToken = '' }: ListObjectsV2CommandInput) => {
      seen.requests++;
      seen.most = Math.max(seen.most, ++seen.busy);
      await new Promise((done) => setImmediate(done));
      seen.busy--;
      const after = ContinuationToken === '' ? StartAfter : ContinuationToken;
      const found = sorted.filter((key) => key.startsWith(Prefix) && key > after);
      const page = found.slice(0, PAGE);
      return {
        Contents: page.map((Key) => ({ Key, Size: keys.get(Key) })),
        ...(found.length > PAGE ? { NextContinuationToken: page.at(-1), IsTruncated: true } : {}),
      };
    });
  return { client, seen };
}

const tableOf = (layout: string, accounts = ACCOUNTS, regions = REGIONS, prefix = 'flow-logs/vpc'): RawTable => ({
  name: `db.${layout}`,
  layout: LAYOUTS[layout]!,
  format: parseFormat('default'),
  prefix,
  bucket: 'b',
  accounts,
  regions,
});

test('what is listed of any hours together is what lies in each of them, in every layout', async () => {
  const first = Date.UTC(2026, 11, 30, 20);
  const object = fc.record({
    account: fc.constantFrom(...ACCOUNTS, '999999999999'),
    region: fc.constantFrom(...REGIONS),
    minute: fc.integer({ min: 0, max: 60 * 60 }),
    size: fc.integer({ min: 0, max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(LAYOUTS)),
      fc.constantFrom('', 'flow-logs/vpc'),
      fc.array(object, { maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 30 }),
      async (layout, prefix, objects, offsets) => {
        const keys = new Map<string, number>();
        const expected = new Map<Hour, Inventory>(
          offsets.map((hour) => [hourOf(first + hour * 3_600_000), { objects: 0, objectBytes: 0 }]),
        );
        for (const [i, { account, region, minute, size }] of objects.entries()) {
          const published = new Date(first + minute * 60_000);
          const place = { prefix, account, region, layout: LAYOUTS[layout]! };
          keys.set(printKey({ ...place, flowLogId: 'fl-1', published, hash: `h${i}`, fileFormat: 'parquet' }), size);
          const before = expected.get(hourOf(published.getTime()));
          if (before === undefined || !ACCOUNTS.includes(account)) continue;
          const after = { objects: before.objects + 1, objectBytes: before.objectBytes + size };
          expected.set(hourOf(published.getTime()), after);
        }
        const raws = new RawObjects(bucketOf(keys).client, [tableOf(layout, ACCOUNTS, REGIONS, prefix)]);
        expect(await raws.inventories([...expected.keys()])).toEqual(expected);
      },
    ),
    { numRuns: 80 },
  );
});

test.each(Object.keys(LAYOUTS))(
  '%s: a day of an organisation takes a request for each account and Region, many at once',
  async (layout) => {
    const accounts = Array.from({ length: 60 }, (_, i) => String(100_000_000_000 + i));
    const hours = Array.from({ length: 24 }, (_, i) => hourOf(hourStart('2026/11/20/00') + i * 3_600_000));
    const published = new Date(hourStart('2026/11/20/07'));
    const key = {
      prefix: 'flow-logs/vpc',
      account: accounts[30]!,
      region: 'us-east-1',
      layout: LAYOUTS[layout]!,
      flowLogId: 'fl-1',
      published,
    };
    const { client, seen } = bucketOf(new Map([[printKey({ ...key, hash: 'h', fileFormat: 'text' }), 7]]));
    const found = await new RawObjects(client, [tableOf(layout, accounts)]).inventories(hours);
    expect([...found].filter(([, { objects }]) => objects > 0)).toEqual([['2026/11/20/07', { objects: 1, objectBytes: 7 }]]);
    expect(seen.requests).toBe(60 * REGIONS.length);
    expect(seen.most).toBe(50);
  },
);

test('hours in the middle of a day are not looked for in its other hours', async () => {
  const keys = new Map<string, number>();
  for (let minute = 0; minute < 24 * 60; minute += 5) {
    const published = new Date(hourStart('2026/11/20/00') + minute * 60_000);
    const place = { prefix: 'flow-logs/vpc', account: ACCOUNTS[0]!, region: REGIONS[0]!, layout: LAYOUTS['hive-hourly']! };
    keys.set(printKey({ ...place, flowLogId: 'fl-1', published, hash: `h${minute}`, fileFormat: 'parquet' }), 1);
  }
  const { client, seen } = bucketOf(keys);
  const raws = new RawObjects(client, [tableOf('hive-hourly', [ACCOUNTS[0]!], [REGIONS[0]!])]);
  const twelve = { objects: 12, objectBytes: 12 };
  expect([...(await raws.inventories(['2026/11/20/05', '2026/11/20/06']))]).toEqual([
    ['2026/11/20/05', twelve],
    ['2026/11/20/06', twelve],
  ]);
  // 24 objects are eight pages, and one more shows that the hours are over.
  expect(seen.requests).toBe(9);
});
