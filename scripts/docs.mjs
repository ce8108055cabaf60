// Writes the generated documentation, or with --check fails if it is not what the sources say.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import prettier from 'prettier';
import { CHECKS } from '../test/live/checks.mjs';
import { synthesised } from './synth.mjs';

const GENERATED = {
  fields: 'docs/fields.md',
  analyses: 'docs/analyses.md',
  schema: 'queries/analysis.schema.json',
  runbook: 'docs/runbook.md',
  config: 'examples/config.schema.json',
  finding: 'docs/finding.schema.json',
  api: 'docs/api.openapi.json',
  constructs: 'docs/constructs.md',
};

/** A file whose parts between marks are made anew: `<!-- name -->`, `<!-- /name -->`. */
async function withParts(path, parts) {
  let text = readFileSync(path, 'utf8');
  for (const [name, part] of Object.entries(parts)) {
    const [from, to] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [text.indexOf(from), text.indexOf(to)];
    if (start < 0 || end < start) throw new Error(`${path}: the marks ${from} and ${to} are missing`);
    text = `${text.slice(0, start + from.length)}\n\n${part}\n\n${text.slice(end)}`;
  }
  return formatted(path, text);
}

const formatted = async (path, text) => prettier.format(text, { ...(await prettier.resolveConfig(path)), filepath: path });

const check = process.argv.includes('--check');
const stale = [];
const put = (path, text) => {
  if (!check) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) stale.push(path);
};
const { files, parts } = JSON.parse(
  execFileSync(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'scripts/docs-texts.ts', join(synthesised(), 'us-east-1')], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  }),
);
for (const [what, path] of Object.entries(GENERATED)) put(path, path.endsWith('.md') ? await formatted(path, files[what]) : files[what]);
const live = CHECKS.map(({ shows, needs }) => `- ${shows}${needs === undefined ? '' : ` (with ${needs})`}`).join('\n');
parts['docs/deploy.md'].live = live;
for (const [path, texts] of Object.entries(parts)) put(path, await withParts(path, texts));
if (stale.length > 0) {
  console.error(`${stale.join(', ')}: not what the sources say. Run: npm run docs`);
  process.exit(1);
}
