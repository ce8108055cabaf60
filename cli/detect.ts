import { type Command, Option } from 'commander';
import { onStderr as pc } from './colours';
import type { Analysis, Catalogue } from '../lib/analysis/catalogue';
import type { Row } from '../lib/analysis/columns';
import type { Window } from '../lib/analysis/render';
import { compareSeverity, SEVERITIES, type Severity } from '../lib/analysis/severity';
import type { Scope } from '../lib/analysis/scope';
import type { QueryEngine, QueryStats } from '../lib/engine/engine';
import type { Finding } from '../lib/finding/finding';
import { columnsNeeded, missingFields, renderRun, runAnalysis, type RunTarget } from '../lib/run';
import { RECORDS_TABLE } from '../lib/source/records';
import { EXIT, UsageError } from './errors';
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
import { notice, writeRows } from './output';
import { withRecords } from './records';
import { checkSources, openRemote, printDryRun, type RemoteOptions, remoteOptions, remoteWindow } from './remote';
import { openEngine } from './run-query';
import { scopeOf, windowOf } from './window';

type DetectOptions = CatalogueOptions &
  WindowOptions &
  SourceOptions &
  OutputOptions &
  RemoteOptions & { only?: string; failOn?: Severity; param?: string[] };

export const FINDING_COLUMNS = [
  { name: 'time', type: 'timestamp' },
  { name: 'severity', type: 'string' },
  { name: 'detection', type: 'string' },
  { name: 'finding', type: 'string' },
  { name: 'occurrences', type: 'integer' },
] as const;

export const findingRow = (finding: Finding): Row => ({
  time: finding.time,
  severity: finding.severity,
  detection: finding.detection,
  finding: finding.title,
  occurrences: finding.occurrences,
});

export function registerDetect(program: Command): void {
  const command = program
    .command('detect [source...]')
    .description('run the detections over the whole time range of the logs')
    .option('--only <ids>', 'only these detections, separated by commas')
    .addOption(new Option('--fail-on <severity>', 'exit with 3 if a finding is at least this severe').choices([...SEVERITIES]))
    .addHelpText(
      'after',
      `
A detection needs some past before it can judge: its first windows are warm-up.

Examples:
  flowlogs detect logs/
  flowlogs detect logs/ --only vertical-scan,horizontal-scan --param ports=50
  flowlogs detect logs/ --fail-on high --output ndjson > findings.ndjson
  flowlogs detect --engine athena --stack FlowLogAnalytics --from -6h`,
    );
  outputOptions(remoteOptions(sourceOptions(windowOptions(paramOption(catalogueOption(command))))), [
    'table',
    'json',
    'ndjson',
    'csv',
    'markdown',
  ]).action(async (sources: string[], options: DetectOptions) => {
    checkSources(options, sources);
    const catalogue = catalogueOf(options);
    const chosen = chooseDetections(catalogue, options.only);
    const scope = scopeOf(options);
    const request = {
      detections: chosen,
      scope,
      parameters: parametersFor(chosen, parseParams(options.param)),
      quiet: options.quiet === true,
    };
    const findings =
      options.engine === 'duckdb'
        ? await withRecords({ sources, options, columns: neededColumns(catalogue, chosen, scope) }, async (records) =>
            detect({
              ...request,
              target: { catalogue, engine: await openEngine(records, options), table: RECORDS_TABLE },
              columns: records.columns.map(({ name }) => name),
              window: await windowOf(options, records),
            }),
          )
        : await detectRemotely(request, catalogue, options);
    await writeFindings(findings.slice(0, options.limit), options);
    const worst = options.failOn;
    if (worst !== undefined && findings.some(({ severity }) => compareSeverity(severity, worst) >= 0)) process.exitCode = EXIT.findings;
  });
}

/** Windows are those of the detections, up to now, unless one was asked for. */
async function detectRemotely(
  request: Omit<DetectRequest, 'target' | 'columns' | 'window'>,
  catalogue: Catalogue,
  options: DetectOptions,
): Promise<Finding[]> {
  const remote = await openRemote(options);
  const target = { catalogue, ...remote };
  if (options.dryRun === true) {
    for (const analysis of request.detections.filter((detection) => canRun(detection, remote.engine, request.quiet))) {
      const window = remoteWindow(options, analysis.window);
      await printDryRun(
        remote,
        `-- ${analysis.id}\n${renderRun(target, { ...request, analysis, window, parameters: request.parameters.get(analysis.id) })};`,
        window,
        request.quiet,
      );
    }
    return [];
  }
  const findings: Finding[] = [];
  for (const analysis of request.detections)
    findings.push(
      ...(await detect({
        ...request,
        detections: [analysis],
        target,
        columns: undefined,
        window: remoteWindow(options, analysis.window),
        onStats: (stats) => notice(`${analysis.id}: ${remote.cost(stats)}`, request.quiet),
      })),
    );
  return oldestFirst(findings);
}

