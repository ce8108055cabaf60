/** Findings that can be triaged: at 80 columns, in a pipe, by number. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf, type Grouping, listingText } from '../../cli/listing';
import { table } from '../../cli/table';
import type { Finding } from '../../lib/finding/finding';
import { byIncident, withIncidents } from '../../lib/finding/incident';
import { flowlogs } from '../support/cli';
import { temporaryFolder } from '../support/logs';

const cache = temporaryFolder();
const run = (...args: string[]) => flowlogs(args, { cache });
const LOG = 'test/fixtures/incidents.log';
const WIDTH = 80;

/** After an intended change: UPDATE_GOLDEN=1, and read the diff. */
function expectGolden(name: string, text: string): void {
  const path = join(__dirname, 'golden', `${name}.txt`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text);
  expect(existsSync(path)).toBe(true);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

let found: readonly Finding[];
beforeAll(async () => {
  found = JSON.parse((await run('detect', LOG, '-f', 'json', '--quiet')).stdout) as Finding[];
});

/** The second actor again from many addresses, one a minute: a storm. */
function storm(): Finding[] {
  const [one] = found.filter(({ detection }) => detection === 'port-scan');
  if (one === undefined) throw new Error('the fixture has a port scan');
  return Array.from({ length: 40 }, (_, i) => {
    const key = `port-scan/198.51.100.${i}`;
    const time = `2026-11-21T${String(i % 24).padStart(2, '0')}:00:00Z`;
    const until = time.replace(':00:00Z', ':15:00Z');
    const evidence = { ...one.evidence, srcaddr: `198.51.100.${i}` };
    return {
      ...one,
      key,
      id: `${key}@${time}`,
      time,
      lastTime: time,
      until,
      evidence,
      title: `198.51.100.${i} tried 40 ports of 10.0.1.10`,
    };
  });
}

const shown = (text: string) => text;
const listed = (findings: readonly Finding[], width: number | undefined, groupBy?: Grouping) => {
  const incidents = byIncident(withIncidents(findings));
  return `${listingText(incidents, entriesOf(incidents, { whole: groupBy !== undefined }), { width, colour: false, shown, groupBy })}\n`;
};

test.each<[string, () => readonly Finding[], number | undefined, Grouping | undefined]>([
  ['listing-80', () => [...found, ...storm()], WIDTH, undefined],
  ['listing-pipe', () => [...found, ...storm()], undefined, undefined],
  ['listing-by-actor-80', () => found, WIDTH, 'actor'],
  ['listing-by-hour-80', () => found, WIDTH, 'hour'],
])('%s', (name, findings, width, groupBy) => {
  const text = listed(findings(), width, groupBy);
  expectGolden(name, text);
  // A line may be longer only by what must stay whole.
  for (const line of text.split('\n')) if (width !== undefined && line.length > width) expect(line.trim().split('  ')).toHaveLength(1);
  if (groupBy !== undefined) for (const { key } of findings()) expect(text).toContain(key);
});

test('what the command writes into a pipe', async () => {
  const { stdout } = await run('detect', LOG);
  expectGolden('detect-pipe', stdout);
});

test('a storm never hides what is worse, and says how to see it', () => {
  const [worse, ...rest] = storm();
  const text = listed([{ ...worse!, severity: 'critical' }, ...rest], WIDTH);
  expect(text).toMatch(/^ 1 critical 198\.51\.100\.0 tried 40 ports/m);
  expect(text).toMatch(/^ 2 \w+ +39 incidents of port-scan, such as: /m);
  expect(text).toContain('--only port-scan lists them');
});

describe('explain by number', () => {
  test('it is the third of the list, with its sources and options', async () => {
    await run('detect', LOG, '--from', '2026-11-20', '--to', '2026-11-21');
    const second = await run('explain', '2');
    expect(second.code).toBe(0);
    expect(second.stdout).toContain('port-scan/2001:db8:ffff:eeee:dddd:cccc:bbbb:9');
    const first = await run('explain', '1', '-f', 'json', '--quiet');
    expect((JSON.parse(first.stdout) as { incident: string }).incident).toBe('port-scan/203.0.113.50@2026-11-20T05:00:00Z');
  });

  test('a number of other logs is refused', async () => {
    const other = await run('explain', '1', 'queries/_fixtures/office.v5.log');
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringMatching(/1: the last `npx flowlogs detect` listed findings of .*, not of queries/),
    ]);
  });

  test('a number that the list does not have, and no list', async () => {
    const none = await run('explain', '7');
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('7: the last `npx flowlogs detect` listed 2; expected 1 to 2')]);
    const never = await flowlogs(['explain', '1'], { cache: temporaryName() });
    expect([never.code, never.stderr]).toEqual([2, expect.stringContaining('the cache holds no list of an earlier `npx flowlogs detect`')]);
  });

  test('programs that run detect do not change the list of a person', async () => {
    await run('detect', 'queries/vertical-scan/fixtures/scan.log', '-f', 'json');
    expect((await run('explain', '2', '--quiet')).stdout).toContain('2001:db8');
  });
});

const temporaryName = () => join(cache, 'another');

test('a table that is too wide says once what is the same in all rows, and keeps times whole', () => {
  const columns = [
    { name: 'time', numeric: false, whole: true },
    { name: 'interface_id', numeric: false },
    { name: 'action', numeric: false },
    { name: 'srcaddr', numeric: false },
  ];
  const rows = ['192.0.2.1', '192.0.2.2'].map((srcaddr) => ({
    time: '2026-11-20T05:00:00Z',
    interface_id: 'eni-0123456789abcdef0',
    action: 'REJECT',
    srcaddr,
  }));
  const times = rows.map((row, i) => ({ ...row, time: `2026-11-20T05:0${i}:00Z` }));
  expect(table(columns, times, { width: 60, colour: false })).toBe(
    [
      'time                  srcaddr',
      '2026-11-20T05:00:00Z  192.0.2.1',
      '2026-11-20T05:01:00Z  192.0.2.2',
      'In all rows: interface_id eni-0123456789abcdef0, action',
      '  REJECT',
    ].join('\n'),
  );
  expect(table(columns, times, { width: undefined, colour: false })).toContain('eni-0123456789abcdef0  REJECT  192.0.2.1');
});
