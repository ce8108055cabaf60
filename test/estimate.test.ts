import { estimateMonth } from '../lib/estimate';
import { athenaCost, insightsCost } from '../lib/engine/price';
import { ALARMS } from '../lib/finding/alarms';
import { METRICS } from '../lib/finding/names';
import { flowlogs } from './support/cli';

const base = { gbPerDay: 100, retentionDays: 365, queriesPerDay: 100, hoursPerQuery: 24 };
const of = (lines: ReturnType<typeof estimateMonth>, item: string) => lines.find((line) => line.item === item)?.usd;

test('3,000 GB to S3 at 0.25, to CloudWatch Logs at 0.50', () => {
  expect(of(estimateMonth({ ...base, destination: 's3-parquet' }), 'delivery to S3')).toBe(750);
  expect(of(estimateMonth({ ...base, destination: 's3-parquet' }), 'conversion to Parquet')).toBeCloseTo(105);
  expect(of(estimateMonth({ ...base, destination: 's3-text' }), 'conversion to Parquet')).toBeUndefined();
  expect(of(estimateMonth({ ...base, destination: 'logs' }), 'delivery to CloudWatch Logs')).toBe(1500);
});

test('tiers: 30,000 GB are 10 TB at the first price, 19,760 GB at the second', () => {
  const lines = estimateMonth({ ...base, gbPerDay: 1000, destination: 's3-text' });
  expect(of(lines, 'delivery to S3')).toBeCloseTo(10240 * 0.25 + (30000 - 10240) * 0.15);
});

test('a schedule pays for what it reads of relations, and they for being made and kept', () => {
  const links = { name: 'links', hours: 24, columns: ['srcaddr', 'dstaddr'] } as const;
  const schedule = { name: 'x', runsPerDay: 1, hoursPerRun: 24, columns: [], relations: [links] };
  const relations = { name: 'relations', runsPerDay: 60, hoursPerRun: 2, columns: ['srcaddr'] };
  const lines = estimateMonth({ ...base, destination: 's3-parquet', schedules: [schedule], relations });
  // 100 GB of text have 1.72 GB of links, a tenth of which are the two addresses.
  expect(of(lines, 'schedule x')).toBeCloseTo((30 * 1.72 * 0.099 * 5) / 1024);
  expect(of(lines, 'schedule relations')).toBeCloseTo((1800 * (100 / 24) * 2 * 0.13 * 0.131 * 5) / 1024);
  expect(of(lines, 'storage of relations')).toBeCloseTo((8.4 * 3 + (1.72 + 1.67 + 0.05) * 40) * 0.023);
  const without = estimateMonth({ ...base, destination: 's3-parquet', schedules: [{ ...schedule, relations: [] }], relations });
  expect(of(without, 'storage of relations')).toBeUndefined();
});

test('every price can be overridden, and a query costs ten megabytes at least', () => {
  expect(of(estimateMonth({ ...base, destination: 's3-text', prices: { vendedToS3: [1] } }), 'delivery to S3')).toBe(3000);
  const idle = estimateMonth({ ...base, gbPerDay: 0, destination: 's3-parquet', queriesPerDay: 1024 });
  expect(of(idle, 'Athena')).toBeCloseTo((1024 * 30 * (10 / 1024) * 5) / 1024);
  expect(athenaCost(1)).toBeCloseTo((10 / 1024 / 1024) * 5);
  expect(insightsCost(1024 ** 3)).toBe(0.005);
});

test('the command line: a configuration gives lines per definition; a wrong price is named', async () => {
  const { stdout, code } = await flowlogs(['estimate', '--gb-per-day', '5', '--config', 'examples/everything.yaml', '-o', 'json', '-q']);
  expect(code).toBe(0);
  const items = (JSON.parse(stdout) as { item: string }[]).map(({ item }) => item);
  expect(items).toEqual(
    expect.arrayContaining(['vpc: conversion to Parquet', 'live: Logs Insights', 'stream: delivery to Firehose', 'total']),
  );
  const wrong = await flowlogs(['estimate', '--gb-per-day', '5', '--price', 'gold=3']);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('expected one of vendedToS3')]);
});

test('the default schedules of a stack that logs 100 GB a day stay within 700 dollars a month, and each is a line', async () => {
  const { stdout } = await flowlogs(['estimate', '--gb-per-day', '100', '-o', 'json', '-q']);
  const lines = JSON.parse(stdout) as { item: string; usd_per_month: number }[];
  const watch = lines.filter(({ item }) => /^(schedule |metrics of runs|alarms|dashboard)/.test(item));
  expect(watch.filter(({ item }) => item.startsWith('schedule ')).map(({ item }) => item)).toContain('schedule rejection-spike');
  expect(watch.length).toBeGreaterThan(15);
  // Those of which another says more do not run.
  expect(watch.map(({ item }) => item)).not.toContain('schedule vertical-scan');
  expect(watch.reduce((sum, { usd_per_month }) => sum + usd_per_month, 0)).toBeLessThan(700);
  const without = await flowlogs(['estimate', '--gb-per-day', '100', '-o', 'json', '-q', '--no-schedules']);
  expect(without.stdout).not.toContain('schedule ');
});

test('the counts of metrics and alarms that it reckons with are those that a stack makes', () => {
  const own = Object.keys(METRICS).filter((name) => !name.startsWith('lake')).length;
  expect(
    estimateMonth({ ...base, destination: 's3-parquet', schedules: [{ name: 'x', runsPerDay: 1, hoursPerRun: 1, columns: [] }] }).find(
      ({ item }) => item === 'metrics of runs',
    )?.how,
  ).toBe(`${own + 2} at $0.3`);
  const ofStack = Object.keys(ALARMS).filter(
    (name) =>
      !name.startsWith('lake-') &&
      !['run-late', 'report-failed', 'no-records', 'records-skipped', 'rejections', 'transfer', 'rejections-by-interface'].includes(name),
  );
  expect(
    estimateMonth({ ...base, destination: 's3-parquet', schedules: [{ name: 'x', runsPerDay: 1, hoursPerRun: 1, columns: [] }] }).find(
      ({ item }) => item === 'alarms',
    )?.how,
  ).toBe(`${ofStack.length + 1} at $0.1`);
});
