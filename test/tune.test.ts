import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { Catalogue } from '../lib/analysis/catalogue';
import { readSuppressions } from '../lib/config';
import { detect } from '../lib/detect';
import { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import type { Finding } from '../lib/finding/finding';
import { suppressedBy } from '../lib/finding/suppression';
import { exceeds, notificationsOf, roundBetween, weekly } from '../lib/finding/tuning';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import { type Tuned, tune } from '../lib/tune';
import { flowlogs } from './support/cli';
import { temporaryFolder, withLogs, writeLog } from './support/logs';
import { BEGIN, DAY, ordinary, scan, sessions, textOf } from './support/scenes';

const catalogue = new Catalogue();
const folder = temporaryFolder();
const IDS = ['port-scan', 'password-guessing'];
const detections = IDS.map((id) => catalogue.get(id));
const [HABITUAL, ONCE, GUESSER] = ['45.9.148.7', '91.92.240.7', '185.220.101.4'];

/** A week in which one stranger scans every day, another once, many more ports, and a third guesses passwords. */
const WEEK = writeLog(
  folder,
  'week.log',
  textOf([
    ...ordinary(7),
    ...[1, 2, 3, 4, 5].flatMap((day) =>
      scan({ src: HABITUAL, dst: '10.0.1.9', ports: 30 + day, open: 3, at: BEGIN + day * DAY + day * 1200 }),
    ),
    ...scan({ src: ONCE, dst: '10.0.1.9', ports: 200, open: 3, at: BEGIN + 4 * DAY + 43200 }),
    ...[2].flatMap((day) =>
      sessions({ eni: 'eni-web1', src: GUESSER, dst: '10.0.1.9', dstport: 22, at: BEGIN + day * DAY + 50000 }, 100 * day, 2),
    ),
  ]),
);

type Run = (values?: Readonly<Record<string, Readonly<Record<string, number>>>>) => Promise<readonly Finding[]>;

/** Tunes the week and hands over a way to look at it again, as `detect` does. */
const tuned = (use: (tuned: Tuned, run: Run) => Promise<void>, suppressions: Parameters<typeof tune>[0]['suppressions'] = []) =>
  withLogs([WEEK], async (records) => {
    const request = {
      ...{
        records,
        detections,
        scope: {},
        suppressions,
        window: (await records.range())!,
        columns: records.columns.map(({ name }) => name),
      },
      target: { catalogue, engine: await DuckDbEngine.over(records), table: RECORDS_TABLE },
    };
    const run: Run = async (values = {}) => (await detect({ ...request, parameters: new Map(Object.entries(values)) })).findings;
    await use(await tune({ ...request, parameters: new Map(), goal: { perWeek: 1, minSeverity: 'low' }, until: '2027-01-31' }), run);
  });

test('says how much each detection would have told', () =>
  tuned(async ({ told, findings, perWeek, goal }) => {
    expect(told.map(({ detection, findings: count }) => [detection, count])).toEqual([
      ['port-scan', 6],
      ['password-guessing', 1],
    ]);
    const [scans, guesses] = told;
    expect(scans?.keys[0]).toMatchObject({
      key: `port-scan/${HABITUAL}`,
      findings: 5,
      title: expect.stringContaining('3 answered: 20, 21, 22') as string,
    });
    expect(Object.values(scans?.bySeverity ?? {}).reduce((a, b) => a + b, 0)).toBe(scans?.incidents);
    expect(guesses?.notifications).toBe(1);
    expect(perWeek.now).toBeCloseTo(weekly(findings, goal), 6);
  }));

test('a proposed suppression, applied, silences what it says and nothing else', () =>
  tuned(async ({ suppressions, findings, perWeek, goal }, run) => {
    expect(suppressions[0]).toMatchObject({
      suppression: { detection: 'port-scan', key: `port-scan/${HABITUAL}`, until: '2027-01-31' },
      findings: 5,
    });
    const again = await run();
    expect(again.map(({ id }) => id)).toEqual(findings.map(({ id }) => id));
    for (const { suppression, findings: count, silences } of suppressions) {
      const silenced = again.filter((finding) => suppressedBy([suppression], finding) !== undefined);
      expect([suppression.key, silenced.length]).toEqual([suppression.key, count]);
      expect(Object.values(silences).reduce((a, b) => a + b, 0)).toBe(count);
    }
    const loud = again.filter(
      (finding) =>
        suppressedBy(
          suppressions.map(({ suppression }) => suppression),
          finding,
        ) === undefined,
    );
    expect(loud.some(({ key }) => key === `port-scan/${ONCE}`)).toBe(true);
    expect(weekly(loud, goal)).toBeCloseTo(perWeek.withSuppressions, 6);
    expect(perWeek.withSuppressions).toBeLessThan(perWeek.now);
  }));

test('proposed thresholds, applied, tell as little as they say and hide what they say', () =>
  tuned(async ({ thresholds, findings, perWeek, goal }, run) => {
    expect(thresholds.map(({ detection }) => detection)).toContain('port-scan');
    const values = Object.fromEntries(
      thresholds.map((one) => [one.detection, Object.fromEntries(Object.entries(one.values).map(([name, { to }]) => [name, to]))]),
    );
    const after = await run(values);
    const of = (all: readonly Finding[], id: string) => all.filter(({ detection }) => detection === id);
    for (const { detection, perWeek: own, hides } of thresholds) {
      expect(weekly(of(after, detection), goal)).toBeCloseTo(own.after, 6);
      expect(own.after).toBeLessThan(own.before);
      const hidden = of(findings, detection).filter(
        ({ key, time }) => !of(after, detection).some((one) => one.key === key && one.time === time),
      );
      expect(Object.values(hides).reduce((a, b) => a + b, 0)).toBe(hidden.length);
    }
    // The larger scan is still told.
    expect(of(after, 'port-scan').map(({ key }) => key)).toEqual([`port-scan/${ONCE}`]);
    expect(weekly(after, goal)).toBeCloseTo(perWeek.withThresholds, 6);
  }));

test('what is silent already is neither counted nor proposed again', () =>
  tuned(
    ({ told, suppressions }) => {
      expect(told.find(({ detection }) => detection === 'port-scan')).toMatchObject({ findings: 1, notifications: 1 });
      expect(suppressions.filter(({ suppression }) => suppression.detection === 'port-scan')).toEqual([]);
      return Promise.resolve();
    },
    [{ address: HABITUAL, until: '2027-01-31', why: 'auditors' }],
  ));

test('people are told of what is new and of what got twice as bad', () => {
  const analysis = catalogue.get('vertical-scan');
  const row = (hour: number, ports: number) => ({
    ...{
      time: `2026-11-20T0${hour}:00:00Z`,
      srcaddr: '203.0.113.1',
      dstaddr: '10.0.0.1',
      ports,
      rejected: ports,
      lowest_port: 1,
      highest_port: 99,
    },
  });
  expect(notificationsOf(analysis, [row(5, 25), row(6, 30), row(7, 60), row(5, 25)])).toBe(2);
  expect(notificationsOf(analysis, [row(5, 25), row(7, 60)], {}, [{ port: 1, until: '2027-01-31', why: 'x' }])).toBe(0);
});

test.each([
  ['a week with one incident, one allowed', 1, 1, 1, false],
  ['a little less than a week', 1, 0.98, 1, false],
  ['three hours with one', 1, 0.02, 1, false],
  ['three hours with two', 2, 0.02, 1, true],
  ['none is allowed', 1, 1, 0, true],
  ['two weeks with three', 3, 2, 1, true],
])('too much or not: %s', (_, incidents, weeks, perWeek, much) => {
  expect(exceeds(incidents / weeks, { weeks, perWeek, minSeverity: 'low' })).toBe(much);
});

test('a proposed threshold is a round number within its bounds', () => {
  const positive = fc.double({ min: 1e-3, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(positive, positive, fc.boolean(), (a, b, whole) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b) + 1];
      const value = roundBetween(low, high, whole);
      expect(value).toBeGreaterThan(low);
      if (!whole) expect(value).toBeLessThanOrEqual(high);
      else expect(Number.isInteger(value)).toBe(true);
    }),
  );
  expect(roundBetween(35, 200, true)).toBe(36);
  expect(roundBetween(1234567, 9e6, true)).toBe(1300000);
});

