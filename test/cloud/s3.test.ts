import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS } from '../../lib/flow-log/layout';
import { generate } from '../../lib/synthetic/generate';
import { flowlogs } from '../support/cli';
import { temporaryFolder } from '../support/logs';

/** Runs against the S3 emulator that scripts/test-cloud.mjs starts: the real SDK over HTTP. */
const folder = temporaryFolder();
const FROM = Date.UTC(2026, 10, 20) / 1000;
const s3 = new S3Client({ forcePathStyle: true });
const env = Object.fromEntries(
  ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map((name) => [name, process.env[name] ?? '']),
);
const cache = join(folder, 'cache');

const objects = (dir: string) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name));

async function upload(layoutName: string, prefix: string): Promise<{ bucket: string; dir: string }> {
  const bucket = `logs-${layoutName}`;
  const dir = join(folder, layoutName);
  const layout = LAYOUTS[layoutName]!;
  await generate(dir, {
    seed: 3,
    format: parseFormat('default'),
    layout,
    account: '123456789012',
    region: 'us-east-1',
    records: 4800,
    from: FROM,
    to: FROM + 2 * 86400,
    hosts: 20,
    plants: [],
  });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  for (const path of objects(dir))
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}${path.slice(dir.length + 1)}`, Body: readFileSync(path) }));
  return { bucket, dir };
}

const count = async (source: string, ...more: string[]) => {
  const { stdout, stderr, code } = await flowlogs(['query', 'busiest-hours', source, '--param', 'limit=10000', '-f', 'json', ...more], {
    cache,
    env,
  });
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  const rows = JSON.parse(stdout) as { records: number }[];
  return {
    records: rows.reduce((sum, row) => sum + row.records, 0),
    files: Number(/from ([\d,]+) files?/.exec(stderr)?.[1]?.replace(',', '')),
  };
};

test.each(Object.keys(LAYOUTS))(
  'layout %s: the same answers as from the files, and only the objects of the window are fetched',
  async (layoutName) => {
    const prefix = layoutName.startsWith('hive') ? 'team/vpc/' : '';
    const { bucket, dir } = await upload(layoutName, prefix);
    const window = ['--from', '2026-11-20T06:00Z', '--to', '2026-11-20T08:00Z'];
    const local = await count(dir, ...window);
    const remote = await count(`s3://${bucket}/${prefix}`, ...window);
    expect(remote.records).toBe(local.records);
    expect(local.records).toBeGreaterThan(50);
    // Two hours of objects, the delivery slack of one, and the slot that the window starts in.
    expect(remote.files).toBeGreaterThanOrEqual(24);
    expect(remote.files).toBeLessThanOrEqual(37);
    expect((await count(`s3://${bucket}/${prefix}`)).records).toBe(4800);
  },
);

test('objects that are in the cache are not fetched again', async () => {
  // The endpoint is part of a path in the cache, since a bucket of the same name elsewhere is another one.
  const kept = () =>
    objects(join(cache, 's3'))
      .filter((path) => path.includes('/logs-plain/'))
      .map((path) => [path, statSync(path).ino]);
  const window = ['--from', '2026-11-20', '--to', '2026-11-21'];
  await count('s3://logs-plain', ...window);
  const before = kept();
  expect((await flowlogs(['query', 'top-talkers', 's3://logs-plain', ...window, '-q', '-f', 'json'], { cache, env })).code).toBe(0);
  expect(before.length).toBeGreaterThan(200);
  expect(kept()).toEqual(before);
});

test.each([
  ['s3://no-such-bucket-here/x', /s3:\/\/no-such-bucket-here\/x: NoSuchBucket/],
  ['s3://logs-plain/nothing/here/', /no flow-log objects/],
  ['s3://Bad_Bucket', /expected s3:\/\/bucket/],
])('%s is a clear error', async (source, message) => {
  const { code, stderr } = await flowlogs(['query', 'top-talkers', source], { cache, env });
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
});
