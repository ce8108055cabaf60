// Synthesises what the checks of templates, the generated documentation and the cloud tests read, unless it is there and as new as its sources.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
export const SYNTHESISED = join(ROOT, '.box', 'synth');
const SOURCES = ['lib', 'queries', 'examples', 'dist/functions', 'test/templates', 'package.json', 'node_modules/aws-cdk-lib/package.json'];

const newest = (path) => {
  const stat = statSync(path);
  return stat.isDirectory() ? Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name)))) : stat.mtimeMs;
};

/** Folder of what is synthesised. */
export function synthesised() {
  const stamp = join(SYNTHESISED, 'stamp');
  const sources = Math.max(...SOURCES.map((path) => newest(join(ROOT, path))));
  if (existsSync(stamp) && statSync(stamp).mtimeMs > sources) return SYNTHESISED;
  rmSync(SYNTHESISED, { recursive: true, force: true });
  const tsx = join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  execFileSync(process.execPath, [tsx, join('test', 'templates', 'synth.ts'), SYNTHESISED], { cwd: ROOT, stdio: 'inherit' });
  writeFileSync(stamp, '');
  return SYNTHESISED;
}
