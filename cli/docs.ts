import { Argument, type Command } from '@commander-js/extra-typings';
import { catalogueMarkdown } from '../lib/analysis/docs';
import { fieldsMarkdown } from '../lib/flow-log/docs';
import { catalogueOf } from './list';
import { print } from './say';
import { withOptions } from './option-group';
import { CATALOGUE, type CatalogueOptions } from './options';

export function registerDocs(program: Command): void {
  const command = program
    .command('docs')
    .description(
      'print reference documentation: fields, analyses, runbook (Markdown); schema, config, finding (JSON Schema of analysis.yaml, of the app, of a finding), api (OpenAPI)',
    )
    .addArgument(new Argument('<what>', 'what to print').choices(['fields', 'analyses', 'runbook', 'schema', 'config', 'finding', 'api']))
    .addHelpText('after', '\nExamples:\n  flowlogs docs fields | less\n  flowlogs docs schema > analysis.schema.json');
  withOptions(command, CATALOGUE).action(async (what, options) => {
    print(await textOf(what, options));
  });
}

/** Reference documentation by its name. */
export async function textOf(what: string, options: CatalogueOptions): Promise<string> {
  const json = (schema: unknown) => `${JSON.stringify(schema, null, 2)}\n`;
  switch (what) {
    case 'fields':
      return fieldsMarkdown();
    case 'schema':
      return json((await import('../lib/analysis/schema.js')).analysisJsonSchema());
    case 'config':
      return json((await import('../lib/config.js')).configJsonSchema());
    case 'finding':
      return json((await import('../lib/finding/schema.js')).findingJsonSchema());
    case 'api':
      return json((await import('../lib/describe-flow-log/openapi.js')).openApi());
    case 'runbook':
      return (await import('../lib/finding/runbook.js')).runbookMarkdown(
        catalogueOf(options)
          .all()
          .filter(({ kind }) => kind === 'detection'),
      );
    default:
      return catalogueMarkdown(catalogueOf(options).all());
  }
}
