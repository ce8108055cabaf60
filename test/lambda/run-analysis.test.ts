import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { BatchImportFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { createHandler, type Dependencies, type RunNumbers } from '../../lambda/run-analysis/handler';
import type { RunInput } from '../../lambda/run-analysis/input';
import { Catalogue } from '../../lib/analysis/catalogue';
import type { Row } from '../../lib/analysis/columns';
import { openPacked, packCatalogue } from '../../lib/analysis/packed';
import { QueryError, type QueryEngine, type QueryErrorKind, type QueryOptions } from '../../lib/engine/engine';
import { DynamoStore } from '../../lib/finding/dynamo-store';
import type { FindingState } from '../../lib/finding/finding';
import type { Notification, Sink } from '../../lib/finding/sink';
import { EventBridgeSink } from '../../lib/finding/sinks/event-bridge';
import { SecurityHubSink } from '../../lib/finding/sinks/security-hub';
import { SnsSink } from '../../lib/finding/sinks/sns';
import { MemoryStore } from '../support/memory-store';

/** The handler with an engine and sinks that do as they are told; the real ones run in test/cloud/watch.test.ts. */
const catalogue = new Catalogue();
const packed = openPacked(packCatalogue(catalogue, ['vertical-scan', 'threat-list-match']));
const row = (i: number, hour = '05:00', ports = 25): Row => ({
  time: `2026-11-20T${hour}:00Z`,
  srcaddr: `203.0.113.${i % 250}`,
  dstaddr: `10.0.${Math.floor(i / 250)}.1`,
  ports,
  rejected: 30,
  lowest_port: 1,
  highest_port: 99,
});
const INPUT: RunInput = {
  schedule: 'vertical-scan',
  analysis: 'vertical-scan',
  engine: 'athena',
  scheduledTime: '2026-11-20T05:36:00Z',
  everySeconds: 900,
  lagSeconds: 1200,
  overlapSeconds: 3600,
};

function setUp(more: Partial<Dependencies> = {}) {
  const state = {
    rows: [row(1)] as Row[],
    truncated: false,
    fail: undefined as Error | undefined,
    queries: [] as string[],
    told: [] as Notification[],
    refuse: false,
    buried: [] as string[],
    numbers: [] as RunNumbers[],
    clock: Date.UTC(2026, 10, 20, 5, 36),
    commands: [] as string[],
  };
  const store = new MemoryStore();
  const engine: QueryEngine = {
    name: 'athena',
    language: 'sql',
    run: async (query: string, { signal, maxRows }: QueryOptions = {}) => {
      state.queries.push(query);
      signal?.throwIfAborted();
      if (state.fail !== undefined) throw state.fail;
      return {
        columns: [],
        rows: state.rows.slice(0, maxRows),
        truncated: state.truncated,
        stats: { queryId: 'q-1', recordsRead: undefined, bytesScanned: 1234, elapsedMs: 1 },
      };
    },
    stream: () => Promise.reject(new Error('not used')),
  };
  const sink: Sink = {
    name: 'test',
    tell: async (notifications, context) => {
      if (state.refuse) throw new Error('the topic is unavailable');
      state.told.push(...notifications);
      state.commands.push(context.command);
    },
  };
  const handler = createHandler({
    catalogue: packed,
    target: () => Promise.resolve({ catalogue: packed, engine, table: 'db.flow_records' }),
    store,
    sinks: [sink],
    suppressions: [],
    read: async () => '# a list\n198.51.100.0/24\n\n2001:db8::/32 # why\n',
    bury: async (_, reason) => void state.buried.push(reason),
    publish: (_, numbers) => void state.numbers.push(numbers),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    now: () => state.clock++,
    about: { stack: 'S', account: '123456789012', region: 'us-east-1', runbookUrl: 'docs/runbook.md' },
    commandOptions: () => '--engine athena --stack S',
    ...more,
  });
  const run = (input: unknown = INPUT, remaining = 900_000) => handler(input, { getRemainingTimeInMillis: () => remaining });
  return { state, store, run };
}

test('the window follows from the scheduled time: whole buckets, behind the lag, with the overlap', async () => {
  const { state, run } = setUp();
  expect(await run()).toMatchObject({
    window: { from: '2026-11-20T04:00:00Z', to: '2026-11-20T05:15:00Z' },
    rows: 1,
    told: ['vertical-scan/203.0.113.1/10.0.0.1@2026-11-20T05:00:00Z'],
  });
  const bounds = [Date.UTC(2026, 10, 20, 4), Date.UTC(2026, 10, 20, 5, 15)].map((ms) => ms / 1000);
  expect(state.queries[0]).toContain(`"start" >= ${bounds[0]} AND "start" < ${bounds[1]}`);
  expect(state.commands).toEqual([
    'flowlogs query vertical-scan --engine athena --stack S --from 2026-11-20T04:00:00Z --to 2026-11-20T05:15:00Z',
  ]);
  expect(state.numbers).toEqual([expect.objectContaining({ succeeded: 1, failed: 0, found: 1, bytesScanned: 1234 })]);
});

test('the same scheduled time twice, and twice at once, tells once', async () => {
  const { state, run } = setUp();
  await Promise.all([run(), run()]).catch(() => undefined);
  await run();
  expect(state.told).toHaveLength(1);
});

test('parameters, scope and a list in S3 reach the query and the command', async () => {
  const { state, run } = setUp();
  state.rows = [];
  await run({
    ...INPUT,
    analysis: 'threat-list-match',
    parameters: { bucket_minutes: 30 },
    parametersFrom: { networks: 's3://lists/bad.txt' },
    scope: { eni: ['eni-1'], except: [{ subnet: ['subnet-9'] }] },
  });
  expect(state.queries[0]).toContain("ARRAY['198.51.100.0/24', '2001:db8::/32']");
  expect(state.queries[0]).toContain("interface_id IN ('eni-1') AND NOT coalesce(subnet_id IN ('subnet-9'), false)");
});

describe('what fails', () => {
  const error = (kind: QueryErrorKind, retryable: boolean) => new QueryError('no', 'athena', kind, retryable, 'q-1');

  test.each<[QueryErrorKind, boolean, 'buried' | 'thrown']>([
    ['syntax', false, 'buried'],
    ['limit', false, 'buried'],
    ['denied', false, 'buried'],
    ['throttled', true, 'thrown'],
    ['timeout', true, 'thrown'],
    ['unknown', true, 'thrown'],
    ['unknown', false, 'thrown'],
  ])('%s (retryable %s): the input is %s, and the run counted as failed', async (kind, retryable, what) => {
    const { state, run } = setUp();
    state.fail = error(kind, retryable);
    if (what === 'thrown') await expect(run()).rejects.toThrow('no');
    else expect(await run()).toBeUndefined();
    expect(state.buried).toHaveLength(what === 'buried' ? 1 : 0);
    expect(state.numbers).toEqual([expect.objectContaining({ succeeded: 0, failed: 1, cancelledByLimit: kind === 'limit' ? 1 : 0 })]);
  });

  test.each([
    ['nothing', null],
    ['a text', 'hello'],
    ['an unknown key', { ...INPUT, window: '1h' }],
    ['a time that is none', { ...INPUT, scheduledTime: '<aws.scheduler.scheduled-time>' }],
  ])('poison: %s is buried with what was wrong', async (_, input) => {
    const { state, run } = setUp();
    expect(await run(input)).toBeUndefined();
    expect(state.buried[0]).toMatch(/^PoisonError: input: /);
  });

  test('an analysis that is not deployed is retried, then buried by the service', async () => {
    const { run } = setUp();
    await expect(run({ ...INPUT, analysis: 'dns-bypass' })).rejects.toThrow(
      /is not deployed; expected one of vertical-scan, threat-list-match/,
    );
  });

  test('no time left: the engine is told to stop, and the run says so', async () => {
    const { state, run } = setUp();
    state.fail = new Error('aborted');
    jest.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort());
    await expect(run(INPUT, 100)).rejects.toThrow('the run timed out; its query was cancelled');
  });

  test('sinks refuse: told by the next attempt, once', async () => {
    const { state, run } = setUp();
    state.refuse = true;
    await expect(run()).rejects.toThrow('the topic is unavailable');
    state.refuse = false;
    expect((await run())?.told).toHaveLength(1);
    expect((await run())?.told).toHaveLength(0);
    expect(state.told).toHaveLength(1);
  });

  test('one of two sinks refuses: the other is not told again', async () => {
    const first: string[] = [];
    const second = {
      name: 'second',
      fail: true,
      told: 0,
      tell: async (all: readonly Notification[]) => {
        if (second.fail) throw new Error('down');
        second.told += all.length;
      },
    };
    const { run } = setUp({
      sinks: [{ name: 'first', tell: async (all) => void first.push(...all.map(({ finding }) => finding.key)) }, second],
    });
    await expect(run()).rejects.toThrow('down');
    second.fail = false;
    await run();
    expect([first.length, second.told]).toEqual([1, 1]);
  });

  test('a run that died while it told is taken up after its lease, even without its rows', async () => {
    const { state, store, run } = setUp();
    const remembered: FindingState = {
      id: 'vertical-scan/x/y@2026-11-20T01:00:00Z',
      key: 'vertical-scan/x/y',
      times: ['2026-11-20T01:00:00Z'],
      measure: 1,
      toldMeasure: 1,
      toldSeverity: 'medium',
      rows: [row(9)],
    };
    store.items.set(remembered.id, {
      state: remembered,
      detection: 'vertical-scan',
      pending: 'new',
      pendingSince: state.clock - 60_000,
      revision: 1,
      expires: 9e9,
    });
    state.rows = [];
    expect((await run())?.told).toEqual([]);
    state.clock += 30 * 60_000;
    expect((await run())?.told).toEqual([remembered.id]);
    expect((await run())?.told).toEqual([]);
  });

  test('the table is down: the run fails, nothing is told, the next run tells', async () => {
    const { state, store, run } = setUp();
    store.broken = true;
    await expect(run()).rejects.toThrow('the table is unavailable');
    expect(state.told).toEqual([]);
    store.broken = false;
    await run();
    expect(state.told).toHaveLength(1);
  });
});

