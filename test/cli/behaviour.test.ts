import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flowlogs } from '../support/cli';
import { CLI } from '../support/build-cli';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
const cache = join(folder, 'cache');
// Other tests run at the same time, and have temporary folders too.
const temporary = join(folder, 'temporary');
mkdirSync(temporary);
process.env['TMPDIR'] = temporary;
const root = join(__dirname, '..', '..');
const OFFICE = join(root, 'queries', '_fixtures', 'office.v5.log');
const logs = (n: number, name: string) =>
  writeLog(
    folder,
    name,
    `${HEADER}\n${Array.from({ length: n }, (_, i) => line({ src: `192.0.2.${i % 250}`, start: 1790000000 + i })).join('\n')}\n`,
  );

test('processes that fill the cache at the same time do not disturb each other', async () => {
  const path = logs(20_000, 'race.log');
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, () =>
      flowlogs(['query', 'top-rejected-sources', path, '-f', 'json', '-q'], { cache: join(folder, 'race-cache') }),
    ),
  );
  expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(outcomes.map(() => [0, '']));
  expect(new Set(outcomes.map(({ stdout }) => stdout)).size).toBe(1);
});

test('exit codes: 0 ok, 1 error, 2 usage, 3 findings', async () => {
  const scan = join(root, 'queries', 'vertical-scan', 'fixtures', 'scan.log');
  const codes = await Promise.all(
    [
      ['list'],
      ['query', 'top-talkers', 'nowhere.log'],
      ['query'],
      ['frobnicate'],
      ['query', 'top-talkers', OFFICE, '--from', 'soon'],
      ['detect', scan, '--fail-on', 'low'],
      ['detect', scan, '--fail-on', 'high'],
      ['--version'],
    ].map(async (args) => (await flowlogs(args, { cache })).code),
  );
  expect(codes).toEqual([0, 1, 2, 2, 2, 3, 0, 0]);
});

test('JSON is an array of objects with exactly the columns; data on stdout, the rest on stderr', async () => {
  const { stdout, stderr } = await flowlogs(['query', 'top-rejected-sources', OFFICE, '-f', 'json'], { cache });
  const rows = JSON.parse(stdout) as Record<string, unknown>[];
  expect(rows.map((row) => Object.keys(row))).toEqual(
    rows.map(() => ['srcaddr', 'srcaddr_owner', 'srcaddr_country', 'srcaddr_asn', 'records']),
  );
  expect(stderr).toContain('Read 27 records from 1 file.');
  const list = JSON.parse((await flowlogs(['list', '-f', 'json'], { cache })).stdout) as { id: string }[];
  expect(list.map(({ id }) => id)).toContain('top-rejected-sources');
});

test('64-bit integers are numbers while exact, else strings', async () => {
  const { stdout } = await flowlogs(
    ['sql', 'SELECT 9007199254740991 AS exact, 9007199254740993 AS large, sum(bytes) AS n FROM flow_records', OFFICE, '-f', 'json'],
    { cache },
  );
  expect(JSON.parse(stdout)).toEqual([{ exact: 9007199254740991, large: '9007199254740993', n: 1894114 }]);
});

test('select * reads every column, with and without cache', async () => {
  const run = async (...more: string[]) =>
    JSON.parse(
      (
        await flowlogs(
          ['sql', 'SELECT * FROM flow_records ORDER BY start, srcaddr, srcport', OFFICE, '-f', 'json', '--names', 'none', ...more],
          { cache },
        )
      ).stdout,
    ) as object[];
  const [cached, direct] = [await run(), await run('--no-cache')];
  expect(direct).toEqual(cached);
  expect(Object.keys(direct[0] ?? {})).toHaveLength(29);
});

test('a window and a scope narrow the table of sql and describe', async () => {
  const sql = async (...more: string[]) =>
    JSON.parse(
      (await flowlogs(['sql', 'SELECT count(*) AS n FROM flow_records', OFFICE, '-f', 'json', ...more], { cache })).stdout,
    ) as unknown;
  expect(await sql()).toEqual([{ n: 27 }]);
  expect(await sql('--from', '2026-11-20T06:00Z', '--to', '2026-11-20T06:05Z')).toEqual([{ n: 3 }]);
  expect(await sql('--scope', 'cidr=10.0.2.0/24', '--no-cache')).toEqual([{ n: 10 }]);
  const described = await flowlogs(['describe', OFFICE, '--scope', 'eni=eni-0d4', '-f', 'json'], { cache });
  expect((JSON.parse(described.stdout) as { interfaces: unknown }).interfaces).toEqual([{ interface_id: 'eni-0d4', records: 4 }]);
  const narrow = writeLog(folder, 'narrow.log', 'version srcaddr start\n2 192.0.2.1 1790000000\n');
  expect((await flowlogs(['sql', 'SELECT 1 AS n FROM flow_records', narrow, '--scope', 'vpc=vpc-1'], { cache })).stderr).toContain(
    'needs the field vpc-id',
  );
});

