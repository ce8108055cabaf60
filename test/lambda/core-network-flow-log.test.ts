import { createHandler, type Dependencies, type FlowLogSettings } from '../../lambda/core-network-flow-log/handler';
import type { Answer } from '../../lambda/shared/custom-resource';

/** The custom resource against an EC2 of our own; the real calls are made in test/cloud/account.test.ts. */
const PROPERTIES = {
  ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:maker',
  ServiceTimeout: '300',
  ResourceType: 'CoreNetwork',
  ResourceId: 'core-network-0123456789abcdef0',
  LogFormat: '${version} ${account-id}',
  LogDestinationType: 's3',
  LogDestination: 'arn:aws:s3:::logs/flow-logs/wan/',
  // CloudFormation hands over text.
  DestinationOptions: { FileFormat: 'parquet', HiveCompatiblePartitions: 'false', PerHourPartition: 'true' },
  Tags: [{ Key: 'Name', Value: 'wan' }],
};
const event = (RequestType: string, more: object = {}) => ({
  RequestType,
  RequestId: `request-${RequestType}`,
  ResponseURL: 'https://cloudformation.example/answer',
  StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/S/1',
  LogicalResourceId: 'Wan',
  ResourceType: 'Custom::CoreNetworkFlowLog',
  ServiceToken: PROPERTIES.ServiceToken,
  ResourceProperties: PROPERTIES,
  ...more,
});

function setUp(more: Partial<Dependencies> = {}) {
  const flowLogs = new Map<string, { settings: FlowLogSettings; tags: Record<string, string> }>();
  const tokens = new Map<string, string>();
  const answers: Answer[] = [];
  const handle = createHandler({
    create: async (settings, tags, token) => {
      const id = tokens.get(token) ?? `fl-${tokens.size + 1}`;
      tokens.set(token, id);
      flowLogs.set(id, { settings, tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) });
      return id;
    },
    remove: async (id) => void flowLogs.delete(id),
    retag: async (id, { add, remove }) => {
      const { tags } = flowLogs.get(id)!;
      for (const { Key, Value } of add) tags[Key] = Value;
      for (const key of remove) Reflect.deleteProperty(tags, key);
    },
    answer: async (_, answer) => void answers.push(answer),
    log: { info: () => undefined, error: () => undefined },
    ...more,
  });
  return { flowLogs, answers, send: (one: object) => handle(one, 60_000) };
}

test('create makes a flow log and answers with its id; the same request again makes no second one', async () => {
  const { flowLogs, answers, send } = setUp();
  await send(event('Create'));
  await send(event('Create'));
  expect([...flowLogs]).toEqual([
    [
      'fl-1',
      {
        settings: {
          ResourceType: 'CoreNetwork',
          ResourceId: 'core-network-0123456789abcdef0',
          LogFormat: '${version} ${account-id}',
          LogDestinationType: 's3',
          LogDestination: 'arn:aws:s3:::logs/flow-logs/wan/',
          DestinationOptions: { FileFormat: 'parquet', HiveCompatiblePartitions: false, PerHourPartition: true },
        },
        tags: { Name: 'wan' },
      },
    ],
  ]);
  expect(answers[0]).toEqual({
    Status: 'SUCCESS',
    PhysicalResourceId: 'fl-1',
    RequestId: 'request-Create',
    StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/S/1',
    LogicalResourceId: 'Wan',
  });
  expect(answers[1]).toEqual(answers[0]);
});

test('a change makes another flow log, and the deletion that CloudFormation asks for then ends the first', async () => {
  const { flowLogs, answers, send } = setUp();
  await send(event('Create'));
  const changed = { ...PROPERTIES, LogFormat: '${version} ${account-id} ${bytes}', LogDestination: 'arn:aws:s3:::logs/other/' };
  await send(event('Update', { PhysicalResourceId: 'fl-1', ResourceProperties: changed, OldResourceProperties: PROPERTIES }));
  expect(answers[1]).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'fl-2' });
  expect([...flowLogs.keys()]).toEqual(['fl-1', 'fl-2']);
  await send(event('Delete', { PhysicalResourceId: 'fl-1' }));
  expect([...flowLogs.keys()]).toEqual(['fl-2']);
});

test('other tags are other tags, not another flow log', async () => {
  const { flowLogs, answers, send } = setUp();
  await send(event('Create'));
  const ResourceProperties = { ...PROPERTIES, Tags: [{ Key: 'team', Value: 'network' }] };
  await send(event('Update', { PhysicalResourceId: 'fl-1', ResourceProperties, OldResourceProperties: PROPERTIES }));
  expect(answers[1]).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'fl-1' });
  expect([...flowLogs].map(([id, { tags }]) => [id, tags])).toEqual([['fl-1', { team: 'network' }]]);
});

describe('a failure is an answer, with its reason', () => {
  const refused = async (): Promise<never> => {
    throw new Error('CoreNetwork core-network-0: EC2 made no flow log: InvalidParameter');
  };

  test('of a creation: what CloudFormation deletes when it rolls back is nothing', async () => {
    const removed: string[] = [];
    const { answers, send } = setUp({ create: refused, remove: async (id) => void removed.push(id) });
    await send(event('Create'));
    expect(answers[0]).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'none', Reason: expect.stringContaining('InvalidParameter') });
    await send(event('Delete', { PhysicalResourceId: 'none' }));
    expect(answers[1]).toMatchObject({ Status: 'SUCCESS' });
    expect(removed).toEqual([]);
  });

  test('of a replacement: the flow log that there is stays', async () => {
    const { answers, send } = setUp({ create: refused });
    const ResourceProperties = { ...PROPERTIES, ResourceId: 'core-network-0fedcba9876543210' };
    await send(event('Update', { PhysicalResourceId: 'fl-1', ResourceProperties, OldResourceProperties: PROPERTIES }));
    expect(answers[0]).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'fl-1' });
  });

  test('of EC2 to answer in time', async () => {
    const answers: Answer[] = [];
    const handle = createHandler({
      create: () => new Promise(() => undefined),
      remove: async () => undefined,
      retag: async () => undefined,
      answer: async (_, answer) => void answers.push(answer),
      log: { info: () => undefined, error: () => undefined },
    });
    await handle(event('Create'), 5_020);
    expect(answers[0]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('did not answer') });
  });

  test.each<[string, object, RegExp]>([
    ['of a scope that CloudFormation makes itself', { ResourceType: 'VPC' }, /ResourceType/],
    ['without a destination', { LogDestination: '' }, /LogDestination/],
  ])('%s', async (_, wrong, reason) => {
    const { answers, send } = setUp();
    await send(event('Create', { ResourceProperties: { ...PROPERTIES, ...wrong } }));
    expect(answers[0]?.Status).toBe('FAILED');
    expect(answers[0]?.Reason).toMatch(reason);
  });

  test('longer than CloudFormation takes is cut', async () => {
    const { answers, send } = setUp({
      create: async () => {
        throw new Error('x'.repeat(10_000));
      },
    });
    await send(event('Create'));
    expect(Buffer.byteLength(JSON.stringify(answers[0]))).toBeLessThan(4096);
  });
});
