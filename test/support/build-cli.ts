import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

export const CLI = join(__dirname, '..', '..', 'node_modules', '.cache', 'flowlogs-test', 'flowlogs.js');

/** The CLI as users run it, from the sources as they are now. */
export default async function buildCli(): Promise<void> {
  mkdirSync(join(CLI, '..'), { recursive: true });
  await build({
    entryPoints: [join(__dirname, '..', '..', 'bin', 'flowlogs.ts')],
    outfile: CLI,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    logLevel: 'error',
  });
}
