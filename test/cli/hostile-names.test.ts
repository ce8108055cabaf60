/**
 * Names of files that hold line ends, escape sequences and signs that turn text around: what people read says the same as of any other name,
 * in as many lines, with the name's signs as escapes. What programs read has the true name.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { visibleLine } from '../../lib/analysis/human';
import { shellQuoted } from '../../lib/finding/command';
import { openDatabase } from '../../lib/source/duckdb';
import { tarOf } from '../support/archives';
import { flowlogs, type Outcome } from '../support/cli';
import { HEADER, line, temporaryFolder, writeLog } from '../support/logs';

const PLAIN = 'harmless';
const HOSTILE = [
  'n\nerror: the disk is gone\n  skipped x: y\rRead 9 records',
  '\u001b]0;title\u0007\u001bc\u009b2K\u007f',
  'gol\u202etxt\u2066\u2028\u2029\u061c\u200f',
];
/** All of it in one: most commands are run for it alone. */
const ALL = HOSTILE.join(' ');
/** But for line feeds, which end lines. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const folder = temporaryFolder();
const GOOD = `${HEADER}\n${line()}\n`;
const COUNT = 'SELECT count(*) AS n FROM flow_records';

let parquet: Record<'foreign' | 'bad', Buffer>;
beforeAll(async () => {
  const db = await openDatabase({ threads: 1, memory: '300MB', temporaryFolder: join(folder, 'spill') });
  const bytesOf = async (name: string, select: string) => {
    const path = join(folder, `${name}.parquet`);
    await db.rows(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
    return readFileSync(path);
  };
  parquet = {
    foreign: await bytesOf('foreign', 'SELECT 1 AS a, \'x\' AS "b\u001b[31m\nc"'),
    bad: await bytesOf(
      'bad',
      "SELECT 'x' AS srcport, '10.0.0.1' AS srcaddr, '10.0.0.2' AS dstaddr, 'ACCEPT' AS action, 'OK' AS log_status, 1790000000 AS start, 'eni-1' AS interface_id",
    ),
  };
  await db.close();
});

interface Case {
  readonly what: string;
  /** Writes what the command is to meet in a folder; returns its arguments. */
  readonly make: (dir: string, name: string) => readonly string[];
  readonly says: RegExp;
  readonly code?: number;
  /** Whether standard output is the same, too. */
  readonly env?: Readonly<Record<string, string>>;
}

const good = (dir: string) => writeLog(dir, 'good.log', GOOD);
const inFolder =
  (ending: string, content: () => string | Buffer, ...options: string[]) =>
  (dir: string, name: string) => {
    good(dir);
    writeLog(dir, `${name}${ending}`, content());
    return ['sql', COUNT, dir, ...options];
  };
const alone = (ending: string, content: () => string | Buffer) => (dir: string, name: string) => [
  'sql',
  COUNT,
  writeLog(dir, `${name}${ending}`, content()),
];
const REJECTED = `${GOOD}too few\n`;
const questions = (files: Readonly<Record<string, string>>) => (dir: string, name: string) => {
  mkdirSync(join(dir, name, 'mine'), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, name, 'mine', file), text);
  return ['query', 'mine', good(dir), '--queries', join(dir, name)];
};

