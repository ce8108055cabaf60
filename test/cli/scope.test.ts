import { Catalogue } from '../../lib/analysis/catalogue';
import { parseScope } from '../../lib/analysis/scope';
import { openExplorer } from '../../lib/explore/open';
import { PANELS } from '../../lib/explore/panels';
import { EVERYTHING } from '../../lib/explore/state';
import { flowlogs } from '../support/cli';
import { temporaryFolder, withLogs } from '../support/logs';

const LOGS = 'queries/_fixtures/office.v5.log';
const SCAN = 'queries/vertical-scan/fixtures/scan.log';
const folder = temporaryFolder();

/** What each command says of the number of records. */
const COUNTS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  query: async (args) => rowsOf(await flowlogs(['query', 'records', LOGS, '-f', 'json', ...args])).length,
  sql: async (args) =>
    Number(rowsOf(await flowlogs(['sql', 'SELECT count(*) AS n FROM flow_records', LOGS, '-f', 'json', ...args]))[0]?.['n']),
  insights: async (args) => Number(rowsOf(await flowlogs(['insights', 'stats count(*) as n', LOGS, '-f', 'json', ...args]))[0]?.['n']),
  report: async (args) => {
    const { stdout } = await flowlogs(['report', LOGS, '-f', 'markdown', ...args], { cache: folder });
    return Number(/(\d+) (?:flow-log|rejected) records?/.exec(stdout)?.[1]);
  },
  explore: async ([, scope = '']) =>
    withLogs([LOGS], async (records) => {
      const open = await openExplorer(records, new Catalogue(), { cache: undefined, groups: [], scope: parseScope([scope]) });
      const rows = await open!.explorer.panel(PANELS.summary, EVERYTHING, {});
      expect(rows.reduce((sum, row) => sum + row.records, 0)).toBe(open!.prepared.records);
      return open!.prepared.records;
    }),
};

const rowsOf = ({ stdout }: { stdout: string }) => JSON.parse(stdout) as Record<string, unknown>[];

test.each([
  ['dst=10.0.0.0/8,!10.0.0.2', 16],
  ['action=REJECT,dstport=22', 3],
  ['!port=443', 18],
])('%s is the same in every command', async (scope, expected) => {
  for (const [command, count] of Object.entries(COUNTS)) expect([command, await count(['--scope', scope])]).toEqual([command, expected]);
});

test('--where is the same in query, sql and describe', async () => {
  const where = ['--where', "in_network(dstaddr, '10.0.0.0/8') AND dstaddr <> '10.0.0.2'"];
  expect(await COUNTS['query']!(where)).toBe(16);
  expect(await COUNTS['sql']!(where)).toBe(16);
  const { stdout } = await flowlogs(['describe', LOGS, ...where]);
  expect(stdout).toContain('16');
});

test('detections know the end that began, whole connections, and say what would cut them', async () => {
  const detect = async (scope: string) => flowlogs(['detect', SCAN, '--only', 'vertical-scan', '-f', 'json', '--scope', scope]);
  const all = rowsOf(await flowlogs(['detect', SCAN, '--only', 'vertical-scan', '-f', 'json']));
  const source = String(all[0]?.['key']).split('/')[1] ?? '';
  expect(all.length).toBeGreaterThan(0);
  expect(rowsOf(await detect(`src=${source}`)).map(({ key }) => key)).toContain(all[0]?.['key']);
  expect(rowsOf(await detect(`!src=${source}`)).map(({ key }) => key)).not.toContain(all[0]?.['key']);
  const cut = await flowlogs(['detect', SCAN, '--only', 'port-scan', '--scope', 'action=REJECT']);
  const some = await flowlogs(['detect', SCAN, '--scope', 'action=REJECT']);
  expect(some).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/Not judged: .*\bport-scan\b.*: whole connections are needed, and action would cut them in two/),
  });
  expect(cut).toMatchObject({ code: 2, stderr: expect.stringContaining('action would cut them in two') });
});

test('a scope that the logs have no field for names the field', async () => {
  const { code, stderr } = await flowlogs(['report', 'test/fixtures/incidents.log', '--scope', 'direction=egress', '-f', 'markdown']);
  expect(stderr).toContain('this scope needs the field flow-direction');
  expect(code).toBe(1);
});