test('out of order: an older run adds to the state and repeats nothing', async () => {
  const { state, run } = setUp();
  state.rows = [row(1, '05:00')];
  await run();
  state.rows = [row(1, '03:00')];
  await run({ ...INPUT, scheduledTime: '2026-11-20T03:36:00Z' });
  expect(state.told.map(({ change }) => change)).toEqual(['new']);
});

test('suppressed findings are counted and not told, now or later', async () => {
  const { state, store, run } = setUp({ suppressions: [{ address: '203.0.113.1', until: '2026-12-31', why: 'auditors' }] });
  state.rows = [row(1), row(2)];
  expect(await run()).toMatchObject({ suppressed: 1, told: ['vertical-scan/203.0.113.2/10.0.0.1@2026-11-20T05:00:00Z'] });
  expect(state.numbers[0]).toMatchObject({ suppressed: 1, found: 1 });
  expect([...store.items.values()].every(({ pending }) => pending === undefined)).toBe(true);
});

describe('ten thousand findings', () => {
  const many = Array.from({ length: 12_000 }, (_, i) => row(i));

  test('are one mail, and every one on the bus, ten at a time', async () => {
    const [sns, bus] = [mockClient(SNSClient), mockClient(EventBridgeClient)];
    sns.on(PublishCommand).resolves({});
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
    const { state, run } = setUp({
      sinks: [
        new EventBridgeSink(bus as unknown as EventBridgeClient, { busName: 'default', ocsf: false, productVersion: '0' }),
        new SnsSink(sns as unknown as SNSClient, { topicArn: 'arn:topic', digestAbove: 20 }),
      ],
    });
    state.rows = many;
    state.truncated = true;
    expect((await run())?.told).toHaveLength(10_000);
    expect(sns.commandCalls(PublishCommand)).toHaveLength(1);
    const { Subject, Message } = sns.commandCalls(PublishCommand)[0]!.args[0].input;
    expect(Subject).toBe('[medium] 10000 findings of Vertical port scan');
    expect(Message).toContain('and 9975 more, each on the event bus');
    expect(bus.commandCalls(PutEventsCommand)).toHaveLength(1000);
    expect(state.numbers[0]).toMatchObject({ truncated: 1, found: 10_000 });
  }, 60_000);
});

