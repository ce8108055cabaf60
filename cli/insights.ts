import type { Command } from '@commander-js/extra-typings';
import { FIELDS } from '../lib/flow-log/fields';
import { formatKey, formatOf } from '../lib/flow-log/format';
import { AWS } from './aws';
import { answerOptions, CSV, FILE, QUERY_FORMATS, ROWS } from './answer-options';
import { NAMES } from './names';
import { nothingMatched, tellNothingMatched } from './nothing-matched';
import { withOptions } from './option-group';
import { engineSettings, QUIET, READING, SCOPE, TIME } from './options';
import { withRecords } from './records';
import { rowLimitOf } from './row-limit';
import { openEngine, writeQuery } from './run-query';
import { restrictTo } from './window';

export function registerInsights(program: Command): void {
  const command = program
    .command('insights <ql> <source...>')
    .description('try a CloudWatch Logs Insights query on local files, for free')
    .addHelpText(
      'after',
      `
The part of the language that flow-log questions need (docs/insights.md); anything else is an error that says so.
Fields have their Insights names: srcAddr, dstPort, startTime, pktSrcAddr. \`-\` is a value, as in a log group.

Examples:
  flowlogs insights 'filter action = "REJECT" | stats count(*) as n by srcAddr | sort n desc | limit 20' logs/
  flowlogs insights "$(flowlogs render top-talkers --engine insights)" logs/
  aws logs filter-log-events --log-group-name … > events.json && flowlogs insights 'stats count(*) by action' events.json`,
    );
  const answer = answerOptions(QUERY_FORMATS, FILE);
  withOptions(command, answer, ROWS, CSV, NAMES, TIME, SCOPE, READING, engineSettings(), QUIET, AWS).action(
    async (query, sources, options) => {
      const { eventsOfRecords, InsightsLocalEngine } = await import('../lib/engine/insights-local/engine.js');
      const logFormat = options.logFormat ?? (await parsedFormat(query));
      await withRecords(
        { sources, options: { ...options, ...(logFormat === undefined ? {} : { logFormat }) }, columns: undefined },
        async (records) => {
          const duckdb = await openEngine(records, options);
          const nothing = await nothingMatched(options, records, duckdb);
          await restrictTo(options, records, duckdb);
          await writeQuery(
            new InsightsLocalEngine(duckdb, await eventsOfRecords(records)),
            { text: () => query, rows: rowLimitOf(options) },
            options,
          );
          tellNothingMatched(nothing, options.quiet);
        },
      );
    },
  );
}

/** A query that begins by parsing the whole line says the format of text that has no header. */
async function parsedFormat(query: string): Promise<string | undefined> {
  const { parseInsights } = await import('../lib/engine/insights-local/parse.js');
  const [first] = await parseInsights(query).catch(() => []);
  if (first?.command !== 'parse' || !/^\*( \*)+$/.test(first.pattern.value)) return undefined;
  const names = first.as.map((name) => FIELDS.find((field) => field.insightsName === name)?.name);
  return names.every((name) => name !== undefined) ? formatKey(formatOf(names)) : undefined;
}
