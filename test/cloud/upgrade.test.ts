import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { brotliDecompressSync } from 'node:zlib';
import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { SubscribeCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AthenaEngine } from '../../lib/engine/athena';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS } from '../../lib/flow-log/layout';
import { hourOf, hoursBetween, hourStart } from '../../lib/lake/hours';
import { temporaryFolder, writeLog } from '../support/logs';
import { assemble } from '../templates/synth';
import { cdk, control, deliver, deploy, ROOT, s3 } from './support';

/**
 * The release before this one, as scripts/keep-release.mjs kept it (its templates and functions), with logs, findings and a lake in it; then
 * this one over it.
 */

// Before that of the folder, which removes the assemblies.
afterAll(async () => {
  await cdk(['destroy', '--force'], { app: before, out });
  await control('/_box/pause', 'DELETE');
}, 180_000);

const folder = temporaryFolder();
const scratch = join(folder, 'scratch');
const before = join(folder, 'release');
const out = join(folder, 'cdk.out');
const STACK = 'Upgraded';
const OFFICE = join(ROOT, 'queries', '_fixtures', 'office.v5.log');
const BEGIN = hourStart(hourOf(Date.now() - 6 * 3_600_000)) / 1000;
const HOURS = hoursBetween(hourOf(BEGIN * 1000), hourOf((BEGIN + 3 * 3600) * 1000));
const SCAN = 'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
/** Where a flow log of 60 seconds wrote before the interval was part of the folder's name. */
const MINUTE_PREFIX = 'flow-logs/minute/parquet-c802b585';
const PREFIX = 'flow-logs/vpc/parquet-c802b585';

const dynamo = new DynamoDBClient({});
const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
let outputs: Record<string, string> = {};
let queue = '';

const resources = async () =>
  (await new CloudFormationClient({}).send(new DescribeStackResourcesCommand({ StackName: STACK }))).StackResources ?? [];

/** Physical ids of what holds data, by logical id. */
async function data(): Promise<Record<string, string>> {
  const kept = /^AWS::(S3::Bucket|DynamoDB::Table|KMS::Key|EC2::FlowLog|SNS::Topic|SQS::Queue|Athena::WorkGroup|Glue::Database)$/;
  return Object.fromEntries(
    (await resources())
      .filter(({ ResourceType = '' }) => kept.test(ResourceType))
      .map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => [LogicalResourceId, PhysicalResourceId]),
  );
}

async function objects(): Promise<string[]> {
  const buckets = Object.values(await data()).filter((id) => id.includes('bucket'));
  const lists = await Promise.all(buckets.map((Bucket) => s3.send(new ListObjectsV2Command({ Bucket }))));
  return lists.flatMap(({ Contents = [], Name }) => Contents.map(({ Key }) => `${Name}/${Key}`)).sort();
}

async function findings(): Promise<unknown[]> {
  const [, table = ''] = Object.entries(await data()).find(([id]) => id.includes('Findings')) ?? [];
  return (await dynamo.send(new ScanCommand({ TableName: table }))).Items ?? [];
}

async function invoke(name: string | undefined, input: object): Promise<unknown> {
  const { Payload, FunctionError } = await new LambdaClient({}).send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(input) }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) throw new Error(text);
  return JSON.parse(text);
}

async function checkDelivery(): Promise<void> {
  const check = (await resources()).find(
    ({ LogicalResourceId = '', ResourceType }) =>
      ResourceType === 'AWS::Lambda::Function' && LogicalResourceId.startsWith('AnalyticsDeliveryCheck'),
  );
  await invoke(check?.PhysicalResourceId, {});
}

const detect = () =>
  invoke(outputs['RunFunctionName'], {
    schedule: 'vertical-scan',
    analysis: 'vertical-scan',
    engine: 'athena',
    scheduledTime: new Date((BEGIN + 3 * 3600) * 1000).toISOString(),
    everySeconds: 3 * 3600,
    lagSeconds: 0,
    overlapSeconds: 3600,
    parameters: {},
    parametersFrom: {},
    scope: {},
  });

async function count(table: string): Promise<number> {
  const engine = new AthenaEngine(new AthenaClient({}), { workgroup: outputs['WorkgroupName']!, database: 'upgraded' });
  // Without a bound of hours every one since the table began would be listed.
  const recent = `"start" >= ${BEGIN - 3600} AND "hour" >= '${hourOf((BEGIN - 3600) * 1000)}'`;
  return Number((await engine.run(`SELECT count(*) AS n FROM upgraded.${table} WHERE ${recent}`)).rows[0]?.['n']);
}

/** Subjects of what the topic told since the last look. */
async function mails(): Promise<string[]> {
  const subjects: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return subjects;
    subjects.push(...Messages.map(({ Body = '' }) => (JSON.parse(Body) as { Subject: string }).Subject));
    const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queue, Entries }));
  }
}

async function ringing(): Promise<string[]> {
  const { MetricAlarms = [] } = await new CloudWatchClient({}).send(
    new DescribeAlarmsCommand({ StateValue: 'ALARM', AlarmNamePrefix: STACK }),
  );
  return MetricAlarms.map(({ AlarmName = '' }) => AlarmName);
}

