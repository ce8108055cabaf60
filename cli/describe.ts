import type { Command } from '@commander-js/extra-typings';
import { createColors } from 'picocolors';
import type { Row, Value } from '../lib/analysis/columns';
import { isoTime } from '../lib/analysis/render';
import type { Records } from '../lib/source/records';
import { humanCount, humanNumber, humanSeconds, withoutControls } from '../lib/analysis/human';
import { type Kind, KINDS } from '../lib/source/kind';
import { AWS } from './aws';
import { answerOptions, FILE } from './answer-options';
import { withOptions } from './option-group';
import { engineSettings, QUIET, READING, SCOPE, type ScopeOptions, TIME, type TimeOptions } from './options';
import { Target } from './output';
import { ignoredOf, withRecords } from './records';
import { openEngine } from './run-query';
import { stdoutColour } from './colours';
import { table } from './table';
import { shownIn } from './time';
import { restrictTo } from './window';

const TOP = 20;

interface Description {
  files: number;
  empty_files: number;
  skipped_files: readonly { path: string; why: string }[];
  lines: number;
  records: number;
  rejected_lines: number;
  bad_values: number;
  /** What is no record by design. */
  ignored: readonly { what: string; count: number }[];
  /** What the files turned out to be. */
  sources: readonly { kind: string; name: string; files: number }[];
  /** Files whose format was inferred from their values. */
  guessed_files: readonly string[];
  from: string | null;
  to: string | null;
  formats: readonly { format: string; records: number; unknown_fields: readonly string[] }[];
  accounts: readonly Row[];
  interfaces: readonly Row[];
  interface_count: number;
  actions: readonly Row[];
  samples: readonly { file: string; line: number; reason: string; text: string }[];
}

export function registerDescribe(program: Command): void {
  const command = program
    .command('describe <source...>')
    .description('what is in these logs: formats, time range, accounts, interfaces, counts, and what could not be read')
    .addHelpText('after', '\nExamples:\n  flowlogs describe logs/\n  flowlogs describe logs/ -f json | jq .formats');
  withOptions(command, answerOptions(['table', 'json'], FILE), TIME, SCOPE, READING, engineSettings(), QUIET, AWS).action(
    async (sources, options) => {
      await withRecords({ sources, options, columns: undefined, describes: true }, async (records) => {
        const description = await describe(records, options);
        const target = new Target(options.output, options.quiet);
        await target.write(
          options.format === 'json'
            ? `${JSON.stringify(description, null, 2)}\n`
            : printed(description, shownIn(options.timeZone), target.isTerminal && stdoutColour()),
        );
        await target.end();
      });
    },
  );
}

async function describe(
  records: Records,
  options: Partial<TimeOptions> & ScopeOptions & { quiet?: boolean | undefined },
): Promise<Description> {
  const engine = await openEngine(records);
  await restrictTo(options, records, engine);
  const there = new Set(records.columns.map(({ name }) => name));
  const rows = async (needs: readonly string[], sql: string): Promise<readonly Row[]> =>
    needs.every((name) => there.has(name)) ? (await engine.run(sql)).rows : [];
  const group = (column: string) =>
    rows([column], `SELECT ${column}, count(*) AS records FROM flow_records GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${TOP}`);
  const statuses =
    there.has('action') && there.has('log_status') ? ['action', 'log_status'] : ['action', 'log_status'].filter((name) => there.has(name));
  const actions =
    statuses.length === 0
      ? []
      : (
          await engine.run(
            `SELECT ${statuses.join(', ')}, count(*) AS records FROM flow_records GROUP BY ${statuses.map((_, i) => i + 1).join(', ')} ORDER BY records DESC`,
          )
        ).rows;
  const [interfaces] = await rows(['interface_id'], 'SELECT count(DISTINCT interface_id) AS n FROM flow_records');
  const [range] = await rows(['start'], 'SELECT min("start") AS first, max("start") + 1 AS past FROM flow_records');
  const time = (value: Value | undefined) => (typeof value === 'number' ? isoTime(value) : null);
  const { totals } = records;
  return {
    files: totals.files,
    empty_files: records.emptyFiles.length,
    skipped_files: records.skippedFiles,
    lines: totals.lines,
    records: totals.records,
    rejected_lines: totals.rejectedLines,
    bad_values: totals.badValues,
    ignored: ignoredOf(records),
    sources: Object.entries(records.kinds).map(([kind, files]) => ({ kind, name: KINDS[kind as Kind], files })),
    guessed_files: records.assumedFiles,
    from: time(range?.['first']),
    to: time(range?.['past']),
    formats: records.formats.map(({ format, records: count, unknownFields }) => ({
      format,
      records: count,
      unknown_fields: unknownFields,
    })),
    accounts: await group('account_id'),
    interfaces: await group('interface_id'),
    interface_count: Number(interfaces?.['n'] ?? 0),
    actions,
    samples: records.samples.map(({ file, line, reason, text }) => ({ file, line, reason, text })),
  };
}

function printed(d: Description, shown: (time: string) => string, colour: boolean): string {
  const fact = (name: string, value: string) => `${createColors(colour).bold(name.padEnd(16))}${withoutControls(value)}`;
  const counts = (rows: readonly Row[]) =>
    rows.length === 0
      ? []
      : [
          '',
          table(
            [...Object.keys(rows[0] ?? {})].map((column) => ({
              name: column,
              numeric: column === 'records',
              unit: column === 'records' ? ('records' as const) : undefined,
            })),
            rows,
            { width: undefined, bar: 'records', colour },
          ),
        ];
  const span =
    d.from === null || d.to === null
      ? 'no records'
      : `${shown(d.from)} to ${shown(d.to)} (${humanSeconds((Date.parse(d.to) - Date.parse(d.from)) / 1000)})`;
  return `${[
    fact(
      'Files',
      `${humanNumber(d.files)}${d.empty_files > 0 ? `, ${humanNumber(d.empty_files)} empty` : ''}${d.skipped_files.length > 0 ? `, ${humanNumber(d.skipped_files.length)} skipped` : ''}`,
    ),
    fact('Records', humanNumber(d.records)),
    ...d.ignored.map(({ what, count }) => fact('Left out', humanCount(count, what))),
    fact('Rejected lines', `${humanNumber(d.rejected_lines)} of ${humanNumber(d.lines)} lines`),
    fact('Invalid values', humanNumber(d.bad_values)),
    fact('Time range', span),
    fact('Interfaces', humanNumber(d.interface_count)),
    '',
    ...d.sources.map(({ name, files }) => fact('Source', `${humanCount(files, 'file')}: ${name}`)),
    ...(d.guessed_files.length > 0
      ? [fact('', `default format guessed for ${humanCount(d.guessed_files.length, 'file')}; say --log-format if that is wrong`)]
      : []),
    ...d.formats.map(
      ({ format, records, unknown_fields }) =>
        `${fact('Format', `${humanNumber(records)} records: ${format}`)}${unknown_fields.length > 0 ? `\n${fact('', `unknown fields: ${unknown_fields.join(', ')}`)}` : ''}`,
    ),
    ...counts(d.actions),
    ...counts(d.accounts),
    ...counts(d.interfaces),
  ].join('\n')}\n`;
}
