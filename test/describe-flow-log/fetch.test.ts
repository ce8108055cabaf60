import fc from 'fast-check';
import {
  type Call,
  CallError,
  fetchRange,
  type FetchOptions,
  gapsOf,
  type Interval,
  type Parts,
  type RawItem,
} from '../../lib/describe-flow-log/fetch';

class MemoryParts implements Parts {
  readonly closed: { interval: Interval; items: RawItem[] }[] = [];
  async done() {
    return this.closed.map(({ interval }) => interval);
  }
  async open(interval: Interval) {
    const items: RawItem[] = [];
    return {
      add: async (more: readonly RawItem[]) => void items.push(...more),
      close: async () => void this.closed.push({ interval, items }),
      discard: async () => undefined,
    };
  }
  merged(): unknown[] {
    return [...this.closed].sort((a, b) => a.interval.from - b.interval.from).flatMap(({ items }) => items.map(({ id }) => id));
  }
}

/** A service that holds records at seconds, answers pages, and has bad moods. */
function service(
  times: readonly number[],
  mood: { page: number; limit: number; maxSeconds: number; trouble: (call: Call) => CallError | undefined },
) {
  const asked: Interval[] = [];
  const call = async ({ from, to, nextToken }: Call) => {
    const trouble = mood.trouble({ from, to, nextToken });
    if (trouble !== undefined) throw trouble;
    if (to - from > mood.maxSeconds) throw new CallError('the window is too long', 'refused');
    const all = times
      .map((time, id) => ({ time, id }))
      .filter(({ time }) => time >= from && time < to)
      .sort((a, b) => a.time - b.time || a.id - b.id);
    if (all.length > mood.limit && to - from > 1) throw new CallError('too large', 'too-large');
    asked.push({ from, to });
    const start = nextToken === undefined ? 0 : Number(nextToken);
    const items = all.slice(start, start + mood.page);
    return { items, nextToken: start + mood.page < all.length ? String(start + mood.page) : undefined };
  };
  return { call, asked };
}

const run = (call: FetchOptions['call'], parts: Parts, range: Interval, more: Partial<FetchOptions> = {}) =>
  fetchRange({ ...range, call, parts, maxSeconds: 1800, concurrency: 4, sleep: async () => undefined, ...more });

test('any range, any answers, any trouble: every record once and in order, no gap and no seam', async () => {
  const T0 = 1_478_172_000;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 5000 }),
      fc.integer({ min: 1, max: 20_000 }),
      fc.array(fc.integer({ min: -100, max: 26_000 }), { maxLength: 200 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 3, max: 60 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.constantFrom(undefined, undefined, 'busy' as const, 'token' as const), { minLength: 1, maxLength: 9 }),
      async (offset, length, seconds, page, limit, concurrency, moods) => {
        const range = { from: T0 + offset, to: T0 + offset + length };
        const times = seconds.map((second) => T0 + second);
        // Each call is refused a few times, each time in another way, then answered.
        const refusals = new Map<string, number>();
        const trouble = (one: Call) => {
          const key = JSON.stringify(one);
          const n = refusals.get(key) ?? 0;
          refusals.set(key, n + 1);
          const kind = moods[n];
          return kind === undefined ? undefined : new CallError(kind, kind);
        };
        const { call } = service(times, { page, limit, maxSeconds: 1800, trouble });
        const parts = new MemoryParts();
        await run(call, parts, range, { concurrency });
        const expected = times
          .map((time, id) => ({ time, id }))
          .filter(({ time }) => time >= range.from && time < range.to)
          .sort((a, b) => a.time - b.time || a.id - b.id)
          .map(({ id }) => id);
        expect(parts.merged()).toEqual(expected);
        const intervals = (await parts.done()).map((one) => one).sort((a, b) => a.from - b.from);
        expect(intervals[0]?.from).toBe(range.from);
        expect(intervals.at(-1)?.to).toBe(range.to);
        for (const [i, one] of intervals.entries()) if (i > 0) expect(one.from).toBe(intervals[i - 1]!.to);
      },
    ),
    { numRuns: 300 },
  );
});

test('the remainder of a range is fetched too: the original client lost it', async () => {
  const { call, asked } = service([1000, 1030, 1044], { page: 10, limit: 100, maxSeconds: 30, trouble: () => undefined });
  const parts = new MemoryParts();
  await run(call, parts, { from: 1000, to: 1045 }, { maxSeconds: 30, concurrency: 1 });
  expect(asked).toEqual([
    { from: 1000, to: 1030 },
    { from: 1030, to: 1045 },
  ]);
  expect(parts.merged()).toEqual([0, 1, 2]);
});

test('what is there already is not asked for again', async () => {
  const { call, asked } = service([], { page: 10, limit: 100, maxSeconds: 1800, trouble: () => undefined });
  const parts = new MemoryParts();
  for (const interval of [
    { from: 100, to: 120 },
    { from: 130, to: 140 },
  ])
    await (await parts.open(interval)).close();
  await run(call, parts, { from: 90, to: 160 });
  expect(asked.sort((a, b) => a.from - b.from)).toEqual([
    { from: 90, to: 100 },
    { from: 120, to: 130 },
    { from: 140, to: 160 },
  ]);
});

test('calls get shorter where answers are large, and longer where they are empty', async () => {
  const times = Array.from({ length: 200_000 }, (_, i) => 10_000 + (i % 600));
  const { call, asked } = service(times, { page: 1000, limit: 30_000, maxSeconds: 1800, trouble: () => undefined });
  const parts = new MemoryParts();
  await run(call, parts, { from: 0, to: 40_000 }, { concurrency: 1 });
  expect(parts.merged()).toHaveLength(200_000);
  const lengths = asked.map(({ from, to }) => to - from);
  expect(Math.min(...lengths)).toBeLessThan(100);
  expect(Math.max(...lengths)).toBeGreaterThan(1000);
});

test.each([
  ['refused', 1],
  ['busy', 10],
] as const)('a call that is %s is given up after %i attempts, with its reason', async (kind, attempts) => {
  let calls = 0;
  const call = async () => {
    calls++;
    throw new CallError('no', kind);
  };
  await expect(run(call, new MemoryParts(), { from: 0, to: 60 }, { concurrency: 1 })).rejects.toThrow('no');
  expect(calls).toBe(attempts);
});

test('gaps are what is left', () => {
  expect(
    gapsOf({ from: 0, to: 10 }, [
      { from: 8, to: 12 },
      { from: -5, to: 2 },
      { from: 4, to: 5 },
    ]),
  ).toEqual([
    { from: 2, to: 4 },
    { from: 5, to: 8 },
  ]);
});
