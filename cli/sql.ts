import type { Command } from 'commander';
import { columnsUsed } from '../lib/analysis/functions';
import { SQL_NAMES } from '../lib/flow-log/fields';
import { type OutputOptions, outputOptions, type SourceOptions, sourceOptions } from './options';
import { withRecords } from './records';
import { openEngine, writeQuery } from './run-query';

export function registerSql(program: Command): void {
  const command = program
    .command('sql <query> <source...>')
    .description('run your own Athena SQL over the table flow_records')
    .addHelpText(
      'after',
      `
Columns are the fields of your logs with underscores (pkt_srcaddr); quote "end". \`-\` is NULL.

Examples:
  flowlogs sql 'SELECT dstport, count(*) AS n FROM flow_records GROUP BY 1 ORDER BY 2 DESC LIMIT 10' logs/
  flowlogs sql "SELECT * FROM flow_records WHERE contains('10.0.0.0/8', TRY_CAST(srcaddr AS IPADDRESS))" logs/ --output ndjson`,
    );
  outputOptions(sourceOptions(command)).action(async (query: string, sources: string[], options: SourceOptions & OutputOptions) => {
    await withRecords({ sources, options, columns: columnsUsed(query, SQL_NAMES) }, async (records) => {
      await writeQuery(await openEngine(records, options), query, options);
    });
  });
}
