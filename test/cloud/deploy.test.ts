import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  AthenaClient,
  GetPreparedStatementCommand,
  GetWorkGroupCommand,
  ListNamedQueriesCommand,
  BatchGetNamedQueryCommand,
  ListPreparedStatementsCommand,
  type NamedQuery,
} from '@aws-sdk/client-athena';
import { GetDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, HeadBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { Catalogue } from '../../lib/analysis/catalogue';
import { durationSeconds } from '../../lib/analysis/duration';
import { exampleParameters } from '../../lib/analysis/render';
import { AthenaEngine } from '../../lib/engine/athena';
import { DuckDbEngine } from '../../lib/engine/duckdb/duckdb';
import { QueryError } from '../../lib/engine/engine';
import { definitionPrefix } from '../../lib/flow-log/definition';
import { parseFormat } from '../../lib/flow-log/format';
import { DELIVERY_SLACK_SECONDS, LAYOUTS, parseKey } from '../../lib/flow-log/layout';
import { runAnalysis } from '../../lib/run';
import { missingFields, tableOf } from '../../lib/analysis/requirements';
import { FLAT_TABLE } from '../../lib/flow-log/tables';
import { inParallel } from '../../lib/parallel';
import { flowlogs } from '../support/cli';
import { temporaryFolder, withLogs } from '../support/logs';
import { cdk, deliver, deploy, type Object, received, ROOT, s3 } from './support';

/** The app as users deploy it, on the emulator and Trino: the real CDK CLI, real objects, the texts fetched from the deployed named queries. */
const catalogue = new Catalogue();
const folder = temporaryFolder();
const out = join(folder, 'cdk.out');
const scratch = join(folder, 'scratch');
const local = join(folder, 'local');
const athena = new AthenaClient({});
const OFFICE = join(ROOT, 'queries', '_fixtures', 'office.v5.log');
const NEXT_DAY = join(ROOT, 'queries', '_fixtures', 'next-day.v2.log');
const STACK = 'FlowLogEverything';
/** It keeps results in a bucket. */
const WORKGROUP = `${STACK}-results`;
const ACCOUNT = '000000000000';
/** The office log begins at 05:00 and ends at 07:11 on 2026-11-20; it is moved so that it ended ten minutes ago. */
const NOW = Math.floor(Date.now() / 1000);
const shift = NOW - 600 - Date.UTC(2026, 10, 20, 7, 11) / 1000;

let outputs: Record<string, string> = {};
const delivered: Object[] = [];
let namedQueries: NamedQuery[] = [];

const keepLocally = (objects: readonly Object[]) => {
  for (const { key, body } of objects) {
    mkdirSync(dirname(join(local, key)), { recursive: true });
    writeFileSync(join(local, key), body);
  }
};

async function allNamedQueries(workgroup: string): Promise<NamedQuery[]> {
  const ids: string[] = [];
  let token: string | undefined;
  do {
    const page = await athena.send(
      new ListNamedQueriesCommand({ WorkGroup: workgroup, ...(token === undefined ? {} : { NextToken: token }) }),
    );
    ids.push(...(page.NamedQueryIds ?? []));
    token = page.NextToken;
  } while (token !== undefined);
  const queries: NamedQuery[] = [];
  for (let i = 0; i < ids.length; i += 50)
    queries.push(...((await athena.send(new BatchGetNamedQueryCommand({ NamedQueryIds: ids.slice(i, i + 50) }))).NamedQueries ?? []));
  return queries;
}

beforeAll(async () => {
  mkdirSync(scratch);
  await s3.send(new CreateBucketCommand({ Bucket: 'company-flow-logs' }));
  await s3.send(new CreateBucketCommand({ Bucket: 'company-access-logs' }));
  outputs = await deploy(STACK, ['-c', 'config=examples/everything.yaml'], { out });
  const bucket = outputs['BucketName']!;
  const home = { account: ACCOUNT, region: 'us-east-1' };
  const abroad = { account: '123456789012', region: 'eu-central-1' };
  const recommended = parseFormat('recommended');
  const basic = parseFormat('default');
  const put = async (file: string, where: Parameters<typeof deliver>[1]) => delivered.push(...(await deliver([file], where, scratch)));
  const day = shift - 86400;
  await put(OFFICE, {
    bucket,
    prefix: definitionPrefix('vpc', recommended, 'parquet', LAYOUTS['plain-hourly']!, { aggregationSeconds: 60 }),
    layout: LAYOUTS['plain-hourly']!,
    fileFormat: 'parquet',
    ...home,
    shift,
  });
  await put(NEXT_DAY, {
    bucket,
    prefix: definitionPrefix('vpc', basic, 'text', LAYOUTS['plain']!, { aggregationSeconds: 60 }),
    layout: LAYOUTS['plain']!,
    fileFormat: 'text',
    ...home,
    shift: day,
  });
  await put(NEXT_DAY, {
    bucket,
    prefix: definitionPrefix('hive', basic, 'text', LAYOUTS['hive-hourly']!, { traffic: 'REJECT' }),
    layout: LAYOUTS['hive-hourly']!,
    fileFormat: 'text',
    ...abroad,
    shift: day,
  });
  // Late objects: published almost as late as a question still looks.
  await put(OFFICE, {
    bucket,
    prefix: definitionPrefix('daily', recommended, 'parquet', LAYOUTS['hive']!, { traffic: 'ACCEPT' }),
    layout: LAYOUTS['hive']!,
    fileFormat: 'parquet',
    ...abroad,
    shift: shift - DELIVERY_SLACK_SECONDS,
    delay: DELIVERY_SLACK_SECONDS - 600,
  });
  await put(NEXT_DAY, {
    bucket: 'company-flow-logs',
    prefix: '',
    layout: LAYOUTS['plain']!,
    fileFormat: 'text',
    account: '123456789012',
    region: 'us-east-1',
    shift: day,
  });
  keepLocally(delivered);
  namedQueries = await allNamedQueries(outputs['WorkgroupName']!);
}, 300_000);

describe('the everything example', () => {
  test('asks for the flow logs that the configuration says', async () => {
    const flowLogs = (await received('AWS::EC2::FlowLog')).map(({ properties }) => properties);
    const of = (resource: string) => flowLogs.filter(({ ResourceId }) => ResourceId === resource);
    const [vpc] = of('vpc-0123456789abcdef0').filter(({ LogDestinationType }) => LogDestinationType === 's3');
    expect(vpc).toMatchObject({
      ResourceType: 'VPC',
      TrafficType: 'ALL',
      MaxAggregationInterval: 60,
      DestinationOptions: { FileFormat: 'parquet', HiveCompatiblePartitions: false, PerHourPartition: true },
    });
    expect(vpc?.['LogFormat']).toMatch(/^\$\{version\} \$\{account-id\} .* \$\{reject-reason\}$/);
    const byTraffic = Object.fromEntries(
      of('vpc-0fedcba9876543210').map(({ TrafficType, DestinationOptions }) => [TrafficType, DestinationOptions]),
    );
    expect(byTraffic).toMatchObject({
      REJECT: { FileFormat: 'plain-text', HiveCompatiblePartitions: true, PerHourPartition: true },
      ACCEPT: { FileFormat: 'parquet', HiveCompatiblePartitions: true, PerHourPartition: false },
    });
    const [tgw] = of('tgw-0123456789abcdef0');
    expect(tgw).toMatchObject({ ResourceType: 'TransitGateway', MaxAggregationInterval: 60 });
    expect(tgw).not.toHaveProperty('TrafficType');
    expect(flowLogs.filter(({ LogDestinationType }) => LogDestinationType === 'kinesis-data-firehose')).toHaveLength(2);
  });

  test('saves every question that the fields allow, in folders by kind', () => {
    const names = namedQueries.map(({ Name }) => Name);
    // `unencrypted-traffic` needs a field that no format of the example has.
    // Questions about IBM's flat view ask another table: foreign.test.ts.
    for (const { id, kind } of catalogue.all().filter((analysis) => tableOf(analysis) !== FLAT_TABLE))
      if (id !== 'records' && id !== 'unencrypted-traffic') expect(names).toContain(`${kind}s/${id}`);
    expect(names).not.toContain('detections/unencrypted-traffic');
    expect(names).not.toContain('reports/records');
    // Those of profiles are run by schedules.
    expect(names.filter((name) => name?.startsWith('detections/public/'))).toEqual([]);
  });

  test('every deployed named query runs on Trino as it is and gives the rows that DuckDB gives for the same objects', async () => {
    const engine = new AthenaEngine(athena, { workgroup: WORKGROUP, database: 'flow_log_everything' });
    const failures = await withLogs([local], async (records) => {
      const duckdb = await DuckDbEngine.over(records);
      const expected = new Map<string, string>();
      for (const analysis of catalogue.all()) {
        // Columns of tables without records are there in Athena only: there the answer is empty.
        if (
          missingFields(
            analysis,
            {},
            records.columns.map(({ name }) => name),
          ).length > 0
        ) {
          expected.set(`${analysis.kind}s/${analysis.id}`, '[]');
          continue;
        }
        const window = { from: NOW - (durationSeconds(analysis.window) ?? 0), to: NOW };
        const run = await runAnalysis(
          { catalogue, engine: duckdb, table: 'flow_records' },
          { analysis, window, parameters: exampleParameters(analysis) },
        );
        expected.set(`${analysis.kind}s/${analysis.id}`, JSON.stringify(run.result.rows));
      }
      expect([...expected.values()].filter((rows) => rows !== '[]').length).toBeGreaterThan(40);
      return inParallel(namedQueries, 3, async ({ Name = '', QueryString = '' }) => {
        const analysis = catalogue.get(Name.split('/').at(-1) ?? '');
        const { rows } = await engine.run(QueryString, { columns: analysis.columns });
        const want = expected.get(Name);
        return want === undefined || JSON.stringify(rows) === want
          ? undefined
          : `${Name}:\n  got      ${JSON.stringify(rows)}\n  expected ${want}`;
      });
    });
    expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
  }, 300_000);

  test('a prepared statement answers for a value', async () => {
    const { PreparedStatements = [] } = await athena.send(new ListPreparedStatementsCommand({ WorkGroup: WORKGROUP }));
    expect(PreparedStatements.map(({ StatementName }) => StatementName)).toContain('traffic_from_address');
    const { PreparedStatement } = await athena.send(
      new GetPreparedStatementCommand({ WorkGroup: WORKGROUP, StatementName: 'traffic_from_address' }),
    );
    expect(PreparedStatement?.QueryStatement).toContain('srcaddr = ?');
    const engine = new AthenaEngine(athena, { workgroup: WORKGROUP, database: 'flow_log_everything' });
    const { rows } = await engine.run("EXECUTE traffic_from_address USING '203.0.113.7'");
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map((row) => row['srcaddr']))).toEqual(new Set(['203.0.113.7']));
  });

  test('flowlogs asks the deployed stack, and detects on it', async () => {
    const env = Object.fromEntries(
      ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map((name) => [name, process.env[name] ?? '']),
    );
    const window = ['--from', String(NOW - 86400), '--to', String(NOW)];
    const remote = await flowlogs(['query', 'top-talkers', '--engine', 'athena', '--stack', STACK, ...window, '-f', 'json'], { env });
    expect([remote.code, remote.stderr]).toEqual([0, expect.stringMatching(/^Scanned .*, about \$\d/m)]);
    const here = await flowlogs(['query', 'top-talkers', local, ...window, '-f', 'json', '--no-cache'], { env });
    expect(JSON.parse(remote.stdout)).toEqual(JSON.parse(here.stdout));
    const sql = await flowlogs(
      [
        'sql',
        'WITH a AS (SELECT action FROM flow_records) SELECT action, count(*) AS n FROM a GROUP BY 1 ORDER BY 1',
        '--engine',
        'athena',
        '--stack',
        STACK,
        ...window,
        '-f',
        'json',
      ],
      { env },
    );
    expect([sql.code, sql.stderr.includes('error')]).toEqual([0, false]);
    expect((JSON.parse(sql.stdout) as { action: string }[]).map(({ action }) => action)).toEqual(['ACCEPT', 'REJECT', null]);
    const dry = await flowlogs(['query', 'top-talkers', '--engine', 'athena', '--stack', STACK, ...window, '--dry-run'], { env });
    expect(dry.stdout).toContain('FROM "flow_log_everything"."flow_records"');
    const missing = await flowlogs(['query', 'top-talkers', '--engine', 'athena', '--stack', 'NoSuchStack'], { env });
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('stack "NoSuchStack": not found')]);
    const wrong = await flowlogs(['sql', 'SELECT nonsense FROM flow_records', '--engine', 'athena', '--stack', STACK], { env });
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/COLUMN_NOT_FOUND|cannot be resolved/)]);
  }, 60_000);

  test('a one-hour window scans at most the objects of that hour and of the delivery slack', async () => {
    const engine = new AthenaEngine(athena, { workgroup: WORKGROUP, database: 'flow_log_everything' });
    const last = Math.floor((NOW - 600) / 3600) * 3600;
    const window = { from: last, to: last + 3600 };
    const analysis = catalogue.get('top-talkers');
    const partitions = outputs['RecordsPartitions']!.split(',');
    expect(partitions).toEqual(['hour', 'day', 'hive_hour', 'hive_day']);
    const { PARTITIONS } = await import('../../lib/flow-log/layout.js');
    const run = await runAnalysis(
      {
        catalogue,
        engine,
        table: 'flow_log_everything.flow_records',
        partitions: partitions.map((name) => PARTITIONS[name as keyof typeof PARTITIONS]),
      },
      { analysis, window },
    );
    const inReach = delivered.filter(({ key }) => {
      const { published, layout } = parseKey(key)!;
      const step = layout.hourly ? 3600 : 86400;
      const start = Math.floor(published.getTime() / 1000 / step) * step;
      return start >= Math.floor(window.from / step) * step && start <= window.to + DELIVERY_SLACK_SECONDS;
    });
    const size = (objects: readonly Object[]) => objects.reduce((sum, { body }) => sum + body.length, 0);
    expect(run.result.stats.bytesScanned).toBeGreaterThan(0);
    expect(run.result.stats.bytesScanned).toBeLessThanOrEqual(size(inReach));
    expect(size(inReach)).toBeLessThan(size(delivered));
  });

  test('the scan limit of the workgroup cancels a query, and says so', async () => {
    const { WorkGroup } = await athena.send(new GetWorkGroupCommand({ WorkGroup: WORKGROUP }));
    expect(WorkGroup?.Configuration).toMatchObject({ EnforceWorkGroupConfiguration: true, BytesScannedCutoffPerQuery: 50 * 1024 ** 3 });
    const engine = new AthenaEngine(athena, { workgroup: WORKGROUP, database: 'flow_log_everything' });
    await expect(engine.run('SELECT * FROM no_such_table')).rejects.toMatchObject({ kind: 'syntax', engine: 'athena' });
    await expect(new AthenaEngine(athena, { workgroup: 'nobody', database: 'x' }).run('SELECT 1')).rejects.toThrow(QueryError);
  });
});

