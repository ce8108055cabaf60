import type { Command } from 'commander';
import { columnsUsed } from '../lib/analysis/functions';
import { scopeFields } from '../lib/analysis/scope';
import { SQL_NAMES } from '../lib/flow-log/fields';
import { sqlNameOf } from '../lib/flow-log/format';
import { type OutputOptions, outputOptions, type SourceOptions, sourceOptions, type WindowOptions, windowOptions } from './options';
import { withRecords } from './records';
import { openEngine, writeQuery } from './run-query';
import { restrictTo, scopeOf } from './window';

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
  outputOptions(sourceOptions(windowOptions(command))).action(
    async (query: string, sources: string[], options: SourceOptions & OutputOptions & WindowOptions) => {
      await withRecords({ sources, options, columns: columnsOf(query, options) }, async (records) => {
        const engine = await openEngine(records, options);
        await restrictTo(options, records, engine);
        await writeQuery(engine, query, options);
      });
    },
  );
}

function columnsOf(query: string, options: WindowOptions): ReadonlySet<string> | undefined {
  const used = columnsUsed(query, SQL_NAMES);
  return used === undefined ? undefined : new Set([...used, ...scopeFields(scopeOf(options)).map(sqlNameOf)]);
}
