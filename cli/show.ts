import type { Command } from 'commander';
import { analysisMarkdown } from '../lib/analysis/docs';
import { catalogueOf } from './list';
import { print } from './say';
import { type CatalogueOptions, catalogueOption } from './options';

export function registerShow(program: Command): void {
  const command = program
    .command('show <id>')
    .description('explain a question: meaning, parameters, columns, and its text for each engine')
    .addHelpText('after', '\nExample:\n  flowlogs show rejection-spike');
  catalogueOption(command).action((id: string, options: CatalogueOptions) => {
    print(analysisMarkdown(catalogueOf(options).get(id), { texts: true }));
  });
}
