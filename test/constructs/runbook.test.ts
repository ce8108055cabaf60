import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { OUTPUTS } from '../../lib/finding/names';
import { type Resource, stackOf } from './support';

/** Every name in docs/runbook.md is one that whoever reads it at three in the morning can find: in a stack that has everything. */
const ROOT = join(__dirname, '..', '..');
const runbook = readFileSync(join(ROOT, 'docs', 'runbook.md'), 'utf8');
const commands = [...runbook.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
const { Resources, Outputs } = Template.fromStack(
  stackOf(
    [
      'definitions:',
      '  - { id: vpc, scope: { vpc: vpc-0123456789abcdef0 } }',
      '  - { id: live, scope: { vpc: vpc-0123456789abcdef0 }, destination: { cloudWatchLogs: {} } }',
      'lake: {}',
      'watch: { dailyReport: {}, alarmPerInterface: true }',
    ].join('\n'),
  ),
).toJSON() as { Resources: Record<string, Resource>; Outputs: Record<string, { Value: { Ref?: string } | string }> };
const named = [
  ...new Set(commands.flatMap((command) => [...command.matchAll(/(?<![=\w])[A-Z][a-z]+(?:[A-Z][a-z]+)*Name\b/g)].map(([name]) => name))),
];

test('outputs: the stack has each, and it is of the kind that the command takes', () => {
  expect(named.length).toBeGreaterThan(8);
  const kinds: Record<string, string> = {
    BucketName: 'AWS::S3::Bucket',
    WorkgroupName: 'AWS::Athena::WorkGroup',
    LakeWorkgroupName: 'AWS::Athena::WorkGroup',
    RelationsWorkgroupName: 'AWS::Athena::WorkGroup',
  };
  for (const name of named) {
    const value = Outputs[name]?.Value;
    const kind = kinds[name] ?? (name.endsWith('LogGroupName') ? 'AWS::Logs::LogGroup' : 'AWS::Lambda::Function');
    if (typeof value === 'string')
      expect(Object.values(Resources).some(({ Type, Properties }) => Type === kind && Properties['Name'] === value)).toBe(true);
    else expect([name, Resources[value?.Ref ?? '']?.Type]).toEqual([name, kind]);
  }
});

test('log groups of functions are those that the functions write to', () => {
  const functions: Record<string, string> = {
    [OUTPUTS.runLog]: 'Runs scheduled analyses',
    [OUTPUTS.checkLog]: 'Checks that flow logs are delivered',
    [OUTPUTS.compactLog]: 'Compacts flow logs',
    [OUTPUTS.reportLog]: 'Writes a daily report',
  };
  for (const [output, description] of Object.entries(functions)) {
    const [task] = Object.values(Resources).filter(
      ({ Type, Properties }) => Type === 'AWS::Lambda::Function' && String(Properties['Description']).startsWith(description),
    );
    expect((task?.Properties['LoggingConfig'] as { LogGroup: unknown }).LogGroup).toEqual(Outputs[output]?.Value);
  }
  expect(runbook).not.toContain('/aws/lambda');
  for (const { Type, Properties } of Object.values(Resources).filter(({ Type: type }) => type.endsWith('Alarm')))
    expect([Type, JSON.stringify(Properties['AlarmDescription'] ?? '')]).not.toEqual([Type, expect.stringContaining('/aws/lambda')]);
});

test('capital words are explained at the top', () => {
  const top = runbook.slice(0, runbook.indexOf('## How to silence'));
  // Of SQL, HTTP and the AWS CLI; the last are written out where they stand.
  const words = commands.flatMap((command) => [...command.matchAll(/(?<![\w@.])[A-Z]{2,}(?![\w.])/g)].map(([word]) => word));
  expect(words.length).toBeGreaterThan(100);
  const unknown = [...new Set(words)].filter((word) => !new RegExp(`\\b${word}\\b`).test(top) && !['AWS', 'N'].includes(word));
  expect(unknown).toEqual([]);
});

test('log texts that are looked for are written by a function', () => {
  const sources = ['run-analysis', 'compact', 'check-delivery', 'daily-report']
    .map((task) => readFileSync(join(ROOT, 'lambda', task, 'handler.ts'), 'utf8'))
    .join('\n');
  const patterns = commands.flatMap((command) => [...command.matchAll(/--filter-pattern "([^"]+)"/g)].map((match) => match[1] ?? ''));
  expect(patterns.length).toBeGreaterThan(3);
  for (const pattern of new Set(patterns)) expect(sources).toContain(pattern);
});

test('widgets of the dashboard have the titles that are named', () => {
  const body = JSON.stringify(Object.values(Resources).find(({ Type }) => Type === 'AWS::CloudWatch::Dashboard')?.Properties);
  const titles = [...runbook.matchAll(/see "([^"]+)" on the dashboard/g)].map((match) => match[1] ?? '');
  expect(titles.length).toBeGreaterThan(1);
  for (const title of titles) expect(body).toContain(title);
});

test('options of the configuration and commands of flowlogs are there', () => {
  const { properties } = JSON.parse(readFileSync(join(ROOT, 'examples', 'config.schema.json'), 'utf8')) as {
    properties: { watch: { anyOf: { properties?: object }[] }; workgroup: { properties: object } };
  };
  const areas: Record<string, object | undefined> = {
    watch: properties.watch.anyOf.find((one) => one.properties !== undefined)?.properties,
    workgroup: properties.workgroup.properties,
  };
  const options = [...new Set(runbook.match(/\b(?:watch|workgroup)\.[a-zA-Z]+/g))];
  expect(options.length).toBeGreaterThan(4);
  for (const option of options) {
    const [area = '', name = ''] = option.split('.');
    expect([option, Object.hasOwn(areas[area] ?? {}, name)]).toEqual([option, true]);
  }
  const help = readFileSync(join(ROOT, 'test', 'cli', 'golden', 'help.txt'), 'utf8');
  const asked = [...new Set(commands.flatMap((command) => /^flowlogs ([a-z-]+)/.exec(command)?.[1] ?? []))];
  expect(asked.length).toBeGreaterThan(4);
  for (const command of asked) expect(help).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
});

test('files that are linked are there', () => {
  const links = [...runbook.matchAll(/\]\((?!http|#)([^)#]+)/g)].map((match) => match[1] ?? '');
  for (const link of links) expect(readdirSync(join(ROOT, 'docs', link, '..'))).toContain(link.split('/').at(-1));
});
