import { FUNCTIONS } from '../../bench/scale/assumed';
import { LIMITS } from '../../bench/scale/limits';
import { type Network, scaled, TERABYTE } from '../../bench/scale/network';
import { breaksAt, limitTable, plain, requestsADay } from '../../bench/scale/print';
import {
  foldersOf,
  listings,
  listingSeconds,
  objectsAnHour,
  openingSeconds,
  rawHours,
  runSeconds,
  SCHEDULES,
} from '../../bench/scale/work';

/** Ten folders of one flow log. */
const TEN: Network = { gbPerDay: 1, accounts: 5, regions: 2, flowLogs: 1, interfaces: 10 };
const BUSY = { ...TEN, flowLogs: 100 };
const of = (name: string) => LIMITS.find((limit) => limit.name === name)!;
const gap = SCHEDULES.find(({ name }) => name === 'logging-gap')!;

test.each<[string, number, number]>([
  ['500 accounts in 20 Regions are 10,000 folders', foldersOf(TERABYTE), 10_000],
  ['an object every five minutes of each', objectsAnHour(TERABYTE), 120_000],
  ['two days of ten folders take twenty listings', listings(TEN, { days: 2, hours: 48 }), 20],
  ['a hundred flow logs write 28,800 objects a day: 29 pages', listings(BUSY, { days: 1, hours: 24 }), 10 * 29],
  ['an hour that is empty is listed all the same', listings(TEN, { days: 2, hours: 0 }), 20],
  // 10 × 4 ms and 120 keys × 0.04 ms, of 512 of 1,769 MiB.
  ['with a part of a processor its time is more', listingSeconds(TEN, { days: 1, hours: 1 }, 512), (0.04 + 0.0048) * (1769 / 512)],
  // 10,000 × 2 × 4 ms and 120,000 × 26 × 0.04 ms, on a whole one.
  ['a terabyte has a whole one', listingSeconds(TERABYTE, FUNCTIONS.relations, 512), 80 + 124.8],
  ['two requests an object, 5,500 a second', openingSeconds(TERABYTE, 11), (120_000 * 11 * 2) / 5500],
  ['a detection reads 101 hours of records', rawHours(gap, false), 101],
  ['with a lake those that are not in it', rawHours(gap, true), 3],
])('%s', (_, got, expected) => {
  expect(got).toBeCloseTo(expected, 6);
});

test('a run: three seconds, five a query, what it reads, what it opens', () => {
  const nothing = { ...TERABYTE, gbPerDay: 0 };
  // Ten megabytes a query are read at least.
  expect(runSeconds(nothing, gap, false)).toBeCloseTo(3 + 5 + 10 / 1024 + (120_000 * 101 * 2) / 5500, 6);
});

test.each<[string, number]>([
  ['partitions of a scan: logging-gap, without a lake', 101 * 10_000],
  ['partitions of a scan: a question over a day, without a lake', 250_000],
  ['time of check-delivery where delivery has stopped', 80 + (80 + 230.4)],
  // The listing, four reads of an hour beside each other, two queries.
  ['time of keep-relations at the full hour', 204.8 + (120_000 * 4 * 2) / 5500 + 10],
  ['time of compact, an hour of the lake', 120 + 49 * 4.8 + (120_000 * 2 * 2) / 5500 + 15],
  ['accounts of a table, our own limit', 500],
])('%s, at a terabyte', (name, expected) => {
  expect(of(name).use(TERABYTE)).toBeCloseTo(expected, 6);
});

test('a limit is reached where its use grows over it, and where it does not, nowhere', () => {
  const limit = { name: '', unit: '', source: '' };
  expect(breaksAt({ ...limit, limit: 1000, use: ({ accounts }) => accounts })).toBeCloseTo(2, 1);
  expect(breaksAt({ ...limit, limit: 10, use: () => 9 })).toBeUndefined();
  expect(breaksAt({ ...limit, limit: 10, use: () => 11 })).toBe(0);
  expect(breaksAt(of('partitions of a scan: logging-gap, without a lake'))).toBeCloseTo(100 / 101, 2);
});

test('a day: relations list a day of folders at each run, two at the full hour; compaction three', () => {
  expect(requestsADay(TEN, false).lists).toBe(72 * 10 + 24 * 20);
  expect(requestsADay(TEN, true).lists).toBe(72 * 10 + 24 * 20 + 72 * 30);
  expect(requestsADay(TEN, true).reads).toBeLessThan(requestsADay(TEN, false).reads / 2);
  expect(requestsADay(scaled(TEN, 3), false).reads).toBeCloseTo(3 * requestsADay(TEN, false).reads, 3);
});

test('the table has the worst first, each with its source', () => {
  const { head, rows } = limitTable(false);
  const shares = rows.map((row) => Number(row[head.indexOf('share')]!.replace(/[ %,]/g, '')));
  expect(shares).toEqual([...shares].sort((a, b) => b - a));
  for (const row of rows) expect(row.at(-1)).toMatch(/^(https:\/\/|lib\/)/);
  expect(plain({ head: ['a', 'b'], rows: [['cc', '1']] })).toBe('a   b\ncc  1');
});
