import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { CloudWatchClient, DescribeAlarmsCommand, GetDashboardCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { SubscribeCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { RunInput } from '../../lambda/run-analysis/input';
import type { Finding } from '../../lib/finding/finding';
import { findingSchema } from '../../lib/finding/schema';
import { definitionPrefix } from '../../lib/flow-log/definition';
import { parseFormat } from '../../lib/flow-log/format';
import { LAYOUTS, parseKey } from '../../lib/flow-log/layout';
import { hourOf, hoursBetween } from '../../lib/lake/hours';
import { generate, type Generated } from '../../lib/synthetic/generate';
import type { Incident, PlantKind } from '../../lib/synthetic/plant';
import { flowlogs } from '../support/cli';
import { temporaryFolder } from '../support/logs';
import { BOX_HOME, cdk, deploy, ROOT, s3 } from './support';

/**
 * The watch as it is deployed: real objects, the emulator's scheduler (every minute), the bundled functions on Node, Athena =
 * Trino, findings on a queue behind the topic and on the event bus.
 */
const folder = temporaryFolder();
const out = join(folder, 'cdk.out');
const local = join(folder, 'logs');
const config = join(folder, 'watch.yaml');
const STACK = 'Watched';
const DETECTIONS = ['rejection-spike', 'vertical-scan', 'horizontal-scan', 'unusual-egress', 'logging-gap'] as const;
/** Those below are told under faults. */
const FAULTY = ['unexpected-protocol', 'blocked-outbound-spike', 'accepted-after-rejected'] as const;
/** Told by the schedule itself: it is planted last, where a run of now looks. */
const SCHEDULED = 'unusual-ingress';
/** About an hour apart, in this order; those of one kind further than a run looks back. */
const PLANTED: PlantKind[] = [
  'unexpected-protocol',
  'logging-gap',
  'vertical-scan',
  'unusual-egress',
  'blocked-outbound-spike',
  'unexpected-protocol',
  'accepted-after-rejected',
  'horizontal-scan',
  'rejection-spike',
  'unexpected-protocol',
  SCHEDULED,
];
const HOUR = 3600;
/** Hours of logs, the last of which is what a run of now judges as its newest bucket; incidents are planted in the second half. */
const HOURS = 24;
const PAST = HOURS / 2;
const LAST_HOUR = Math.floor((Date.now() / 1000 - 20 * 60) / HOUR) * HOUR - HOUR;
const FROM = LAST_HOUR - (HOURS - 1) * HOUR;

const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
const lambda = new LambdaClient({});
const app = `${process.execPath} ${join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs')} ${join(__dirname, 'watch-app.ts')}`;

let outputs: Record<string, string> = {};
let generated: Generated;
let topicQueue = '';
let busQueue = '';
const inputs = new Map<string, RunInput>();

const prefix = definitionPrefix('vpc', parseFormat('recommended'), 'text', LAYOUTS['plain-hourly']!);
const filesOf = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() && entry.name.endsWith('.gz') ? [join(entry.parentPath, entry.name)] : [],
  );

async function upload(path: string): Promise<void> {
  const files = filesOf(path);
  for (let i = 0; i < files.length; i += 20)
    await Promise.all(
      files.slice(i, i + 20).map((file) =>
        s3.send(
          new PutObjectCommand({
            Bucket: outputs['BucketName']!,
            Key: `${prefix}/${file.slice(file.indexOf('AWSLogs'))}`,
            Body: readFileSync(file),
          }),
        ),
      ),
    );
}

async function makeQueue(name: string): Promise<{ url: string; arn: string }> {
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
  return { url, arn: Attributes?.QueueArn ?? '' };
}

/** Everything in a queue, which is empty afterwards. */
async function drain(url: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
    await sqs.send(
      new DeleteMessageBatchCommand({ QueueUrl: url, Entries: Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle })) }),
    );
  }
}

interface Told {
  readonly change: string;
  readonly finding: Finding;
  readonly command: string;
}

const onBus = async (): Promise<Told[]> =>
  (await drain(busQueue))
    .map((body) => (JSON.parse(body) as { detail: Told }).detail)
    .sort((a, b) => (a.finding.key < b.finding.key ? -1 : 1));