test('what the cache remembers is shown with the path of today', async () => {
  writeLog(folder, 'moved.log', `${HEADER}\nbroken\n${line()}\n`);
  const first = await flowlogs(['query', 'records', 'moved.log'], { cache, cwd: folder });
  const second = await flowlogs(['query', 'records', join(folder, 'moved.log')], { cache });
  expect(first.stderr).toContain('  moved.log:2: too few columns');
  expect(second.stderr).toContain(`  ${join(folder, 'moved.log')}:2: too few columns`);
});

test('work larger than the memory spills and gives the same answer', async () => {
  const path = logs(200_000, 'spill.log');
  const run = async (memory: string) =>
    (
      await flowlogs(
        [
          'sql',
          'SELECT srcaddr, start, count(*) AS n FROM flow_records GROUP BY 1, 2 ORDER BY 1, 2',
          path,
          '--memory',
          memory,
          '-f',
          'csv',
          '-q',
        ],
        { cache },
      )
    ).stdout;
  const small = await run('60MB');
  expect(small.length).toBeGreaterThan(1_000_000);
  expect(small).toBe(await run('500MB'));
});

test('too little memory is a clear error', async () => {
  const { code, stderr } = await flowlogs(['query', 'records', logs(100_000, 'memory.log'), '--no-cache', '--memory', '2MB'], { cache });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: 2MB of memory are not enough: raise --memory/)]);
});

test('--limit, --out, --quiet', async () => {
  const out = join(folder, 'rows.csv');
  const { stdout, stderr } = await flowlogs(['query', 'records', OFFICE, '--limit', '2', '-f', 'csv', '-o', out, '-q'], { cache });
  expect([stdout, stderr]).toEqual(['', '']);
  expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(3);
});

test('Parquet output is Parquet', async () => {
  const out = join(folder, 'rows.parquet');
  expect((await flowlogs(['query', 'top-talkers', OFFICE, '-f', 'parquet', '-o', out], { cache })).code).toBe(0);
  await withLogs([OFFICE], async (records) => {
    expect(await records.db.rows(`SELECT count(*) AS n, sum(bytes)::BIGINT AS bytes FROM read_parquet('${out}')`)).toEqual([
      { n: '11', bytes: '1894114' },
    ]);
  });
});

test('a query reaches no other file', async () => {
  const secret = writeLog(folder, 'secret.txt', 'secret');
  for (const sql of [
    `SELECT * FROM read_text('${secret}')`,
    `SELECT count(*) FROM '${secret}'`,
    `COPY flow_records TO '${secret}'`,
    "ATTACH 'x.db'",
    'SELECT 1; SELECT 2',
    'SET enable_external_access = true',
  ]) {
    const { code, stdout } = await flowlogs(['sql', sql, OFFICE], { cache });
    expect([code, stdout]).toEqual([1, '']);
  }
  expect(readFileSync(secret, 'utf8')).toBe('secret');
});

test('paths with spaces, quotes and globs', async () => {
  const odd = join(folder, `o'dd "folder" [1]`);
  mkdirSync(odd);
  writeLog(odd, `it's a; log.log`, `${HEADER}\n${line()}\n`);
  const { stdout, code } = await flowlogs(['query', 'records', odd, '-f', 'ndjson', '-q'], { cache });
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  writeLog(folder, 'glob-1.log', `${HEADER}\n${line()}\n`);
  writeLog(folder, 'glob-2.log', `${HEADER}\n${line()}\n`);
  expect(
    (await flowlogs(['query', 'records', join(folder, 'glob-*.log'), '-f', 'ndjson', '-q'], { cache })).stdout.trim().split('\n'),
  ).toHaveLength(2);
});

test('a closed pipe ends the program quietly', () => {
  const path = logs(200_000, 'long.log');
  const out = execFileSync(
    'bash',
    ['-o', 'pipefail', '-c', `"${process.execPath}" "${CLI}" sql 'SELECT * FROM flow_records' "${path}" -f ndjson -q | head -1`],
    {
      env: { ...process.env, FLOWLOGS_CACHE: cache },
      encoding: 'utf8',
    },
  );
  expect(out.trim().split('\n')).toHaveLength(1);
});

