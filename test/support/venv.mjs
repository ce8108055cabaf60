// Python packages that tests need, from PyPI by pip at pinned versions into .box/, once.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const BOX = resolve(import.meta.dirname, '..', '..', '.box');

/** Something that the machine lacks, and how to install it. */
export class MissingTool extends Error {}

export function python() {
  if (spawnSync('python3', ['-m', 'venv', '--help']).status !== 0)
    throw new MissingTool('Python 3 with venv is missing: install it (Debian: apt-get install python3 python3-venv)');
  return 'python3';
}

/** The `python` of a virtual environment with packages in it. */
export function installVenv(name, what, packages) {
  const venv = join(BOX, name);
  mkdirSync(BOX, { recursive: true });
  const executable = join(venv, 'bin', 'python');
  if (existsSync(join(venv, 'installed'))) return executable;
  console.error(`Installing ${what} from PyPI into .box/ (once)`);
  // What an interrupted run left would be taken for whole.
  rmSync(venv, { recursive: true, force: true });
  execFileSync(python(), ['-m', 'venv', venv], { stdio: ['ignore', 2, 2] });
  execFileSync(executable, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], { stdio: ['ignore', 2, 2] });
  writeFileSync(join(venv, 'installed'), '');
  return executable;
}
