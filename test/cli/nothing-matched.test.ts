/** A window or scope that no record meets, and lines that were all rejected, are no answers. */
import { flowlogs } from '../support/cli';
import { temporaryFolder, writeLog } from '../support/logs';

const folder = temporaryFolder();
const cache = temporaryFolder();
const run = (...args: string[]) => flowlogs(args, { cache });
const LOGS = 'queries/_fixtures/office.v5.log';
const SPAN = /No record matches\. --from 2013-01-01 --to 2013-01-02: the logs span 2026-\S+Z to 2026-\S+Z\./;
const SUBNETS =
  'No record matches. --scope subnet=subnet-9999: the logs hold 3 values of subnet-id: subnet-0000, subnet-0001, subnet-0002.';
const WINDOW = ['--from', '2013-01-01', '--to', '2013-01-02'];
const SCOPE = ['--scope', 'subnet=subnet-9999'];
const SQL = 'SELECT srcaddr FROM flow_records';
const QL = 'stats count(*) as n by srcAddr';

test.each([
  ['query', ['query', 'top-talkers', LOGS]],
  ['sql', ['sql', SQL, LOGS]],
  ['insights', ['insights', QL, LOGS]],
  ['detect', ['detect', LOGS]],
  ['detect for programs', ['detect', LOGS, '-f', 'json']],
  ['explain', ['explain', 'port-scan/203.0.113.50', LOGS]],
])('%s says what the logs hold, with its own exit code', async (_, args) => {
  const ofWindow = await run(...args, ...WINDOW);
  expect(ofWindow.code).toBe(4);
  expect(ofWindow.stdout + ofWindow.stderr).toMatch(SPAN);
  expect(ofWindow.stdout + ofWindow.stderr).not.toContain('No findings');
  const ofScope = await run(...args, ...SCOPE);
  expect(ofScope.code).toBe(4);
  expect(ofScope.stdout + ofScope.stderr).toContain(SUBNETS);
});

test('programs get an empty answer of their format', async () => {
  const { code, stdout } = await run('query', 'top-talkers', LOGS, ...SCOPE, '-f', 'json', '--quiet');
  expect([code, stdout]).toEqual([4, '[]\n']);
});

test('the value that was meant comes first', async () => {
  const { stderr } = await run('query', 'top-talkers', LOGS, '--scope', 'subnet=subnet-02', '-f', 'csv');
  expect(stderr).toContain('--scope subnet=subnet-02: the logs hold 3 values of subnet-id: subnet-0002');
});

test('conditions that are met one by one and not together are named', async () => {
  const { code, stderr } = await run('query', 'top-talkers', LOGS, '--scope', 'subnet=subnet-0001', '--scope', '!subnet=subnet-0001');
  expect(code).toBe(4);
  expect(stderr).toContain('Records meet each of these, none meets all: --scope subnet=subnet-0001, --scope !subnet=subnet-0001.');
});

test('a report of an empty window says so', async () => {
  const { code, stdout, stderr } = await run('report', LOGS, '-f', 'markdown', ...WINDOW);
  expect(code).toBe(4);
  expect(stdout).toContain('No flow-log records between 2013-01-01 00:00 UTC and 2013-01-02 00:00 UTC.');
  expect(stderr).toMatch(SPAN);
});

test.each(['report', 'explore'])('%s of a scope that no record meets says what the logs hold', async (verb) => {
  const { code, stderr } = await run(verb, LOGS, '--scope', 'dstport=31337', ...(verb === 'report' ? ['-f', 'markdown'] : ['--no-open']));
  expect([code, stderr]).toEqual([
    4,
    expect.stringMatching(/No record matches\. --scope dstport=31337: the logs hold \d+ values of dstport/),
  ]);
});

test.each(['query top-talkers', 'detect'])('%s: a condition that no record meets', async (command) => {
  const { code, stdout, stderr } = await run(...command.split(' '), LOGS, '--where', 'bytes > 99999999999');
  expect(code).toBe(4);
  expect(stdout + stderr).toContain('No record matches. --where bytes > 99999999999: no record meets this condition.');
});

const BAD = writeLog(folder, 'bad.log', '2 1 eni-1\n2 1 eni-2\n');
test.each([
  ['query', ['query', 'top-talkers', BAD]],
  ['detect', ['detect', BAD]],
  ['convert', ['convert', BAD, '-o', folder, '-f', 'default']],
])('%s fails where all lines were rejected', async (_, args) => {
  const { code, stderr } = await run(...args, '--log-format', 'default');
  expect(code).toBe(1);
  expect(stderr).toContain(
    "all 2 lines were rejected: nothing was read. If the lines have another format, name it: --log-format '<fields>'",
  );
  expect(stderr).toContain('bad.log:1: too few columns');
});

test('describe says what such lines are', async () => {
  const { code, stdout } = await run('describe', BAD, '--log-format', 'default', '-f', 'json');
  expect([code, (JSON.parse(stdout) as { rejected_lines: number }).rejected_lines]).toEqual([0, 2]);
});
