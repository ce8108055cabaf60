import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AthenaClient, ListNamedQueriesCommand } from '@aws-sdk/client-athena';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { Catalogue } from '../../lib/analysis/catalogue';
import { tableOf } from '../../lib/analysis/requirements';
import { parseTime } from '../../lib/analysis/time';
import { AthenaEngine } from '../../lib/engine/athena';
import { definitionPrefix } from '../../lib/flow-log/definition';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS, PARTITIONS } from '../../lib/flow-log/layout';
import { FLAT_TABLE } from '../../lib/flow-log/tables';
import { runAnalysis } from '../../lib/run';
import { flowlogs } from '../support/cli';
import { fixtureCases } from '../support/fixtures';
import { temporaryFolder, withLogs } from '../support/logs';
import { cdk, deliver, deploy, ROOT, s3 } from './support';

/** IBM's objects as a Glue table and views on Trino; what convert writes, read by Athena's table and by another tool; the API. */
const folder = temporaryFolder();
const out = join(folder, 'cdk.out');
const scratch = join(folder, 'scratch');
const catalogue = new Catalogue();
const APP = `${process.execPath} ${join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs')} ${join(ROOT, 'test', 'cloud', 'foreign-app.ts')}`;
const FIXTURES = join(ROOT, 'queries', '_fixtures');
const IBM = join(FIXTURES, 'ibm_vpc_flowlogs_v1');
const OFFICE = join(FIXTURES, 'office.v5.log');

const filesBelow = (place: string): string[] =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

let outputs: Record<string, string> = {};
let engine: AthenaEngine;
const table = (name: string) => `${outputs['Database']!}.${name}`;

beforeAll(async () => {
  mkdirSync(scratch);
  await s3.send(new CreateBucketCommand({ Bucket: 'other-clouds' }));
  const [first = ''] = filesBelow(IBM);
  process.env['IBM_ENDPOINT'] = /account=.*\/vnic-id=[^/]+/.exec(first)?.[0];
  outputs = await deploy('Foreign', ['--all'], { app: APP, out });
  engine = new AthenaEngine(new AthenaClient({}), { workgroup: outputs['Workgroup']!, database: outputs['Database']! });
  for (const path of filesBelow(IBM)) {
    // A line per object, compressed: as the collector writes them.
    const Body = gzipSync(JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))));
    await s3.send(new PutObjectCommand({ Bucket: 'other-clouds', Key: relative(FIXTURES, path).replace(/\.json$/, '.gz'), Body }));
  }
}, 600_000);

afterAll(async () => {
  await cdk(['destroy', '--all', '--force'], { app: APP, out });
});

describe('IBM Cloud flow logs in Athena', () => {
  const cases = fixtureCases(catalogue).filter(({ analysis }) => tableOf(analysis) === FLAT_TABLE);

  test.each(cases)('$analysis.id $name gives on Trino what it gives here', async ({ analysis, fixture }) => {
    const window = {
      from: fixture.from === undefined ? Date.UTC(2020, 6, 24) / 1000 : parseTime(fixture.from, 0),
      to: fixture.to === undefined ? Date.UTC(2020, 6, 25) / 1000 : parseTime(fixture.to, 0),
    };
    const { result } = await runAnalysis(
      { catalogue, engine, table: table(FLAT_TABLE), partitions: [PARTITIONS.hive_hour] },
      { analysis, window, parameters: fixture.parameters },
    );
    expect(result.rows).toEqual(fixture.rows);
  });

  test('its records are those that are read here, column by column', async () => {
    const local = await withLogs([IBM], async (records) => ({
      names: records.columns.map(({ name }) => `"${name}"`).join(', '),
      rows: await records.db.rows('SELECT * FROM flow_records ORDER BY "start", srcaddr, dstaddr, srcport, bytes'),
    }));
    const { rows } = await engine.run(
      `SELECT ${local.names} FROM ${table('ibm_flow_records')} WHERE hive_hour >= 'year=2020' AND hive_hour < 'year=2021' ORDER BY "start", srcaddr, dstaddr, srcport, bytes`,
    );
    const asText = (all: readonly Record<string, unknown>[]) =>
      all.map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? String(value) : value])),
      );
    expect(rows).toHaveLength(11);
    expect(asText(rows)).toEqual(asText(local.rows));
  });

  test('a window reads the objects of its hours only', async () => {
    const bytes = async (from: string, to: string) =>
      (await engine.run(`SELECT count(*) AS n FROM ${table(FLAT_TABLE)} WHERE hive_hour >= '${from}' AND hive_hour <= '${to}'`)).stats
        .bytesScanned ?? 0;
    const whole = await bytes('year=2020/month=07/day=24/hour=00', 'year=2020/month=07/day=24/hour=23');
    const hour = await bytes('year=2020/month=07/day=24/hour=11', 'year=2020/month=07/day=24/hour=11');
    expect(hour).toBeGreaterThan(0);
    expect(hour).toBeLessThan(whole);
  });

  test('its questions are saved', async () => {
    const { NamedQueryIds = [] } = await new AthenaClient({}).send(new ListNamedQueriesCommand({ WorkGroup: 'ibm' }));
    expect(NamedQueryIds.length).toBeGreaterThan(40);
  });
});

