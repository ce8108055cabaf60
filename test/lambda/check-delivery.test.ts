import { createHandler, type FlowLogStatus } from '../../lambda/check-delivery/handler';

const NOW = Date.UTC(2026, 10, 20, 5, 30);
const LOCATION = { bucket: 'b', prefix: 'flow-logs/vpc', layout: 'plain-hourly', accounts: ['123456789012'], regions: ['us-east-1'] };

async function check(statuses: FlowLogStatus[], objects: Record<string, number>, ids = ['fl-1'], locations = [LOCATION]) {
  const published: unknown[] = [];
  const asked: string[] = [];
  await createHandler({
    flowLogIds: ids,
    locations,
    describe: async () => statuses,
    newest: async (_, prefix) => {
      asked.push(prefix);
      return objects[prefix];
    },
    publish: (numbers) => published.push(numbers),
    log: { info: () => undefined, warn: () => undefined },
    now: () => NOW,
  })();
  return { numbers: published[0], asked };
}

const fine: FlowLogStatus = { id: 'fl-1', active: true, deliverLogsStatus: 'SUCCESS', errorMessage: undefined };
const folder = (hour: string) => `flow-logs/vpc/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/20/${hour}/`;

test('a flow log that delivers, and the age of its newest object', async () => {
  const { numbers, asked } = await check([fine], { [folder('05')]: NOW - 120_000 });
  expect(numbers).toEqual({ deliveryErrors: 0, deliveryAge: 120 });
  expect(asked).toEqual([folder('05')]);
});

test('looks back hour by hour, at most a day', async () => {
  expect((await check([fine], { [folder('03')]: NOW - 7_500_000 })).numbers).toEqual({ deliveryErrors: 0, deliveryAge: 7500 });
  const { numbers, asked } = await check([fine], {});
  expect(numbers).toEqual({ deliveryErrors: 0, deliveryAge: 86_400 });
  expect(asked).toHaveLength(24);
});

test.each<[string, FlowLogStatus[]]>([
  ['an access error', [{ ...fine, deliverLogsStatus: 'FAILED', errorMessage: 'Access error' }]],
  ['not active', [{ ...fine, active: false }]],
  ['gone', []],
])('%s is an error', async (_, statuses) => {
  expect((await check(statuses, { [folder('05')]: NOW })).numbers).toMatchObject({ deliveryErrors: 1 });
});

test('before its first delivery a flow log has no status, and that is no error', async () => {
  expect((await check([{ ...fine, deliverLogsStatus: undefined }], {}, ['fl-1'], [])).numbers).toEqual({
    deliveryErrors: 0,
    deliveryAge: undefined,
  });
});
