import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { lockFolder } from '../../lib/source/folder-lock';
import { compactLocally } from '../../lib/source/local-lake';
import { temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
const T0 = Date.UTC(2026, 10, 20, 5) / 1000;
let serial = 0;
const fresh = () => join(folder, `lake-${++serial}`);

const BASE = ['version', 'srcaddr', 'dstaddr', 'srcport', 'bytes', 'start'];
const EXTRA = ['vpc-id', 'instance-id', 'tcp-flags', 'quantum'];

interface Delivery {
  /** Flows, by number: the same number is the same flow. */
  readonly flows: readonly number[];
  /** Columns beside the base. */
  readonly extra: readonly string[];
}

const valueOf = (flow: number, name: string): string =>
  ({
    version: '5',
    srcaddr: `192.0.2.${flow}`,
    dstaddr: '198.51.100.9',
    srcport: String(1000 + (flow % 3)),
    bytes: String(flow % 2),
    start: String(T0 + (flow % 4) * 1200),
    'tcp-flags': String(flow % 5),
  })[name] ?? `${name}-${flow}`;

const log = ({ flows, extra }: Delivery) => {
  const names = [...BASE, ...extra];
  return writeLog(
    folder,
    `d-${++serial}.log`,
    [names, ...flows.map((flow) => names.map((name) => valueOf(flow, name)))].map((row) => row.join(' ')).join('\n'),
  );
};

const compact = (paths: readonly string[], lake: string, onProgress?: () => void) =>
  withLogs(paths, (records) => compactLocally(records, lake, { onProgress }));

/** What the lake says of each flow. */
const held = (lake: string): Promise<Record<string, unknown>[]> =>
  existsSync(lake) ? withLogs([lake], ({ db }) => db.rows('SELECT * FROM flow_records ORDER BY ALL')).catch(() => []) : Promise.resolve([]);

/** Whether each record of `before` stands in `after`, with all that was known of it, and no record stands for two. */
function keeps(before: readonly Record<string, unknown>[], after: readonly Record<string, unknown>[]): boolean {
  const stands = before.map((record) => {
    const known = Object.entries(record).filter(([, value]) => value !== null);
    return after.flatMap((one, at) => (known.every(([name, value]) => one[name] === value) ? [at] : []));
  });
  // One that says little may stand in many: it gives way to another that needs its place.
  const takenBy = new Map<number, number>();
  const place = (i: number, tried: Set<number>): boolean =>
    stands[i]!.some((at) => {
      if (tried.has(at)) return false;
      tried.add(at);
      const other = takenBy.get(at);
      if (other !== undefined && !place(other, tried)) return false;
      takenBy.set(at, i);
      return true;
    });
  return before.every((_record, i) => place(i, new Set()));
}

const delivery: fc.Arbitrary<Delivery> = fc.record({
  flows: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
  extra: fc.subarray(EXTRA),
});
const step = fc.record({
  /** Deliveries that are named, by their place. */
  named: fc.uniqueArray(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }),
  kill: fc.option(fc.constantFrom(1, 2), { freq: 4 }),
  together: fc.boolean(),
});

test('whatever is compacted, in whatever order, at once or killed: records and their values never become fewer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(delivery, { minLength: 4, maxLength: 4 }),
      fc.array(step, { minLength: 2, maxLength: 4 }),
      async (deliveries, steps) => {
        const lake = fresh();
        const sources = deliveries.map(log);
        let before = await held(lake);
        for (const { named, kill, together } of steps) {
          const paths = named.map((i) => sources[i]!);
          let done = 0;
          const killed = () => {
            if (kill !== null && ++done === kill) throw new Error('killed');
          };
          const runs = [compact(paths, lake, killed), ...(together ? [compact([sources[0]!], lake)] : [])];
          const outcomes = await Promise.allSettled(runs);
          const after = await held(lake);
          expect(keeps(before, after)).toBe(true);
          // A run that says that all is well has put everything there.
          const [first] = outcomes;
          if (first?.status === 'fulfilled' && first.value.kept.length === 0)
            expect(keeps(await withLogs(paths, ({ db }) => db.rows('SELECT * FROM flow_records')), after)).toBe(true);
          before = after;
        }
      },
    ),
    { numRuns: 12 },
  );
}, 300_000);

