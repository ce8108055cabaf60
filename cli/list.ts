import type { Command } from 'commander';
import { builtInQueries, Catalogue } from '../lib/analysis/catalogue';
import { type CatalogueOptions, catalogueOption, type OutputOptions, outputOptions } from './options';
import { writeRows } from './output';

export const catalogueOf = (options: CatalogueOptions): Catalogue => new Catalogue([builtInQueries(), ...(options.queries ?? [])]);

const COLUMNS = [
  { name: 'id', type: 'string' },
  { name: 'kind', type: 'string' },
  { name: 'group', type: 'string' },
  { name: 'title', type: 'string' },
] as const;

export function registerList(program: Command): void {
  const command = program
    .command('list')
    .description('list the questions: reports and detections')
    .option('--kind <kind>', 'only `report` or `detection`')
    .addHelpText(
      'after',
      '\nExamples:\n  flowlogs list\n  flowlogs list --kind detection --output json\n  flowlogs list --queries ./my-queries',
    );
  outputOptions(catalogueOption(command), ['table', 'json', 'ndjson', 'csv', 'markdown']).action(
    async (options: CatalogueOptions & OutputOptions & { kind?: string }) => {
      const rows = catalogueOf(options)
        .all()
        .filter(({ kind }) => options.kind === undefined || kind === options.kind)
        .sort((a, b) => (a.group === b.group ? (a.id < b.id ? -1 : 1) : a.group < b.group ? -1 : 1))
        .map(({ id, kind, group, title }) => ({ id, kind, group, title }));
      await writeRows(options, COLUMNS, rows.slice(0, options.limit));
    },
  );
}
