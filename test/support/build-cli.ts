import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';

const ROOT = join(__dirname, '..', '..');

export const CLI = join(ROOT, 'node_modules', '.cache', 'flowlogs-test', 'flowlogs.js');

const modified = (path: string) => statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The CLI as users run it, from the sources as they are now. */
export default async function buildCli(): Promise<void> {
  if (modified('dist/cut.wasm') < modified('wasm/cut.ts'))
    execFileSync(process.execPath, [join('scripts', 'wasm.mjs')], { cwd: ROOT, stdio: 'inherit' });
  if (modified('dist/owners.bin') < Math.max(modified('scripts/pack-owners.ts'), modified('lib/inventory/owners-file.ts')))
    execFileSync(process.execPath, [join('scripts', 'owners.mjs')], { cwd: ROOT, stdio: 'inherit' });
  mkdirSync(join(CLI, '..'), { recursive: true });
  const options = JSON.parse(readFileSync(join(ROOT, 'scripts', 'command.json'), 'utf8')) as BuildOptions;
  await build({ ...options, absWorkingDir: ROOT, outfile: CLI });
}
