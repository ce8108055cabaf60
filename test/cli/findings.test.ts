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
const SPIKE = fixture('rejection-spike/fixtures/spike.log');
const LISTED = fixture('threat-list-match/fixtures/listed.log');
const run = (...args: string[]) => flowlogs([...args, '--no-cache']);
const write = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test('findings as JSON fit the published schema', async () => {
  const { stdout } = await run('detect', SCAN, '--output', 'ndjson', '--quiet');
  const [line = ''] = stdout.trim().split('\n');
  expect(findingSchema.parse(JSON.parse(line))).toMatchObject({ key: 'vertical-scan/203.0.113.50/10.0.1.10', measure: 25 });
  const published = JSON.parse(readFileSync('docs/finding.schema.json', 'utf8')) as { required: string[] };
  expect(Object.keys(JSON.parse(line) as object).sort()).toEqual([...published.required].sort());
});

test('--output ocsf gives one Detection Finding a line', async () => {
  const { stdout, code } = await run('detect', SCAN, '--output', 'ocsf', '--quiet');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    class_uid: 2004,
    severity_id: 3,
    finding_info: { uid: expect.stringContaining('vertical-scan/203.0.113.50/10.0.1.10@') as string },
  });
});

test('--profile takes the values of a role; --param goes before them', async () => {
  const few = fixture('vertical-scan/fixtures/few-ports.log');
  const only = ['--only', 'vertical-scan', '--output', 'json', '--quiet'];
  expect(JSON.parse((await run('detect', few, ...only)).stdout)).toEqual([]);
  expect(JSON.parse((await run('detect', few, ...only, '--profile', 'private')).stdout)).toHaveLength(1);
  expect(JSON.parse((await run('detect', few, ...only, '--profile', 'private', '--param', 'ports=20')).stdout)).toEqual([]);
});

test('--suppressions: silent, counted, named; past its day it does nothing and says so', async () => {
  const rules = write(
    'rules.yaml',
    "- { address: 203.0.113.0/24, until: '2099-12-31', why: auditors }\n- { port: 1, until: '2020-01-01', why: long ago }\n",
  );
  const { stdout, stderr } = await run('detect', SCAN, '--suppressions', rules, '--output', 'json');
  expect(JSON.parse(stdout)).toEqual([]);
  expect(stderr).toContain(
    'Suppressed: 203.0.113.50 tried 25 ports of 10.0.1.10: all refused (port-scan-scan/203.0.113.50/10.0.1.10) until 2099-12-31: auditors',
  );
  expect(stderr).toContain('1 of 1 findings suppressed.');
  expect(stderr).toContain('Suppression ended on 2020-01-01: long ago');
  const wrong = await run('detect', SCAN, '--suppressions', write('wrong.yaml', '- { address: 10.0.0.1 }\n'));
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/wrong\.yaml: 0\.until: .*nothing is silent for ever/)]);
});

test('--since-baseline tells only what is new; a wrong file is named with its line', async () => {
  const known = write('known.ndjson', (await run('detect', SCAN, '--output', 'ndjson', '--quiet')).stdout);
  expect((await run('detect', SCAN, '--since-baseline', known)).stderr).toContain('No findings.');
  const both = JSON.parse(
    (
      await run(
        'detect',
        SCAN,
        SPIKE,
        '--param',
        'interface_floor=50',
        '--param',
        'warm_up_buckets=24',
        '--since-baseline',
        known,
        '--output',
        'json',
        '--quiet',
      )
    ).stdout,
  ) as Finding[];
  expect(both.map(({ detection }) => detection)).toEqual(['rejection-spike']);
  const wrong = await run('detect', SCAN, '--since-baseline', write('wrong.ndjson', `${readFileSync(known, 'utf8')}{"key": 1}\n`));
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringMatching(/wrong\.ndjson: line 2: .*expected a finding of `flowlogs detect --output ndjson`/),
  ]);
});

test('a list comes from a file; without one the detection is named as not run', async () => {
  const list = write('list.txt', '# bad\n198.51.100.0/24 # a network\n\n');
  const { stdout } = await run(
    'detect',
    LISTED,
    '--only',
    'threat-list-match',
    '--param',
    `networks=@${list}`,
    '--output',
    'json',
    '--quiet',
  );
  expect((JSON.parse(stdout) as Finding[]).map(({ key }) => key)).toEqual(['threat-list-match/198.51.100.7/10.0.1.10']);
  expect((await run('detect', LISTED)).stderr).toContain('Not run: threat-list-match needs --param networks=… or --param networks=@FILE.');
  const missing = await run('detect', LISTED, '--param', 'networks=@nowhere.txt');
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('no such file nowhere.txt')]);
  const bare = await run('detect', LISTED, '--param', 'networks');
  expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining('expected name=value')]);
});

test('explain draws the past of the actor and marks what was found', async () => {
  const { stdout, code } = await run(
    'explain',
    'rejection-spike/interface/eni-0a1@2026-11-21T06:00:00Z',
    SPIKE,
    '--param',
    'interface_floor=50',
    '--param',
    'warm_up_buckets=24',
  );
  expect(code).toBe(0);
  expect(stdout).toContain('80 rejected records on interface eni-0a1 (baseline 3)');
  expect(stdout).toMatch(/^ *80 .*█/m);
  expect(stdout).toMatch(/▲ found/);
  expect(stdout).toContain('Harmless when:');
  const json = JSON.parse((await run('explain', 'rejection-spike/interface/eni-0a1', SPIKE, '--output', 'json', '--quiet')).stdout) as {
    findings: unknown[];
    series: { time: string; value: number }[];
  };
  expect(json.findings).toEqual([]);
  expect(json.series.at(-1)).toEqual({ time: '2026-11-21T06:00:00Z', value: 80 });
  expect(json.series).toHaveLength(31);
});

test('explain of a detection without baseline shows its rows; a key that is none is refused', async () => {
  expect((await run('explain', 'vertical-scan/203.0.113.50/10.0.1.10', SCAN)).stdout).toContain('203.0.113.50 tried 25 ports of 10.0.1.10');
  const wrong = await run('explain', 'vertical-scan', SCAN);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('expected detection/what')]);
});

test('a scope with ! leaves a part out', async () => {
  const { stdout } = await run('detect', SCAN, '--scope', '!eni=eni-0a1', '--output', 'json', '--quiet');
  expect(JSON.parse(stdout)).toEqual([]);
});
