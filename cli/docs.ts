import { Argument, type Command } from 'commander';
import { catalogueMarkdown } from '../lib/analysis/docs';
import { fieldsMarkdown } from '../lib/flow-log/docs';
import { catalogueOf } from './list';
import { type CatalogueOptions, catalogueOption } from './options';

export function registerDocs(program: Command): void {
  const command = program
    .command('docs')
    .description('print reference documentation: fields, analyses (Markdown) or schema (JSON Schema of analysis.yaml)')
    .addArgument(new Argument('<what>', 'what to print').choices(['fields', 'analyses', 'schema']))
    .addHelpText('after', '\nExamples:\n  flowlogs docs fields | less\n  flowlogs docs schema > analysis.schema.json');
  catalogueOption(command).action(async (what: string, options: CatalogueOptions) => {
    const { analysisJsonSchema } = await import('../lib/analysis/schema.js');
    const text =
      what === 'fields'
        ? fieldsMarkdown()
        : what === 'schema'
          ? `${JSON.stringify(analysisJsonSchema(), null, 2)}\n`
          : catalogueMarkdown(catalogueOf(options).all());
    process.stdout.write(text);
  });
}
