// Builds dist/: the library with its types by tsc, the CLI and each function as one file by esbuild (start-up is part of their speed).
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { buildDates } from './dates.mjs';
import { makeOwners, ownerPackages } from './owners.mjs';
import { billOfMaterials, licenceTexts, packagesIn } from './licences.mjs';

const require = createRequire(import.meta.url);

rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
await import('./wasm.mjs');
makeOwners();
// What few commands need is not parsed by all: command.json, which the tests build from too.
const command = await build({
  ...JSON.parse(readFileSync('scripts/command.json', 'utf8')),
  metafile: true,
  outfile: 'dist/bin/flowlogs.js',
  // publint guesses the format by patterns: `import_x,fromOf` in the bundle looks like ESM to it, this like CommonJS.
  footer: { js: 'module.exports = {};' },
});
chmodSync('dist/bin/flowlogs.js', 0o755);
writeFileSync('dist/build.json', `${JSON.stringify(buildDates())}\n`);
// The explorer's page: everything in three files, nothing from the network.
const page = await build({
  metafile: true,
  entryPoints: { app: 'web/main.tsx' },
  outdir: 'dist/web',
  bundle: true,
  platform: 'browser',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  format: 'iife',
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
});
await build({ entryPoints: ['web/app.css'], outfile: 'dist/web/app.css', bundle: true, minify: true, logLevel: 'warning' });
// Reports and the widgets of a dashboard draw with the same charts, without a browser.
const drawing = await build({
  metafile: true,
  entryPoints: ['web/report.tsx', 'web/widget.tsx'],
  outdir: 'dist/web',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  loader: { '.css': 'text' },
  logLevel: 'warning',
});
for (const file of ['index.html', 'favicon.svg']) copyFileSync(`web/${file}`, `dist/web/${file}`);
// Licences must accompany the bundles.
const pageParts = packagesIn(page.metafile, drawing.metafile);
const commandParts = packagesIn(command.metafile);
writeFileSync('dist/web/licences.txt', licenceTexts(pageParts));
writeFileSync('dist/bin/licences.txt', licenceTexts(commandParts));
const bundled = [...pageParts, ...commandParts, ...ownerPackages];
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
  const parts = packagesIn(metafile);
  writeFileSync(`dist/functions/${task.name}/licences.txt`, licenceTexts(parts));
  bundled.push(...parts);
}
const { compileCatalogue } = require('../dist/lib/analysis/catalogue.js');
writeFileSync('dist/catalogue.json', compileCatalogue());
writeFileSync('dist/sbom.cdx.json', JSON.stringify(billOfMaterials(bundled), null, 2));
