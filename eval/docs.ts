/** The tables of detection quality in the documentation, as eval/results.json has them: by file and mark. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../lib/package-root';
import { markdown, summary, tablesOf } from './print';
import type { Results } from './results';

export function measuredDocs(): Record<string, Record<string, string>> {
  const results = JSON.parse(readFileSync(join(packageRoot(), 'eval', 'results.json'), 'utf8')) as Results;
  const block = (tables: string) =>
    `<!-- prettier-ignore-start -->\n\nMeasured on ${results.measured}, ${results.half} half.\n\n${tables}\n\n<!-- prettier-ignore-end -->`;
  const all = tablesOf(results).map((one) => `### ${one.title}\n\n${markdown(one)}`);
  return { 'README.md': { eval: block(markdown(summary(results))) }, 'docs/watch.md': { eval: block(all.join('\n\n')) } };
}