/** Detections by id, all if none is named. */
export function chooseDetections(catalogue: Catalogue, only: string | undefined): Analysis[] {
  if (only === undefined) return catalogue.all().filter(({ kind }) => kind === 'detection');
  return only.split(',').map((id) => {
    const analysis = catalogue.get(id.trim());
    if (analysis.kind !== 'detection')
      throw new UsageError(`--only ${id}: a ${analysis.kind}, expected a detection; see \`flowlogs list --kind detection\``);
    return analysis;
  });
}

/** Columns that the detections read between them; undefined if one reads all. */
export function neededColumns(catalogue: Catalogue, detections: readonly Analysis[], scope: Scope): ReadonlySet<string> | undefined {
  const used = new Set<string>();
  for (const analysis of detections) {
    const columns = columnsNeeded(catalogue, analysis, { scope });
    if (columns === undefined) return undefined;
    for (const column of columns) used.add(column);
  }
  return used;
}

function parametersFor(
  detections: readonly Analysis[],
  params: Readonly<Record<string, string>>,
): ReadonlyMap<string, Record<string, string>> {
  for (const name of Object.keys(params)) {
    if (!detections.some((analysis) => Object.hasOwn(analysis.parameters, name)))
      throw new UsageError(`--param ${name}: no chosen detection has this parameter`);
  }
  return new Map(
    detections.map((analysis) => [
      analysis.id,
      Object.fromEntries(Object.entries(params).filter(([name]) => Object.hasOwn(analysis.parameters, name))),
    ]),
  );
}

export interface DetectRequest {
  readonly target: RunTarget;
  /** SQL names of the columns that the records have; undefined where only the engine knows. */
  readonly columns: readonly string[] | undefined;
  readonly detections: readonly Analysis[];
  readonly window: Window;
  readonly scope: Scope;
  readonly parameters: ReadonlyMap<string, Record<string, string>>;
  readonly quiet: boolean;
  readonly onStats?: (stats: QueryStats) => void;
}

/** Findings of all detections that can run here, oldest first; those that cannot are named. */
export async function detect(request: DetectRequest): Promise<Finding[]> {
  const { target, columns, scope, window, quiet } = request;
  const findings: Finding[] = [];
  for (const analysis of request.detections) {
    if (!canRun(analysis, target.engine, quiet)) continue;
    const missing = columns === undefined ? [] : missingFields(analysis, scope, columns);
    if (missing.length > 0) {
      notice(`Not run: ${analysis.id} needs ${missing.join(', ')}, which these logs lack.`, quiet);
      continue;
    }
    const run = await runAnalysis(
      target,
      { analysis, window, scope, parameters: request.parameters.get(analysis.id) },
      { signal: interruption() },
    );
    request.onStats?.(run.result.stats);
    findings.push(...run.findings);
  }
  return oldestFirst(findings);
}

function canRun(analysis: Analysis, engine: QueryEngine, quiet: boolean): boolean {
  if (engine.language === 'sql' || analysis.insights !== undefined) return true;
  notice(`Not run: ${analysis.id} has no Logs Insights text: ${analysis.engines?.insights ?? ''}`, quiet);
  return false;
}

const oldestFirst = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => (a.time === b.time ? (a.detection < b.detection ? -1 : 1) : a.time < b.time ? -1 : 1));

async function writeFindings(findings: readonly Finding[], options: DetectOptions): Promise<void> {
  if (options.output === 'json' || options.output === 'ndjson') {
    const rows = findings.map((finding) => ({ ...finding }) as unknown as Row);
    await writeRows(options.output, options.out, [], rows);
    return;
  }
  await writeRows(options.output, options.out, FINDING_COLUMNS, findings.map(findingRow));
  notice(
    findings.length === 0
      ? pc.green('No findings.')
      : `${findings.length} finding${findings.length === 1 ? '' : 's'}; --output json has the evidence of each.`,
    options.quiet,
  );
}
