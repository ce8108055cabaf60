// Writes the generated documentation, or with --check fails if it is not what the sources say.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const GENERATED = {
  fields: 'docs/fields.md',
  analyses: 'docs/analyses.md',
  schema: 'queries/analysis.schema.json',
  runbook: 'docs/runbook.md',
  config: 'examples/config.schema.json',
  finding: 'docs/finding.schema.json',
  api: 'docs/api.openapi.json',
};
/** Written by hand but for their tables of detection quality. */
const MEASURED = ['README.md', 'docs/watch.md'];
const check = process.argv.includes('--check');
const stale = [];
const print = (...args) =>
  execFileSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
const texts = [
  ...Object.entries(GENERATED).map(([what, path]) => [path, () => print('bin/flowlogs.ts', 'docs', what)]),
  ...MEASURED.map((path) => [path, () => print('eval/docs.ts', path)]),
];
for (const [path, make] of texts) {
  const text = make();
  if (!check) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) stale.push(path);
}
if (stale.length > 0) {
  console.error(`${stale.join(', ')}: not what the sources say. Run: npm run docs`);
  process.exit(1);
}
