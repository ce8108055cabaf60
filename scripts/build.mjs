// Builds dist/: the library with its types by tsc, the CLI as one file by esbuild (start-up is part of its speed).
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
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
const { compileCatalogue } = require('../dist/lib/analysis/catalogue.js');
writeFileSync('dist/catalogue.json', compileCatalogue());
