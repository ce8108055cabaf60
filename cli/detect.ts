import { type Command, Option } from 'commander';
import { onStderr as pc } from './colours';
import type { Analysis, Catalogue } from '../lib/analysis/catalogue';
import type { Row } from '../lib/analysis/columns';
import type { Window } from '../lib/analysis/render';
import { compareSeverity, SEVERITIES, type Severity } from '../lib/analysis/severity';
import type { Scope } from '../lib/analysis/scope';
import type { DuckDbEngine } from '../lib/engine/duckdb/duckdb';
import type { Finding } from '../lib/finding/finding';
import { columnsNeeded, missingFields, runAnalysis } from '../lib/run';
import { RECORDS_TABLE, type Records } from '../lib/source/records';
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
import { openEngine } from './run-query';
import { scopeOf, windowOf } from './window';

type DetectOptions = CatalogueOptions &
  WindowOptions &
  SourceOptions &
  OutputOptions & { only?: string; failOn?: Severity; param?: string[] };

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
    .command('detect <source...>')
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
  flowlogs detect logs/ --fail-on high --output ndjson > findings.ndjson`,
    );
  outputOptions(sourceOptions(windowOptions(paramOption(catalogueOption(command)))), ['table', 'json', 'ndjson', 'csv', 'markdown']).action(
    async (sources: string[], options: DetectOptions) => {
      const catalogue = catalogueOf(options);
      const chosen = chooseDetections(catalogue, options.only);
      const scope = scopeOf(options);
      const parameters = parametersFor(chosen, parseParams(options.param));
      const columns = neededColumns(catalogue, chosen, scope);
      const findings = await withRecords({ sources, options, columns }, async (records) => {
        const window = await windowOf(options, records);
        return detect({
          catalogue,
          records,
          engine: await openEngine(records, options),
          detections: chosen,
          window,
          scope,
          parameters,
          quiet: options.quiet === true,
        });
      });
      await writeFindings(findings.slice(0, options.limit), options);
      const worst = options.failOn;
      if (worst !== undefined && findings.some(({ severity }) => compareSeverity(severity, worst) >= 0)) process.exitCode = EXIT.findings;
    },
  );
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
  readonly catalogue: Catalogue;
  readonly records: Records;
  readonly engine: DuckDbEngine;
  readonly detections: readonly Analysis[];
  readonly window: Window;
  readonly scope: Scope;
  readonly parameters: ReadonlyMap<string, Record<string, string>>;
  readonly quiet: boolean;
}

/** Findings of all detections that the logs have the fields for, oldest first; those that cannot run are named. */
export async function detect(request: DetectRequest): Promise<Finding[]> {
  const findings: Finding[] = [];
  const names = request.records.columns.map(({ name }) => name);
  const target = { catalogue: request.catalogue, engine: request.engine, table: RECORDS_TABLE };
  for (const analysis of request.detections) {
    const missing = missingFields(analysis, request.scope, names);
    if (missing.length > 0) {
      notice(`Not run: ${analysis.id} needs ${missing.join(', ')}, which these logs lack.`, request.quiet);
      continue;
    }
    const run = await runAnalysis(
      target,
      { analysis, window: request.window, scope: request.scope, parameters: request.parameters.get(analysis.id) },
      { signal: interruption() },
    );
    findings.push(...run.findings);
  }
  return findings.sort((a, b) => (a.time === b.time ? (a.detection < b.detection ? -1 : 1) : a.time < b.time ? -1 : 1));
}

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