describe('sinks', () => {
  const context = {
    analysis: catalogue.get('vertical-scan'),
    stack: 'S',
    account: '123456789012',
    region: 'eu-central-1',
    engine: 'athena',
    queryId: 'q-1',
    command: 'flowlogs query vertical-scan',
    timeZone: 'Europe/Berlin',
    runbookUrl: 'https://example.com/runbook',
  };
  const notify = async (sink: Sink, rows = [row(1)]) => {
    const { state, run } = setUp();
    state.rows = rows;
    await run();
    await sink.tell(state.told, context);
    return state.told;
  };

  test('a mail says what, where, when in both times, how much, and where to look', async () => {
    const sns = mockClient(SNSClient);
    sns.on(PublishCommand).resolves({});
    await notify(new SnsSink(sns as unknown as SNSClient, { topicArn: 'arn:topic', chatTopicArn: 'arn:chat', digestAbove: 20 }));
    const [mail, chat] = sns.commandCalls(PublishCommand).map((call) => call.args[0].input);
    expect(mail?.Subject).toBe('[medium] 203.0.113.1 tried 25 ports of 10.0.0.1, 1 to 99: all refused');
    for (const text of [
      '2026-11-20 05:00:00 to 2026-11-20 05:15:00 UTC',
      '2026-11-20 06:00:00 to 2026-11-20 06:15:00 Europe/Berlin',
      'account 123456789012, eu-central-1, stack S',
      'ATT&CK T1046',
      'https://example.com/runbook#vertical-scan',
      'flowlogs query vertical-scan',
      'False positives:',
      'query-editor/history/q-1',
    ])
      expect(mail?.Message).toContain(text);
    expect(JSON.parse(chat?.Message ?? '')).toMatchObject({
      version: '1.0',
      source: 'custom',
      content: { textType: 'client-markdown', title: mail?.Subject },
    });
  });

  test('one event is one mail, all of it on the bus, and a mail more when it is over', async () => {
    const sns = mockClient(SNSClient);
    sns.on(PublishCommand).resolves({});
    const bus: string[] = [];
    const mail = new SnsSink(sns as unknown as SNSClient, { topicArn: 'arn:topic', digestAbove: 20 });
    const machine: Sink = { name: 'bus', tell: async (all) => void bus.push(...all.map(({ finding }) => finding.incident ?? '')) };
    const { state, run } = setUp({ sinks: [machine, mail] });
    state.rows = [row(1), { ...row(1), dstaddr: '10.0.0.2' }, { ...row(1), dstaddr: '10.0.0.3' }];
    await run();
    const first = 'vertical-scan/203.0.113.1/10.0.0.1@2026-11-20T05:00:00Z';
    expect(bus).toEqual([first, first, first]);
    const subjects = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.Subject);
    expect(subjects()).toEqual(['[medium] 203.0.113.1 tried 25 ports of 10.0.0.1, 1 to 99: all refused']);
    state.clock += 4 * 3_600_000;
    await run();
    await run();
    expect(subjects().slice(1)).toEqual(['[medium] ended: 203.0.113.1 tried 25 ports of 10.0.0.1, 1 to 99: all refused']);
  });

  test('a subject is at most 99 ASCII characters', async () => {
    const sns = mockClient(SNSClient);
    sns.on(PublishCommand).resolves({});
    await notify(new SnsSink(sns as unknown as SNSClient, { topicArn: 'arn:topic', digestAbove: 20 }), [
      { ...row(1), srcaddr: `é${'x'.repeat(200)}` },
    ]);
    const subject = sns.commandCalls(PublishCommand)[0]?.args[0].input.Subject ?? '';
    expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
  });

  test('the bus: own form and OCSF, and a refusal of one is an error', async () => {
    const bus = mockClient(EventBridgeClient);
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
    const sink = new EventBridgeSink(bus as unknown as EventBridgeClient, { busName: 'default', ocsf: true, productVersion: '0' });
    const told = await notify(sink);
    const entries = bus.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries ?? [];
    expect(entries.map(({ DetailType }) => DetailType)).toEqual(['Flow Log Finding', 'Flow Log Finding (OCSF)']);
    expect(JSON.parse(entries[0]?.Detail ?? '')).toMatchObject({ change: 'new', stack: 'S', finding: { key: told[0]!.finding.key } });
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }] });
    await expect(sink.tell(told, context)).rejects.toThrow('rejected 1 of 1 events: ThrottlingException slow down');
  });

  test('Security Hub takes the findings, and a refusal is an error', async () => {
    const hub = mockClient(SecurityHubClient);
    hub.on(BatchImportFindingsCommand).resolves({ FailedCount: 0, SuccessCount: 1, FailedFindings: [] });
    const sink = new SecurityHubSink(hub as unknown as SecurityHubClient, 'aws');
    const told = await notify(sink);
    expect(hub.commandCalls(BatchImportFindingsCommand)[0]?.args[0].input.Findings).toEqual([
      expect.objectContaining({ Id: told[0]!.finding.id, AwsAccountId: '123456789012' }),
    ]);
    hub
      .on(BatchImportFindingsCommand)
      .resolves({ FailedCount: 1, SuccessCount: 0, FailedFindings: [{ Id: 'x', ErrorCode: 'InvalidInput', ErrorMessage: 'no' }] });
    await expect(sink.tell(told, context)).rejects.toThrow('rejected 1 findings: InvalidInput no');
  });
});