const CASES: readonly Case[] = [
  { what: 'a rejected line', make: inFolder('.log', () => REJECTED), says: /:3: .*"too few"/ },
  { what: 'a rejected line, strictly', make: inFolder('.log', () => REJECTED, '--strict'), says: /--strict: [^]*:3: /, code: 1 },
  { what: 'a skipped file', make: inFolder('.txt', () => 'these are words\n'), says: /skipped / },
  { what: 'a named file that is no log', make: alone('.txt', () => 'these are words\n'), says: /error: /, code: 1 },
  { what: 'an empty Parquet file', make: inFolder('.parquet', () => ''), says: /skipped .*empty file/ },
  { what: 'an empty Parquet file that is named', make: alone('.parquet', () => ''), says: /empty file/, code: 1 },
  { what: 'a damaged Parquet file', make: inFolder('.parquet', () => 'PAR1 words PAR1'), says: /not readable as Parquet/ },
  { what: 'a foreign Parquet file', make: inFolder('.parquet', () => parquet.foreign), says: /without the columns/ },
  { what: 'bad values in Parquet', make: inFolder('.parquet', () => parquet.bad), says: /srcport/ },
  { what: 'bad values in text', make: inFolder('.log', () => GOOD.replace('40000', 'x')), says: /srcport/ },
  { what: 'a truncated gzip', make: inFolder('.log.gz', () => gzipSync(GOOD.repeat(50)).subarray(0, -20)), says: /rejected/ },
  { what: 'bytes that are no text', make: inFolder('.log', () => Buffer.from(`${GOOD}\xff\xfe\n`, 'latin1')), says: /rejected/ },
  { what: 'an archive of such a name', make: inFolder('.tar', () => tarOf([{ name: 'a.log', content: REJECTED }])), says: /!\/a\.log:3/ },
  {
    what: 'a member of an archive',
    make: (dir, name) => [
      'sql',
      COUNT,
      writeLog(dir, 'a.tar', tarOf([{ name: `${name.slice(0, 70)}.log`, content: REJECTED }])),
      good(dir),
    ],
    says: /a\.tar!\/.*:3: /,
  },
  { what: 'no such file', make: (dir, name) => ['sql', COUNT, join(dir, name)], says: /no such/i, code: 1 },
  {
    what: 'a folder without files',
    make: (dir, name) => (mkdirSync(join(dir, name)), ['sql', COUNT, join(dir, name)]),
    says: /no files/,
    code: 1,
  },
  {
    what: 'a link to nothing',
    make: (dir, name) => {
      good(dir);
      symlinkSync(join(dir, 'nothing'), join(dir, name));
      return ['sql', COUNT, dir];
    },
    says: /skipped /,
  },
  {
    what: 'a pipe in a folder',
    make: (dir, name) => {
      good(dir);
      execFileSync('mkfifo', [join(dir, name)]);
      return ['sql', COUNT, dir];
    },
    says: /skipped /,
  },
  { what: 'no such folder of questions', make: (dir, name) => ['list', '--queries', join(dir, name)], says: /no such folder/, code: 1 },
  { what: 'a question that is no YAML', make: questions({ 'analysis.yaml': 'a: [\nerror: x\n' }), says: /analysis\.yaml: /, code: 1 },
  { what: 'a question that is wrong', make: questions({ 'analysis.yaml': 'id: mine\n' }), says: /title/, code: 1 },
  {
    what: 'no such suppressions',
    make: (dir, name) => ['detect', good(dir), '--suppressions', join(dir, name)],
    says: /no such file/,
    code: 1,
  },
  {
    what: 'no such baseline',
    make: (dir, name) => ['detect', good(dir), '--since-baseline', join(dir, name)],
    says: /no such file/,
    code: 2,
  },
  { what: 'no such list', make: (dir, name) => ['report', good(dir), '--group', `a=@${join(dir, name)}`], says: /no such file/, code: 2 },
  { what: 'no such option', make: (dir, name) => ['describe', `--${name}`, good(dir)], says: /unknown option/, code: 2 },
  { what: 'no such command', make: (_, name) => [name], says: /unknown command/, code: 2 },
  { what: 'rows in a file', make: (dir, name) => ['sql', COUNT, good(dir), '-f', 'csv', '-o', join(dir, name)], says: /Wrote 1 row to / },
  {
    what: 'Parquet in a file',
    make: (dir, name) => ['sql', COUNT, good(dir), '-f', 'parquet', '-o', join(dir, name)],
    says: /Wrote 1 row to /,
  },
  { what: 'a report in a file', make: (dir, name) => ['report', good(dir), '-o', join(dir, name)], says: /Wrote / },
  {
    what: 'objects in a folder',
    make: (dir, name) => ['convert', good(dir), '-f', 'aws-v2', '-o', join(dir, name)],
    says: /Wrote 1 record/,
  },
  { what: 'a lake', make: (dir, name) => ['compact', good(dir), '-o', join(dir, name)], says: /1 hour compacted/ },
  {
    what: 'a lake that is a file',
    make: (dir, name) => (writeLog(dir, name, ''), ['compact', good(dir), '-o', join(dir, name)]),
    says: /error: /,
    code: 1,
  },
  {
    what: 'rejects into no folder',
    make: (dir, name) => ['sql', COUNT, good(dir), '--rejects', join(dir, name, 'x')],
    says: /no such/,
    code: 1,
  },
  {
    what: 'an output in no folder',
    make: (dir, name) => ['sql', COUNT, good(dir), '-o', join(dir, name, 'x.csv')],
    says: /no such/,
    code: 1,
  },
  {
    what: 'an output that is a folder',
    make: (dir, name) => (mkdirSync(join(dir, name)), ['sql', COUNT, good(dir), '-f', 'csv', '-o', join(dir, name)]),
    says: /error: /,
    code: 1,
  },
  {
    what: 'parts of another fetch',
    make: (dir, name) => {
      mkdirSync(join(dir, `${name}.json.parts`));
      writeFileSync(join(dir, `${name}.json.parts`, 'about.json'), '{}');
      return [
        'fetch',
        '--from',
        '2026-11-20T00:00Z',
        '--to',
        '2026-11-20T01:00Z',
        '--endpoint',
        'http://127.0.0.1:9',
        '-o',
        join(dir, `${name}.json`),
      ];
    },
    says: /another fetch/,
    code: 2,
  },
];

