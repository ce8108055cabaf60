import type { Command } from '@commander-js/extra-typings';
import { analysisMarkdown } from '../lib/analysis/docs';
import { catalogueOf } from './list';
import { print } from './say';
import { withOptions } from './option-group';
import { CATALOGUE } from './options';

export function registerShow(program: Command): void {
  const command = program
    .command('show <id>')
    .description('explain a question: meaning, parameters, columns, and its text for each engine')
    .addHelpText('after', '\nExample:\n  flowlogs show rejection-spike');
  withOptions(command, CATALOGUE).action((id, options) => {
    print(analysisMarkdown(catalogueOf(options).get(id), { texts: true }));
  });
}