test('a write that lost the race is answered false, any other failure is thrown', async () => {
  const client = mockClient(DynamoDBClient);
  const store = new DynamoStore(client as unknown as DynamoDBClient, 't');
  const { ConditionalCheckFailedException } = await import('@aws-sdk/client-dynamodb');
  const state: FindingState = { id: 'a@1', key: 'a', times: ['1'], measure: null, toldMeasure: null, toldSeverity: 'high', rows: [] };
  client.on(PutItemCommand).rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));
  expect(await store.save({ state, detection: 'd', revision: 3, expires: 1 })).toBe(false);
  client.on(PutItemCommand).rejects(new Error('down'));
  await expect(store.save({ state, detection: 'd', revision: 3, expires: 1 })).rejects.toThrow('down');
});

test.each(
  readdirSync(join(__dirname, '..', '..', 'dist', 'functions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name),
)('the bundle of %s holds neither the CDK nor DuckDB, and stays small', (task) => {
  const { outputs } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'dist', 'functions', `${task}.meta.json`), 'utf8')) as {
    outputs: Record<string, { bytes: number; inputs: Record<string, unknown> }>;
  };
  const [bundle] = Object.values(outputs);
  expect(Object.keys(bundle!.inputs).filter((name) => /aws-cdk|duckdb|constructs\/lib/.test(name))).toEqual([]);
  expect(bundle!.bytes).toBeLessThan(3_000_000);
});
