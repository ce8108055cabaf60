import fc from 'fast-check';
import {
  compactHour as compactListed,
  type CompactDependencies,
  type Difference,
  extendRange,
  hoursToCompact,
  inventoryOf,
  hoursToVerify,
  verifyHour,
} from '../../lib/lake/compact';
import { type Hour, hourAfter, hourOf, hoursBetween, hourStart } from '../../lib/lake/hours';
import type { Lake, Range, Totals } from '../../lib/lake/lake';
import { MemoryLedger } from '../support/memory-ledger';

/** Objects and files in memory; what readers see is put together as the view does it. */
class Store implements Lake {
  readonly objects = new Map<Hour, number[][]>();
  readonly files = new Map<string, number[]>();
  readonly pointers = new Map<Hour, string>();
  range: Range = { from: '', to: '' };

  deliver(hour: Hour, records: number[]) {
    this.objects.set(hour, [...(this.objects.get(hour) ?? []), records]);
  }
  records(hour: Hour) {
    return (this.objects.get(hour) ?? []).flat();
  }
  /** Records of an hour as a question sees them. */
  seen(hour: Hour): number[] {
    if (hour < this.range.from || hour >= this.range.to) return this.records(hour);
    const run = this.pointers.get(hour);
    return run === undefined ? [] : (this.files.get(`${hour}/${run}`) ?? []);
  }
  async inventories(hours: readonly Hour[]) {
    const of = (objects: number[][]) => ({ objects: objects.length, objectBytes: objects.flat().length * 100 });
    return new Map(hours.map((hour) => [hour, of(this.objects.get(hour) ?? [])]));
  }
  async raw(hour: Hour) {
    return totals(this.records(hour));
  }
  async shown(hour: Hour) {
    return totals(this.files.get(`${hour}/${this.pointers.get(hour)}`) ?? []);
  }
  async write(hour: Hour, run: string) {
    this.files.set(`${hour}/${run}`, [...this.records(hour)]);
    return totals(this.records(hour));
  }
  async point(hour: Hour, run: string) {
    this.pointers.set(hour, run);
  }
  readonly marked: Hour[] = [];
  async verified(hour: Hour) {
    this.marked.push(hour);
  }
  async publish(range: Range) {
    this.range = range;
  }
  async sweep(hour: Hour, keep: string) {
    for (const key of this.files.keys()) if (key.startsWith(`${hour}/`) && key !== `${hour}/${keep}`) this.files.delete(key);
  }
}

const totals = (records: readonly number[]): Totals => ({
  records: records.length,
  bytes: records.reduce((sum, n) => sum + n, 0),
  packets: records.length,
});

const HOUR = '2026/11/20/05';
const NOW = hourStart(HOUR) + 10 * 3_600_000;

function world(now = () => NOW) {
  const store = new Store();
  const ledger = new MemoryLedger();
  let runs = 0;
  const deps: CompactDependencies = { lake: store, ledger, now, newRun: () => `run${++runs}` };
  return { store, ledger, deps };
}

const compactHour = async (deps: CompactDependencies, hour: Hour) =>
  compactListed(deps, hour, inventoryOf(await deps.lake.inventories([hour]), hour));

async function verifyHours(deps: CompactDependencies, hours: readonly Hour[]): Promise<Difference[]> {
  const listed = await deps.lake.inventories(hours);
  const all = await Promise.all(hours.map((hour) => verifyHour(deps, hour, inventoryOf(listed, hour))));
  return all.filter((one) => one !== undefined);
}

/** The same dependencies, killed at the n-th call: before it, or after it was done but before its answer arrived. */
function killedAt(deps: CompactDependencies, at: number, after: boolean): CompactDependencies {
  let calls = 0;
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (object, name) => {
        const method = Reflect.get(object, name) as unknown;
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          const mine = ++calls === at;
          if (mine && !after) throw new Error('killed');
          const answer: unknown = await (method as (...all: unknown[]) => unknown).apply(object, args);
          if (mine) throw new Error('killed');
          return answer;
        };
      },
    });
  return { ...deps, lake: wrap(deps.lake), ledger: wrap(deps.ledger) };
}

const STEPS = Array.from({ length: 14 }, (_, i) => i + 1);

