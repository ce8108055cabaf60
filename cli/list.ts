import { type Command, Option } from '@commander-js/extra-typings';
import { builtInQueries, Catalogue } from '../lib/analysis/catalogue';
import { answerOptions, CSV, FILE, ROW_FORMATS, ROWS } from './answer-options';
import { withOptions } from './option-group';
import { CATALOGUE, type CatalogueOptions, QUIET } from './options';
import { writeRows } from './output';
import { cutText } from './row-limit';
import { notice } from './say';

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
    .addOption(new Option('--kind <kind>', 'only questions of this kind').choices(['report', 'detection'] as const))
    .addHelpText('after', '\nExamples:\n  flowlogs list\n  flowlogs list --kind detection -f json\n  flowlogs list --queries ./my-queries');
  withOptions(command, answerOptions(ROW_FORMATS, FILE), ROWS, CSV, CATALOGUE, QUIET).action(async (options) => {
    const rows = catalogueOf(options)
      .all()
      .filter(({ kind }) => options.kind === undefined || kind === options.kind)
      .sort((a, b) => (a.group === b.group ? (a.id < b.id ? -1 : 1) : a.group < b.group ? -1 : 1))
      .map(({ id, kind, group, title }) => ({ id, kind, group, title }));
    const shown = rows.slice(0, options.limit);
    await writeRows(options, COLUMNS, shown);
    if (shown.length < rows.length) notice(cutText(shown.length, rows.length, 'questions'), options.quiet);
  });
}
