import { join, relative } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { onStdout as pc, stdoutColour } from './colours';
import { Catalogue } from '../lib/analysis/catalogue';
import type { Row } from '../lib/analysis/columns';
import { packageRoot } from '../lib/package-root';
import { shellQuoted } from '../lib/finding/command';
import { runAnalysis } from '../lib/run';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import type { Records } from '../lib/source/records';
import { namedFinding } from '../lib/finding/named';
import { labelled } from '../lib/inventory/decorate';
import { detect } from '../lib/detect';
import { chooseDetections, FINDING_COLUMNS, findingRow } from './detect';
import { humanNumber } from '../lib/analysis/human';
import { NAMES, namesOf } from './names';
import type { Names } from '../lib/inventory/names';
import { withOptions } from './option-group';
import { engineSettings, QUIET, READING } from './options';
import { Target, tellAttribution, withUnits } from './output';
import { withRecords } from './records';
import { openEngine } from './run-query';
import { selfCommand } from './self';
import { sparkline, table } from './table';
import { windowOf } from './window';

const SAMPLE = 'aws-honeypot-marx/marx.2-hosts.v2.log.gz';
const SHOWN_FINDINGS = 15;
const SPARK_DAYS = 96;

const QUESTIONS = [
  { id: 'top-rejected-sources', limit: 10 },
  { id: 'rejected-by-port', limit: 10 },
  { id: 'busiest-hours', limit: 8 },
] as const;

export function registerDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('try it on a sample of real attack traffic')
    .addHelpText('after', '\nThe sample: unsolicited packets to two EC2 honeypots, 2013 (samples/aws-honeypot-marx, CC BY-SA 4.0).');
  withOptions(command, NAMES, READING, engineSettings(), QUIET).action(async (options) => {
    const sample = join(packageRoot(), 'samples', SAMPLE);
    const names = await namesOf(options);
    await withRecords({ sources: [sample], options: { ...options, quiet: true }, columns: undefined }, (records) =>
      tour(records, sample, names),
    );
    tellAttribution(names, options.quiet);
  });
}

async function tour(records: Records, sample: string, names: Names | undefined): Promise<void> {
  const target = new Target(undefined, true);
  const catalogue = new Catalogue();
  const engine = await openEngine(records);
  const window = await windowOf({}, records);
  const width = process.stdout.isTTY ? process.stdout.columns : undefined;
  const heading = (text: string) => target.write(`\n${pc.bold(pc.underline(text))}\n`);
  await target.write(`${humanNumber(records.totals.records)} records of real, unsolicited traffic to two EC2 hosts in 2013.\n`);
  await heading('Rejected records per day');
  await target.write(`${await perDay(engine)}\n`);
  for (const { id, limit } of QUESTIONS) {
    const analysis = catalogue.get(id);
    const { result } = await runAnalysis({ catalogue, engine, table: RECORDS_TABLE }, { analysis, window });
    const columns = withUnits(result.columns, analysis.columns).map((column) => ({
      ...column,
      numeric: column.type === 'integer' || column.type === 'number',
      address: column.type === 'address',
    }));
    const rows = result.rows.slice(0, limit);
    const shown = names === undefined ? rows : rows.map((row) => labelled(row, result.columns, names));
    await heading(`${analysis.title}  (flowlogs query ${id})`);
    await target.write(`${table(columns, shown, { width, bar: analysis.chart.y, colour: stdoutColour() })}\n`);
  }
  const { findings } = await detect({
    target: { catalogue, engine, table: RECORDS_TABLE },
    records,
    columns: records.columns.map(({ name }) => name),
    detections: chooseDetections(catalogue, undefined),
    window,
    scope: {},
    parameters: new Map(),
  });
  await heading('What the detections find  (flowlogs detect)');
  const counts = new Map<string, number>();
  for (const { detection } of findings) counts.set(detection, (counts.get(detection) ?? 0) + 1);
  await target.write(`${[...counts].map(([id, n]) => `${id}: ${humanNumber(n)}`).join(', ') || 'nothing'}\n`);
  const latest = findings
    .slice(-SHOWN_FINDINGS)
    .map((finding) => findingRow(namedFinding(finding, catalogue.get(finding.detection), names)));
  await target.write(
    `${table(
      FINDING_COLUMNS.map((column) => ({ ...column, numeric: column.type === 'integer' })),
      latest,
      { width, colour: stdoutColour() },
    )}\n`,
  );
  await target.write(`\n${pc.bold('Try next')}\n${next(sample)}\n`);
}

async function perDay(engine: { run(sql: string): Promise<{ rows: readonly Row[] }> }): Promise<string> {
  const { rows } = await engine.run(
    `SELECT ("start" - min("start") OVER ()) / 172800 AS bucket, 1 AS n FROM ${RECORDS_TABLE} WHERE action = 'REJECT'`,
  );
  const counts = new Array<number>(SPARK_DAYS).fill(0);
  for (const row of rows) {
    const at = Number(row['bucket']);
    if (at < SPARK_DAYS) counts[at] = (counts[at] ?? 0) + 1;
  }
  const used = counts.slice(0, counts.findLastIndex((n) => n > 0) + 1);
  return `${pc.cyan(sparkline(used))}  ${humanNumber(Math.max(...used))} at most in two days`;
}

function next(sample: string): string {
  const home = relative(process.cwd(), packageRoot()) === '';
  const logs = shellQuoted(home ? relative(process.cwd(), sample) : sample);
  return [
    `describe ${logs}`,
    `explore ${logs}`,
    'list                                   all questions',
    'query top-rejected-sources <your logs>  files, folders, globs, s3://bucket/prefix',
    'detect <your logs> --fail-on high',
    "sql 'SELECT dstport, count(*) AS n FROM flow_records GROUP BY 1 ORDER BY 2 DESC LIMIT 5' <your logs>",
  ]
    .map((line) => `  ${selfCommand()} ${line}`)
    .join('\n');
}
