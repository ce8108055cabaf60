import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Catalogue } from '../lib/analysis/catalogue';
import { LIST_PRICES } from '../lib/cost/prices';
import { scheduleOf } from '../lib/cost/schedules';
import { standingLines } from '../lib/cost/watch';
import { estimateMonth } from '../lib/estimate';
import { athenaCost, insightsCost } from '../lib/engine/price';
import { ALARMS } from '../lib/finding/alarms';
import { METRICS } from '../lib/finding/names';
import { flowlogs } from './support/cli';
import { temporaryFolder } from './support/logs';

const folder = temporaryFolder();

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

test('every price can be overridden, and a query costs ten megabytes at least', () => {
  expect(of(estimateMonth({ ...base, destination: 's3-text', prices: { vendedToS3: [1] } }), 'delivery to S3')).toBe(3000);
  const idle = estimateMonth({ ...base, gbPerDay: 0, destination: 's3-parquet', queriesPerDay: 1024 });
  expect(of(idle, 'Athena')).toBeCloseTo((1024 * 30 * (10 / 1024) * 5) / 1024);
  expect(athenaCost(1)).toBeCloseTo((10 / 1024 / 1024) * 5);
  expect(insightsCost(1024 ** 3)).toBe(0.005);
});

test('the command line: a configuration gives lines per definition; a wrong price is named', async () => {
  const { stdout, code } = await flowlogs(['estimate', '--gb-per-day', '5', '--config', 'examples/everything.yaml', '-f', 'json', '-q']);
  expect(code).toBe(0);
  const items = (JSON.parse(stdout) as { item: string }[]).map(({ item }) => item);
  expect(items).toEqual(
    expect.arrayContaining(['vpc: conversion to Parquet', 'live: Logs Insights', 'stream: delivery to Firehose', 'total']),
  );
  const wrong = await flowlogs(['estimate', '--gb-per-day', '5', '--price', 'gold=3']);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('expected one of vendedToS3')]);
});

const watchOf = async (...options: string[]) => {
  const { stdout, stderr } = await flowlogs(['estimate', '--gb-per-day', '100', '-f', 'json', ...options]);
  return { lines: JSON.parse(stdout) as { item: string; usd_per_month: number }[], stderr };
};
const sum = (lines: readonly { usd_per_month: number }[]) => lines.reduce((all, line) => all + line.usd_per_month, 0);
const NOT_WATCH = /^(delivery|conversion|storage|Athena$|total$)/;

test('the watch over 100 GB a day stays within 150 dollars a month, each schedule is a line, and without schedules there is none', async () => {
  const { lines } = await watchOf('-q');
  const watch = lines.filter(({ item }) => !NOT_WATCH.test(item));
  const items = watch.map(({ item }) => item);
  expect(items).toEqual(
    expect.arrayContaining([
      'relations, made',
      'relations, stored',
      'schedule rejection-spike',
      'schedule port-scan',
      'Lambda',
      'S3 requests',
    ]),
  );
  expect(items).not.toContain('schedule vertical-scan');
  expect(sum(watch)).toBeLessThan(150);
  const without = await watchOf('-q', '--no-schedules');
  expect(without.lines.filter(({ item }) => !NOT_WATCH.test(item))).toEqual([]);
});

test('it says where the money goes and what an option saves: as much as the estimate with that option says', async () => {
  const { stderr, lines } = await watchOf();
  expect(stderr).toMatch(/The watch is \$\d+ of the total; the largest items: /);
  const [, id = '', usd = ''] = /watch\.exclude: \[([a-z-]+)\] would save \$(\d+) a month/.exec(stderr) ?? [];
  const file = join(folder, 'config.yaml');
  writeFileSync(file, `definitions: [{ id: vpc, scope: { vpc: vpc-0123456789abcdef0 } }]\nwatch: { exclude: [${id}] }\n`);
  const other = await watchOf('--config', file, '-q');
  expect(Math.abs(sum(lines) / 2 - sum(other.lines) / 2 - Number(usd))).toBeLessThan(1);
});

test('a configuration has one watch over all records in its view, and honours what it says of schedules', async () => {
  const { lines } = await watchOf('--config', 'examples/watch.yaml', '-q');
  const items = lines.map(({ item }) => item);
  expect(items).toContain('watch: schedule threat-list-match');
  expect(items).not.toContain('watch: schedule unencrypted-traffic');
  expect(items.filter((item) => item.startsWith('watch: schedule rejection-spike@'))).toEqual([
    'watch: schedule rejection-spike@public',
    'watch: schedule rejection-spike@private',
  ]);
  const of = (list: typeof lines, item: string) => list.find((line) => line.item === item)?.usd_per_month ?? NaN;
  const lake = (await watchOf('--config', 'examples/lake.yaml', '-q')).lines;
  const plain = (await watchOf('--config', 'examples/minimal-vpc.yaml', '-q')).lines;
  expect(of(lake, 'vpc: lake, compacted')).toBeGreaterThan(0);
  expect(of(lake, 'watch: relations, made')).toBe(of(plain, 'watch: relations, made'));
  expect(of(lake, 'vpc: storage in S3')).toBeLessThan(of(plain, 'vpc: storage in S3'));
});

test('what a detection reads: the columns that its text names, in as many passes, for its window and its past', () => {
  const catalogue = new Catalogue();
  const { reads, queries } = scheduleOf(catalogue, catalogue.get('password-guessing'), 900);
  expect(queries).toBeGreaterThan(1);
  const links = reads.filter(({ table }) => table === 'links');
  expect(links).toHaveLength(1);
  expect(links[0]).toMatchObject({ times: 1 });
  expect(links[0]?.columns).toEqual(expect.arrayContaining(['start', 'srcaddr', 'dstaddr', 'dstport', 'short']));
  expect(links[0]?.columns).not.toContain('least_srcport');
  // A quarter of an hour, an hour of overlap, an hour for what is delivered late, eight days of past.
  expect(links[0]?.hours).toBe(0.25 + 1 + 1 + 8 * 24);
  expect(reads.find(({ table }) => table === 'conversations')?.hours).toBe(2.25);
});

test('the counts of metrics, alarms and days that it reckons with are those that a stack has', () => {
  const own = Object.keys(METRICS).filter((name) => !name.startsWith('lake')).length;
  const lines = standingLines(1, LIST_PRICES);
  expect(lines.find(({ item }) => item === 'metrics of runs')?.how).toBe(`${own + 1} at $0.3`);
  const ofStack = Object.keys(ALARMS).filter(
    (name) =>
      !name.startsWith('lake-') &&
      !['run-late', 'report-failed', 'no-records', 'records-skipped', 'rejections', 'transfer', 'rejections-by-interface'].includes(name),
  );
  expect(lines.find(({ item }) => item === 'alarms')?.how).toBe(`${ofStack.length + 1} at $0.1`);
});
