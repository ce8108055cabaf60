import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AthenaClient, GetWorkGroupCommand } from '@aws-sdk/client-athena';
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type StackResource,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, CreateLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DescribeFlowLogsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, HeadBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { AthenaEngine } from '../../lib/engine/athena';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS } from '../../lib/flow-log/layout';
import { hourOf } from '../../lib/lake/hours';
import { temporaryFolder } from '../support/logs';
import { assemble } from '../templates/synth';
import { cdk, control, deliver, deploy, received, reset, ROOT, s3, SYNTHESISED } from './support';

/**
 * A stranger's account: every example and every configuration of test/templates is deployed to an empty one, updated, and destroyed, by
 * the real CDK CLI from the templates that `npm run test:templates` reads.
 */
const folder = temporaryFolder();
const OFFICE = join(ROOT, 'queries', '_fixtures', 'office.v5.log');
const MEMBER = '222222222222';
/** Logs are moved so that they ended ten minutes ago; without bounds the engine looks into every hour of a year. */
const SHIFT = Math.floor(Date.now() / 1000) - 600 - Date.UTC(2026, 10, 20, 7, 11) / 1000;
const RECENT = `"hour" >= '${hourOf(Date.now() - 6 * 3_600_000)}'`;
const cloudFormation = new CloudFormationClient({});
const all = (command: string, assembly: string, more: readonly string[] = []) =>
  cdk([command, '--all', ...more], { app: join(SYNTHESISED, assembly), out: join(folder, `${assembly}.out`) });
const DEPLOY = ['--method=direct', '--require-approval', 'never', '--concurrency', '4', '--outputs-file', join(folder, 'outputs.json')];
const outputsOf = (stack: string) =>
  (JSON.parse(readFileSync(join(folder, 'outputs.json'), 'utf8')) as Record<string, Record<string, string>>)[stack] ?? {};

async function resourcesOf(stack: string): Promise<StackResource[]> {
  const { StackResources = [] } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName: stack }));
  return StackResources;
}

async function stacks(): Promise<Map<string, string>> {
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({}));
  return new Map(Stacks.map(({ StackName = '', StackStatus = '' }) => [StackName, StackStatus]));
}

/** Of resources that hold data: what a deployment must not replace. */
async function data(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const stack of (await stacks()).keys())
    for (const { LogicalResourceId = '', PhysicalResourceId = '', ResourceType = '' } of await resourcesOf(stack))
      if (/^AWS::(S3::Bucket|DynamoDB::Table|Logs::LogGroup|KMS::Key|EC2::FlowLog)$|^Custom::Core/.test(ResourceType))
        found.set(`${stack}/${LogicalResourceId}`, PhysicalResourceId);
  return found;
}

beforeAll(async () => {
  await reset();
  await control('/_box/pause', 'POST');
  // What the configurations name and do not make.
  for (const Bucket of [
    'company-flow-logs',
    'company-access-logs',
    'kms-central-logs',
    'kms-old-logs',
    'kms-lake',
    'kms-lists',
    'company-lake',
    'company-reports',
  ])
    await s3.send(new CreateBucketCommand({ Bucket }));
  await new CloudWatchLogsClient({}).send(new CreateLogGroupCommand({ logGroupName: '/vpc/flow-logs' }));
  await all('deploy', 'us-east-1', DEPLOY);
}, 600_000);

afterAll(async () => {
  await control('/_box/pause', 'DELETE');
  await reset();
}, 60_000);

test('every configuration is there, whole', async () => {
  const made = await stacks();
  const expected = (
    JSON.parse(readFileSync(join(SYNTHESISED, 'us-east-1', 'manifest.json'), 'utf8')) as { artifacts: Record<string, { type: string }> }
  ).artifacts;
  const names = Object.entries(expected).flatMap(([name, { type }]) => (type === 'aws:cloudformation:stack' ? [name] : []));
  expect(names.length).toBeGreaterThan(14);
  for (const name of names) expect([name, made.get(name)]).toEqual([name, 'CREATE_COMPLETE']);
});

test('the API has an access log where the account has the role for it, which the template made', async () => {
  const kinds = (resources: readonly StackResource[]) => resources.map(({ ResourceType }) => ResourceType);
  expect(kinds(await resourcesOf('FlowLogApi'))).toEqual(expect.arrayContaining(['AWS::ApiGateway::Stage', 'AWS::ApiGateway::Account']));
  expect(kinds(await resourcesOf('ApiWithoutRole'))).toContain('AWS::ApiGateway::Stage');
  expect(kinds(await resourcesOf('ApiWithoutRole'))).not.toContain('AWS::ApiGateway::Account');
  for (const stack of ['FlowLogApi', 'ApiWithoutRole'])
    expect(outputsOf(stack)['AnalyticsApiEndpoint1E46E2E1'] ?? outputsOf(stack)['ApiUrl']).toMatch(/^https?:/);
});

