import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../lib/finding/finding';
import { findingSchema } from '../../lib/finding/schema';
import { flowlogs } from '../support/cli';
import { temporaryFolder } from '../support/logs';

/** detect, explain and what goes with them, as a user runs them. */
const folder = temporaryFolder();
const fixture = (path: string) => join('queries', path);
const SCAN = fixture('vertical-scan/fixtures/scan.log');
const SPIKE = fixture('rejection-spike/fixtures/inside.log.gz');
const BELOW_FLOOR = fixture('rejection-spike/fixtures/below-floor.log.gz');
const LISTED = fixture('threat-list-match/fixtures/listed.log');
const run = (...args: string[]) => flowlogs([...args, '--no-cache']);
const write = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test('findings as JSON fit the published schema', async () => {
  const { stdout } = await run('detect', SCAN, '-f', 'ndjson', '--quiet');
  const [line = ''] = stdout.trim().split('\n');
  expect(findingSchema.parse(JSON.parse(line))).toMatchObject({ key: 'port-scan/203.0.113.50', measure: 25 });
  const published = JSON.parse(readFileSync('docs/finding.schema.json', 'utf8')) as { properties: object };
  expect(Object.keys(JSON.parse(line) as object).sort()).toEqual(Object.keys(published.properties).sort());
});

test('-f ocsf gives one Detection Finding a line', async () => {
  const { stdout, code } = await run('detect', SCAN, '-f', 'ocsf', '--quiet');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    class_uid: 2004,
    severity_id: 3,
    finding_info: { uid: expect.stringContaining('port-scan/203.0.113.50@') as string },
  });
});

test('--profile takes the values of a role; --param goes before them', async () => {
  const few = fixture('vertical-scan/fixtures/few-ports.log');
  const only = ['--only', 'vertical-scan', '-f', 'json', '--quiet'];
  expect(JSON.parse((await run('detect', few, ...only)).stdout)).toEqual([]);
  expect(JSON.parse((await run('detect', few, ...only, '--profile', 'private')).stdout)).toHaveLength(1);
  expect(JSON.parse((await run('detect', few, ...only, '--profile', 'private', '--param', 'ports=20')).stdout)).toEqual([]);
});

test('--suppressions: silent, counted, named; past its day it does nothing and says so', async () => {
  const rules = write(
    'rules.yaml',
    "- { address: 203.0.113.0/24, until: '2099-12-31', why: auditors }\n- { port: 1, until: '2020-01-01', why: long ago }\n",
  );
  const { stdout, stderr } = await run('detect', SCAN, '--suppressions', rules, '-f', 'json');
  expect(JSON.parse(stdout)).toEqual([]);
  expect(stderr).toContain(
    'Suppressed: 203.0.113.50 tried 25 ports of 10.0.1.10: all refused (port-scan/203.0.113.50) until 2099-12-31: auditors',
  );
  expect(stderr).toContain('1 of 1 findings suppressed.');
  expect(stderr).toContain('Suppression ended on 2020-01-01: long ago');
  const wrong = await run('detect', SCAN, '--suppressions', write('wrong.yaml', '- { address: 10.0.0.1 }\n'));
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/wrong\.yaml: 0\.until: .*a suppression needs an end date/)]);
});

test('--since-baseline tells only what is new; a wrong file is named with its line', async () => {
  const known = write('known.ndjson', (await run('detect', SCAN, '-f', 'ndjson', '--quiet')).stdout);
  expect((await run('detect', SCAN, '--since-baseline', known)).stdout).toMatch(/^No findings\.\n\nNot judged: /);
  const since = async (baseline: string) => {
    const { stdout } = await run('detect', SCAN, SPIKE, '--since-baseline', baseline, '-f', 'json', '--quiet');
    return (JSON.parse(stdout) as Finding[]).map(({ detection, severity }) => `${detection} ${severity}`);
  };
  // Worse than before is new: with the past of the other logs the interface is no longer young.
  expect(await since(known)).toEqual(['rejection-spike medium', 'repeated-refusals low', 'port-scan high']);
  const scans = (await run('detect', SCAN, SPIKE, '--only', 'port-scan', '-f', 'ndjson', '--quiet')).stdout;
  expect(await since(write('scans.ndjson', scans))).toEqual(['rejection-spike medium', 'repeated-refusals low']);
  const wrong = await run('detect', SCAN, '--since-baseline', write('wrong.ndjson', `${readFileSync(known, 'utf8')}{"key": 1}\n`));
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringMatching(/wrong\.ndjson: line 2: .*expected a finding of `npx flowlogs detect -f ndjson`/),
  ]);
});

test('a list comes from a file; without one the detection is named as not run', async () => {
  const list = write('list.txt', '# bad\n198.51.100.0/24 # a network\n\n');
  const { stdout } = await run('detect', LISTED, '--only', 'threat-list-match', '--param', `networks=@${list}`, '-f', 'json', '--quiet');
  expect((JSON.parse(stdout) as Finding[]).map(({ key }) => key)).toEqual(['threat-list-match/198.51.100.7/10.0.1.10']);
  const without = await run('detect', LISTED);
  expect(without.stdout + without.stderr).toContain(
    'Not judged: threat-list-match: no value for networks: --param networks=… or --param networks=@FILE.',
  );
  const missing = await run('detect', LISTED, '--param', 'networks=@nowhere.txt');
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('no such file nowhere.txt')]);
  const bare = await run('detect', LISTED, '--param', 'networks');
  expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining('expected name=value')]);
});

