import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowWriter, writeRows } from '../../cli/output';
import { print } from '../../cli/say';
import { CLI } from '../support/build-cli';
import { flowlogs } from '../support/cli';
import { HEADER, line, temporaryFolder, writeLog } from '../support/logs';

/** What comes in and goes out by doors that are not ours: names, terminals, spreadsheets, disks, pipes. */
const folder = temporaryFolder();
const log = writeLog(folder, 'a.log', `${HEADER}\n${line()}\n`);
const COUNT = 'SELECT count(*) AS n FROM flow_records';
const ESC = '\u001b';
const EVIL = `${ESC}]0;pwned\u0007\u009b31m\u202e`;

describe('text of others on a terminal', () => {
  test.each([
    ['of a file that is no log', (dir: string) => writeLog(dir, `${EVIL}.log`, 'what is this\n')],
    ['of a file with a rejected line', (dir: string) => writeLog(dir, `${EVIL}.log`, `${HEADER}\n2 ${EVIL}\n`)],
  ])('the name %s is told without its escape sequences', async (what, write) => {
    const dir = join(folder, what);
    mkdirSync(dir);
    writeLog(dir, 'a.log', `${HEADER}\n${line()}\n`);
    const path = write(dir);
    for (const args of [
      ['sql', COUNT, dir],
      ['sql', COUNT, path, '--strict'],
      ['describe', dir],
    ]) {
      const { stderr, stdout } = await flowlogs(args);
      expect(stderr).toContain('\\u001b]0;pwned\\u0007\\u009b31m\\u202e.log');
      // eslint-disable-next-line no-control-regex -- they are what is looked for
      expect(stderr + stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
    }
  });

  test.each(['json', 'ndjson', 'csv', 'table', 'markdown'] as const)('%s: no control character of a value or a name', async (format) => {
    const written = onTerminal();
    try {
      await writeRows({ format }, [{ name: `v${EVIL}`, type: 'string' }], [{ [`v${EVIL}`]: EVIL }]);
    } finally {
      written.restore();
    }
    expect(written.text()).toContain('pwned');
    // eslint-disable-next-line no-control-regex -- they are what is looked for
    expect(written.text().replaceAll(/\u001b\[\d+m/g, '')).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
    if (format === 'ndjson') expect(JSON.parse(written.text())).toEqual({ [`v${EVIL}`]: EVIL });
  });

  test('what goes into a pipe is exact', async () => {
    const { stdout } = await flowlogs(['sql', `SELECT chr(155) || '31m' || chr(27) AS v`, log, '-f', 'csv', '-q']);
    expect(stdout).toBe(`v\n\u009b31m${ESC}\n`);
  });

  test('text of a question on a terminal', () => {
    const written = onTerminal();
    print(`SELECT '${EVIL}'\n`);
    written.restore();
    expect(written.text()).toBe("SELECT '\\u001b]0;pwned\\u0007\\u009b31m\\u202e'\n");
  });
});

/** Standard output as a terminal whose text is kept. */
function onTerminal(): { text: () => string; restore: () => void } {
  let text = '';
  const before = process.stdout.isTTY;
  process.stdout.isTTY = true;
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((chunk, ...rest) => {
    text += String(chunk);
    (rest.at(-1) as (() => void) | undefined)?.();
    return true;
  });
  return {
    text: () => text,
    restore: () => {
      spy.mockRestore();
      process.stdout.isTTY = before;
    },
  };
}

describe('CSV for a spreadsheet', () => {
  const query = "SELECT '=1+1' AS v";
  test.each([
    ['a file', ['-o', 'FILE'], "v\n'=1+1\n"],
    ['a file for programs', ['-o', 'FILE', '--no-csv-safe'], 'v\n=1+1\n'],
    ['a pipe', [], 'v\n=1+1\n'],
    ['a pipe for a spreadsheet', ['--csv-safe'], "v\n'=1+1\n"],
  ])('%s', async (_, options, expected) => {
    const file = join(folder, 'formula.csv');
    const { stdout, code } = await flowlogs([
      ...['sql', query, log, '-f', 'csv', '-q'],
      ...options.map((option) => (option === 'FILE' ? file : option)),
    ]);
    expect(code).toBe(0);
    expect(options.includes('FILE') ? readFileSync(file, 'utf8') : stdout).toBe(expected);
  });
});

describe('the system refuses', () => {
  const sentence = async (args: readonly string[], env: Record<string, string> = {}, code = 1) => {
    const outcome = await flowlogs(args, { env });
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).not.toMatch(/unexpected|Please report|\n {4}at /);
    return outcome.stderr;
  };

  test.each([
    [
      'no such folder for the answer',
      ['-o', '/none/x.csv'],
      /^error: \/none\/x.csv: there is no such file or folder\. Make the folder first/,
    ],
    ['a folder in its place', ['-o', 'FOLDER'], /is a folder\. Name a file/],
    [
      'no such folder for Parquet',
      ['-o', '/none/x.parquet', '-f', 'parquet'],
      /^error: \/none\/x.parquet: there is no such file or folder/,
    ],
    ['no such folder for rejects', ['--rejects', '/none/x'], /^error: \/none\/x: there is no such file or folder/],
  ])('%s', async (_, options, expected) => {
    const dir = join(folder, 'taken.csv');
    mkdirSync(dir, { recursive: true });
    const args = ['sql', COUNT, log, '-f', 'csv', '-q', ...options.map((option) => (option === 'FOLDER' ? dir : option))];
    expect(await sentence(args)).toMatch(expected);
    expect(existsSync(`${dir}.partial`)).toBe(false);
  });

  test.each([
    ['a file stands in its way', { FLOWLOGS_CACHE: join(log, 'cache') }],
    ['nobody can write there', { FLOWLOGS_CACHE: '/proc/none' }],
    ['no home', { FLOWLOGS_CACHE: '', XDG_CACHE_HOME: '', HOME: '' }],
  ])('a cache that cannot be: %s. The question is answered without', async (_, env) => {
    for (const args of [
      ['sql', COUNT, log, '-f', 'csv'],
      ['report', log, '-f', 'markdown'],
    ]) {
      const { code, stdout, stderr } = await flowlogs(args, { env, cwd: folder });
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^n\n1\n$|1 flow-log record/) });
      expect(stderr).toMatch(/^Nothing is kept in the cache: .*FLOWLOGS_CACHE/);
      expect(stderr.match(/Nothing is kept/g)).toHaveLength(1);
    }
    expect(readdirSync(folder)).not.toContain('flowlogs');
  });

  test('no temporary folder', async () => {
    expect(await sentence(['sql', COUNT, log, '-q'], { TMPDIR: '/none' })).toMatch(/^error: \/none\/.*: there is no such file or folder/);
  });

  test('a full disk behind standard output', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [CLI, 'sql', 'SELECT * FROM flow_records', log, '-f', 'csv', '-q'], {
      stdio: ['ignore', full, 'pipe'],
    });
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    closeSync(full);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: no space is left on the disk of standard output\. Free some/),
    });
  });

  test.each(['list', 'docs analyses', `sql "SELECT range FROM range(300000)" ${log} -q -f ndjson`])(
    'a reader of %s who goes away ends it quietly, with nothing left behind',
    async (words) => {
      const own = join(folder, `tmp-${words.length}`);
      mkdirSync(own);
      const child = spawn('sh', ['-c', `"${process.execPath}" "${CLI}" ${words} | head -c 20`], { env: { ...process.env, TMPDIR: own } });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      await new Promise((resolve) => child.once('close', resolve));
      expect(stderr).toBe('');
      expect(readdirSync(own)).toEqual([]);
    },
  );

  test.each(['notaurl', 'http://', 'http://[::1', 'ftp://x/y', 'https://user:secret@x/', 'http://127.0.0.1:99999/', 'file:///etc/passwd'])(
    'the address %s',
    async (endpoint) => {
      const args = ['fetch', '--from', '2020-01-01T00:00Z', '--to', '2020-01-01T00:01Z', '--no-sign', '--endpoint', endpoint];
      expect(await sentence(args, {}, 2)).toMatch(/^error: --endpoint ".*": expected an address such as https:/);
    },
  );

  const BOMB = `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghi', (name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]!}`).join(',')}]`).join('\n')}\n`;
  test.each([
    ['aliases of aliases', BOMB],
    ['nesting without end', '['.repeat(100_000)],
  ])('YAML that stands for far more than it is: %s', async (name, text) => {
    const queries = join(folder, name);
    mkdirSync(join(queries, 'bomb'), { recursive: true });
    writeFileSync(join(queries, 'bomb', 'analysis.yaml'), text);
    const file = writeLog(folder, `${name}.yaml`, text);
    for (const args of [
      ['list', '--queries', queries],
      ['detect', log, '--suppressions', file, '-q'],
      ['estimate', '--gb-per-day', '1', '--config', file],
    ])
      expect(await sentence(args)).toMatch(/^error: .*\.yaml: its aliases or its nesting expand to more than the limit/);
  });
});

