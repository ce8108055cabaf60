import fc from 'fast-check';
import { createHandler, type FlowLogStatus } from '../../lambda/check-delivery/handler';
import { LAYOUTS, partitionFolder } from '../../lib/flow-log/layout';

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
      const times = Object.keys(objects).flatMap((key) => (key.startsWith(prefix) ? [objects[key]!] : []));
      return times.length === 0 ? undefined : Math.max(...times);
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

test('looks back two hours, then at whole days, at most a day', async () => {
  expect((await check([fine], { [folder('03')]: NOW - 7_500_000 })).numbers).toEqual({ deliveryErrors: 0, deliveryAge: 7500 });
  const { numbers, asked } = await check([fine], {});
  expect(numbers).toEqual({ deliveryErrors: 0, deliveryAge: 86_400 });
  const day = (day: string) => `flow-logs/vpc/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/${day}/`;
  expect(asked).toEqual([folder('05'), folder('04'), day('20'), day('19')]);
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

/** Times around which folders change: a day, a month, a year, a leap day, and any other minute. */
const TIMES = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(Date.UTC(2026, 10, 20), Date.UTC(2026, 11, 1), Date.UTC(2027, 0, 1), Date.UTC(2028, 1, 29), Date.UTC(2028, 2, 1)),
      fc.integer({ min: -90, max: 90 }),
    )
    .map(([midnight, minutes]) => midnight + minutes * 60_000),
  fc.integer({ min: Date.UTC(2026, 0, 1) / 60_000, max: Date.UTC(2029, 0, 1) / 60_000 }).map((minute) => minute * 60_000),
);

test('the age is that of the newest object, whichever folder it lies in, in every layout, unless one is fresh', async () => {
  await fc.assert(
    fc.asyncProperty(
      TIMES,
      fc.constantFrom(...Object.keys(LAYOUTS)),
      fc.array(fc.record({ minutesAgo: fc.integer({ min: 0, max: 30 * 60 }), written: fc.integer({ min: 0, max: 10 }) }), { maxLength: 6 }),
      async (present, layout, objects) => {
        const written = objects
          .map(({ minutesAgo, written: minutes }) => {
            const published = present - minutesAgo * 60_000;
            return { published, written: Math.min(present, published + minutes * 60_000) };
          })
          .map(({ published, ...rest }) => {
            const place = { account: '123456789012', region: 'us-east-1', layout: LAYOUTS[layout]! };
            return { folder: `flow-logs/vpc/${partitionFolder(place, new Date(published))}`, ...rest };
          });
        const published: unknown[] = [];
        await createHandler({
          flowLogIds: [],
          locations: [{ ...LOCATION, layout }],
          describe: async () => [],
          newest: async (_, prefix) => {
            const times = written.filter(({ folder: key }) => key.startsWith(prefix)).map((object) => object.written);
            return times.length === 0 ? undefined : Math.max(...times);
          },
          publish: (numbers) => published.push(numbers),
          log: { info: () => undefined, warn: () => undefined },
          now: () => present,
        })();
        const newest = Math.max(-Infinity, ...written.map((object) => object.written));
        const age = Math.min(86_400, (present - newest) / 1000);
        const [{ deliveryAge }] = published as [{ deliveryAge: number }];
        // A fresh object is enough: no younger one is looked for in an older folder.
        expect(deliveryAge).toBeGreaterThanOrEqual(age);
        expect(deliveryAge).toBeLessThanOrEqual(age <= 900 ? 900 : age);
      },
    ),
    {
      numRuns: 500,
      // Written later than the one in today's folder, in yesterday's.
      examples: [
        [
          Date.UTC(2026, 10, 20, 0, 6),
          'plain',
          [
            { minutesAgo: 7, written: 2 },
            { minutesAgo: 6, written: 0 },
          ],
        ],
        // Keyed before midnight, written after it: what CI found.
        [
          1767225660000,
          'plain',
          [
            { minutesAgo: 1, written: 0 },
            { minutesAgo: 2, written: 2 },
          ],
        ],
      ],
    },
  );
});

test('an organisation is listed a few folders at once, and no further than a fresh object', async () => {
  const accounts = Array.from({ length: 1000 }, (_, i) => String(100_000_000_000 + i));
  let [busy, most, asked] = [0, 0, 0];
  const published: unknown[] = [];
  await createHandler({
    flowLogIds: [],
    locations: [{ ...LOCATION, accounts, regions: ['us-east-1', 'eu-central-1'] }],
    describe: async () => [],
    newest: async (_, prefix) => {
      asked++;
      most = Math.max(most, ++busy);
      await new Promise((done) => setImmediate(done));
      busy--;
      return prefix.includes(accounts[30]!) ? NOW - 60_000 : undefined;
    },
    publish: (numbers) => published.push(numbers),
    log: { info: () => undefined, warn: () => undefined },
    now: () => NOW,
  })();
  expect(published).toEqual([{ deliveryErrors: 0, deliveryAge: 60 }]);
  expect(most).toBeLessThanOrEqual(50);
  expect(asked).toBeLessThanOrEqual(100);
});

test('an organisation where delivery has stopped takes four listings of each account and Region, not twenty-five', async () => {
  const accounts = Array.from({ length: 200 }, (_, i) => String(100_000_000_000 + i));
  let asked = 0;
  const published: unknown[] = [];
  await createHandler({
    flowLogIds: [],
    locations: [{ ...LOCATION, accounts }],
    describe: async () => [],
    newest: async () => {
      asked++;
      return undefined;
    },
    publish: (numbers) => published.push(numbers),
    log: { info: () => undefined, warn: () => undefined },
    now: () => NOW,
  })();
  expect(published).toEqual([{ deliveryErrors: 0, deliveryAge: 86_400 }]);
  expect(asked).toBe(800);
});