/** Without its incident: one that detections told one after the other may begin with another finding than in one pass. */
const alone = (finding: Finding): Finding => ({ ...finding, incident: undefined });
/** Mails of findings; those of alarms are put aside. */
const alarms: { Subject: string; Message: string }[] = [];
async function mails(): Promise<{ Subject: string; Message: string }[]> {
  const all = (await drain(topicQueue)).map((body) => JSON.parse(body) as { Subject: string; Message: string });
  alarms.push(...all.filter(({ Subject }) => !Subject.startsWith('[')));
  return all.filter(({ Subject }) => Subject.startsWith('['));
}

async function call<Answer>(name: string | undefined, payload: object): Promise<Answer> {
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }));
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) throw new Error(text);
  return JSON.parse(text) as Answer;
}

interface Kept {
  readonly made: number;
  readonly failed: readonly string[];
  readonly rest: number;
  readonly held?: { from: number; to: number };
}

/** What the schedule of the relations' function does in the course of time. */
async function keepAll(): Promise<Kept> {
  for (;;) {
    const kept = await call<Kept>(outputs['RelationsFunctionName'], {});
    expect(kept.failed).toEqual([]);
    if (kept.rest === 0) return kept;
  }
}

async function invoke(
  schedule: string,
  scheduledTime: number,
  more: Partial<RunInput> = {},
): Promise<{ answer: unknown; error: string | undefined }> {
  const input = { ...inputs.get(schedule)!, scheduledTime: new Date(scheduledTime * 1000).toISOString(), ...more };
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: outputs['RunFunctionName']!, Payload: JSON.stringify(input) }),
  );
  return { answer: JSON.parse(Buffer.from(Payload ?? []).toString() || 'null') as unknown, error: FunctionError };
}

const trinoPid = () => Number(readFileSync(join(BOX_HOME, 'trino.pid'), 'utf8'));

const fault = (...faults: object[]) =>
  fetch(`${process.env['AWS_ENDPOINT_URL'] ?? ''}/_box/faults`, {
    method: faults.length === 0 ? 'DELETE' : 'POST',
    ...(faults.length === 0 ? {} : { body: JSON.stringify(faults) }),
  });

