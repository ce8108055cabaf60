import { type Command, Option } from 'commander';
import { renderInsights, renderSql, type Window } from '../lib/analysis/render';
import { parseTime } from '../lib/analysis/time';
import { parseFormat } from '../lib/flow-log/format';
import { type Partition, PARTITIONS } from '../lib/flow-log/layout';
import { UsageError } from './errors';
import { catalogueOf } from './list';
import { type CatalogueOptions, catalogueOption, paramOption, parseParams, type WindowOptions, windowOptions } from './options';
import { print } from './say';
import { scopeOf } from './window';

interface RenderCommandOptions extends CatalogueOptions, WindowOptions {
  engine: 'athena' | 'duckdb' | 'insights';
  param?: string[];
  table?: string;
  partition: Partition['column'] | 'none';
  logFormat?: string;
}

export function registerRender(program: Command): void {
  const command = program
    .command('render <id>')
    .description('print the text of a question for an engine, ready to paste')
    .addOption(new Option('--engine <engine>', 'language').choices(['athena', 'duckdb', 'insights']).default('athena'))
    .option('--table <name>', 'table or view, such as "security"."flow_records" without quotes: security.flow_records')
    .addOption(
      new Option('--partition <column>', 'partition column that the Athena table has')
        .choices([...Object.keys(PARTITIONS), 'none'])
        .default('hour'),
    )
    .option('--log-format <format>', 'format of the log group: Insights needs it for anything but the default format')
    .addHelpText(
      'after',
      '\nWithout --from and --to, Athena text gets a window relative to now.\n\nExamples:\n  flowlogs render top-rejected-sources --engine athena --from -24h\n  flowlogs render top-talkers --engine insights --log-format recommended',
    );
  windowOptions(paramOption(catalogueOption(command))).action((id: string, options: RenderCommandOptions) => {
    const catalogue = catalogueOf(options);
    const analysis = catalogue.get(id);
    const common = { parameters: parseParams(options.param), scope: scopeOf(options) };
    if (options.engine === 'insights') {
      const format = options.logFormat === undefined ? undefined : parseFormat(options.logFormat);
      print(`${renderInsights(catalogue, analysis, { ...common, format })}\n`);
      return;
    }
    const partitions = options.engine === 'athena' && options.partition !== 'none' ? [PARTITIONS[options.partition]] : [];
    print(
      `${renderSql(catalogue, analysis, { ...common, window: literalWindow(options, analysis.window), table: options.table, partitions })}\n`,
    );
  });
}

function literalWindow(options: RenderCommandOptions, fallback: string): Window {
  if (options.from === undefined) {
    if (options.to !== undefined) throw new UsageError('--to needs --from');
    if (options.engine === 'duckdb')
      throw new UsageError('--engine duckdb needs --from and --to: local text has no window relative to now');
    return { last: fallback };
  }
  const now = Date.now();
  return { from: parseTime(options.from, now), to: options.to === undefined ? Math.floor(now / 1000) : parseTime(options.to, now) };
}
