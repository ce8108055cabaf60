import { type Command, Option } from '@commander-js/extra-typings';
import { renderInsights, renderSql, type Window } from '../lib/analysis/render';
import { parseFormat } from '../lib/flow-log/format';
import { UsageError } from './errors';
import { catalogueOf } from './list';
import { withOptions } from './option-group';
import { CATALOGUE, PARAMETERS, parseParams, partitionOption, SCOPE, TIME, type TimeOptions } from './options';
import { partitionsOf } from './remote';
import { print } from './say';
import { boundsOf } from './time';
import { scopeOf } from './window';

export function registerRender(program: Command): void {
  const command = program
    .command('render <id>')
    .description('print the query of a question for Athena, DuckDB or Logs Insights')
    .addOption(
      new Option('--engine <engine>', 'engine that the query is for').choices(['athena', 'duckdb', 'insights']).default('athena' as const),
    )
    .option('--table <name>', 'table or view, such as security.flow_records')
    .addOption(partitionOption('hour'))
    .option('--log-format <format>', 'format of the log group, if it is not the default format')
    .addHelpText(
      'after',
      '\nWithout --from and --to the window of an Athena query is relative to now.\n\nExamples:\n  flowlogs render top-rejected-sources --engine athena --from -24h\n  flowlogs render top-talkers --engine insights --log-format recommended',
    );
  withOptions(command, CATALOGUE, PARAMETERS, TIME, SCOPE).action((id, options) => {
    const catalogue = catalogueOf(options);
    const analysis = catalogue.get(id);
    const common = { parameters: parseParams(options.param), scope: scopeOf(options) };
    if (options.engine === 'insights') {
      const format = options.logFormat === undefined ? undefined : parseFormat(options.logFormat);
      print(`${renderInsights(catalogue, analysis, { ...common, format })}\n`);
      return;
    }
    const partitions = options.engine === 'athena' ? partitionsOf(options.partition ?? 'hour') : [];
    print(
      `${renderSql(catalogue, analysis, { ...common, window: literalWindow(options, analysis.window), table: options.table, partitions })}\n`,
    );
  });
}

function literalWindow(options: TimeOptions & { engine: string }, fallback: string): Window {
  const { from, to } = boundsOf(options);
  if (from !== undefined) return { from, to: to ?? Math.floor(Date.now() / 1000) };
  if (to !== undefined) throw new UsageError('--to needs --from');
  if (options.engine === 'duckdb')
    throw new UsageError('--engine duckdb needs --from and --to: a DuckDB query has no window relative to now');
  return { last: fallback };
}
