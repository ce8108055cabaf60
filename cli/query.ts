import type { Command } from '@commander-js/extra-typings';
import { columnsUsed } from '../lib/analysis/functions';
import { renderSql } from '../lib/analysis/render';
import { columnsNeeded, MissingFieldsError, renderRun } from '../lib/run';
import { missingFields, tableOf } from '../lib/analysis/requirements';
import { oneMore, type RowLimit } from '../lib/analysis/row-limit';
import { SQL_NAMES } from '../lib/flow-log/fields';
import { SourceError } from '../lib/source/errors';
import { AWS } from './aws';
import { answerOptions, CSV, FILE, QUERY_FORMATS, ROWS } from './answer-options';
import { catalogueOf } from './list';
import { NAMES } from './names';
import { nothingMatched, tellNothingMatched } from './nothing-matched';
import { withOptions } from './option-group';
import { CATALOGUE, engineSettings, PARAMETERS, parseParams, QUIET, READING, SCOPE, TIME } from './options';
import { withRecords } from './records';
import { checkSources, openRemote, printDryRun, REMOTE, remoteWindow } from './remote';
import { rowLimitOf } from './row-limit';
import { openEngine, writeQuery } from './run-query';
import { notice } from './say';
import { questionWindow, scopeOf, tellTimeless, windowOf } from './window';

export function registerQuery(program: Command): void {
  const command = program
    .command('query <id> [source...]')
    .description('answer a question from files, folders, globs, s3:// prefixes, standard input (-) or a deployed stack')
    .addHelpText(
      'after',
      `
Examples:
  flowlogs query top-rejected-sources logs/
  flowlogs query top-talkers 'logs/**/*.gz' --from 2026-11-20 --to 2026-11-21 -o talkers.csv
  flowlogs query traffic-from-address logs/ --param address=203.0.113.9 --scope subnet=subnet-0abc
  flowlogs query rejected-by-port s3://my-bucket/AWSLogs/ --from -24h
  flowlogs query top-talkers --engine athena --stack FlowLogAnalytics --from -24h
  flowlogs query top-talkers --engine insights --log-group /vpc/flow-logs --from -1h --dry-run`,
    );
  const answer = answerOptions(QUERY_FORMATS, FILE);
  withOptions(command, answer, ROWS, CSV, NAMES, CATALOGUE, PARAMETERS, TIME, SCOPE, READING, engineSettings(), QUIET, AWS, REMOTE).action(
    async (id, sources, options) => {
      checkSources(options, sources);
      const catalogue = catalogueOf(options);
      const analysis = catalogue.get(id);
      const parameters = parseParams(options.param);
      const request = { analysis, parameters, scope: scopeOf(options) };
      const rows = rowLimitOf(options, analysis, parameters);
      const bar = analysis.chart.type === 'bar' ? analysis.chart.y : undefined;
      if (options.engine !== 'duckdb') {
        const remote = await openRemote(options);
        const window = remoteWindow(options, analysis.window);
        const text = (some: RowLimit) => renderRun({ catalogue, ...remote }, { ...request, window, rows: some });
        if (options.dryRun === true) return printDryRun(remote, text(oneMore(rows)), window, options.quiet === true);
        const stats = await writeQuery(remote.engine, { text, rows, columns: analysis.columns, bar, window }, options);
        if (stats !== undefined) notice(remote.cost(stats), options.quiet);
        return;
      }
      const columns = columnsNeeded(catalogue, analysis, request);
      await withRecords({ sources, options, columns }, async (records) => {
        const table = tableOf(analysis);
        const there = records.tables.get(table);
        if (there === undefined)
          throw new SourceError(
            `${analysis.id} needs the table ${table} of IBM Cloud's flow logs; these sources hold none. See \`flowlogs list\` for other questions`,
          );
        // What happened in a bucket of time needs one; a report counts what it can.
        const window = await (analysis.kind === 'report' ? questionWindow : windowOf)(options, records);
        const text = (some: RowLimit) => renderSql(catalogue, analysis, { ...request, window, rows: some });
        const readsStart = columnsUsed(text(rows), SQL_NAMES)?.has('start') ?? true;
        const missing = missingFields(analysis, request.scope, there).filter((name) => name !== 'start' || readsStart);
        if (missing.length > 0) throw new MissingFieldsError(analysis.id, missing);
        await tellTimeless(records, 'whole' in window ? 'counted' : 'left out', options.quiet);
        const engine = await openEngine(records, options);
        const nothing = await nothingMatched(options, records, engine);
        await writeQuery(engine, { text, rows, columns: analysis.columns, bar }, options);
        tellNothingMatched(nothing, options.quiet);
      });
    },
  );
}
