// Lints the prose that people read against vocabulary.yml: Markdown, texts of questions, strings and comments of the code.
// `npm run prose`, or `npm run prose -- PATH…` for some files.
import { TextlintKernel } from '@textlint/kernel';
import markdown from '@textlint/textlint-plugin-markdown';
import prh from 'textlint-rule-prh';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { globSync } from 'tinyglobby';
import typescript from './typescript.mjs';
import yaml from './yaml.mjs';

const FILES = [
  '*.md',
  '{docs,eval,examples,queries,samples,lib}/**/*.md',
  'queries/*/analysis.yaml',
  'queries/_partials/*.yaml',
  'examples/**/*.yaml',
  '{lib,lambda,web,bin,cli}/**/*.{ts,tsx}',
  'scripts/*.{mjs,ts}',
];
/** History and decisions keep their words. */
const IGNORED = ['**/node_modules/**', 'CHANGELOG.md', 'docs/adr/**'];

const vocabulary = join(import.meta.dirname, 'vocabulary.yml');
const options = {
  rules: [
    {
      ruleId: 'vocabulary',
      rule: prh.default ?? prh,
      options: { rulePaths: [vocabulary], checkLink: true, checkEmphasis: true, checkHeader: true, checkBlockQuote: true },
    },
  ],
  plugins: [
    { pluginId: 'markdown', plugin: markdown.default ?? markdown },
    { pluginId: 'typescript', plugin: typescript },
    { pluginId: 'yaml', plugin: yaml },
  ],
};
const kernel = new TextlintKernel();
const paths = process.argv.length > 2 ? process.argv.slice(2) : globSync(FILES, { ignore: IGNORED });
let wrong = 0;
for (const path of paths.sort()) {
  const { messages } = await kernel.lintText(readFileSync(path, 'utf8'), { ext: extname(path), filePath: path, ...options });
  for (const { loc, message } of messages)
    console.error(`${path}:${loc.start.line}:${loc.start.column} ${message.replaceAll(/\s+/g, ' ')}`);
  wrong += messages.length;
}
if (wrong > 0) {
  console.error(
    `${wrong} ${wrong === 1 ? 'place uses' : 'places use'} words that scripts/prose/vocabulary.yml replaces; the glossary is docs/glossary.md`,
  );
  process.exit(1);
}
