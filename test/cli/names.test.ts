/** Names that a shell, SQL, a pattern or an URL would read differently: a path is a path everywhere. */
import { copyFileSync, cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { flowlogs } from '../support/cli';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
const NAMES = [
  'a*',
  'a?b',
  '[x]',
  'a[b',
  '{a,b}',
  'a\\b',
  '\\[q]*',
  "q'uote",
  'dq"',
  'n\nl',
  '%41',
  'a%20b',
  '~',
  'sp ace',
  'é',
  '#h',
  '**',
  '!x',
  '[!x]',
  'h=1',
  '-x',
  '$(id)',
  'file:x',
];
const NEIGHBOURS = ['ab', 'axb', 'x', 'b', 'q'];
const text = (src: string) => `${HEADER}\n${line({ src })}\n`;
const count = (paths: readonly string[], options: { cache?: string } = {}) =>
  withLogs(
    paths,
    async ({ db }) => (await db.rows('SELECT count(*)::INTEGER AS n, count(DISTINCT srcaddr)::INTEGER AS d FROM flow_records'))[0],
    options,
  );

let plainParquet: string;
beforeAll(async () => {
  const path = writeLog(folder, 'plain.log', text('192.0.2.1'));
  plainParquet = join(folder, 'plain.parquet');
  expect((await flowlogs(['sql', 'SELECT * FROM flow_records', path, '-f', 'parquet', '-o', plainParquet, '--no-cache', '-q'])).code).toBe(
    0,
  );
});

const IBM = join(__dirname, '..', '..', 'queries', '_fixtures', 'ibm_vpc_flowlogs_v1');
const ibmObject = () => {
  const [first] = readdirSync(IBM, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return join(first!.parentPath, first!.name);
};

const KINDS: readonly (readonly [string, (path: string) => void])[] = [
  ['.log', (path) => writeLog(path, '', text('192.0.2.1'))],
  ['.log.gz', (path) => writeLog(path, '', gzipSync(text('192.0.2.1')))],
  ['.json', (path) => writeLog(path, '', JSON.stringify({ events: [{ message: line() }] }))],
  ['.parquet', (path) => copyFileSync(plainParquet, path)],
];

describe.each(KINDS)('files named *%s', (ending, make) => {
  test('each alone, and all in their folder, once each', async () => {
    const dir = join(folder, `files${ending}`);
    mkdirSync(dir);
    for (const name of [...NAMES, ...NEIGHBOURS]) make(join(dir, `${name}${ending}`));
    expect(await count([dir])).toMatchObject({ n: NAMES.length + NEIGHBOURS.length });
    expect(await count([dir], { cache: join(folder, 'cache*[1]') })).toMatchObject({ n: NAMES.length + NEIGHBOURS.length });
    for (const name of NAMES) expect([name, await count([join(dir, `${name}${ending}`)])]).toMatchObject([name, { n: 1 }]);
  }, 120_000);
});

test("IBM's objects in folders of such names", async () => {
  const alone = await count([ibmObject()]);
  for (const name of ['a*', '[x]', '\\[q]*', "q'uote", 'n\nl']) {
    for (const one of [name, 'ab', 'x', 'q']) {
      mkdirSync(join(folder, 'ibm', one), { recursive: true });
      copyFileSync(ibmObject(), join(folder, 'ibm', one, 'object'));
    }
    expect([name, await count([join(folder, 'ibm', name)])]).toEqual([name, alone]);
  }
});

/** Folders for everything that a command writes or reads. */
const FOLDERS = ["d[1]*'q", 'n\nl %41 h=1 ~', 'b\\s'];

describe.each(FOLDERS)('in a folder %j', (name) => {
  const dir = join(folder, 'folders', name);
  const run = async (...args: string[]) => {
    const told = await flowlogs(args, { cache: join(dir, 'cache'), env: { TMPDIR: join(dir, 'tmp') } });
    expect([args[0], told.stderr, told.code]).toEqual([args[0], expect.not.stringContaining('unexpected'), 0]);
    return told.stdout;
  };
  const COUNT = 'SELECT count(*) AS n FROM flow_records';

  test('every command reads and writes there', async () => {
    for (const one of ['logs', 'tmp', 'queries']) mkdirSync(join(dir, one), { recursive: true });
    writeLog(join(dir, 'logs'), 'a.log', text('192.0.2.1'));
    writeLog(join(dir, 'logs'), 'b.log.gz', gzipSync(`${text('192.0.2.2')}too few\n`));
    copyFileSync(plainParquet, join(dir, 'logs', 'c.parquet'));
    const logs = join(dir, 'logs');
    for (const cache of [[], [], ['--no-cache']]) expect(await run('sql', COUNT, logs, '-f', 'csv', ...cache)).toBe('n\n3\n');
    await run('sql', 'SELECT * FROM flow_records', logs, '-f', 'parquet', '-o', join(dir, 'all.parquet'), '-q');
    expect(await run('sql', COUNT, join(dir, 'all.parquet'), '-f', 'csv')).toBe('n\n3\n');
    await run('compact', logs, '-o', join(dir, 'lake'), '-q');
    expect(await run('sql', COUNT, join(dir, 'lake'), '-f', 'csv')).toBe('n\n3\n');
    await run('verify-lake', join(dir, 'lake'), logs);
    for (const to of ['aws-v2', 'parquet']) {
      await run('convert', logs, '-f', to, '-o', join(dir, to), '-q');
      expect(await run('sql', COUNT, join(dir, to), '-f', 'csv')).toBe('n\n3\n');
    }
    cpSync(join(__dirname, '..', '..', 'queries', 'top-talkers'), join(dir, 'queries', 'my-talkers'), { recursive: true });
    await run(
      'query',
      'top-talkers',
      logs,
      '--queries',
      join(dir, 'queries'),
      '--rejects',
      join(dir, 'rejects.ndjson'),
      '-o',
      join(dir, 'out.txt'),
    );
    await run('report', logs, '-o', join(dir, 'report.html'), '-q');
  }, 300_000);
});
