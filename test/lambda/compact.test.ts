import { createHandler, showAgain } from '../../lambda/compact/handler';
import { hourOf, hoursBetween, hourStart } from '../../lib/lake/hours';
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

test('the check compares as many hours as there is time for, goes on with the others, and one that fails holds back none', async () => {
  const ledger = new MemoryLedger();
  const [from, to] = ['2026/11/20/00', hourOf(hourStart('2026/11/20/00') + 40 * 3_600_000)];
  const done = { run: 'r', records: 1, bytes: 1, packets: 1, objects: 1, objectBytes: 1 };
  for (const hour of hoursBetween(from, to)) {
    await ledger.acquire(hour, 'r', { nowMs: 0, untilMs: 1 });
    await ledger.finish(hour, 'r', done);
  }
  await ledger.setRange({ from, to });
  const seen: string[] = [];
  const published: unknown[] = [];
  let left = 0;
  let broken: string | undefined;
  const handle = createHandler({
    ledger,
    lake: {
      inventories: async (hours: readonly string[]) => new Map(hours.map((hour) => [hour, { objects: 1, objectBytes: 1 }])),
      raw: async (hour: string) => {
        if (hour === broken) throw new Error('throttled');
        return done;
      },
      shown: async () => done,
      verified: async (hour: string) => void seen.push(hour),
    } as unknown as Lake,
    now: () => hourStart(to),
    newRun: () => 'run',
    firstHours: 1,
    recheckHours: 1,
    // A minute an hour of the lake.
    left: () => (left -= 60_000) + 60_000,
    publish: (numbers) => published.push(numbers),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  left = 14 * 60_000;
  // The last six hours are too young; four minutes are kept back.
  expect(await handle({ task: 'verify' })).toMatchObject({ verified: 10, rest: hoursBetween(from, to).slice(10, 34) });
  left = 14 * 60_000;
  broken = hoursBetween(from, to)[12]!;
  await expect(handle({ task: 'verify' })).rejects.toThrow(`1 of 10 hours could not be verified: ${broken}: throttled`);
  left = 60 * 60_000;
  broken = undefined;
  expect(await handle({ task: 'verify' })).toMatchObject({ verified: 15, rest: [] });
  expect([...seen].sort()).toEqual(hoursBetween(from, to).slice(0, 34));
  expect(published).toEqual([{ lakeDiffering: 0 }, { lakeDiffering: 0 }, { lakeDiffering: 0 }]);
});