test.each(STEPS.flatMap((step) => [[step, 'before'] as const, [step, 'after'] as const]))(
  'killed at call %i (%s it), readers see every record once, then and after the next run',
  async (step, when) => {
    let now = NOW;
    const { store, deps } = world(() => now);
    store.deliver(HOUR, [1, 2, 3]);
    const seen = () => [...store.seen(HOUR)].sort();
    const attempt = async (own: CompactDependencies) => {
      await compactHour(own, HOUR);
      await extendRange(own, [HOUR]);
    };
    await attempt(killedAt(deps, step, when === 'after')).catch((error: unknown) => expect((error as Error).message).toBe('killed'));
    expect(seen()).toEqual([1, 2, 3]);
    now += 20 * 60_000;
    await attempt(deps);
    expect(seen()).toEqual([1, 2, 3]);
    expect(store.range).toEqual({ from: HOUR, to: hourAfter(HOUR) });
    expect(store.files.size).toBe(1);
    expect(await verifyHours(deps, [HOUR])).toEqual([]);
  },
);

test('whatever the order of deliveries, runs, overlaps and crashes: every record once, and in the lake at the end', async () => {
  const action = fc.oneof(
    fc.record({
      kind: fc.constant('deliver' as const),
      hour: fc.integer({ min: 0, max: 3 }),
      records: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      kind: fc.constant('run' as const),
      hours: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 }),
      kill: fc.integer({ min: 1, max: 25 }),
      after: fc.boolean(),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 25 }), async (actions) => {
      let now = NOW;
      const { store, deps } = world(() => now);
      const hours = hoursBetween(HOUR, hourOf(hourStart(HOUR) + 4 * 3_600_000));
      for (const one of actions) {
        now += 17 * 60_000;
        if (one.kind === 'deliver') {
          store.deliver(hours[one.hour]!, one.records);
          continue;
        }
        const killed = killedAt(deps, one.kill, one.after);
        // Two runs at once, one of which dies.
        const work = async (own: CompactDependencies) => {
          for (const at of one.hours) await compactHour(own, hours[at]!);
          await extendRange(
            own,
            one.hours.map((at) => hours[at]!),
          );
        };
        const outcomes = await Promise.allSettled([work(killed), work(deps)]);
        for (const outcome of outcomes) if (outcome.status === 'rejected') expect((outcome.reason as Error).message).toBe('killed');
        // A compacted hour may lack what came since, never more, and never what was there when it was compacted.
        for (const hour of hours) {
          const seen = store.seen(hour);
          expect(store.records(hour).slice(0, seen.length)).toEqual(seen);
        }
      }
      now += 17 * 60_000;
      for (const hour of hours) await compactHour(deps, hour);
      await extendRange(deps, hours);
      for (const hour of hours) expect(store.seen(hour)).toEqual(store.records(hour));
      expect(store.range).toEqual({ from: hours[0], to: hourAfter(hours.at(-1)!) });
    }),
    { numRuns: 150 },
  );
});

test('late objects make the hour be written again; nothing new leaves it as it is', async () => {
  const { store, deps } = world();
  store.deliver(HOUR, [5]);
  expect(await compactHour(deps, HOUR)).toEqual({ kind: 'compacted', records: 1 });
  expect(await compactHour(deps, HOUR)).toEqual({ kind: 'unchanged' });
  store.deliver(HOUR, [6]);
  await extendRange(deps, [HOUR]);
  expect(await verifyHours(deps, [HOUR])).toEqual([
    { hour: HOUR, raw: { records: 2, bytes: 11, packets: 2 }, lake: { records: 1, bytes: 5, packets: 1 } },
  ]);
  expect(await compactHour(deps, HOUR)).toEqual({ kind: 'compacted', records: 2 });
  expect(store.seen(HOUR)).toEqual([5, 6]);
});

test('an hour whose raw objects have expired stays in the lake, and is no difference', async () => {
  const { store, deps } = world();
  store.deliver(HOUR, [5]);
  await compactHour(deps, HOUR);
  await extendRange(deps, [HOUR]);
  store.objects.delete(HOUR);
  expect(await compactHour(deps, HOUR)).toEqual({ kind: 'expired' });
  expect(await verifyHours(deps, [HOUR])).toEqual([]);
  expect(store.seen(HOUR)).toEqual([5]);
});

