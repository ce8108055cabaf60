import type { Command } from 'commander';
import { onStdout as pc, stdoutColour } from './colours';
import type { Analysis, Catalogue } from '../lib/analysis/catalogue';
import { humanValue, withoutControls } from '../lib/analysis/human';
import type { Row } from '../lib/analysis/columns';
import type { ParameterValue } from '../lib/analysis/literal';
import type { Window } from '../lib/analysis/render';
import type { Scope } from '../lib/analysis/scope';
import { seriesOf } from '../lib/engine/series';
import { bucketSeconds, findingsOf, type Finding, keyOf } from '../lib/finding/finding';
import { MissingFieldsError, runAnalysis, type RunTarget } from '../lib/run';
import { missingFields } from '../lib/analysis/requirements';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import { type ChartPoint, columnChart } from './chart';
import { chooseDetections, neededColumns } from './detect';
import { UsageError } from './errors';
import { interruption } from './interrupt';
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
import { Target, withUnits } from './output';
import { withRecords } from './records';
import { checkSources, openRemote, type RemoteOptions, remoteOptions, remoteWindow } from './remote';
import { openEngine } from './run-query';
import { notice } from './say';
import { table } from './table';
import { scopeOf, windowOf } from './window';

type ExplainOptions = CatalogueOptions & WindowOptions & SourceOptions & OutputOptions & RemoteOptions & { param?: string[] };

export function registerExplain(program: Command): void {
  const command = program
    .command('explain <key> [source...]')
    .description('show what a finding was compared with: its past as a chart, its numbers, what to do')
    .addHelpText(
      'after',
      `
The key is the one that \`flowlogs detect\` and every message print.

Examples:
  flowlogs explain rejection-spike/interface/eni-0abc logs/
  flowlogs explain unusual-egress/eni-0abc --engine athena --stack FlowLogAnalytics --from -2d
  flowlogs explain vertical-scan/203.0.113.9/10.0.1.10 logs/ --output json`,
    );
  outputOptions(remoteOptions(sourceOptions(windowOptions(paramOption(catalogueOption(command))))), ['table', 'json']).action(
    async (text: string, sources: string[], options: ExplainOptions) => {
      checkSources(options, sources);
      const catalogue = catalogueOf(options);
      const key = text.replace(/@\d{4}-\d{2}-\d{2}T[\d:]+Z$/, '');
      const [id = ''] = key.split('/');
      const [analysis] = chooseDetections(catalogue, id);
      if (analysis === undefined || key === id)
        throw new UsageError(`key ${JSON.stringify(text)}: expected detection/what, as \`flowlogs detect\` prints it`);
      const parameters = parseParams(options.param);
      const scope = scopeOf(options);
      const request = { analysis, key, parameters, scope };
      if (options.engine !== 'duckdb') {
        const remote = await openRemote(options);
        return print(await explain({ catalogue, ...remote }, catalogue, { ...request, window: remoteWindow(options, '1d') }), options);
      }
      const columns = neededColumns(catalogue, [analysis], scope, new Map([[analysis.id, parameters]]));
      await withRecords({ sources, options, columns }, async (records) => {
        const missing = missingFields(
          analysis,
          scope,
          records.columns.map(({ name }) => name),
        );
        if (missing.length > 0) throw new MissingFieldsError(analysis.id, missing);
        const target = { catalogue, engine: await openEngine(records, options), table: RECORDS_TABLE };
        await print(await explain(target, catalogue, { ...request, window: await windowOf(options, records) }), options);
      });
    },
  );
}

interface ExplainRequest {
  readonly analysis: Analysis;
  readonly key: string;
  readonly scope: Scope;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly window: Window;
}

interface Explanation {
  readonly analysis: Analysis;
  readonly findings: readonly Finding[];
  /** Rows that the detection gave for the key. */
  readonly rows: readonly Row[];
  /** What the past of the actor was, where the detection compares with one. */
  readonly series: readonly Row[];
  readonly bucketSeconds: number;
}

async function explain(
  target: RunTarget,
  catalogue: Catalogue,
  { analysis, key, parameters, scope, window }: ExplainRequest,
): Promise<Explanation> {
  const { result } = await runAnalysis(target, { analysis, window, parameters, scope }, { signal: interruption() });
  const rows = result.rows.filter((row) => keyOf(analysis, row) === key);
  const findings = findingsOf(analysis, rows, parameters);
  const series = await seriesOf(key, analysis, {
    ...{ engine: target.engine, catalogue, window, parameters, scope, table: target.table, partitions: target.partitions },
    signal: interruption(),
  });
  return { analysis, findings, rows, series, bucketSeconds: bucketSeconds(analysis, parameters) };
}

const HEIGHT = 8;
const DEFAULT_WIDTH = 100;

/** Every bucket between the first and the last, zero where there was nothing. */
function pointsOf({ series, rows, bucketSeconds: seconds }: Explanation): { points: ChartPoint[]; from: string; to: string } {
  const at = (row: Row) => Date.parse(String(row['time'])) / 1000;
  const values = new Map(series.map((row) => [at(row), Number(row['value'])]));
  const judged = new Set(rows.map(at));
  const times = [...values.keys()];
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const points: ChartPoint[] = [];
  for (let time = from; time <= to; time += seconds) points.push({ value: values.get(time) ?? 0, marked: judged.has(time) });
  const iso = (time: number) => new Date(time * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return { points, from: iso(from), to: iso(to) };
}

async function print(explanation: Explanation, options: ExplainOptions): Promise<void> {
  const { analysis, findings, rows, series } = explanation;
  const target = new Target(options.out);
  if (options.output === 'json') {
    await target.write(`${JSON.stringify({ findings, rows, series }, null, 2)}\n`);
    await target.end();
    return;
  }
  const width = process.stdout.isTTY && options.out === undefined ? process.stdout.columns : DEFAULT_WIDTH;
  const colour = stdoutColour() && options.out === undefined;
  const unit = analysis.columns.find(({ name }) => name === analysis.finding?.measure)?.unit;
  const parts: string[] = [];
  for (const finding of findings)
    parts.push(
      `${pc.bold(withoutControls(finding.title))}\n${finding.severity}, ${finding.time} to ${finding.until}, ${withoutControls(finding.key)}`,
    );
  if (findings.length === 0) parts.push('In this window the detection finds nothing for the key; this is the series that it looks at.');
  if (series.length > 0) {
    const { points, from, to } = pointsOf(explanation);
    parts.push(
      `${columnChart(points, { width: width - 16, height: HEIGHT, colour, label: (value) => humanValue(value, unit) })}\n${from} to ${to} UTC${findings.length > 0 ? ', ▲ found' : ''}`,
    );
  }
  if (rows.length > 0) {
    const columns = withUnits(analysis.columns, analysis.columns).map((column) => ({
      ...column,
      numeric: column.type === 'integer' || column.type === 'number',
    }));
    parts.push(
      table(columns, rows, {
        width,
        colour,
        ...(series.length === 0 && analysis.finding?.measure !== undefined ? { bar: analysis.finding.measure } : {}),
      }),
    );
  }
  parts.push(
    `What it means: ${analysis.summary}`,
    `Harmless when: ${analysis.falsePositives ?? '-'}`,
    `What to do:    ${analysis.runbook ?? '-'}`,
    `Tune:          ${analysis.howTo ?? '-'} (flowlogs show ${analysis.id})`,
  );
  await target.write(`${parts.join('\n\n')}\n`);
  await target.end();
  if (findings.length === 0) notice('No finding for this key in this window.', options.quiet);
}