test('Ctrl-C stops a long read, cleans up and exits with 130', async () => {
  const many = join(folder, 'many');
  mkdirSync(many);
  const big = readFileSync(logs(150_000, 'big.log'));
  for (let i = 0; i < 20; i++) writeFileSync(join(many, `${i}.log`), big);
  const own = join(folder, 'tmp');
  mkdirSync(own);
  const { code, stdout, stderr } = await flowlogs(['query', 'top-talkers', many, '--no-cache'], {
    env: { TMPDIR: own },
    onStart: (child) => {
      const poll = setInterval(() => {
        if (readdirSync(own).length === 0) return;
        clearInterval(poll);
        child.kill('SIGINT');
      }, 50);
      child.once('exit', () => clearInterval(poll));
    },
  });
  expect([code, stdout, stderr.trim()]).toEqual([130, '', 'interrupted']);
  expect(readdirSync(own)).toEqual([]);
});

test('nothing is left in the temporary folder', () => {
  expect(readdirSync(temporary)).toEqual([]);
});

test('--strict fails, --rejects writes reasons', async () => {
  const dirty = join(root, 'test', 'fixtures', 'dirty.log');
  const rejects = join(folder, 'rejects.ndjson');
  const { code, stderr, stdout } = await flowlogs(['query', 'rejected-by-port', dirty, '--strict', '--rejects', rejects], { cache });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('1 line of 4 rejected, 1 invalid value read as NULL');
  expect(
    readFileSync(rejects, 'utf8')
      .trim()
      .split('\n')
      .map((l) => (JSON.parse(l) as { line: number }).line),
  ).toEqual([3, 4]);
});

test("the user's own analyses add to ours", async () => {
  const own = join(folder, 'queries', 'records-of-port');
  mkdirSync(own, { recursive: true });
  writeFileSync(
    join(own, 'athena.sql'),
    'SELECT count(*) AS records FROM {{records}} WHERE {{window}} AND {{scope}} AND dstport = {{port}}\n',
  );
  writeFileSync(
    join(own, 'analysis.yaml'),
    'id: records-of-port\ntitle: Records of a port\nkind: report\ngroup: Mine\nsummary: How many records a port has.\nrequires: [dstport, start]\nparameters:\n  port: { type: integer, default: 22, min: 0, max: 65535, meaning: The port }\ncolumns:\n  - { name: records, type: integer }\nwindow: 24h\nengines: { insights: not written }\n',
  );
  const { stdout } = await flowlogs(
    ['query', 'records-of-port', OFFICE, '--queries', join(folder, 'queries'), '--param', 'port=443', '-f', 'json'],
    { cache },
  );
  expect(JSON.parse(stdout)).toEqual([{ records: 5 }]);
});

test('colour only on a terminal', async () => {
  const { stdout } = await flowlogs(['query', 'top-talkers', OFFICE], { cache, env: { NO_COLOR: '', CI: 'true' } });
  expect(stdout).not.toContain('\x1b');
});

test('control characters in values do not reach the terminal', async () => {
  const path = writeLog(folder, 'ansi.log', `${HEADER}\n${line({ src: '\x1b[31mred' })}\n`);
  const table = await flowlogs(['query', 'records', path], { cache });
  expect(table.stdout).not.toContain('\x1b');
  expect(
    JSON.parse((await flowlogs(['sql', 'SELECT srcaddr FROM flow_records', path, '-f', 'json', '--names', 'none'], { cache })).stdout),
  ).toEqual([{ srcaddr: '\x1b[31mred' }]);
});

test('the same file through a link and a path is read once', async () => {
  const target = writeLog(folder, 'once.log', `${HEADER}\n${line()}\n`);
  symlinkSync(target, join(folder, 'link.log'));
  const { stdout } = await flowlogs(['query', 'records', target, target, '-f', 'ndjson', '-q'], { cache });
  expect(stdout.trim().split('\n')).toHaveLength(1);
});

test("a question about IBM's flat view says so where there is none", async () => {
  expect(await flowlogs(['query', 'ibm-flows', OFFICE, '--no-cache'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("ibm-flows needs the table flow_flat of IBM Cloud's flow logs; these sources hold none"),
  });
});

test.each([
  ['the repository', root, 'npx flowlogs'],
  ['another folder', folder, 'flowlogs'],
])('the demo in %s ends with commands that work there', async (_, cwd, command) => {
  const { code, stdout } = await flowlogs(['demo'], { cache, cwd });
  expect(code).toBe(0);
  const [, called, path] = /^ {2}(.*) describe (\S+)$/m.exec(stdout) ?? [];
  expect(called).toBe(command);
  const described = await flowlogs(['describe', path ?? '', '-q'], { cache, cwd });
  expect(described.stdout).toContain('48,048');
});
