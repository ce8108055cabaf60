import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { findFiles } from '../../lib/source/find-files';
import { HEADER, line, temporaryFolder, withLogs, writeLog } from '../support/logs';

const folder = temporaryFolder();
let serial = 0;

/** A folder with files at these paths; `a -> b` is a symbolic link, `a |` a named pipe. */
function tree(...paths: string[]): string {
  const root = join(folder, `tree-${++serial}`);
  mkdirSync(root);
  for (const path of paths) {
    const [at = '', to] = path.split(' -> ');
    mkdirSync(join(root, at, '..'), { recursive: true });
    if (to !== undefined) symlinkSync(to, join(root, at));
    else if (at.endsWith(' |')) execFileSync('mkfifo', [join(root, at.slice(0, -2))]);
    else writeLog(join(root, at, '..'), at.replace(/^.*\//, ''), `${HEADER}\n${line()}\n`);
  }
  return root;
}

async function found(root: string, ...sources: string[]): Promise<string[]> {
  const files = await findFiles(sources.length === 0 ? [root] : sources.map((source) => join(root, source)));
  return files.map(({ path, unreadable }) => `${relative(root, path)}${unreadable === undefined ? '' : `: ${unreadable}`}`);
}

test.each<[string, string[], string[]]>([
  ['hidden files and markers', ['a.log', '.b.log', '_SUCCESS', 'x/_metadata', 'x/.c'], ['a.log']],
  [
    'hidden and unfinished folders, at every depth',
    ['a.log', '.h/b.log', '_temporary/0/c.log', 'x/.h/y/d.log', 'x/y/_temporary/e.log', 'x/y/f.log'],
    ['a.log', 'x/y/f.log'],
  ],
  ['a link to a folder beside', ['s/a.log', 't/x.log', 's/link -> ../t'], ['s/a.log', 't/x.log']],
  ['a link to the folder itself', ['a.log', 'loop -> .', 'x/up -> ..'], ['a.log']],
  ['two links to one folder, each in the other', ['x/a.log', 'y/b.log', 'x/y -> ../y', 'y/x -> ../x'], ['x/a.log', 'y/b.log']],
  ['a link to a file that is read anyway', ['a.log', 'b.log -> a.log'], ['a.log']],
  [
    'a link that leads nowhere, and one to itself',
    ['a.log', 'b.log -> gone', 'c -> c'],
    ['a.log', 'b.log: a broken symbolic link', 'c: a symbolic link to itself'],
  ],
  ['a named pipe', ['a.log', 'f.log |'], ['a.log', 'f.log: a named pipe']],
  ['a folder that is called like a file', ['x.log.gz/in.log', 'y.parquet/in.log'], ['x.log.gz/in.log', 'y.parquet/in.log']],
])('%s', async (_, paths, expected) => {
  expect(await found(tree(...paths))).toEqual(expected);
});

test('a link to a folder elsewhere is followed, once however many lead there', async () => {
  const elsewhere = tree('x/a.log', '.h/b.log');
  const root = tree('own.log');
  symlinkSync(elsewhere, join(root, 'one'));
  symlinkSync(elsewhere, join(root, 'two'));
  symlinkSync(join(elsewhere, 'x', 'a.log'), join(root, 'zero.log'));
  expect(await found(root)).toEqual(['own.log', 'zero.log']);
  expect(await found(root, 'one', 'two')).toEqual(['one/x/a.log']);
});

test('what is named several times, in any way, is read once', async () => {
  const root = tree('x/a.log', 'link -> x', 'b.log -> x/a.log');
  expect(await found(root, 'x/a.log', 'link', 'b.log', 'x', '**/*.log')).toEqual(['x/a.log']);
});

test.each([
  ['*/**', ['x/a.log']],
  ['**/*.log', ['x/a.log']],
  ['x/*', ['x/a.log']],
  ['_temporary/**', ['_temporary/c.log']],
  ['x/_temporary/*', ['x/_temporary/d.log']],
])('the pattern %s takes what is set aside only if it says so', async (pattern, expected) => {
  expect(await found(tree('x/a.log', 'x/_SUCCESS', '.h/b.log', '_temporary/c.log', 'x/_temporary/d.log'), pattern)).toEqual(expected);
});

test('what cannot be read is a skipped file of the account', async () => {
  await withLogs([tree('a.log', 'b.log -> gone', 'f |')], async (records) => {
    expect(records.totals).toMatchObject({ files: 3, records: 1 });
    expect(records.skippedFiles.map(({ why }) => why)).toEqual(['a broken symbolic link', 'a named pipe']);
  });
});
