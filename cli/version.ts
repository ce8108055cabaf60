import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot, packageVersion } from '../lib/package-root';

/** What scripts/build.mjs writes: days, `2026-11-20`. */
interface Build {
  readonly built: string;
  /** The last change of data that ages; absent where the build knew no history. */
  readonly data: Readonly<Record<string, string>>;
}

/** The version, and how old the build and its data are. */
export function versionText(): string {
  const file = join(packageRoot(), 'dist', 'build.json');
  if (!existsSync(file)) return packageVersion();
  const { built, data } = JSON.parse(readFileSync(file, 'utf8')) as Build;
  return [packageVersion(), `built ${built}`, ...Object.entries(data).map(([what, day]) => `${what} of ${day}`)].join('\n');
}
