import type { Command } from 'commander';
import { renderSql } from '../lib/analysis/render';
import { columnsNeeded, MissingFieldsError, missingFields } from '../lib/run';
import { catalogueOf } from './list';
import {
  type CatalogueOptions,
  catalogueOption,
  type OutputOptions,
  outputOptions,
  paramOption,
  parseParams,
  type SourceOptions,
  sourceOptions,
  type WindowOptions,
  windowOptions,
} from './options';
import { withRecords } from './records';
import { openEngine, writeQuery } from './run-query';
import { scopeOf, windowOf } from './window';

type QueryOptions = CatalogueOptions & WindowOptions & SourceOptions & OutputOptions & { param?: string[] };

export function registerQuery(program: Command): void {
  const command = program
    .command('query <id> <source...>')
    .description('answer a question from files, folders, globs or s3:// prefixes')
    .addHelpText(
      'after',
      `
Examples:
  flowlogs query top-rejected-sources logs/
  flowlogs query top-talkers 'logs/**/*.gz' --from 2026-11-20 --to 2026-11-21 --output csv --out talkers.csv
  flowlogs query traffic-from-address logs/ --param address=203.0.113.9 --scope subnet=subnet-0abc
  flowlogs query rejected-by-port s3://my-bucket/AWSLogs/ --from -24h`,
    );
  outputOptions(sourceOptions(windowOptions(paramOption(catalogueOption(command))))).action(
    async (id: string, sources: string[], options: QueryOptions) => {
      const catalogue = catalogueOf(options);
      const analysis = catalogue.get(id);
      const scope = scopeOf(options);
      const parameters = parseParams(options.param);
      const columns = columnsNeeded(catalogue, analysis, { parameters, scope });
      await withRecords({ sources, options, columns }, async (records) => {
        const missing = missingFields(
          analysis,
          scope,
          records.columns.map(({ name }) => name),
        );
        if (missing.length > 0) throw new MissingFieldsError(analysis.id, missing);
        const window = await windowOf(options, records);
        const query = renderSql(catalogue, analysis, { window, parameters, scope });
        const bar = analysis.chart.type === 'bar' ? analysis.chart.y : undefined;
        await writeQuery(await openEngine(records, options), query, options, analysis.columns, bar);
      });
    },
  );
}