describe('a definition over time', () => {
  const config = (name: string, yaml: string) => {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, yaml);
    return path;
  };
  const count = async (from: number) => {
    const engine = new AthenaEngine(athena, { workgroup: 'Changing', database: 'changing' });
    const { rows } = await engine.run(`SELECT count(*) AS n FROM changing.flow_records WHERE "start" >= ${from}`);
    return rows[0]?.['n'];
  };
  const where = { account: ACCOUNT, region: 'us-east-1', layout: LAYOUTS['plain-hourly']!, fileFormat: 'parquet' as const, shift };

  test('a changed format is a new flow log under a new prefix, old records stay readable, an added account is read, and destroy leaves the data', async () => {
    const before = config(
      'before',
      'stackName: Changing\nsince: NOW-5DAYS\ndefinitions: [{ id: vpc, scope: { vpc: vpc-0aaa }, format: default }]\n',
    );
    const first = await deploy('Changing', ['-c', `config=${before}`], { out });
    const bucket = first['BucketName']!;
    const flowLogOf = async () => (await received('AWS::EC2::FlowLog')).filter(({ properties }) => properties['ResourceId'] === 'vpc-0aaa');
    const [old] = await flowLogOf();
    await deliver(
      [NEXT_DAY],
      { bucket, prefix: definitionPrefix('vpc', parseFormat('default'), 'parquet', where.layout), ...where, shift: shift - 86400 },
      scratch,
    );
    const oldRecords = Number(await count(0));
    expect(oldRecords).toBeGreaterThan(3);

    const after = config(
      'after',
      'stackName: Changing\nsince: NOW-5DAYS\naccounts: ["000000000000", "123456789012"]\ndefinitions: [{ id: vpc, scope: { vpc: vpc-0aaa }, format: recommended, retiredFormats: [{ format: default }] }]\n',
    );
    await deploy('Changing', ['-c', `config=${after}`], { out });
    const flowLogs = await flowLogOf();
    expect(flowLogs).toHaveLength(1);
    expect(flowLogs[0]?.id).not.toBe(old?.id);
    expect(flowLogs[0]?.properties['LogDestination']).not.toBe(old?.properties['LogDestination']);
    expect(await count(0)).toBe(oldRecords);
    const prefix = definitionPrefix('vpc', parseFormat('recommended'), 'parquet', where.layout);
    await deliver([OFFICE], { bucket, prefix, ...where }, scratch);
    const both = Number(await count(0));
    expect(both).toBeGreaterThan(oldRecords);
    await deliver([OFFICE], { bucket, prefix, ...where, account: '123456789012' }, scratch);
    expect(await count(0)).toBe(both + (both - oldRecords));

    const retired = config(
      'retired',
      'stackName: Changing\nsince: NOW-5DAYS\nexistingLogs: [{ id: legacy, bucket: company-flow-logs, format: default, fileFormat: text, hourly: false }]\n',
    );
    await deploy('Changing', ['-c', `config=${retired}`], { out });
    expect(await flowLogOf()).toEqual([]);

    await cdk(['destroy', '--force', '-c', `config=${retired}`], { out });
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(Contents.length).toBeGreaterThan(5);
    await expect(new GlueClient({}).send(new GetDatabaseCommand({ Name: 'changing' }))).rejects.toThrow(/not found/i);
    await expect(athena.send(new GetWorkGroupCommand({ WorkGroup: 'Changing' }))).rejects.toThrow();
  }, 180_000);

  test('data goes with the stack only if property and context both say so', async () => {
    const doomed = config(
      'doomed',
      'stackName: Doomed\nbucket: { deleteWithStack: true }\ndefinitions: [{ id: vpc, scope: { vpc: vpc-0bbb } }]\n',
    );
    const oneKey = await deploy('Doomed', ['-c', `config=${doomed}`], { out });
    await deliver([OFFICE], { ...where, bucket: oneKey['BucketName']!, prefix: 'x' }, scratch);
    await cdk(['destroy', '--force', '-c', `config=${doomed}`], { out });
    await s3.send(new HeadBucketCommand({ Bucket: oneKey['BucketName']! }));

    const keys = ['-c', `config=${doomed}`, '-c', 'flow-log-analytics:deleteData=true'];
    const twoKeys = await deploy('Doomed', keys, { out });
    await deliver([OFFICE], { ...where, bucket: twoKeys['BucketName']!, prefix: 'x' }, scratch);
    await cdk(['destroy', '--force', ...keys], { out });
    await expect(s3.send(new HeadBucketCommand({ Bucket: twoKeys['BucketName']! }))).rejects.toThrow();
  }, 180_000);

  test('a wrong configuration fails at synth, in the words of the user', async () => {
    const wrong = config('wrong', 'definitions: [{ id: tgw, scope: { transitGateway: tgw-0aaa }, traffic: REJECT }]\n');
    const text = await cdk(['deploy', '--require-approval', 'never', '-c', `config=${wrong}`], { out, fails: true });
    expect(text).toContain('traffic: got REJECT, but a flow log of a TransitGateway has no traffic type');
    expect(text).not.toMatch(/ {4}at /);
  }, 60_000);
});
