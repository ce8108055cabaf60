/** Prints a documentation file with its tables of detection quality as eval/results.json has them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../lib/package-root';
import { markdown, summary, tablesOf } from './print';
import type { Results } from './results';

const BLOCKS: Readonly<Record<string, (results: Results) => string>> = {
  'README.md': (results) => markdown(summary(results)),
  'docs/watch.md': (results) =>
    tablesOf(results)
      .map((one) => `### ${one.title}\n\n${markdown(one)}`)
      .join('\n\n'),
};
const [BEGIN, END] = ['<!-- eval:begin -->', '<!-- eval:end -->'];

const [path = ''] = process.argv.slice(2);
const block = BLOCKS[path];
if (block === undefined) throw new Error(`${path}: expected one of ${Object.keys(BLOCKS).join(', ')}`);
const text = readFileSync(join(packageRoot(), path), 'utf8');
const results = JSON.parse(readFileSync(join(packageRoot(), 'eval', 'results.json'), 'utf8')) as Results;
const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
if (before < 0 || after < before) throw new Error(`${path}: no ${BEGIN} … ${END}`);
process.stdout.write(
  `${text.slice(0, before + BEGIN.length)}\n<!-- prettier-ignore-start -->\n\nMeasured on ${results.measured}, ${results.half} half.\n\n${block(results)}\n\n<!-- prettier-ignore-end -->\n${text.slice(after)}`,
);