describe('flowlogs tune', () => {
  const run = (...args: string[]) => flowlogs([...args, '--no-cache', '--only', IDS.join(',')]);

  test('prints what was told, and what to paste', async () => {
    const { stdout, stderr, code } = await run('tune', WEEK);
    expect(code).toBe(0);
    expect(stderr).toContain('Replaying port-scan, password-guessing …');
    expect(stdout).toMatch(/^port-scan +6 +6 /m);
    expect(stdout).toContain(`  5 × port-scan/${HABITUAL}`);
    for (const text of ['Proposed suppressions', `key: 'port-scan/${HABITUAL}'`, 'Proposed thresholds, replayed', 'watch:\n  schedules:'])
      expect(stdout).toContain(text);
  });

  test('its suppressions are what --suppressions takes, and have the effect', async () => {
    const file = writeLog(folder, 'suppressions.yaml', (await run('tune', WEEK, '-f', 'suppressions', '--quiet')).stdout);
    expect(readSuppressions(file)[0]).toMatchObject({ detection: 'port-scan', key: `port-scan/${HABITUAL}` });
    const { stdout, stderr } = await run('detect', WEEK, '--suppressions', file, '-f', 'ndjson');
    expect(stdout).toContain(`port-scan/${ONCE}`);
    expect(stdout).not.toContain(`"key":"port-scan/${HABITUAL}"`);
    expect(stderr).toMatch(/5 of 7 findings suppressed\./);
    expect(readFileSync(file, 'utf8')).toContain('# Proposed by flowlogs tune');
  });

  test('as JSON, of the last days only', async () => {
    const { stdout } = await run('tune', WEEK, '-f', 'json', '--days', '2', '--quiet');
    const json = JSON.parse(stdout) as { days: number; detections: { detection: string; findings: number }[] };
    expect(json.days).toBeCloseTo(2, 2);
    expect(json.detections.find(({ detection }) => detection === 'port-scan')?.findings).toBe(1);
  });

  test.each([
    [['--days', '0'], /--days/],
    [['--min-severity', 'awful'], /--min-severity/],
    [['--param', 'nothing=1'], /no chosen detection has this parameter/],
    [['--suppressions', 'nowhere.yaml'], /nowhere\.yaml/],
  ])('refuses %s', async (args, message) => {
    const { code, stderr } = await run('tune', WEEK, ...args);
    expect([code === 0, stderr]).toEqual([false, expect.stringMatching(message)]);
  });
});
