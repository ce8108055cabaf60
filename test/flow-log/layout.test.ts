import fc from 'fast-check';
import { DELIVERY_SLACK_SECONDS, LAYOUTS, type ObjectKey, parseKey, partitionFolders, printKey } from '../../lib/flow-log/layout';

const layouts = fc.constantFrom(...Object.values(LAYOUTS));
const minutes = fc.integer({ min: 25_000_000, max: 32_000_000 });
const keys: fc.Arbitrary<ObjectKey> = fc.record({
  prefix: fc.constantFrom('', 'logs', 'a/b'),
  account: fc.stringMatching(/^\d{12}$/),
  region: fc.constantFrom('us-east-1', 'eu-central-1', 'us-gov-west-1'),
  layout: layouts,
  flowLogId: fc.stringMatching(/^fl-[0-9a-f]{17}$/),
  published: minutes.map((m) => new Date(m * 60_000)),
  hash: fc.stringMatching(/^[0-9a-f]{8}$/),
  fileFormat: fc.constantFrom('text', 'parquet'),
});

test('a key survives being printed and parsed, in all four layouts', () => {
  fc.assert(
    fc.property(keys, (key) => {
      expect(parseKey(printKey(key))).toEqual(key);
    }),
  );
});

test('an object published within the slack lies in a listed partition', () => {
  fc.assert(
    fc.property(
      keys,
      fc.integer({ min: 1, max: 200_000 }),
      fc.integer({ min: 0, max: DELIVERY_SLACK_SECONDS - 1 }),
      (key, length, late) => {
        const to = key.published.getTime() / 1000 - late;
        const bare = { ...key, prefix: '' };
        const start = Math.max(to - length, to - 86400 * 2);
        expect(partitionFolders(key, start, to + 1).some((folder) => printKey(bare).startsWith(folder))).toBe(true);
      },
    ),
  );
});

test('the documented example', () => {
  expect(
    parseKey(
      'AWSLogs/123456789012/vpcflowlogs/us-east-1/2018/06/20/123456789012_vpcflowlogs_us-east-1_fl-1234abcd_20180620T1620Z_fe123456.log.gz',
    ),
  ).toMatchObject({
    account: '123456789012',
    region: 'us-east-1',
    flowLogId: 'fl-1234abcd',
    layout: { hive: false, hourly: false },
    hash: 'fe123456',
    fileFormat: 'text',
    prefix: '',
  });
});

test.each(['AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/20/x.json.gz', 'README.md', 'AWSLogs/aws-logs-write-test'])(
  '%s is no flow-log object',
  (key) => {
    expect(parseKey(key)).toBeUndefined();
  },
);

test('hour folders of a window, and one more for late delivery', () => {
  const partition = { account: '123456789012', region: 'us-east-1', layout: { hive: true, hourly: true } };
  const from = Date.UTC(2026, 10, 20, 23, 30) / 1000;
  expect(partitionFolders(partition, from, from + 600).map((folder) => folder.replace(/^.*year=/, 'year='))).toEqual([
    'year=2026/month=11/day=20/hour=23/',
    'year=2026/month=11/day=21/hour=00/',
  ]);
});
