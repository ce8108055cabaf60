// Python packages that tests need, from PyPI by pip at pinned versions into .box/, once.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const BOX = resolve(import.meta.dirname, '..', '..', '.box');

/** Something that the machine lacks, and how to install it. */
export class MissingTool extends Error {}

const VENV = 'Python 3 with venv is missing: install it (Debian: apt-get install python3 python3-venv)';

export function python() {
  if (spawnSync('python3', ['-m', 'venv', '--help']).status !== 0) throw new MissingTool(VENV);
  return 'python3';
}

/** The `python` of a virtual environment with packages in it. @throws MissingTool where the machine lacks Python or PyPI */
export function installVenv(name, what, packages) {
  const venv = join(BOX, name);
  mkdirSync(BOX, { recursive: true });
  const executable = join(venv, 'bin', 'python');
  if (existsSync(join(venv, 'installed'))) return executable;
  console.error(`Installing ${what} from PyPI into .box/ (once)`);
  // What an interrupted run left would be taken for whole.
  rmSync(venv, { recursive: true, force: true });
  const says = (command, args) => spawnSync(command, args, { stdio: ['ignore', 2, 2] }).status === 0;
  // Debian's python3 has a venv that cannot install pip.
  if (!says(python(), ['-m', 'venv', venv])) throw new MissingTool(VENV);
  if (!says(executable, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]))
    throw new MissingTool(
      `${what} could not be installed from PyPI (pip's reason is above): connect to PyPI or name a mirror of it in PIP_INDEX_URL, and run this again; it is asked once`,
    );
  writeFileSync(join(venv, 'installed'), '');
  return executable;
}
