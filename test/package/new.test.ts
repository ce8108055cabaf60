import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { loadAnalysis } from '../../lib/analysis/catalogue';
import { temporaryFolder } from '../support/logs';

const ROOT = join(__dirname, '..', '..');
const CONTRIBUTING = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const folder = temporaryFolder();

/** A copy of what the scaffolds may touch. */
function copy(name: string): string {
  const home = join(folder, name);
  for (const part of [
    'scripts/new',
    'queries/_fixtures',
    'queries/udp-talkers',
    'lib',
    'docs',
    'test/source',
    'test/support',
    'tsconfig.json',
  ]) {
    mkdirSync(dirname(join(home, part)), { recursive: true });
    cpSync(join(ROOT, part), join(home, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  return home;
}

const textsOf = (home: string) =>
  new Map(
    readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(home.length + 1), readFileSync(path, 'latin1')]),
  );

const run = (home: string, ...args: string[]) =>
  execFileSync(process.execPath, [join('scripts', 'new', 'run.mjs'), ...args], { cwd: home, encoding: 'utf8', stdio: 'pipe' });

/** The table of a kind in CONTRIBUTING.md: paths with NAME, then what happens to them. */
function promised(kind: string, name: string): { written: string[]; changed: string[] } {
  const rows = CONTRIBUTING.split(`npm run new:${kind}`)[1]!.split('\n\n')[1]!.split('\n').slice(2);
  const of = (what: string) =>
    rows
      .map((row) => row.split('|').map((cell) => cell.trim()))
      .filter(([, , how]) => how === what)
      .map(([, path = '']) => path.replaceAll('`', '').replaceAll('NAME', name))
      .sort();
  return { written: of('written'), changed: of('changed') };
}

test.each([
  ['question', 'top-things'],
  ['detection', 'odd-things'],
  ['source', 'some-cloud'],
])(
  'new:%s touches only the places that CONTRIBUTING.md promises',
  (kind, name) => {
    const home = copy(kind);
    const before = textsOf(home);
    run(home, kind, name);
    const after = textsOf(home);
    const { written, changed } = promised(kind, name);
    expect([...after.keys()].filter((path) => !before.has(path)).sort()).toEqual(written);
    expect([...before.keys()].filter((path) => before.get(path) !== after.get(path)).sort()).toEqual(changed);
    expect(written.map((path) => after.get(path)).filter((text) => /__\w+__/.test(text ?? ''))).toEqual([]);
    // A second one of the same name would overwrite the work on the first.
    expect(() => run(home, kind, name)).toThrow(/exists: choose another name/);
  },
  60_000,
);

test.each(['question', 'detection'])('a new %s is valid, and its fixture is for its author to write', (kind) => {
  const home = copy(`valid-${kind}`);
  run(home, kind, 'odd-things');
  const analysis = loadAnalysis(join(home, 'queries', 'odd-things'));
  expect(analysis.kind).toBe(kind === 'question' ? 'report' : 'detection');
  const fixtures = readdirSync(join(analysis.folder, 'fixtures')).map((name) =>
    readFileSync(join(analysis.folder, 'fixtures', name), 'utf8'),
  );
  expect(fixtures.some((text) => text.includes('rows: []'))).toBe(true);
  expect(fixtures.some((text) => text.includes('192.0.2.1') && text.includes('the test fails until both agree'))).toBe(true);
});

test('a new source compiles, with its reader registered', () => {
  const home = copy('compiles');
  run(home, 'source', 'some-cloud');
  const config = ts.parseJsonConfigFileContent(ts.readConfigFile(join(home, 'tsconfig.json'), ts.sys.readFile).config, ts.sys, home);
  const program = ts.createProgram([join(home, 'lib/source/foreign/registry.ts'), join(home, 'test/source/some-cloud.test.ts')], {
    ...config.options,
    noEmit: true,
    skipLibCheck: true,
    types: ['jest', 'node'],
  });
  const own = [
    'lib/flow-log/foreign.ts',
    'lib/source/foreign/registry.ts',
    'lib/source/foreign/some-cloud.ts',
    'test/source/some-cloud.test.ts',
  ];
  const faults = own.flatMap((path) => {
    const file = program.getSourceFile(join(home, path));
    if (file === undefined) return [`${path} is not part of the program`];
    return program.getSemanticDiagnostics(file).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  });
  expect(faults).toEqual([]);
}, 60_000);

test.each([
  [['thing', 'top-things'], /No kind "thing": expected question, detection, source/],
  [['question', 'Top Things'], /kebab-case such as top-things; got "Top Things"/],
  [['question'], /kebab-case/],
])('%j is refused, and nothing is written', (args, message) => {
  const home = join(folder, 'refused');
  if (!existsSync(home)) cpSync(join(ROOT, 'scripts', 'new'), join(home, 'scripts', 'new'), { recursive: true });
  expect(() => run(home, ...args)).toThrow(message);
  expect(existsSync(join(home, 'queries'))).toBe(false);
});
