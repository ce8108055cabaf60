import { createHandler, showAgain } from '../../lambda/compact/handler';
import type { Lake, Range } from '../../lib/lake/lake';
import { MemoryLedger } from '../support/memory-ledger';

/** The function after a deployment, which may have put the views back to the raw tables. */
const RANGE = { from: '2026/11/20/05', to: '2026/11/20/08' };
const event = (RequestType: string) => ({
  RequestType,
  RequestId: 'request',
  ResponseURL: 'https://cloudformation.example/answer',
  StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/S/1',
  LogicalResourceId: 'Shown',
  ...(RequestType === 'Create' ? {} : { PhysicalResourceId: 'views' }),
  ResourceProperties: { ServiceToken: 'arn', ServiceTimeout: '300', Views: 'ab' },
  OldResourceProperties: { ServiceToken: 'arn', ServiceTimeout: '300', Views: 'cd' },
});

function setUp(range: Range | undefined, publish: (range: Range) => Promise<void> = async () => undefined) {
  const shown: Range[] = [];
  const errors: string[] = [];
  const ledger = new MemoryLedger();
  if (range !== undefined) void ledger.setRange(range);
  const log = { info: () => undefined, warn: () => undefined, error: (message: string) => void errors.push(message) };
  const handle = createHandler({
    ledger,
    lake: {
      publish: async (hours: Range) => {
        await publish(hours);
        shown.push(hours);
      },
    } as unknown as Lake,
    now: () => Date.UTC(2026, 10, 20, 9),
    newRun: () => 'run',
    firstHours: 1,
    recheckHours: 1,
    left: () => 900_000,
    publish: () => undefined,
    log,
  });
  return { shown, errors, send: (one: object) => showAgain(handle, one, log) };
}

test.each(['Create', 'Update'])('%s: the views read the hours of the ledger again', async (type) => {
  const { shown, send } = setUp(RANGE);
  expect(await send(event(type))).toBe('views');
  expect(shown).toEqual([RANGE]);
});

test('before the first compaction, and when the stack goes, there is nothing to show', async () => {
  const empty = setUp(undefined);
  await empty.send(event('Create'));
  const gone = setUp(RANGE);
  await gone.send(event('Delete'));
  expect([...empty.shown, ...gone.shown]).toEqual([]);
});

test('a Glue that is down does not undo the deployment: the next run shows it', async () => {
  const { errors, send } = setUp(RANGE, () => Promise.reject(new Error('throttled')));
  expect(await send(event('Update'))).toBe('views');
  expect(errors).toEqual(['views read raw objects until the next run']);
});

test('what is no request of CloudFormation is refused', async () => {
  const { send } = setUp(RANGE);
  await expect(send({ RequestType: 'Update' })).rejects.toThrow();
});
