import type { Command } from '@commander-js/extra-typings';
import { columnsUsed } from '../lib/analysis/functions';
import { plainSql } from '../lib/analysis/helpers';
import { recordsCondition, tableSql } from '../lib/analysis/render';
import { type Scope, scopeFields } from '../lib/analysis/scope';
import { SQL_NAMES } from '../lib/flow-log/fields';
import { sqlNameOf } from '../lib/flow-log/format';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import { AWS } from './aws';
import { answerOptions, CSV, FILE, QUERY_FORMATS, ROWS } from './answer-options';
import { NAMES } from './names';
import { nothingMatched, tellNothingMatched } from './nothing-matched';
import { withOptions } from './option-group';
import { engineSettings, QUIET, READING, SCOPE, type ScopeOptions, type SourceOptions, TIME, type TimeOptions } from './options';
import { withRecords } from './records';
import { checkSources, openRemote, printDryRun, type Remote, REMOTE, type RemoteOptions, remoteWindow } from './remote';
import { rowLimitOf } from './row-limit';
import { type Answering, openEngine, writeQuery } from './run-query';
import { notice } from './say';
import { restrictTo, scopeOf } from './window';

export function registerSql(program: Command): void {
  const command = program
    .command('sql <query> [source...]')
    .description('run your own Athena SQL over the table flow_records')
    .addHelpText(
      'after',
      `
Columns are the fields of your logs with underscores (pkt_srcaddr); quote "end". \`-\` is NULL.

Examples:
  flowlogs sql 'SELECT dstport, count(*) AS n FROM flow_records GROUP BY 1 ORDER BY 2 DESC LIMIT 10' logs/
  flowlogs sql "SELECT * FROM flow_records WHERE contains('10.0.0.0/8', TRY_CAST(srcaddr AS IPADDRESS))" logs/ -f ndjson
  flowlogs sql 'SELECT count(*) AS n FROM flow_records' --engine athena --stack FlowLogAnalytics --from -1h

With --engine athena the table holds only the window (default: the last 24 hours), so that a query never reads all there is.
With --engine insights the query is Logs Insights QL.`,
    );
  const answer = answerOptions(QUERY_FORMATS, FILE);
  withOptions(command, answer, ROWS, CSV, NAMES, TIME, SCOPE, READING, engineSettings(), QUIET, AWS, REMOTE).action(
    async (query, sources, options) => {
      checkSources(options, sources);
      if (options.engine !== 'duckdb') {
        await sqlRemotely(query, options);
        return;
      }
      await withRecords({ sources, options, columns: columnsOf(query, options) }, async (records) => {
        const engine = await openEngine(records, options);
        const nothing = await nothingMatched(options, records, engine);
        await restrictTo(options, records, engine);
        await writeQuery(engine, { text: () => query, rows: rowLimitOf(options) }, options);
        tellNothingMatched(nothing, options.quiet);
      });
    },
  );
}

async function sqlRemotely(query: string, options: SourceOptions & Answering & TimeOptions & ScopeOptions & RemoteOptions): Promise<void> {
  const remote = await openRemote(options);
  const window = remoteWindow(options, '24h');
  const text = remote.engine.language === 'sql' ? withWindow(query, remote, window, scopeOf(options)) : query;
  if (options.dryRun === true) return printDryRun(remote, text, window, options.quiet === true);
  const stats = await writeQuery(remote.engine, { text: () => text, rows: rowLimitOf(options), window }, options);
  if (stats !== undefined) notice(remote.cost(stats), options.quiet);
}

/** The query over a table of the same name that holds the window only: its partitions are pruned whatever the query says. */
function withWindow(query: string, { table, partitions }: Remote, window: { from: number; to: number }, scope: Scope): string {
  const records = `${RECORDS_TABLE} AS (SELECT * FROM ${tableSql(table)} WHERE ${recordsCondition(window, scope, partitions)})`;
  const rest = plainSql(query.trim());
  return /^with\s+(?!recursive\b)/i.test(rest) ? `WITH ${records}, ${rest.replace(/^with\s+/i, '')}` : `WITH ${records}\n${rest}`;
}

function columnsOf(query: string, options: ScopeOptions): ReadonlySet<string> | undefined {
  const used = columnsUsed(query, SQL_NAMES);
  return used === undefined ? undefined : new Set([...used, ...scopeFields(scopeOf(options)).map(sqlNameOf)]);
}