beforeAll(async () => {
  for (const path of [scratch, before]) mkdirSync(path);
  execFileSync('tar', ['x', '-C', before], {
    input: brotliDecompressSync(readFileSync(join(__dirname, 'release', 'assembly.tar.br'))),
  });
  await control('/_box/pause', 'POST');
  outputs = await deploy(STACK, [], { app: before, out });
}, 180_000);

test('an upgrade loses nothing, replaces nothing that holds data, tells nothing again and rings no alarm', async () => {
  const bucket = outputs['BucketName']!;
  const where = {
    layout: LAYOUTS['plain-hourly']!,
    fileFormat: 'parquet' as const,
    account: '000000000000',
    region: 'us-east-1',
    bucket,
  };
  const office = { ...where, shift: BEGIN - Date.UTC(2026, 10, 20, 5) / 1000 };
  const delivered = await deliver([OFFICE], { ...office, prefix: PREFIX }, scratch, parseFormat('recommended'));
  await deliver([OFFICE], { ...office, prefix: MINUTE_PREFIX }, scratch, parseFormat('recommended'));
  // A stack that delivers, runs and compacts: alarms on what is missing ring until then, and rightly so.
  const fresh = { ...where, shift: Math.floor(Date.now() / 1000) - 600 - Date.UTC(2026, 10, 20, 7, 11) / 1000 };
  for (const prefix of [PREFIX, MINUTE_PREFIX]) await deliver([OFFICE], { ...fresh, prefix }, scratch, parseFormat('recommended'));
  await checkDelivery();
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'upgraded-mails' }));
  queue = QueueUrl;
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['QueueArn'] }));
  await new SNSClient({}).send(
    new SubscribeCommand({ TopicArn: outputs['FindingsTopicArn'], Protocol: 'sqs', Endpoint: Attributes?.QueueArn }),
  );
  const scan = Array.from({ length: 300 }, (_, i) => {
    const at = BEGIN + 2 * 3600 + 300 + i;
    return `2 000000000000 eni-0a1 203.0.113.50 10.0.1.10 40000 ${i + 1} 6 1 44 ${at} ${at + 5} REJECT OK`;
  });
  await deliver([writeLog(folder, 'scan.log', [SCAN, ...scan, ''].join('\n'))], { ...where, prefix: PREFIX }, scratch);
  const told = (await detect()) as { rows: number; told: string[] };
  expect(told).toMatchObject({ rows: 1, told: [expect.stringContaining('vertical-scan/203.0.113.50/10.0.1.10@')] });
  expect((await mails()).filter((subject) => subject.startsWith('['))).toEqual([expect.stringContaining('203.0.113.50')]);
  expect(await invoke(outputs['CompactFunctionName'], { task: 'compact', hours: HOURS })).toMatchObject({ compacted: 3, failed: [] });
  const records = await count('flow_records');
  const minutes = await count('minute');
  expect(records).toBeGreaterThan(300);
  expect(minutes).toBeGreaterThan(20);
  // Raw objects of hours in the lake may expire: then it is all there is.
  const first = delivered.filter(({ key }) => key.includes(`/${HOURS[0]!}/`));
  expect(first.length).toBeGreaterThan(2);
  for (const { key } of first) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  expect(await count('flow_records')).toBe(records);
  for (let i = 0; i < 30 && (await ringing()).length > 0; i++) await pause(1000);
  expect(await ringing()).toEqual([]);
  await mails();
  const was = { data: await data(), objects: await objects(), findings: await findings() };
  expect(was.findings).toHaveLength(1);
  expect(was.objects.length).toBeGreaterThan(10);

  const kept = readFileSync(join(__dirname, 'release', 'config.yaml'), 'utf8');
  // As docs/deploy.md says it of a flow log whose folder would get another name.
  const config = kept.replace('aggregationSeconds: 60', `aggregationSeconds: 60\n    destination: { s3: { prefix: ${MINUTE_PREFIX} } }`);
  outputs = await deploy(STACK, [], { app: assemble(join(folder, 'now'), { config }), out });

  // As its schedule does within the quarter. Until then a new alarm on what must come is in its warm-up, which the emulator does not know.
  expect(await invoke(outputs['RelationsFunctionName'], {})).toMatchObject({ failed: [] });
  for (let i = 0; i < 30 && (await ringing()).length > 0; i++) await pause(1000);
  expect((await mails()).filter((subject) => !subject.includes('relationsbehind'))).toEqual([]);
  const now = await data();
  expect(now).toMatchObject(was.data);
  for (const id of Object.keys(now).filter((one) => !(one in was.data))) expect(id).toMatch(/^AnalyticsRelations/);
  expect(await objects()).toEqual(expect.arrayContaining(was.objects));
  expect(await count('flow_records')).toBe(records);
  expect(await count('minute')).toBe(minutes);
  expect(await findings()).toEqual(was.findings);
  expect(await detect()).toMatchObject({ rows: 1, told: [] });
  expect(await invoke(outputs['CompactFunctionName'], { task: 'compact', hours: HOURS })).toMatchObject({ compacted: 0, failed: [] });
  expect(await count('flow_records')).toBe(records);
  await checkDelivery();
  // The emulator looks at alarms every five seconds.
  await pause(6000);
  expect(await ringing()).toEqual([]);
  expect(await mails()).toEqual([]);
}, 400_000);
