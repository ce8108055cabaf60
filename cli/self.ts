/** How the command is called where the person is: what is printed to be typed must exist there. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { shellQuoted } from '../lib/finding/command';
import { packageRoot } from '../lib/package-root';

/** The package that npx runs, as it notes it next to what it installed. */
function npxPackage(root: string): string | undefined {
  const folder = /^(.*[\\/]_npx[\\/][^\\/]+)[\\/]node_modules[\\/]/.exec(root)?.[1];
  if (folder === undefined) return undefined;
  try {
    const { _npx } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { _npx?: { packages?: string[] } };
    return _npx?.packages?.[0];
  } catch {
    return undefined;
  }
}

/** `flowlogs`, where it is on the path; else with what finds it. */
export function selfCommand(env: NodeJS.ProcessEnv = process.env, root = packageRoot(), cwd = process.cwd()): string {
  const spec = npxPackage(root);
  if (spec !== undefined) return `npx ${shellQuoted(spec)}`;
  const isNpx = env['npm_command'] === 'exec' && /^['"]?flowlogs\b/.test(env['npm_lifecycle_script'] ?? '');
  // In the repository the command is not on the path.
  return isNpx || relative(cwd, root) === '' ? 'npx flowlogs' : 'flowlogs';
}

/** A message whose commands in backticks can be typed here. */
export const typeable = (text: string): string =>
  text.includes('`flowlogs ') ? text.replaceAll('`flowlogs ', `\`${selfCommand()} `) : text;
