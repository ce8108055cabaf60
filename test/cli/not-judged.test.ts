/** No finding is no all-clear: what was not judged is said, and absolute limits hold from the start. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../lib/finding/finding';
import type { NotJudged } from '../../lib/finding/not-judged';
import { flowlogs } from '../support/cli';
import { HEADER, line, temporaryFolder, writeLog } from '../support/logs';

const folder = temporaryFolder();
const cache = temporaryFolder();
const run = (...args: string[]) => flowlogs(args, { cache });
const START = 1790000000 - (1790000000 % 3600);
const ONE = writeLog(
  folder,
  'one.log',
  [HEADER, ...Array.from({ length: 48 }, (_, i) => line({ start: START + i * 3600, action: 'ACCEPT' })), ''].join('\n'),
);

const openOf = async (...args: string[]): Promise<NotJudged[]> => {
  const file = join(folder, 'open.json');
  const { code } = await run('detect', ...args, '--not-judged', file, '-f', 'json');
  expect(code).toBe(0);
  return JSON.parse(readFileSync(file, 'utf8')) as NotJudged[];
};

test.each([['table'], ['markdown']])('-f %s: no findings, and why that says little', async (format) => {
  const { stdout } = await run('detect', ONE, '-f', format);
  expect(stdout).toMatch(/^No findings\.\n\n/);
  for (const part of [
    'unusual-egress',
    'there are 47: 25 hours lacking',
    'these logs lack reject-reason',
    'no value for networks',
    'no record with REJECT',
  ])
    expect(stdout).toContain(part);
});

test('for programs it is on standard error, and in a file as data', async () => {
  const { stdout, stderr } = await run('detect', ONE, '-f', 'json');
  expect(JSON.parse(stdout)).toEqual([]);
  expect(stderr).toContain('No findings.\nNot judged: ');
  const open = await openOf(ONE);
  const why = (detection: string) => open.filter((one) => one.detection === detection).map((one) => one.why);
  expect(why('unusual-egress')).toEqual(['warm-up']);
  expect(why('rejection-spike')).toEqual(['warm-up', 'actions']);
  expect(why('blocked-by-vpc-control')).toEqual(['fields']);
  expect(why('threat-list-match')).toEqual(['parameter']);
  expect(open.find(({ detection }) => detection === 'unusual-egress')?.lackingHours).toBe(25);
});

test('listed addresses that were only refused are named', async () => {
  const refused = writeLog(folder, 'refused.log', [HEADER, line({ src: '203.0.113.9' }), line({ src: '203.0.113.10' }), ''].join('\n'));
  const args = [refused, '--only', 'threat-list-match', '--param', 'networks=203.0.113.0/24'];
  const [open] = (await openOf(...args)).filter(({ why }) => why === 'refused');
  expect(open?.reason).toBe('2 addresses were only refused, such as 203.0.113.10; --param actions=ACCEPT,REJECT reports that too');
  expect((await openOf(...args, '--param', 'actions=ACCEPT,REJECT')).filter(({ why }) => why === 'refused')).toEqual([]);
});

test('20 GB out and 60 GB in within 48 hours of logs are findings', async () => {
  const logs = join(folder, 'young');
  await run('generate', '-o', logs, '--hours', '48', '--records', '20000', '--plant', 'unusual-egress,unusual-ingress', '--quiet');
  const { stdout, stderr } = await run('detect', join(logs, 'AWSLogs'), '-f', 'json');
  const found = (JSON.parse(stdout) as Finding[]).map(({ detection, measure }) => `${detection} ${Math.round((measure ?? 0) / 1e9)} GB`);
  expect(found).toEqual(expect.arrayContaining(['unusual-egress 20 GB', 'unusual-ingress 60 GB']));
  expect(stderr).toMatch(/Not judged: .*unusual-egress.*: 72 hours of history are needed, there are 47: 25 hours lacking/);
});