test.each([
  ['query', 'nothing', log],
  ['show', 'nothing'],
  ['render', 'nothing'],
  ['detect', log, '--only', 'nothing'],
  ['explain', 'nothing/x', log],
])('an unknown analysis is a mistake in the call: %j', async (...args) => {
  expect(await flowlogs(args)).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: no analysis "nothing"/) });
});

test.each(['2025-02-30', '2025-02-29', '2025-04-31T00:00Z', '2025-13-01', '2025-01-01T25:00Z', '2025-00-10'])(
  '%s is no time',
  async (text) => {
    for (const option of ['--from', '--to'])
      expect(await flowlogs(['query', 'top-talkers', log, option, text])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(JSON.stringify(text)),
      });
  },
);

test.each([
  ['fetch', '--from', '2026-11-20', '--to', '2026-11-21', '--endpoint', 'http://127.0.0.1:9', '-o', join(folder, 'fetched.json')],
  ['compact', '--stack', 'Mine'],
  ['sql', COUNT, 's3://bucket/prefix'],
])('without credentials of AWS: %j', async (...args) => {
  const env = {
    ...{ AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_EC2_METADATA_DISABLED: 'true' },
    ...{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_PROFILE: '', AWS_REGION: 'us-east-1' },
  };
  const { code, stderr } = await flowlogs(args, { env });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: AWS: there are no credentials: .*--aws-profile.*\n$/m)]);
  expect(stderr).not.toMatch(/unexpected|\n {4}at /);
});

test('a draft of an answer that cannot be finished is removed', async () => {
  const out = join(folder, 'half.csv');
  const writer = rowWriter({ format: 'csv', output: out }, [{ name: 'v', type: 'string' }]);
  await writer.chunk([{ v: 'a' }]);
  mkdirSync(out);
  await expect(writer.end()).rejects.toMatchObject({ code: 'EISDIR', path: out });
  expect(existsSync(`${out}.partial`)).toBe(false);
});
