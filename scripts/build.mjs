// Builds dist/: the library with its types by tsc, the CLI and each function as one file by esbuild (start-up is part of their speed).
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);

rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
await build({
  entryPoints: ['bin/flowlogs.ts'],
  outfile: 'dist/bin/flowlogs.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  external: ['@duckdb/node-bindings*', '@aws-sdk/*', 'tinyglobby', 'fzstd'],
  logLevel: 'warning',
});
chmodSync('dist/bin/flowlogs.js', 0o755);
// Functions: one file each, the SDK in it (faster to load than the runtime's, and the version that was tested).
for (const task of readdirSync('lambda', { withFileTypes: true }).filter(({ name }) => existsSync(`lambda/${name}/index.ts`))) {
  const { metafile } = await build({
    entryPoints: [`lambda/${task.name}/index.ts`],
    outfile: `dist/functions/${task.name}/index.js`,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    keepNames: true,
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(`dist/functions/${task.name}.meta.json`, JSON.stringify(metafile));
}
const { compileCatalogue } = require('../dist/lib/analysis/catalogue.js');
writeFileSync('dist/catalogue.json', compileCatalogue());
