import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { selfCommand, typeable } from '../../cli/self';
import { flowlogs } from '../support/cli';
import { temporaryFolder } from '../support/logs';

const root = join(__dirname, '..', '..');
const folder = temporaryFolder();

test('links between the documents of the package lead to files of the package', () => {
  const out = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  const [{ files }] = JSON.parse(out) as [{ files: { path: string }[] }];
  const there = new Set(files.map(({ path }) => path));
  for (const path of [...there]) for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) there.add(at);
  const dead = [...there]
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
        if (/^[a-z]+:|^#/.test(link)) return [];
        const target = posix.join(posix.dirname(path), link.replace(/#.*/, '')).replace(/\/$/, '');
        return there.has(target) ? [] : [`${path}: ${link}`];
      }),
    );
  expect(dead).toEqual([]);
});

describe('printed commands exist where the person is', () => {
  const cached = join(folder, '_npx', '1c3', 'node_modules', 'flow-log-analytics');
  mkdirSync(cached, { recursive: true });
  writeFileSync(join(dirname(dirname(cached)), 'package.json'), JSON.stringify({ _npx: { packages: ['./my logs.tgz'] } }));

  test.each<[string, NodeJS.ProcessEnv, string, string, string]>([
    ['installed globally', {}, '/usr/lib/node_modules/flow-log-analytics', '/home', 'flowlogs'],
    ['in the repository', {}, '/src/flow-log-analytics', '/src/flow-log-analytics', 'npx flowlogs'],
    ['npx, of a dependency', { npm_command: 'exec', npm_lifecycle_script: 'flowlogs demo' }, '/app/node_modules/x', '/app', 'npx flowlogs'],
    ['in a script of npm', { npm_command: 'run-script', npm_lifecycle_script: 'flowlogs demo' }, '/app/node_modules/x', '/app', 'flowlogs'],
    ['npx, of another command', { npm_command: 'exec', npm_lifecycle_script: 'jest' }, '/app/node_modules/x', '/app', 'flowlogs'],
    ['npx, of a file', { npm_command: 'exec' }, cached, '/home', "npx './my logs.tgz'"],
  ])('%s', (_, env, at, cwd, command) => {
    expect(selfCommand(env, at, cwd)).toBe(command);
  });

  test('in messages', async () => {
    expect(typeable('see `flowlogs list`, not flowlogs')).toBe('see `npx flowlogs list`, not flowlogs');
    const env = { npm_command: 'exec', npm_lifecycle_script: 'flowlogs query' };
    const { stderr } = await flowlogs(['help', 'quer'], { env, cwd: folder });
    expect(stderr).toContain('did you mean query?');
    expect((await flowlogs(['help', 'zzzzzzz'], { env, cwd: folder })).stderr).toContain('see `npx flowlogs help`');
    expect((await flowlogs(['help', 'zzzzzzz'], { cwd: folder, env: { npm_command: '' } })).stderr).toContain('see `flowlogs help`');
  });
});

test('convert says before it writes that few records become very many objects', async () => {
  const sample = join(root, 'samples', 'aws-honeypot-marx', 'marx.2-hosts.v2.log.gz');
  const { stderr } = await flowlogs(['convert', sample, '-f', 'aws-v2', '-o', join(folder, 'out')], {
    onStart: (child) => child.stderr?.on('data', (text: Buffer) => text.includes('Warning') && child.kill('SIGINT')),
  });
  expect(stderr).toContain('Warning: 48,048 records become at least 23,281 objects, because AWS writes one every five minutes.');
});

test('the costs that the README names are those of the estimate', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const total = async (config: string) => {
    const { stdout } = await flowlogs(['estimate', '--gb-per-day', '1', '--config', config]);
    return Math.round(Number(/^total\s+([\d.]+)$/m.exec(stdout)?.[1]));
  };
  const minimal = join(root, 'examples', 'minimal-vpc.yaml');
  const quiet = join(folder, 'quiet.yaml');
  writeFileSync(quiet, `${readFileSync(minimal, 'utf8')}watch: false\n`);
  expect(readme).toContain(
    `With 1 GB of logs a day about $${await total(minimal)} a month; without the watch about $${await total(quiet)}.`,
  );
});

test('npm finds no install script in the package, of which it would warn', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  expect(['preinstall', 'install', 'postinstall', 'prepare'].filter((name) => name in scripts)).toEqual([]);
});