test('sources that lack columns leave those of the lake as they are, and add their records', async () => {
  const lake = fresh();
  const rich = log({ flows: [1, 2, 3], extra: ['vpc-id', 'instance-id'] });
  await compact([rich], lake);
  const poor = log({ flows: [1, 2, 3, 4], extra: [] });
  expect(await compact([poor], lake)).toMatchObject({ kept: [] });
  const rows = await withLogs([lake], ({ db }) => db.rows('SELECT srcaddr, vpc_id, instance_id FROM flow_records ORDER BY 1'));
  expect(rows).toEqual([
    ...[1, 2, 3].map((n) => ({ srcaddr: `192.0.2.${n}`, vpc_id: `vpc-id-${n}`, instance_id: `instance-id-${n}` })),
    { srcaddr: '192.0.2.4', vpc_id: null, instance_id: null },
  ]);
  expect(await compact([rich], lake)).toMatchObject({ kept: [{ missing: 1 }] });
});

test('columns that come later are added to records that the lake has', async () => {
  const lake = fresh();
  await compact([log({ flows: [1, 2], extra: ['vpc-id'] })], lake);
  expect(await compact([log({ flows: [1, 2], extra: ['tcp-flags'] })], lake)).toMatchObject({ unchanged: 0, kept: [] });
  const rows = await withLogs([lake], ({ db }) => db.rows('SELECT vpc_id, tcp_flags FROM flow_records ORDER BY 1'));
  expect(rows).toEqual([
    { vpc_id: 'vpc-id-1', tcp_flags: 1 },
    { vpc_id: 'vpc-id-2', tcp_flags: 2 },
  ]);
});

test('records that are alike but for columns that either knows alone are not put together by chance', async () => {
  const lake = fresh();
  const alike = (name: string, values: readonly string[]) =>
    writeLog(
      folder,
      `a-${++serial}.log`,
      [`version srcaddr dstaddr start ${name}`, ...values.map((value) => `5 192.0.2.1 192.0.2.2 ${T0} ${value}`)].join('\n'),
    );
  await compact([alike('vpc-id', ['vpc-1', 'vpc-2'])], lake);
  expect(await compact([alike('instance-id', ['i-1', 'i-2'])], lake)).toMatchObject({ compacted: 0, kept: [{ missing: 0 }] });
});

test('two at once with different sources: one is whole, the other says that it did nothing', async () => {
  const lake = fresh();
  const [a, b] = [log({ flows: [1, 5], extra: [] }), log({ flows: [9], extra: [] })];
  const outcomes = await Promise.all([compact([a], lake), compact([b], lake)]);
  expect(outcomes.map(({ kept }) => kept.length).sort()).toEqual([0, 1]);
  const well = outcomes[0].kept.length === 0 ? a : b;
  expect(await held(lake)).toEqual(await withLogs([well], ({ db }) => db.rows('SELECT * FROM flow_records ORDER BY ALL')));
});

describe('the lock of a folder', () => {
  const holder = (pid: number, host = hostname()) => JSON.stringify({ host, pid, token: 'x' });

  test('of a dead process is taken over, of a living one waited for', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const lock = await lockFolder(folder);
    await lock.release();
    writeFileSync(join(folder, '.lock'), holder(child.pid ?? 0));
    const taken = await lockFolder(folder);
    const waits: string[] = [];
    const second = lockFolder(folder, { onWait: (who) => waits.push(who) });
    await new Promise((resolve) => setTimeout(resolve, 300));
    taken.assertHeld();
    await taken.release();
    await (await second).release();
    expect(waits).toEqual([`process ${process.pid} on ${hostname()}`]);
    expect(existsSync(join(folder, '.lock'))).toBe(false);
  });

  test('of another machine is taken over once nobody has touched it for a minute', async () => {
    writeFileSync(join(folder, '.lock'), holder(1, 'elsewhere'));
    await expect(lockFolder(folder, { signal: AbortSignal.timeout(400) })).rejects.toThrow();
    const old = new Date(Date.now() - 120_000);
    utimesSync(join(folder, '.lock'), old, old);
    await (await lockFolder(folder)).release();
  });

  test('that was taken over is told of before anything is written', async () => {
    const lock = await lockFolder(folder);
    writeFileSync(join(folder, '.lock'), holder(process.pid));
    expect(() => lock.assertHeld()).toThrow('another process has taken over the lock');
    await lock.release();
    expect(existsSync(join(folder, '.lock'))).toBe(true);
  });
});