/** What differs from run to run, and the lines of what was read at what speed. */
const settled = (text: string) =>
  text.replace(/[\d,.]+ records a second/g, 'N records a second').replace(/\d+(?:\.\d+)? (?:ms|s)\b/g, 'N s');

async function told({ make, env }: Case, dir: string, name: string): Promise<Outcome> {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  return flowlogs([...make(dir, name)], env === undefined ? {} : { env });
}

test.each(CASES)('$what', async (one) => {
  const dir = join(folder, 'case');
  const plain = await told(one, dir, PLAIN);
  expect([plain.code, plain.stderr]).toEqual([one.code ?? 0, expect.stringMatching(one.says)]);
  expect(plain.stderr).not.toMatch(/unexpected|Please report/);
  const { code, stdout, stderr } = await told(one, dir, ALL);
  expect([code, stderr + stdout]).toEqual([plain.code, expect.not.stringMatching(CONTROL)]);
  const shown = [ALL, ALL.slice(0, 70), JSON.stringify(ALL).slice(1, -1)].map(visibleLine);
  const harmless = shown.reduce((text, part) => text.replaceAll(part, PLAIN), stderr);
  expect(settled(harmless).split('\n')).toEqual(settled(plain.stderr).split('\n'));
});

test.each(HOSTILE)('programs get the true name %j', async (name) => {
  const dir = join(folder, 'programs');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  writeLog(dir, `${name}.log`, REJECTED);
  writeLog(dir, `${name}.txt`, 'these are words\n');
  const rejects = join(dir, 'rejects.ndjson');
  const { stdout } = await flowlogs(['describe', dir, '-f', 'json', '--rejects', rejects]);
  const { samples, skipped_files } = JSON.parse(stdout) as { samples: { file: string }[]; skipped_files: { path: string }[] };
  expect(samples.map(({ file }) => file)).toEqual([join(dir, `${name}.log`)]);
  expect(skipped_files.map(({ path }) => path)).toEqual([join(dir, `${name}.txt`)]);
  const lines = readFileSync(rejects, 'utf8').trimEnd().split('\n');
  expect(lines.map((text) => (JSON.parse(text) as { file: string }).file)).toEqual([join(dir, `${name}.log`)]);
});

test.each(HOSTILE)('a report and its Markdown show %j in one line', async (name) => {
  const dir = join(folder, 'reports', name);
  mkdirSync(dir, { recursive: true });
  const path = writeLog(dir, `${name}.log`, GOOD);
  const html = join(dir, 'report.html');
  expect((await flowlogs(['report', path, '-o', html, '-q'])).code).toBe(0);
  const { stdout } = await flowlogs(['report', path, '-f', 'markdown', '-q']);
  for (const text of [readFileSync(html, 'utf8'), stdout]) {
    expect(text).not.toMatch(CONTROL);
    expect(text).not.toMatch(/^(?:error:|Read 9| {2}skipped)/m);
  }
});

test.each(HOSTILE)('a shell reads %j back from a command that can be copied', (name) => {
  const quoted = shellQuoted(`it's \\ ${name}`);
  expect(quoted).not.toMatch(CONTROL);
  expect(quoted).not.toContain('\n');
  expect(execFileSync('bash', ['-c', `printf %s ${quoted}`]).toString()).toBe(`it's \\ ${name}`);
});
