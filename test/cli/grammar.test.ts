import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { similar } from '../../lib/analysis/similar';
import { CLI } from '../support/build-cli';
import { flowlogs } from '../support/cli';
import { temporaryFolder } from '../support/logs';

const folder = temporaryFolder();
const cache = join(folder, 'cache');
const OFFICE = join(__dirname, '..', '..', 'queries', '_fixtures', 'office.v5.log');
const run = (...args: string[]) => flowlogs(args, { cache });
const inNewFolder = (name: string) => join(mkdtempSync(join(folder, 'answer-')), name);
const COUNT = 'SELECT count(*) AS n FROM flow_records';
const LATER = 'The old spelling works until the next release.\n';

describe('-o', () => {
  test.each([
    ['n.csv', 'n\n27\n'],
    ['n.json', '[\n  {"n":27}\n]\n'],
    ['n.ndjson', '{"n":27}\n'],
    ['n.md', '| n |\n| ---: |\n| 27 |\n'],
    ['n', ' n\n27\n'],
  ])('%s: the name says the format', async (name, expected) => {
    const file = inNewFolder(name);
    expect(await run('sql', COUNT, OFFICE, '-o', file)).toEqual({
      code: 0,
      stdout: '',
      stderr: `Wrote 1 row to ${file}.\nRead 27 records from 1 file.\n`,
    });
    expect(readFileSync(file, 'utf8')).toBe(expected);
  });

  test('-f comes before the name; a name that says nothing this command writes is refused', async () => {
    const file = inNewFolder('n.txt');
    await run('sql', COUNT, OFFICE, '-f', 'json', '-o', file);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([{ n: 27 }]);
    const odd = inNewFolder('n.xlsx');
    expect(await run('sql', COUNT, OFFICE, '-o', odd)).toMatchObject({ code: 2, stderr: expect.stringContaining('.xlsx is no format') });
    expect(existsSync(odd)).toBe(false);
  });

  test('a pipe stays a pipe, and gets the answer', () => {
    const pipe = inNewFolder('pipe');
    execFileSync('mkfifo', [pipe]);
    const script = '"$0" "$1" sql "$2" "$3" -f csv -q -o "$4" & cat "$4"; wait $!';
    const { stdout, status } = spawnSync('bash', ['-c', script, process.execPath, CLI, COUNT, OFFICE, pipe], {
      encoding: 'utf8',
      env: { ...process.env, FLOWLOGS_CACHE: cache },
    });
    expect({ stdout, status }).toEqual({ stdout: 'n\n27\n', status: 0 });
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  test('a link stays a link; its file is replaced', async () => {
    const file = inNewFolder('n.csv');
    const link = inNewFolder('link.csv');
    writeFileSync(file, 'old');
    symlinkSync(file, link);
    expect((await run('sql', COUNT, OFFICE, '-q', '-o', link)).code).toBe(0);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('n\n27\n');
  });
});

describe('old spellings', () => {
  test('--out writes the file and says what to write instead; -q is silent', async () => {
    const file = inNewFolder('n.csv');
    const { code, stderr } = await run('sql', COUNT, OFFICE, '--out', file);
    expect([code, stderr.split('\n')[0]]).toEqual([0, `--out is --output now. ${LATER.trim()}`]);
    expect(readFileSync(file, 'utf8')).toBe('n\n27\n');
    expect(await run('sql', COUNT, OFFICE, '--out', file, '-q')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('generate FOLDER, convert --dest --since --until, compact --dest and verify-lake --lake do what they did', async () => {
    const [logs, converted, lake] = [inNewFolder('logs'), inNewFolder('converted'), inNewFolder('lake')];
    const steps: [string[], string][] = [
      [['generate', logs, '--records', '10', '--hours', '1', '--plant', 'none'], `The folder is -o FOLDER now. ${LATER}`],
      [
        ['convert', logs, '-f', 'aws-v2', '--dest', converted, '--since', '2026-11-20', '--until', '2026-11-21'],
        `--dest is --output now. ${LATER}--since is --from now. ${LATER}--until is --to now. ${LATER}`,
      ],
      [['compact', converted, '--dest', lake], `--dest is --output now. ${LATER}`],
      [
        ['verify-lake', converted, '--lake', lake],
        `The folder of the lake comes first now, without --lake: verify-lake LAKE SOURCE… ${LATER}`,
      ],
    ];
    for (const [args, said] of steps)
      expect(await run(...args, ...(args[0] === 'generate' ? [] : ['--no-cache']))).toMatchObject({
        code: 0,
        stderr: expect.stringContaining(said),
      });
    expect((await run('sql', COUNT, lake, '-f', 'csv', '-q')).stdout).toBe('n\n10\n');
  });

  test.each([
    [['query', 'top-talkers', OFFICE, '-o', 'csv'], 'say -f csv'],
    [['query', 'top-talkers', OFFICE, '--output', 'json'], 'say -f json'],
    [['tune', OFFICE, '--output', 'suppressions'], 'say -f suppressions'],
    [['convert', OFFICE, '--to', 'parquet', '--dest', join(folder, 'never')], 'say -f parquet'],
    [['convert', OFFICE, '--to', '${version} ${srcaddr}', '--dest', join(folder, 'never')], "say -f '${version} ${srcaddr}'"],
    [['explore', OFFICE, '--engine', 'athena'], 'leave --engine out'],
  ])('a name that means something else now is refused: %j', async (args, said) => {
    expect(await run(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(said) });
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });
});

describe('--time-zone', () => {
  const between = (...more: string[]) => run('sql', COUNT, OFFICE, '-f', 'csv', '-q', ...more);

  test('of what is typed: the same instants in any zone', async () => {
    const utc = await between('--from', '2026-11-20T06:00Z', '--to', '2026-11-20T06:05Z');
    expect(utc.stdout).toBe('n\n3\n');
    expect(await between('--from', '2026-11-20T07:00', '--to', '2026-11-20T07:05', '--time-zone', 'Europe/Berlin')).toEqual(utc);
    expect(await between('--from', '2026-11-20T06:00Z', '--to', '2026-11-20T01:05', '--time-zone', 'America/New_York')).toEqual(utc);
  });

  test('of text that people read; files of programs stay in UTC', async () => {
    const shown = async (...more: string[]) => (await run('query', 'busiest-hours', OFFICE, '-q', '--limit', '1', ...more)).stdout;
    const [hour] = JSON.parse(await shown('-f', 'json')) as { hour: string }[];
    expect(hour?.hour).toMatch(/Z$/);
    expect(await shown('-f', 'json', '--time-zone', 'Asia/Kolkata')).toBe(await shown('-f', 'json'));
    const local = /\S+\+05:30/.exec(await shown('--time-zone', 'Asia/Kolkata'))?.[0] ?? 'none';
    expect(Date.parse(local)).toBe(Date.parse(hour?.hour ?? ''));
  });

  test('of findings and their evidence', async () => {
    const scan = join(OFFICE, '..', '..', 'vertical-scan', 'fixtures', 'scan.log');
    for (const args of [
      ['detect', scan],
      ['explain', 'port-scan/203.0.113.50', scan],
    ]) {
      const { stdout } = await run(...args, '-q', '--time-zone', 'Asia/Kolkata');
      expect(stdout).toContain('2026-11-20T10:30:00+05:30');
      // Commands to paste keep the offset of UTC.
      expect(stdout.replace(/^Check$[^]*/m, '')).not.toMatch(/:\d{2}Z\b/);
    }
  });

  test.each([
    [['--from', '2026-03-29T02:30', '--time-zone', 'Europe/Berlin'], 'does not exist in Europe/Berlin'],
    [['--from', '2026-10-25T02:30', '--time-zone', 'Europe/Berlin'], 'occurs twice in Europe/Berlin'],
    [['--time-zone', 'Mars/Olympus'], 'expected UTC, local or an IANA name'],
  ])('refused: %j', async (args, said) => {
    expect(await between(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
  });
});

describe('help', () => {
  test('each common option of a command is described in `help options`, and named in its help', async () => {
    const [all, query] = [(await run('help', 'options')).stdout, (await run('query', '--help')).stdout];
    const named = query.slice(query.indexOf('Common options'), query.indexOf('Examples:')).match(/--[a-z-]+/g) ?? [];
    expect(named).toEqual(expect.arrayContaining(['--limit', '--from', '--time-zone', '--no-cache', '--threads', '--engine']));
    expect(named.filter((name) => !all.includes(`${name} `))).toEqual([]);
    expect(query.slice(0, query.indexOf('Common options'))).not.toContain('--threads');
  });

  test.each([
    [['qurey'], 'Did you mean query?'],
    [['help', 'qurey'], 'did you mean query?'],
    [['query', 'top-talkers', OFFICE, '--time-zon', 'UTC'], 'Did you mean --time-zone?'],
    [['query', 'beconing', OFFICE], 'did you mean beaconing?'],
    [['detect', OFFICE, '--only', 'prot-scan'], 'did you mean port-scan'],
  ])('did you mean: %j', async (args, said) => {
    expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
  });

  test('near names come first, far ones not at all', () => {
    expect(similar('detetc', ['detect', 'describe', 'select'])).toEqual(['detect']);
    expect(similar('zzz', ['list', 'show'])).toEqual([]);
  });
});

describe('completion', () => {
  const complete = async (words: readonly string[]) => {
    const file = inNewFolder('completion.bash');
    writeFileSync(file, (await run('completion', 'bash')).stdout);
    const script = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _flowlogs; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script, file, 'flowlogs', ...words], { encoding: 'utf8' })
      .trim()
      .split('\n');
  };

  test.each<[string[], string[]]>([
    [['que'], ['query']],
    [['query', 'beac'], ['beaconing']],
    [['query', 'x', '-f', 'mark'], ['markdown']],
    [['query', 'x', '--time'], ['--time-zone']],
    [['completion', 'f'], ['fish']],
    [['query', 'x', '--ou'], ['--output']],
    [['query', 'x', '--format', '=', 'c'], ['csv']],
    [['query', '-q', '--limit', '3', 'beac'], ['beaconing']],
    [['query', '--format', '=', 'csv', 'beac'], ['beaconing']],
    [['detect', '--only', 'port'], ['port-scan']],
    [['query', 'x', 'beac'], ['']],
  ])('bash: %j', async (words, expected) => {
    expect(await complete(words)).toEqual(expected);
  });

  test('no script offers an old spelling', async () => {
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await run('completion', shell)).stdout).not.toMatch(/--(dest|since|lake)(?![-a-z])|l (dest|since|lake) /);
  });
});

test('--version: the version, then days of the build and of its data', async () => {
  const { stdout, code } = await run('--version');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n(built \d{4}-\d{2}-\d{2}\n([a-z ]+ of \d{4}-\d{2}-\d{2}\n)*)?$/);
});
