import fc from 'fast-check';
import type { Held } from '../../lib/lake/athena-relations';
import { hourOf, type Hour, hoursBetween, hourStart } from '../../lib/lake/hours';
import { keepRelations, READY_MS } from '../../lib/lake/keep-relations';
import type { Inventory, Lake } from '../../lib/lake/lake';
import { MemoryLedger } from '../support/memory-ledger';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOTHING = { records: 0, bytes: 0, packets: 0 };

/** Objects by hour, and what was made of how many of them. */
class Bucket implements Lake {
  readonly objects = new Map<Hour, number>();
  readonly made = new Map<Hour, number>();
  readonly broken = new Set<Hour>();
  held: Held | undefined;
  private readonly written = new Map<string, number>();
  /** How many hours each listing was of. */
  readonly listings: number[] = [];
  async inventories(hours: readonly Hour[]): Promise<ReadonlyMap<Hour, Inventory>> {
    this.listings.push(hours.length);
    const count = (hour: Hour) => this.objects.get(hour) ?? 0;
    return new Map(hours.map((hour) => [hour, { objects: count(hour), objectBytes: count(hour) }]));
  }
  async raw() {
    return NOTHING;
  }
  async shown() {
    return NOTHING;
  }
  async write(hour: Hour, run: string) {
    if (this.broken.has(hour)) throw new Error(`${hour} cannot be read`);
    this.written.set(run, this.objects.get(hour) ?? 0);
    return NOTHING;
  }
  async point(hour: Hour, run: string) {
    this.made.set(hour, this.written.get(run) ?? 0);
  }
  async publish() {
    return Promise.resolve();
  }
  async publishHeld(held: Held) {
    this.held = held;
  }
  async verified() {
    return Promise.resolve();
  }
  async sweep() {
    return Promise.resolve();
  }
}

const begin = Date.UTC(2026, 10, 20, 5, 2);

function setUp(firstHours = 6) {
  const lake = new Bucket();
  const ledger = new MemoryLedger();
  const state = { now: begin, runs: 0, left: 600_000 };
  const run = (hours?: readonly Hour[]) =>
    keepRelations({
      ledger,
      lake,
      now: () => state.now,
      newRun: () => `run${state.runs++}`,
      firstHours,
      recheckHours: 24,
      hours,
      left: () => state.left,
      failed: () => undefined,
    });
  return { lake, state, run };
}

test('the first run makes the open hour and the hours before it, and says up to when records are there', async () => {
  const { lake, run } = setUp();
  for (const hour of hoursBetween(hourOf(begin - 6 * HOUR), hourOf(begin + HOUR))) lake.objects.set(hour, 3);
  expect(await run()).toMatchObject({ made: 7, failed: [], rest: 0 });
  expect(lake.held).toEqual({ from: Date.UTC(2026, 10, 19, 23) / 1000, to: Date.UTC(2026, 10, 20, 4, 45) / 1000 });
});

test('with little time, the newest hours come first, and later runs go on with the older ones', async () => {
  const { lake, state, run } = setUp(40);
  for (const hour of hoursBetween(hourOf(begin - 40 * HOUR), hourOf(begin + HOUR))) lake.objects.set(hour, 3);
  const spent = [600_000, 600_000, 0];
  Object.defineProperty(state, 'left', { get: () => spent.shift() ?? 600_000 });
  expect(await run()).toMatchObject({ made: 8, rest: 33 });
  expect(lake.held?.from).toBe(hourStart(hourOf(begin - 7 * HOUR)) / 1000);
  state.now += 15 * MINUTE;
  expect(await run()).toMatchObject({ rest: 0 });
  expect(lake.held?.from).toBe(hourStart(hourOf(begin - 40 * HOUR)) / 1000);
});

test('hours that are asked for are looked at, whatever is due, and what is said to be there stays', async () => {
  const { lake, state, run } = setUp(40);
  for (const hour of hoursBetween(hourOf(begin - 40 * HOUR), hourOf(begin + HOUR))) lake.objects.set(hour, 3);
  await run();
  const { held } = lake;
  // Later than late objects are looked for.
  const late = hourOf(begin - 30 * HOUR);
  lake.objects.set(late, 4);
  state.now += 20 * MINUTE;
  await run();
  expect(lake.made.get(late)).toBe(3);
  const said = lake.held;
  expect(said?.from).toBe(held?.from);
  expect(await run([late])).toEqual({ made: 1, failed: [], rest: 0, held: undefined });
  expect(lake.made.get(late)).toBe(4);
  expect(lake.held).toEqual(said);
});

test('an hour that fails holds back what is said, until it is made', async () => {
  const { lake, state, run } = setUp();
  for (const hour of hoursBetween(hourOf(begin - 6 * HOUR), hourOf(begin + HOUR))) lake.objects.set(hour, 1);
  lake.broken.add(hourOf(begin));
  expect(await run()).toMatchObject({ failed: [hourOf(begin)], held: undefined });
  expect(lake.held).toBeUndefined();
  lake.broken.clear();
  state.now += 15 * MINUTE;
  await run();
  expect(lake.held?.to).toBe((state.now - READY_MS) / 1000 - 120);
});

test('hours are listed a day at once; where that fails they have failed, and the next run goes on', async () => {
  const { lake, state, run } = setUp(40);
  for (const hour of hoursBetween(hourOf(begin - 40 * HOUR), hourOf(begin + HOUR))) lake.objects.set(hour, 3);
  expect(await run()).toMatchObject({ made: 41, rest: 0 });
  expect(lake.listings).toEqual([24, 17]);
  const { inventories } = lake;
  lake.inventories = () => Promise.reject(new Error('Slow Down'));
  state.now += 15 * MINUTE;
  expect(await run()).toMatchObject({ made: 0, failed: [hourOf(begin), hourOf(begin - HOUR)], held: undefined });
  lake.inventories = inventories;
  lake.objects.set(hourOf(begin), 4);
  expect(await run()).toMatchObject({ made: 1, failed: [] });
});

test('whatever comes when: after a run, what is said to be there was made of all objects of its time', async () => {
  const event = fc.record({ minutes: fc.constantFrom(15, 15, 30, 60, 180), late: fc.integer({ min: 0, max: 5 }), breaks: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 12 }), async (events) => {
      const { lake, state, run } = setUp();
      for (const { minutes, late, breaks } of events) {
        state.now += minutes * MINUTE;
        const hour = hourOf(state.now - late * HOUR);
        lake.objects.set(hour, (lake.objects.get(hour) ?? 0) + 1);
        lake.broken.clear();
        if (breaks) lake.broken.add(hourOf(state.now));
        await run();
      }
      lake.broken.clear();
      // The next full hour: late objects are looked for then.
      state.now = Math.ceil(state.now / HOUR) * HOUR + 2 * MINUTE;
      await run();
      for (const [hour, objects] of lake.objects) expect([hour, lake.made.get(hour)]).toEqual([hour, objects]);
      expect(lake.held?.to).toBe((state.now - READY_MS) / 1000 - 120);
    }),
    { numRuns: 60, endOnFailure: true },
  );
});