test('flow logs of Cloud WAN are made by the API of EC2, tagged and in the folder that the table reads', async () => {
  const made = await received('ec2:CreateFlowLogs');
  expect(
    made
      .map(({ properties }) => [properties['ResourceType'], properties['LogDestinationType'], properties['MaxAggregationInterval']])
      .sort(),
  ).toEqual([
    ['CoreNetwork', 's3', '60'],
    ['CoreNetworkAttachment', 'cloud-watch-logs', '60'],
    ['CoreNetworkEdge', 'kinesis-data-firehose', '60'],
  ]);
  const { FlowLogs = [] } = await new EC2Client({}).send(new DescribeFlowLogsCommand({ FlowLogIds: made.map(({ id }) => id) }));
  expect(FlowLogs.map(({ Tags = [] }) => Tags.find(({ Key }) => Key === 'Name')?.Value).sort()).toEqual([
    'CloudWan/Analytics/attachment',
    'CloudWan/Analytics/edge',
    'CloudWan/Analytics/wan',
  ]);
  const ids = (await resourcesOf('CloudWan'))
    .filter(({ ResourceType }) => ResourceType === 'Custom::CoreNetworkFlowLog')
    .map(({ PhysicalResourceId }) => PhysicalResourceId);
  expect(ids.sort()).toEqual(made.map(({ id }) => id).sort());
});

test('an organisation: an account delivers to the archive of another, which reads both', async () => {
  const yaml = readFileSync(join(ROOT, 'examples', 'organisation-member.yaml'), 'utf8');
  const app = assemble(join(folder, 'member'), { member: yaml }, { account: MEMBER });
  const member = { account: MEMBER, app, out: `${app}.out` };
  await cdk(['bootstrap', `aws://${MEMBER}/us-east-1`], member);
  await deploy('FlowLogMember', [], member);
  const [flowLog] = (await received('AWS::EC2::FlowLog')).filter(
    ({ properties }) =>
      properties['ResourceId'] === 'vpc-0fedcba9876543210' && String(properties['LogDestination']).includes('central-flow-logs'),
  );
  const prefix = /^arn:aws:s3:::central-flow-logs\/(.+)\/$/.exec(String(flowLog?.properties['LogDestination']))?.[1];
  expect(prefix).toBe('flow-logs');
  const where = {
    bucket: 'central-flow-logs',
    prefix: prefix!,
    layout: LAYOUTS['plain-hourly']!,
    fileFormat: 'parquet' as const,
    region: 'us-east-1',
    shift: SHIFT,
  };
  for (const account of ['111111111111', MEMBER]) await deliver([OFFICE], { ...where, account }, folder);
  const engine = new AthenaEngine(new AthenaClient({}), { workgroup: 'FlowLogArchive', database: 'flow_log_archive' });
  const { rows } = await engine.run(
    `SELECT aws_account, count(*) AS records FROM flow_log_archive.flow_records WHERE ${RECENT} GROUP BY 1 ORDER BY 1`,
  );
  expect(rows.map(({ aws_account }) => aws_account)).toEqual(['111111111111', MEMBER]);
  expect(rows[0]?.['records']).toBe(rows[1]?.['records']);
  expect(Number(rows[0]?.['records'])).toBeGreaterThan(10);
  await cdk(['destroy', '--force'], member);
}, 240_000);

test('an archive under a key is read through its table', async () => {
  const where = {
    bucket: 'kms-old-logs',
    prefix: '',
    layout: LAYOUTS['plain-hourly']!,
    fileFormat: 'text' as const,
    account: '000000000000',
    region: 'us-east-1',
    shift: SHIFT - 86_400,
  };
  await deliver([join(ROOT, 'queries', '_fixtures', 'next-day.v2.log')], where, folder, parseFormat('default'));
  const engine = new AthenaEngine(new AthenaClient({}), { workgroup: 'KmsArchive-results', database: 'kms_archive' });
  const { rows } = await engine.run(`SELECT count(*) AS records FROM kms_archive.flow_records WHERE ${RECENT}`);
  expect(Number(rows[0]?.['records'])).toBeGreaterThan(3);
}, 60_000);

test('an update of all of them replaces nothing that holds data', async () => {
  const before = await data();
  await all('deploy', 'update', DEPLOY);
  const status = await stacks();
  for (const [name, state] of status) if (name !== 'CDKToolkit') expect([name, state]).toEqual([name, 'UPDATE_COMPLETE']);
  const after = await data();
  expect([...after].filter(([, id]) => id.startsWith('fl-')).length).toBeGreaterThan(14);
  expect(after).toEqual(before);
}, 600_000);

