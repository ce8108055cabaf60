import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tarOf } from '../support/archives';
import { CLI } from '../support/build-cli';
import { flowlogs } from '../support/cli';
import { HEADER, line, temporaryFolder, writeLog } from '../support/logs';

const folder = temporaryFolder();
const cache = join(folder, 'cache');
const LOG = `${HEADER}\n${line()}\n${line({ src: '192.0.2.2' })}\n`;
const COUNT = 'SELECT count(*) AS n FROM flow_records';

test.each([
  ['text', LOG],
  ['gzip', gzipSync(LOG)],
  ['an archive', gzipSync(tarOf([{ name: 'a.log', content: LOG }]))],
  ['messages', JSON.stringify({ events: [{ message: line() }, { message: line() }] })],
])('standard input: %s', async (_, input) => {
  for (const extra of [['--no-cache'], [], []]) {
    const { code, stdout, stderr } = await flowlogs(['sql', COUNT, '-', '-f', 'json', ...extra], { cache, input });
    expect([code, JSON.parse(stdout)]).toEqual([0, [{ n: 2 }]]);
    expect(stderr).toMatch(/^Read 2 records from 1 file\./);
  }
});

test('standard input beside files; rejects are named -', async () => {
  const path = writeLog(folder, 'a.log', LOG);
  const { code, stderr } = await flowlogs(['describe', path, '-'], { cache, input: `${HEADER}\nshort\n` });
  expect(code).toBe(0);
  expect(stderr).toContain('  -:2: too few columns: got 1, expected 14: "short"');
});

test('empty standard input holds no records; what is none is refused by name', async () => {
  expect(await flowlogs(['sql', COUNT, '-', '-f', 'json'], { cache })).toMatchObject({
    code: 0,
    stdout: '[\n  {"n":0}\n]\n',
  });
  const { code, stderr } = await flowlogs(['sql', COUNT, '-'], { cache, input: 'words\n' });
  expect([code, stderr]).toEqual([1, expect.stringContaining('error: -: no header line: got "words"')]);
});

(process.platform === 'linux' ? test : test.skip)('a terminal as standard input is said, not waited for', async () => {
  // `script` gives the command a terminal of its own.
  const child = spawn('script', ['-qec', `${process.execPath} ${CLI} describe -`, '/dev/null'], {
    env: { ...process.env, NO_COLOR: '1', FLOWLOGS_CACHE: cache },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(output).toContain('which is a terminal: pipe logs into it');
  expect(code).not.toBe(0);
});

test('describe says what the files are and what was guessed', async () => {
  const events = writeLog(folder, 'events.json', JSON.stringify({ events: [{ message: line() }] }));
  const zeek = writeLog(
    folder,
    'conn.log',
    `#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\torig_bytes\n1767225600\tC\t192.0.2.1\t1\t192.0.2.2\t2\ttcp\t5\n`,
  );
  const archive = writeLog(folder, 'x.tgz', gzipSync(tarOf([{ name: 'a.log', content: LOG }])));
  const table = await flowlogs(['describe', events, zeek, archive], { cache });
  expect(table.stdout).toMatch(/^Source +1 file: CloudWatch Logs events$/m);
  expect(table.stdout).toMatch(/^Source +1 file: Zeek$/m);
  expect(table.stdout).toMatch(/^Source +1 file: tar archive$/m);
  expect(table.stdout).toContain('default format guessed for 1 file; say --log-format if that is wrong');
  const { stdout } = await flowlogs(['describe', events, zeek, archive, '-f', 'json'], { cache });
  expect(JSON.parse(stdout)).toMatchObject({
    files: 3,
    guessed_files: [events],
    sources: expect.arrayContaining([{ kind: 'zeek', name: 'Zeek', files: 1 }]) as unknown,
  });
});

test('what is left out by design is said, and --strict does not mind it', async () => {
  const control = JSON.stringify({
    messageType: 'CONTROL_MESSAGE',
    logEvents: [{ message: 'CWL CONTROL MESSAGE: Checking health of destination Firehose.' }],
  });
  const { code, stderr } = await flowlogs(['describe', '-', '--strict'], { cache, input: control + JSON.stringify({ message: line() }) });
  expect([code, stderr]).toEqual([0, expect.stringContaining('Left out: 1 CloudWatch Logs control message.')]);
});

test('--source-format takes every source, and names a stranger', async () => {
  const { code, stderr } = await flowlogs(['describe', '-', '--source-format', 'zeek'], { cache, input: 'words\n' });
  expect([code, stderr]).toEqual([0, expect.stringContaining('-:1: no line of column names before it: "words"')]);
  const wrong = await flowlogs(['describe', '-', '--source-format', 'sflow'], { cache, input: '' });
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('aws, ibm, jcs, skydive, security-lake, gcp, azure, oci, alibaba, zeek, nfdump'),
  ]);
});