test('explain draws the past of the actor and marks what was found', async () => {
  const { stdout, code } = await run('explain', 'rejection-spike/interface/eni-0a1@2026-11-20T00:00:00Z', SPIKE);
  expect(code).toBe(0);
  expect(stdout).toContain('interface eni-0a1: 150 refused connections, 150 of them from inside (usual: 3)');
  expect(stdout).toMatch(/^ *150 .*█/m);
  expect(stdout).toMatch(/▲ found/);
  expect(stdout).toContain('False positives:');
  const json = JSON.parse((await run('explain', 'rejection-spike/interface/eni-0a1', BELOW_FLOOR, '-f', 'json', '--quiet')).stdout) as {
    findings: unknown[];
    pictures: { title: string; rows: { time: string; value: number }[] }[];
  };
  expect(json.findings).toEqual([]);
  expect(json.pictures[0]?.rows.at(-1)).toEqual({ time: '2026-11-20T00:00:00Z', value: 90 });
  expect(json.pictures[0]?.rows).toHaveLength(74);
});

test('explain of a detection without baseline shows its rows; a key that is none is refused', async () => {
  expect((await run('explain', 'vertical-scan/203.0.113.50/10.0.1.10', SCAN)).stdout).toContain('203.0.113.50 tried 25 ports of 10.0.1.10');
  const wrong = await run('explain', 'vertical-scan', SCAN);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('expected detection/what')]);
});

test('a scope with ! leaves a part out', async () => {
  const { stdout } = await run('detect', SCAN, '--scope', '!eni=eni-0a1', '-f', 'json', '--quiet');
  expect(JSON.parse(stdout)).toEqual([]);
});

describe('two actors within an hour, one seen by two detections', () => {
  const LOG = 'test/fixtures/incidents.log';
  const IDS = ['port-scan/203.0.113.50', 'password-guessing/203.0.113.50/22', 'port-scan/2001:db8:ffff:eeee:dddd:cccc:bbbb:9'];

  test('a table shows incidents, worst first, with their parts', async () => {
    const { stdout, stderr } = await run('detect', LOG);
    expect(stdout).toMatch(/^ 1 high +203\.0\.113\.50 tried to log in to 10\.0\.1\.10:22 50 times; no session followed$/m);
    expect(stdout).toMatch(
      /^ +- high password-guessing, .*\n +password-guessing\/203\.0\.113\.50\/22\n +- medium port-scan, .*\n +203\.0\.113\.50 tried 40 ports of 10\.0\.1\.10: 3 answered: 20, 21, 22\n/m,
    );
    expect(stdout.indexOf(IDS[2] ?? '')).toBeGreaterThan(stdout.indexOf(IDS[0] ?? ''));
    expect(stderr).toContain('2 incidents of 3 findings: 1 high, 1 medium');
  });

  test.each([
    [
      'ndjson',
      (text: string) =>
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Finding),
    ],
    ['json', (text: string) => JSON.parse(text) as Finding[]],
    [
      'csv',
      (text: string) => {
        const [head = '', ...lines] = text.trim().split('\n');
        const names = head.split(',');
        const cells = (line: string) => [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain);
        return lines.map((line) => Object.fromEntries(cells(line).map((value, i) => [names[i], value])) as unknown as Finding);
      },
    ],
  ])('%s has a finding a line, each with its incident', async (format, parse) => {
    const rows = parse((await run('detect', LOG, '-f', format, '--only', 'port-scan,password-guessing', '--quiet')).stdout);
    const incident = new Map(rows.map(({ key, incident: id }) => [key, id]));
    expect([...incident.keys()].sort()).toEqual([...IDS].sort());
    expect(incident.get(IDS[0] ?? '')).toBe(incident.get(IDS[1] ?? ''));
    expect(incident.get(IDS[2] ?? '')).not.toBe(incident.get(IDS[0] ?? ''));
  });

  test('--flat is the list; --min-severity judges the incident', async () => {
    const { stdout } = await run('detect', LOG, '--flat', '--min-severity', 'high', '--only', 'port-scan,password-guessing');
    expect(stdout).toMatch(/^time +severity +detection/);
    expect(stdout.trim().split('\n')).toHaveLength(3);
    expect(stdout).not.toContain('2001:db8');
  });

  test('explain of its id shows every part, whole addresses, and commands to paste', async () => {
    const { stdout } = await run('explain', 'port-scan/203.0.113.50@2026-11-20T05:00:00Z', LOG);
    for (const text of [
      '── 1 of 2 detections ──',
      '── 2 of 2 detections ──',
      'incident port-scan/203.0.113.50@2026-11-20T05:00:00Z',
      `flowlogs query traffic-from-address ${LOG} --from 2026-11-20T05:00:00Z`,
    ])
      expect(stdout).toContain(text);
    const long = await run('explain', IDS[2] ?? '', LOG);
    expect(long.stdout).toContain(
      '2001:db8:ffff:eeee:dddd:cccc:bbbb:9 tried 30 ports of 2001:db8:1111:2222:3333:4444:5555:10: all refused',
    );
    expect(long.stdout).not.toMatch(/\b(SOURCE|DESTINATION|ENI|STACK)\b/);
  });
});