describe('in an assembly of two', () => {
  const switching = (resultsBucket: boolean) =>
    `stackName: Switching\nwatch: false\nanalyses: { include: [top-talkers] }\nworkgroup: { resultsBucket: ${resultsBucket} }\ndefinitions: [{ id: vpc, scope: { vpc: vpc-0aaa } }]`;
  const retried = (more = '') =>
    `stackName: Retried\nwatch: false\nanalyses: { include: [top-talkers] }\nbucket: { name: retried-flow-logs }\ndefinitions: [{ id: wan, scope: { coreNetwork: core-network-0aaa }${more} }]`;
  let first = '';
  let second = '';
  const deployed = (stacks: readonly string[], app: string, fails = false) =>
    cdk(['deploy', ...stacks, '--method=direct', '--require-approval', 'never', '--concurrency', '2'], { app, out: `${app}.out`, fails });
  const ofRetried = async () =>
    (await received('ec2:CreateFlowLogs')).filter(({ properties }) => String(properties['LogDestination']).includes('retried'));
  /** Ways in which results are kept. */
  const ways = async () => {
    const { Outputs = [] } = (await cloudFormation.send(new DescribeStacksCommand({ StackName: 'Switching' }))).Stacks?.[0] ?? {};
    const WorkGroup = Outputs.find(({ OutputKey }) => OutputKey === 'WorkgroupName')?.OutputValue;
    const { Configuration = {} } = (await new AthenaClient({}).send(new GetWorkGroupCommand({ WorkGroup }))).WorkGroup ?? {};
    const { ManagedQueryResultsConfiguration: managed, ResultConfiguration: bucket } = Configuration;
    return { managed: managed?.Enabled === true, bucket: bucket?.OutputLocation !== undefined };
  };

  beforeAll(() => {
    first = assemble(join(folder, 'first'), { switching: switching(false), retried: retried() });
    second = assemble(join(folder, 'second'), {
      switching: switching(true),
      retried: retried(', format: version account-id srcaddr dstaddr bytes start end'),
    });
  });

  test('a failed first deployment leaves no bucket behind that the next attempt would need', async () => {
    await control('/_box/faults', 'POST', [
      { match: '^ec2:', code: 'UnauthorizedOperation', message: 'You are not authorized', status: 403, times: 20 },
    ]);
    const text = await deployed(['Retried'], first, true);
    await control('/_box/faults', 'DELETE');
    expect(text).toMatch(/not authorized|UnauthorizedOperation/i);
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'retried-flow-logs' }))).rejects.toThrow();
    await deployed(['--all'], first);
    await s3.send(new HeadBucketCommand({ Bucket: 'retried-flow-logs' }));
    expect(await ofRetried()).toHaveLength(1);
  }, 120_000);

  test('another format is another flow log of Cloud WAN, and the first goes; results move to a bucket', async () => {
    expect(await ways()).toEqual({ managed: true, bucket: false });
    const [before] = await ofRetried();
    await deployed(['--all'], second);
    const after = await ofRetried();
    expect(after.map(({ properties }) => properties['LogFormat'])).toEqual([
      '${version} ${account-id} ${srcaddr} ${dstaddr} ${bytes} ${start} ${end}',
    ]);
    expect(after[0]?.id).not.toBe(before?.id);
    expect(await ways()).toEqual({ managed: false, bucket: true });
  }, 120_000);

  test('switching back leaves no bucket set, and the end leaves no flow log', async () => {
    await deployed(['Switching'], first);
    expect(await ways()).toEqual({ managed: true, bucket: false });
    await cdk(['destroy', '--all', '--force', '--concurrency', '2'], { app: first, out: `${first}.out` });
    expect(await ofRetried()).toEqual([]);
  }, 120_000);
});

test('what outlives them is what docs/deploy.md lists', async () => {
  await all('destroy', 'update', ['--force', '--concurrency', '4']);
  expect([...(await stacks()).keys()]).toEqual(['CDKToolkit']);
  expect(await received('AWS::EC2::FlowLog')).toEqual([]);
  expect(await received('ec2:CreateFlowLogs')).toEqual([]);
  const names = {
    buckets: (await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name = '' }) => Name) ?? [],
    tables: (await new DynamoDBClient({}).send(new ListTablesCommand({}))).TableNames ?? [],
    groups:
      (await new CloudWatchLogsClient({}).send(new DescribeLogGroupsCommand({}))).logGroups?.map(({ logGroupName = '' }) => logGroupName) ??
      [],
  };
  const ours = /^(company|kms|cdk-|central-flow-logs|retried-flow-logs|tuned-flow-logs)/;
  for (const bucket of names.buckets.filter((name) => !ours.test(name)))
    expect(bucket).toMatch(/analytics(bucket|lakebucket|dailyreportbucket)/i);
  for (const table of names.tables) expect(table).toMatch(/Lake.*Ledger/);
  for (const group of names.groups.filter((name) => !/^\/(aws|vpc)\//.test(name)))
    expect(group).toMatch(/AnalyticsApiAccessLog|Analytics(live|vpc|attachment|cheapgroup)LogGroup/);
}, 300_000);