async function until(seconds: number, condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s`);
    await pause(2000);
  }
}

const write = (more: string) =>
  writeFileSync(
    config,
    `stackName: ${STACK}
definitions:
  - id: vpc
    scope: { vpc: vpc-0123456789abcdef0 }
    format: recommended
    destination: { s3: { fileFormat: text } }
bucket: { deleteWithStack: true }
watch:
  include: [${[...DETECTIONS, ...FAULTY, SCHEDULED].join(', ')}]
  timeZone: Europe/Berlin
  # Less past than a stack waits for by itself.
  schedules:
${['rejection-spike', 'unusual-egress', 'unusual-ingress', 'blocked-outbound-spike'].map((name) => `    ${name}: { parameters: { warm_up_buckets: ${PAST} } }\n`).join('')}    logging-gap: { parameters: { min_seen_buckets: ${PAST} } }
  overlap: 3h
  ocsf: false
  runbookUrl: https://wiki.example.com/runbook
  dailyReport: {}
${more}`,
  );

const up = (paused: boolean) => {
  process.env['WATCH_CONFIG'] = config;
  process.env['WATCH_PAUSED'] = String(paused);
  return deploy(STACK, ['-c', 'flow-log-analytics:deleteData=true'], { app, out });
};

beforeAll(async () => {
  mkdirSync(local);
  write('');
  outputs = await up(true);
  const topic = await makeQueue('findings');
  const bus = await makeQueue('bus');
  [topicQueue, busQueue] = [topic.url, bus.url];
  await new SNSClient({}).send(new SubscribeCommand({ TopicArn: outputs['FindingsTopicArn']!, Protocol: 'sqs', Endpoint: topic.arn }));
  const events = new EventBridgeClient({});
  await events.send(new PutRuleCommand({ Name: 'findings', EventPattern: JSON.stringify({ source: ['flow-log-analytics'] }) }));
  await events.send(new PutTargetsCommand({ Rule: 'findings', Targets: [{ Id: 'queue', Arn: bus.arn }] }));

  const scheduler = new SchedulerClient({});
  const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({ MaxResults: 100 }));
  for (const { Name, GroupName } of Schedules) {
    const { Target } = await scheduler.send(new GetScheduleCommand({ Name: Name!, GroupName: GroupName! }));
    // Other stacks of the box have schedules too.
    if (Target?.Arn?.endsWith(`:${outputs['RunFunctionName']!}`) !== true || Target.Input === undefined) continue;
    const input = JSON.parse(Target.Input) as RunInput;
    inputs.set(input.schedule, input);
  }
  generated = await generate(local, {
    seed: 11,
    format: parseFormat('recommended'),
    layout: LAYOUTS['plain-hourly']!,
    account: '000000000000',
    region: 'us-east-1',
    records: 30_000,
    from: FROM,
    to: LAST_HOUR + HOUR,
    hosts: 30,
    plants: PLANTED,
  });
  await upload(local);
  expect((await keepAll()).held?.from).toBeLessThanOrEqual(FROM);
}, 600_000);

afterAll(async () => {
  await fault();
  mkdirSync(folder, { recursive: true });
  write('');
  await cdk(['destroy', '--force', '--all', '-c', 'flow-log-analytics:deleteData=true'], { app, out });
}, 300_000);

/** Keys of the planted findings of the detections that run without faults. */
const expectedKeys = (incidents: Generated['incidents']) =>
  incidents
    .flatMap(({ findings }) => findings)
    .filter((key) => DETECTIONS.some((name) => key.startsWith(`${name}/`)))
    .sort();

test('every detection that fits has a schedule, whose input is what a run needs', () => {
  expect([...inputs.keys()].sort()).toEqual([...DETECTIONS, ...FAULTY, SCHEDULED].sort());
  expect(inputs.get('rejection-spike')).toMatchObject({
    analysis: 'rejection-spike',
    engine: 'athena',
    everySeconds: 3600,
    lagSeconds: 1200,
    overlapSeconds: 10800,
  });
});

test('hour by hour, exactly what was planted is told, on the topic and on the bus, and the same as on a laptop', async () => {
  const told: string[] = [];
  const EVERY = 4 * HOUR;
  for (let hour = FROM + PAST * HOUR + EVERY; hour <= LAST_HOUR + HOUR; hour += EVERY) {
    // Wide enough for several hours at once: the schedule of the test, not of the product.
    for (const name of DETECTIONS) {
      const { answer, error } = await invoke(name, hour + 1200, { everySeconds: EVERY });
      expect([name, error]).toEqual([name, undefined]);
      told.push(...(answer as { told: string[] }).told);
    }
  }
  const bus = await onBus();
  expect(bus.map(({ finding }) => finding.key).sort()).toEqual(expectedKeys(generated.incidents));
  expect(bus.every(({ change }) => change === 'new')).toBe(true);
  expect(told.map((id) => id.replace(/@.*/, '')).sort()).toEqual(expectedKeys(generated.incidents));
  for (const { finding } of bus) expect(findingSchema.parse(finding)).toEqual(finding);
  const incidents = new Set(bus.map(({ finding }) => finding.incident));
  const messages = await mails();
  expect(messages).toHaveLength(incidents.size);
  const egress = messages.find(({ Subject }) => Subject.includes('20.0 GB'))!;
  expect(egress.Subject.length).toBeLessThan(100);
  for (const text of [
    'UTC',
    'Europe/Berlin',
    'baseline',
    'https://wiki.example.com/runbook#unusual-egress',
    `flowlogs query unusual-egress --engine athena --stack ${STACK}`,
  ])
    expect(egress.Message).toContain(text);

  const here = await flowlogs([
    'detect',
    join(local, 'AWSLogs'),
    '--only',
    DETECTIONS.join(','),
    '--param',
    `warm_up_buckets=${PAST}`,
    '--param',
    `min_seen_buckets=${PAST}`,
    '--names',
    'none',
    '-f',
    'json',
    '--quiet',
    '--no-cache',
  ]);
  const findings = JSON.parse(here.stdout) as Finding[];
  expect([...findings].sort((a, b) => (a.key < b.key ? -1 : 1)).map(alone)).toEqual(bus.map(({ finding }) => alone(finding)));
}, 300_000);

test('a command in a message shows the rows of the finding', async () => {
  const { answer } = await invoke('unusual-egress', LAST_HOUR + HOUR + 1200, { everySeconds: PAST * HOUR });
  expect(answer).toMatchObject({ told: [], rows: 1 });
  const from = new Date((LAST_HOUR - PAST * HOUR) * 1000).toISOString();
  const { stdout } = await flowlogs([
    'query',
    'unusual-egress',
    '--engine',
    'athena',
    '--stack',
    STACK,
    '--from',
    from,
    '--param',
    `warm_up_buckets=${PAST}`,
    '-f',
    'csv',
    '--quiet',
  ]);
  expect(stdout.split('\n').filter((line) => line !== '')).toHaveLength(2);
});

test('explain draws the past of a finding from the deployed stack, the same as from the files', async () => {
  const key = generated.incidents.find(({ detection }) => detection === 'unusual-egress')!.findings[0]!;
  const window = ['--from', new Date(FROM * 1000).toISOString(), '--to', new Date((LAST_HOUR + HOUR) * 1000).toISOString()];
  const common = ['explain', key, ...window, '--param', `warm_up_buckets=${PAST}`, '-f', 'json', '--quiet'];
  const there = await flowlogs([...common, '--engine', 'athena', '--stack', STACK]);
  const here = await flowlogs([...common, join(local, 'AWSLogs'), '--no-cache']);
  const [remote, files] = [there, here].map(({ stdout }) => {
    const { findings, rows, pictures } = JSON.parse(stdout) as {
      findings: Finding[];
      rows: unknown[];
      pictures: { from: number; rows: { time: string }[] }[];
    };
    // Of files it is known when the records begin.
    return { findings, rows, pictures: pictures.map((picture) => ({ ...picture, from: undefined })) };
  });
  const past = remote!.pictures[0]!.rows.map(({ time }) => Date.parse(time) / 1000);
  // Every hour from the begin of the logs to that of the finding, which is planted in their second half.
  expect(past).toEqual(Array.from(past, (_, i) => FROM + i * HOUR));
  expect(past.length).toBeGreaterThan(PAST);
  expect(past.at(-1)).toBe(Date.parse(remote!.findings[0]!.time) / 1000);
  expect(remote).toEqual(files);
  expect(remote!.findings.map((finding) => finding.key)).toEqual([key]);
}, 120_000);

test('the report of a day is written, says what was found, and is told once', async () => {
  const day = new Date((LAST_HOUR - 6 * HOUR) * 1000).toISOString().slice(0, 10);
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: outputs['ReportFunctionName']!, Payload: JSON.stringify({ day }) }),
  );
  const written = JSON.parse(Buffer.from(Payload ?? []).toString()) as { url: string; records: number; findings: number };
  expect({ error: FunctionError, written }).toEqual({ error: undefined, written: expect.objectContaining({ day }) as unknown });
  const from = Date.parse(`${day}T00:00:00Z`) / 1000;
  const { stdout } = await flowlogs([
    'sql',
    `SELECT count(*) AS n FROM flow_records WHERE start >= ${from} AND start < ${from + 24 * HOUR}`,
    join(local, 'AWSLogs'),
    '-f',
    'json',
    '--quiet',
    '--no-cache',
  ]);
  const [counted] = JSON.parse(stdout) as { n: number }[];
  expect(written.records).toBe(counted!.n);
  const bucket = /object\/([^?]+)\?/.exec(written.url)![1]!;
  const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: `reports/${day}.html` }));
  const html = await Body!.transformToString();
  expect(ContentType).toBe('text/html; charset=utf-8');
  expect(html).toContain(`<title>Flow logs of ${STACK} on ${day}</title>`);
  expect(html).toContain(counted!.n.toLocaleString('en-US'));
  const here = generated.incidents.filter(
    ({ detection, from: at }) => DETECTIONS.some((name) => name === detection) && at >= from && at < from + 24 * HOUR,
  );
  for (const { findings } of here) for (const key of findings) expect(html).toContain(key);
  expect(written.findings).toBeGreaterThanOrEqual(here.length);
  const told = await mails();
  expect(told.map(({ Subject }) => Subject)).toEqual([
    expect.stringMatching(new RegExp(`^\\[report\\] Flow logs on ${day}: \\d+ finding`)),
  ]);
  expect(told[0]!.Message).toContain(written.url);
}, 180_000);

test('duplicate and out-of-order runs repeat nothing', async () => {
  const times = [LAST_HOUR + HOUR, LAST_HOUR - 6 * HOUR, LAST_HOUR + HOUR];
  await Promise.all(
    times.flatMap((time) => ['rejection-spike', 'vertical-scan'].map((name) => invoke(name, time + 1200, { everySeconds: 12 * HOUR }))),
  );
  expect(await onBus()).toEqual([]);
  expect(await mails()).toEqual([]);
}, 120_000);

test('a time without incidents tells nothing', async () => {
  for (const name of DETECTIONS)
    expect((await invoke(name, FROM + PAST * HOUR, { everySeconds: 8 * HOUR })).answer).toMatchObject({ rows: 0, told: [] });
  expect(await onBus()).toEqual([]);
}, 120_000);

/** The same refusals of port 8081, which the spike is made of, as other connections: three times as many with two of these. */
function fromOtherPorts(object: Buffer, by: number): Buffer {
  const [header = '', ...lines] = gunzipSync(object).toString().trimEnd().split('\n');
  const names = header.split(' ');
  const [source, target] = ['srcport', 'dstport'].map((name) => names.indexOf(name)) as [number, number];
  const moved = lines.flatMap((line) => {
    const words = line.split(' ');
    if (words[target] !== '8081') return [];
    words[source] = String(1024 + ((Number(words[source]) + by * 20_000) % 60_000));
    return [words.join(' ')];
  });
  return gzipSync(`${[header, ...moved].join('\n')}\n`);
}

test('objects that come late, within the overlap, make it worse: told once more, as an escalation', async () => {
  const spike = generated.incidents.find(({ detection }) => detection === 'rejection-spike')!;
  const more = join(folder, 'late');
  await generate(more, {
    seed: 11,
    format: parseFormat('recommended'),
    layout: LAYOUTS['plain-hourly']!,
    account: '000000000000',
    region: 'us-east-1',
    records: 0,
    from: FROM,
    to: LAST_HOUR + HOUR,
    hosts: 30,
    plants: PLANTED,
  });
  const inHour = filesOf(more).filter((path) => {
    const slot = parseKey(path.slice(path.indexOf('AWSLogs')))!.published.getTime() / 1000 - 300;
    return slot >= spike.from && slot < spike.to;
  });
  expect(inHour.length).toBeGreaterThan(5);
  for (const [i, hash] of ['fffffff1', 'fffffff2'].entries())
    for (const path of inHour) {
      const Key = `${prefix}/${path.slice(path.indexOf('AWSLogs')).replace(/_[0-9a-f]{8}\.log/, `_${hash}.log`)}`;
      await s3.send(new PutObjectCommand({ Bucket: outputs['BucketName']!, Key, Body: fromOtherPorts(readFileSync(path), i + 1) }));
    }
  // Past the hours that the function looks at by itself every quarter.
  const hours = hoursBetween(hourOf(spike.from * 1000), hourOf((spike.to + HOUR) * 1000));
  await fault({ match: 'athena:StartQueryExecution', code: 'InvalidRequestException', status: 400, times: 1 });
  expect(await call<Kept>(outputs['RelationsFunctionName'], { hours })).toMatchObject({ made: 0, failed: hours });
  await fault();
  expect(await call<Kept>(outputs['RelationsFunctionName'], { hours })).toMatchObject({ made: 1, failed: [], rest: 0 });
  for (let i = 0; i < 2; i++) expect((await invoke('rejection-spike', spike.from + 2 * HOUR + 1200)).error).toBeUndefined();
  const told = await onBus();
  expect(told.map(({ change, finding }) => [change, finding.key])).toEqual([['escalated', spike.findings[0]]]);
  expect(told[0]!.finding.measure).toBeGreaterThan(8500);
  expect((await mails()).map(({ Subject }) => Subject)).toEqual([expect.stringMatching(/^\[low\] worse: /)]);
}, 120_000);

test('the dashboard shows a report over S3, and its function asks Athena for it', async () => {
  const { StackResources = [] } = await new CloudFormationClient({}).send(new DescribeStackResourcesCommand({ StackName: STACK }));
  const reader = StackResources.find(
    ({ LogicalResourceId, ResourceType }) => ResourceType === 'AWS::Lambda::Function' && LogicalResourceId?.includes('DashboardReports'),
  );
  const { DashboardBody = '' } = await new CloudWatchClient({}).send(new GetDashboardCommand({ DashboardName: `${STACK}-Analytics` }));
  const { widgets } = JSON.parse(DashboardBody) as {
    widgets: { type: string; properties: { title?: string; endpoint?: string; params?: { analysis: string } } }[];
  };
  const custom = widgets.filter(({ type }) => type === 'custom');
  expect(custom.map(({ properties }) => properties.params?.analysis)).toEqual(
    expect.arrayContaining([
      'traffic-over-time',
      'traffic-compared',
      'top-rejected-sources',
      'rejected-by-port',
      'traffic-by-path',
      'vertical-scan',
    ]),
  );
  expect(custom[0]?.properties.endpoint).toContain(reader?.PhysicalResourceId);
  const widgetContext = { timeRange: { start: FROM * 1000, end: (LAST_HOUR + HOUR) * 1000 } };
  for (const { properties } of custom) {
    const asked = { ...properties.params, interface: 'eni-', subnet: 'subnet-', vpc: 'vpc-', widgetContext };
    expect([properties.title, await call<string>(reader?.PhysicalResourceId, asked)]).toEqual([
      properties.title,
      expect.stringMatching(/^<(table>|p>|figure class="analysis">)/),
    ]);
  }
}, 120_000);

test('alarms watch the relations: they are up to date, and none of an hour has failed time and again', async () => {
  const { StackResources = [] } = await new CloudFormationClient({}).send(new DescribeStackResourcesCommand({ StackName: STACK }));
  const names = StackResources.flatMap(({ LogicalResourceId = '', PhysicalResourceId = '' }) =>
    /relations(failed|behind)/.test(LogicalResourceId) ? [PhysicalResourceId] : [],
  );
  expect(names).toHaveLength(2);
  await until(60, async () => {
    const { MetricAlarms = [] } = await new CloudWatchClient({}).send(new DescribeAlarmsCommand({ AlarmNames: names }));
    return MetricAlarms.length === 2 && MetricAlarms.every(({ StateValue }) => StateValue === 'OK');
  });
}, 120_000);

test('a stack of log groups only: Insights finds the scan on its schedule, and metric filters count as records arrive', async () => {
  const file = join(folder, 'live.yaml');
  writeFileSync(
    file,
    `stackName: WatchedLogs
definitions: [{ id: live, scope: { vpc: vpc-0123456789abcdef0 }, format: default, destination: { cloudWatchLogs: {} } }]
watch: { topicArn: '${outputs['FindingsTopicArn']!}', include: [vertical-scan], alarms: { rejections: { threshold: 20 } } }
`,
  );
  process.env['WATCH_CONFIG'] = file;
  process.env['WATCH_PAUSED'] = 'true';
  const live = await deploy('WatchedLogs', [], { app, out: join(folder, 'live.out') });
  const logs = new CloudWatchLogsClient({});
  const logGroupName = live['LogGroupName']!;
  const now = Math.floor(Date.now() / 1000);
  const quarter = Math.floor((now - 600) / 900) * 900 - 900;
  const logEvents = Array.from({ length: 30 }, (_, i) => ({
    timestamp: (quarter + i) * 1000,
    message: `2 000000000000 eni-0a1 203.0.113.50 10.0.1.10 40000 ${20 + i} 6 1 44 ${quarter + i} ${quarter + i + 5} REJECT OK`,
  }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'eni-0a1-all' }));
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: 'eni-0a1-all', logEvents }));
  const input = {
    schedule: 'vertical-scan',
    analysis: 'vertical-scan',
    engine: 'insights',
    scheduledTime: new Date(now * 1000).toISOString(),
    everySeconds: 900,
    lagSeconds: 600,
    overlapSeconds: 3600,
  };
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: live['RunFunctionName']!, Payload: JSON.stringify(input) }),
  );
  expect([FunctionError, JSON.parse(Buffer.from(Payload ?? []).toString())]).toEqual([
    undefined,
    expect.objectContaining({ rows: 1, told: [expect.stringContaining('vertical-scan/203.0.113.50/10.0.1.10@')] }),
  ]);
  const [mail] = await mails();
  expect(mail?.Message).toContain(`flowlogs query vertical-scan --engine insights --log-group ${logGroupName}`);
  expect((await onBus()).map(({ finding }) => finding.measure)).toEqual([30]);
  const { Datapoints = [] } = await new CloudWatchClient({}).send(
    new GetMetricStatisticsCommand({
      Namespace: 'FlowLogAnalytics/WatchedLogs/Traffic-live',
      MetricName: 'RejectedRecords',
      StartTime: new Date((quarter - 60) * 1000),
      EndTime: new Date((quarter + 900) * 1000),
      Period: 900,
      Statistics: ['Sum'],
    }),
  );
  expect(Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0)).toBe(30);
  await cdk(['destroy', '--force', '--all'], { app, out: join(folder, 'live.out') });
  process.env['WATCH_CONFIG'] = config;
}, 240_000);

describe('faults: nothing is lost, nothing is told twice', () => {
  /** The n-th of those that were planted for a detection. */
  const incidentOf = (detection: string, n = 0) => generated.incidents.filter((incident) => incident.detection === detection)[n]!;
  const scheduledFor = (incident: Incident) => Math.ceil(incident.to / HOUR) * HOUR + 1200;
  /** The run that judges an incident. */
  const run = (incident: Incident, more: Partial<RunInput> = {}) => invoke(incident.detection, scheduledFor(incident), more);
  const keys = async () => (await onBus()).map(({ finding }) => finding.key);
  const own = ({ detection, findings }: Incident) => findings.filter((key) => key.startsWith(`${detection}/`));
  const waiting = async () => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: outputs['DeadLetterQueueUrl']!, AttributeNames: ['All'] }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
  };
  const calls = async () => (await (await fetch(`${process.env['AWS_ENDPOINT_URL'] ?? ''}/_box/calls`)).json()) as string[];
  afterEach(() => fault());

  test('throttling and server errors of Athena and S3 are waited out', async () => {
    await fault(
      { match: 'athena:StartQueryExecution', code: 'ThrottlingException', status: 400, times: 2 },
      { match: 'athena:GetQueryExecution', code: 'InternalServerException', status: 500, times: 2 },
      { match: '^s3:GET /.*relations/', code: 'SlowDown', status: 503, times: 3 },
    );
    const incident = incidentOf('accepted-after-rejected');
    expect((await run(incident)).error).toBeUndefined();
    const left = (await (await fetch(`${process.env['AWS_ENDPOINT_URL'] ?? ''}/_box/faults`)).json()) as { match: string; times: number }[];
    expect(left.filter(({ times }) => times > 0)).toEqual([]);
    expect(await keys()).toEqual(own(incident));
    expect(await mails()).toHaveLength(1);
  });

  test('SNS is down: the run is retried, buried, and told once by flowlogs replay', async () => {
    await fault({ match: '^sns:', code: 'ServiceUnavailable', status: 503, times: 1000 });
    const incident = incidentOf('unexpected-protocol');
    const input = { ...inputs.get(incident.detection)!, scheduledTime: new Date(scheduledFor(incident) * 1000).toISOString() };
    await lambda.send(
      new InvokeCommand({ FunctionName: outputs['RunFunctionName']!, InvocationType: 'Event', Payload: JSON.stringify(input) }),
    );
    await until(120, async () => (await waiting()) === 1);
    expect(await mails()).toEqual([]);
    expect(await keys()).toEqual(own(incident));
    await fault();
    const listed = await flowlogs(['replay', '--stack', STACK, '--dry-run']);
    expect(listed.stdout).toContain('unexpected-protocol of ');
    const replayed = await flowlogs(['replay', '--stack', STACK]);
    expect(replayed).toMatchObject({ code: 0 });
    expect(replayed.stdout).toMatch(/^ran {6}unexpected-protocol of .*: 1 row, 1 finding reported/);
    expect(await mails()).toHaveLength(1);
    // The bus had taken it at the first attempt.
    expect(await keys()).toEqual([]);
    expect(await waiting()).toBe(0);
    expect((await flowlogs(['replay', '--stack', STACK])).stderr).toContain('No failed runs.');
  }, 180_000);

  test('the table of findings is down: nothing is told, the next run tells it once', async () => {
    const incident = incidentOf('unexpected-protocol', 1);
    await fault({ match: '^dynamodb:', code: 'InternalServerError', status: 500, times: 1000 });
    expect((await run(incident)).error).toBeDefined();
    expect(await keys()).toEqual([]);
    await fault();
    expect((await run(incident)).answer).toMatchObject({ told: [expect.stringContaining(own(incident)[0]!)] });
    expect((await run(incident)).answer).toMatchObject({ rows: 1, told: [] });
    expect(await keys()).toEqual(own(incident));
    await mails();
  }, 120_000);

  test('the function runs out of time: its query is cancelled, the next run tells', async () => {
    const trino = trinoPid();
    const incident = incidentOf('blocked-outbound-spike');
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: outputs['RunFunctionName']!, Timeout: 26 }));
    process.kill(trino, 'SIGSTOP');
    try {
      const { answer, error } = await run(incident);
      expect(error).toBeDefined();
      expect(JSON.stringify(answer)).toContain('timed out; its query was cancelled');
      expect(await calls()).toContain('athena:StopQueryExecution');
    } finally {
      process.kill(trino, 'SIGCONT');
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: outputs['RunFunctionName']!, Timeout: 900 }));
    }
    expect((await run(incident)).error).toBeUndefined();
    expect(await keys()).toEqual(own(incident));
    await mails();
  }, 120_000);

  test('Trino is killed in the middle of a query: the run fails, and the next one tells', async () => {
    const trino = trinoPid();
    const incident = incidentOf('unexpected-protocol', 2);
    process.kill(trino, 'SIGSTOP');
    const running = run(incident);
    await until(30, async () => (await calls()).filter((call) => call === 'athena:GetQueryExecution').length > 2);
    process.kill(trino, 'SIGKILL');
    const { answer, error } = await running;
    expect(error).toBeDefined();
    expect(JSON.stringify(answer)).toContain('the query failed');
    // The box starts it again.
    await until(120, async () => (await run(incident)).error === undefined);
    expect(await keys()).toEqual(own(incident));
    await mails();
  }, 240_000);

  test('an input that nobody can read waits in the queue, at once and untried, and rings', async () => {
    const { answer, error } = await invoke('vertical-scan', 0, { everySeconds: -1 });
    expect([answer, error]).toEqual([null, undefined]);
    expect(await waiting()).toBe(1);
    const cloudwatch = new CloudWatchClient({});
    const ringing = async () => {
      const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }));
      return MetricAlarms.map(({ AlarmName = '', AlarmDescription = '' }) => `${AlarmName} ${AlarmDescription}`).filter((text) =>
        text.includes('runfailed'),
      );
    };
    await until(60, async () => (await ringing()).length > 0);
    expect((await ringing())[0]).toContain('Runbook: https://wiki.example.com/runbook#run-failed');
    await mails();
    expect(alarms.some(({ Subject, Message }) => Subject.includes('ALARM') && Message.includes('runfailed'))).toBe(true);
    await drain(outputs['DeadLetterQueueUrl']!);
  }, 120_000);
});

test('the schedule fires by itself, tells what is new, and its metrics say that it ran', async () => {
  write(`  exclude: [${[...FAULTY, ...DETECTIONS].join(', ')}]\n`);
  await up(false);
  const told: Told[] = [];
  await until(180, async () => {
    told.push(...(await onBus()));
    return told.length > 0;
  });
  expect(told.map(({ finding }) => finding.key)).toEqual(generated.incidents.find(({ detection }) => detection === SCHEDULED)!.findings);
  const { StackResources = [] } = await new CloudFormationClient({}).send(new DescribeStackResourcesCommand({ StackName: STACK }));
  const late =
    StackResources.find(({ LogicalResourceId }) => LogicalResourceId?.includes('runlateunusualingress'))?.PhysicalResourceId ?? '';
  await until(60, async () => {
    const { MetricAlarms = [] } = await new CloudWatchClient({}).send(new DescribeAlarmsCommand({ AlarmNames: [late] }));
    return MetricAlarms[0]?.StateValue === 'OK';
  });
}, 360_000);