test('a copy that does not equal the raw records is never shown', async () => {
  const { store, deps } = world();
  store.deliver(HOUR, [5, 6]);
  store.write = async (hour, run) => {
    store.files.set(`${hour}/${run}`, [5]);
    return totals([5]);
  };
  await expect(compactHour(deps, HOUR)).rejects.toThrow(
    'the copy has 1 records of 5 bytes and 1 packets, the raw tables 2 records of 11 bytes',
  );
  expect(store.pointers.size).toBe(0);
});

test('a run that lost its lease changes nothing', async () => {
  let now = NOW;
  const { store, deps } = world(() => now);
  store.deliver(HOUR, [5]);
  const slow: Lake = Object.create(store) as Store;
  slow.write = async (hour, run) => {
    const written = await store.write(hour, run);
    now += 20 * 60_000;
    store.deliver(HOUR, [6]);
    await compactHour(deps, HOUR);
    expect(written.records).toBe(1);
    return { records: 2, bytes: 11, packets: 2 };
  };
  expect(await compactHour({ ...deps, lake: slow }, HOUR)).toEqual({ kind: 'busy' });
  expect(store.files.get(`${HOUR}/${store.pointers.get(HOUR)}`)).toEqual([5, 6]);
});

test('a schedule takes what is over and settled, then looks for late objects', () => {
  const options = { firstHours: 3, recheckHours: 2 };
  expect(hoursToCompact(undefined, Date.UTC(2026, 10, 20, 10, 29), options)).toEqual(['2026/11/20/06', '2026/11/20/07', '2026/11/20/08']);
  expect(hoursToCompact(undefined, Date.UTC(2026, 10, 20, 10, 30), options)).toEqual(['2026/11/20/07', '2026/11/20/08', '2026/11/20/09']);
  expect(hoursToCompact({ from: '2026/11/19/00', to: '2026/11/20/09' }, Date.UTC(2026, 10, 20, 10, 40), options)).toEqual([
    '2026/11/20/09',
    '2026/11/20/08',
  ]);
});

test('an hour that failed is not in the range, whoever asked for it', async () => {
  const { store, deps } = world();
  for (const hour of [HOUR, hourAfter(HOUR)]) store.deliver(hour, [1]);
  await compactHour(deps, hourAfter(HOUR));
  expect(await extendRange(deps, [HOUR, hourAfter(HOUR)])).toEqual({ from: hourAfter(HOUR), to: hourAfter(hourAfter(HOUR)) });
  expect(store.seen(HOUR)).toEqual([1]);
});

test('a gap ends the range: hours behind it are read raw until it is closed', async () => {
  const { store, deps } = world();
  const later = hourAfter(hourAfter(HOUR));
  for (const hour of [HOUR, later]) {
    store.deliver(hour, [1]);
    await compactHour(deps, hour);
  }
  expect(await extendRange(deps, [HOUR, later])).toEqual({ from: HOUR, to: hourAfter(HOUR) });
  await compactHour(deps, hourAfter(HOUR));
  expect(await extendRange(deps, [])).toEqual({ from: HOUR, to: hourAfter(later) });
});

test('hours of the lake are compared once, the oldest first, and again when they were written again', async () => {
  const { store, ledger, deps } = world();
  const hours = hoursBetween(HOUR, hourOf(hourStart(HOUR) + 80 * 3_600_000));
  for (const hour of hours) {
    store.deliver(hour, [1]);
    await compactHour(deps, hour);
  }
  await extendRange(deps, hours);
  // 80 hours: the last six are too young, the first eight are older than three days.
  const due = hours.slice(8, 74);
  expect(await hoursToVerify(ledger)).toEqual(due);
  expect(await verifyHours(deps, due.slice(0, 65))).toEqual([]);
  expect(await hoursToVerify(ledger)).toEqual(due.slice(65));
  store.deliver(due[3]!, [2]);
  expect(await hoursToVerify(ledger)).toEqual(due.slice(65));
  await compactHour(deps, due[3]!);
  expect(await hoursToVerify(ledger)).toEqual([due[3], due[65]]);
  store.files.set(`${due[65]!}/${store.pointers.get(due[65]!)!}`, []);
  expect(await verifyHours(deps, await hoursToVerify(ledger))).toMatchObject([{ hour: due[65] }]);
  expect(await hoursToVerify(ledger)).toEqual([due[65]]);
});
