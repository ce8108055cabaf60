import { GetObjectCommand, ListObjectsV2Command, type ListObjectsV2CommandInput, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { LAYOUTS, printKey } from '../../lib/flow-log/layout';
import { localPath } from '../../lib/source/local-path';
import { listObjects, parseS3Uri } from '../../lib/source/s3';

/** An in-memory bucket behind ListObjectsV2, in pages of 3; the real calls are exercised in test/cloud. */
function bucketOf(keys: readonly string[]): { client: S3Client; prefixes: string[] } {
  const client = new S3Client({ region: 'us-east-1' });
  const prefixes: string[] = [];
  const mock = mockClient(client);
  mock.on(GetObjectCommand).rejects(new Error('listing fetches nothing'));
  mock.on(ListObjectsV2Command).callsFake(({ Prefix = '', Delimiter, ContinuationToken }: ListObjectsV2CommandInput) => {
    prefixes.push(Prefix);
    const under = keys.filter((key) => key.startsWith(Prefix));
    if (Delimiter === '/') {
      const folders = new Set(
        under.map((key) => key.slice(0, key.indexOf('/', Prefix.length) + 1)).filter((folder) => folder.length > Prefix.length),
      );
      return { CommonPrefixes: [...folders].map((folder) => ({ Prefix: folder })) };
    }
    const from = Number(ContinuationToken ?? 0);
    const page = under.slice(from, from + 3);
    return {
      Contents: page.map((Key) => ({ Key, Size: 1, LastModified: new Date(0) })),
      NextContinuationToken: from + 3 < under.length ? String(from + 3) : undefined,
    };
  });
  return { client, prefixes };
}

const signal = new AbortController().signal;
const DAY = Date.UTC(2026, 10, 20) / 1000;
const hourly = (layout: string, region = 'us-east-1', prefix = '') =>
  Array.from({ length: 72 }, (_, h) =>
    printKey({
      prefix,
      account: '123456789012',
      region,
      layout: LAYOUTS[layout]!,
      flowLogId: 'fl-1',
      published: new Date((DAY + h * 3600 + 1800) * 1000),
      hash: 'aa',
      fileFormat: 'text',
    }),
  );

test.each(Object.keys(LAYOUTS))('layout %s: only what can hold the window, and only its days are listed', async (layout) => {
  const { client, prefixes } = bucketOf([...hourly(layout), ...hourly(layout, 'eu-central-1')]);
  const from = DAY + 26 * 3600;
  const objects = await listObjects(client, 'b', '', { from, to: from + 7200, signal });
  const published = objects.map(({ key }) => /T(\d{4})Z/.exec(key)?.[1]).sort();
  expect(published).toEqual(['0230', '0230', '0330', '0330', '0430', '0430']);
  expect(
    prefixes
      .filter((prefix) => prefix.includes('/2026/11/') || prefix.includes('month='))
      .every((prefix) => /11\/21\/$|day=21\/$/.test(prefix)),
  ).toBe(true);
});

test('a prefix before AWSLogs and one down to the Region', async () => {
  const keys = hourly('plain-hourly', 'us-east-1', 'logs/vpc');
  const window = { from: DAY, to: DAY + 3600, signal };
  for (const prefix of [
    'logs/vpc',
    'logs/vpc/',
    'logs/vpc/AWSLogs/',
    'logs/vpc/AWSLogs/123456789012/vpcflowlogs/us-east-1/',
    'logs/vpc/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/20/',
  ]) {
    const { client } = bucketOf(keys);
    expect((await listObjects(client, 'b', prefix, window)).length).toBe(2);
  }
});

test('without a window, and for other keys, everything below the prefix', async () => {
  const { client } = bucketOf([...hourly('plain'), 'my/own.log.gz', 'my/folder/']);
  expect(await listObjects(client, 'b', '', { from: undefined, to: undefined, signal })).toHaveLength(73);
  expect((await listObjects(client, 'b', 'my/', { from: DAY, to: DAY + 1, signal })).map(({ key }) => key)).toEqual(['my/own.log.gz']);
});

test.each([
  ['s3://my-bucket/a/b/', { bucket: 'my-bucket', prefix: 'a/b/' }],
  ['s3://my-bucket', { bucket: 'my-bucket', prefix: '' }],
])('%s', (uri, parts) => {
  expect(parseS3Uri(uri)).toEqual(parts);
});

test.each(['s3://', 's3:///x', 's3://UPPER/x', 's3://a'])('%s is refused', (uri) => {
  expect(() => parseS3Uri(uri)).toThrow(/expected s3:\/\/bucket/);
});

test.each(['../../etc/passwd', 'a/../../b', '/abs', 'a//b', 'a/./b'])('key %s stays in the folder', (key) => {
  expect(localPath('/cache/b', key)).toMatch(/^\/cache\/b\/(?!.*\.\.\/)/);
});
