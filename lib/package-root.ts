import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

function find(from: string): string {
  const manifest = join(from, 'package.json');
  if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'flow-log-analytics') return from;
  const parent = dirname(from);
  if (parent === from) throw new Error(`flow-log-analytics: package.json not found above ${__dirname}; the installation is damaged`);
  return find(parent);
}

/** Folder of this package: the same code runs from sources and from the build, and both need the data files next to it. */
export const packageRoot = (): string => find(__dirname);

export const packageVersion = (): string =>
  (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