describe('what convert writes', () => {
  const count = 'SELECT action, log_status, count(*) AS n, sum(bytes) AS bytes, sum(packets) AS packets FROM';
  const logs = join(folder, 'generated');
  let local: unknown[] = [];

  beforeAll(async () => {
    expect((await flowlogs(['generate', '-o', logs, '--records', '20000', '--hours', '3', '--from', '2026-11-20', '-q'])).code).toBe(0);
    const converted = await flowlogs([
      'convert',
      join(logs, 'AWSLogs'),
      IBM,
      '-f',
      'aws-v2',
      '-o',
      's3://other-clouds/converted',
      '--no-cache',
    ]);
    expect(converted).toMatchObject({ code: 0, stderr: expect.stringContaining('Wrote') });
    local = JSON.parse(
      (
        await flowlogs([
          'sql',
          `${count} flow_records GROUP BY 1, 2 ORDER BY 1, 2`,
          join(logs, 'AWSLogs'),
          IBM,
          '--no-cache',
          '-q',
          '-f',
          'json',
        ])
      ).stdout,
    ) as unknown[];
  }, 120_000);

  test('is in the Athena table as it was here, counts and sums', async () => {
    const { rows } = await engine.run(`${count} ${table('converted_records')} WHERE "day" >= '2020/07/01' GROUP BY 1, 2 ORDER BY 1, 2`);
    const sorted = (all: readonly unknown[]) => all.map((row) => JSON.stringify(row)).sort();
    expect(sorted(rows)).toEqual(sorted(local));
  });

  test('is not written twice: a second run keeps what is there', async () => {
    const again = await flowlogs([
      'convert',
      join(logs, 'AWSLogs'),
      IBM,
      '-f',
      'aws-v2',
      '-o',
      's3://other-clouds/converted',
      '--no-cache',
    ]);
    const [, objects, kept] = /in ([\d,]+) objects .* ([\d,]+) of which existed already/.exec(again.stderr) ?? [];
    expect(objects).toBeDefined();
    expect(kept).toBe(objects);
  });

  test('is read by flowlogs-reader, which counts the same', () => {
    const python = join(ROOT, '.box', 'flowlogs-reader', 'bin', 'python');
    const program = `
import json, boto3, datetime
from collections import Counter
from flowlogs_reader import S3FlowLogsReader
counts = Counter()
for start, end in ((datetime.datetime(2026, 11, 20), datetime.datetime(2026, 11, 20, 12)), (datetime.datetime(2020, 7, 24), datetime.datetime(2020, 7, 24, 23))):
    reader = S3FlowLogsReader('other-clouds/converted', start_time=start, end_time=end, boto_client=boto3.client('s3', region_name='us-east-1'))
    for record in reader:
        counts[(record.action or '-', record.log_status)] += 1
print(json.dumps(sorted([list(key) + [n] for key, n in counts.items()])))
`;
    const read = JSON.parse(
      execFileSync(python, ['-c', program], {
        encoding: 'utf8',
        env: { ...process.env, AWS_ENDPOINT_URL_S3: process.env['AWS_ENDPOINT_URL'] },
      }),
    ) as unknown[];
    const expected = (local as { action: string | null; log_status: string; n: number }[]).map(({ action, log_status, n }) => [
      action ?? '-',
      log_status,
      n,
    ]);
    expect(read).toEqual(expected.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)));
  });
});

describe('DescribeFlowLog', () => {
  const begin = Math.floor(Date.now() / 3_600_000) * 3600 - 4 * 3600;
  const shift = begin - Date.UTC(2026, 10, 20, 5) / 1000;
  const address = () => `${process.env['AWS_ENDPOINT_URL'] ?? ''}/_aws/execute-api/${outputs['ApiId']!}/v1/`;
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000', '');

  beforeAll(async () => {
    const format = parseFormat('recommended');
    const layout = LAYOUTS['plain-hourly']!;
    await deliver(
      [OFFICE],
      {
        bucket: outputs['BucketName']!,
        prefix: definitionPrefix('vpc', format, 'parquet', layout),
        layout,
        fileFormat: 'parquet',
        account: '000000000000',
        region: 'us-east-1',
        shift,
      },
      scratch,
      format,
    );
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: outputs['BucketName']! }));
    expect(Contents.length).toBeGreaterThan(3);
  }, 60_000);

  test('a request without signature is refused before it reaches us', async () => {
    const answer = await fetch(`${address()}?Action=DescribeFlowLog`);
    expect(answer.status).toBe(403);
  });

  test('flowlogs fetch gets every record of the range, signed, in calls of half an hour', async () => {
    const file = join(folder, 'fetched.json');
    const fetched = await flowlogs([
      'fetch',
      '--from',
      iso(begin),
      '--to',
      iso(begin + 3 * 3600),
      '-o',
      file,
      '--endpoint',
      address(),
      '--longest',
      '30',
      '--concurrency',
      '2',
    ]);
    expect(fetched).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Wrote \d+ records to /) });
    const read = JSON.parse(
      (
        await flowlogs([
          'sql',
          'SELECT action, count(*) AS n, sum(bytes) AS bytes FROM flow_records GROUP BY 1 ORDER BY 1',
          file,
          '--no-cache',
          '-q',
          '-f',
          'json',
        ])
      ).stdout,
    ) as unknown[];
    const { rows } = await engine.run(
      `SELECT action, count(*) AS n, sum(bytes) AS bytes FROM ${table('flow_records')} WHERE log_status = 'OK' GROUP BY 1 ORDER BY 1`,
    );
    expect(read).toEqual(rows);
  });

  test('a forged account and a password are refused by the deployed function', async () => {
    for (const [args, message] of [
      [['-a', '123456789012', '-d', '1'], 'UnauthorizedOperation'],
      [[], 'admin_password is not accepted'],
    ] as const) {
      const endpoint = message.startsWith('admin') ? `${address()}?admin_password=x` : address();
      const refused = await flowlogs([
        'fetch',
        '--from',
        iso(begin),
        '--to',
        iso(begin + 60),
        '-o',
        join(folder, `${message.length}.json`),
        '--endpoint',
        endpoint,
        ...args,
      ]);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    }
  });
});
