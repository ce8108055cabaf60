import { existsSync, readFileSync } from 'node:fs';
import { type Command, Option } from '@commander-js/extra-typings';
import { AWS } from './aws';
import { stdoutColour } from './colours';
import type { Analysis, Catalogue } from '../lib/analysis/catalogue';
import type { Row } from '../lib/analysis/columns';
import { humanCount } from '../lib/analysis/human';
import { markdownText } from '../lib/analysis/markdown';
import type { ParameterValue } from '../lib/analysis/literal';
import { openParameters } from '../lib/analysis/requirements';
import { type Role, ROLES } from '../lib/analysis/role';
import { compareSeverity, SEVERITIES, type Severity } from '../lib/analysis/severity';
import type { Scope } from '../lib/analysis/scope';
import { ableDetections, cutsConnections, detect, type Detected, type DetectRequest } from '../lib/detect';
import { type Finding, type FindingState, stateOfFinding } from '../lib/finding/finding';
import { byIncident, type Incident, withIncidents } from '../lib/finding/incident';
import { namedFinding } from '../lib/finding/named';
import { toOcsf } from '../lib/finding/ocsf';
import { type NotJudged, notJudgedLines } from '../lib/finding/not-judged';
import type { Suppression } from '../lib/finding/suppression';
import { NAMED_FORMATS, sqlNameOf } from '../lib/flow-log/format';
import { packageVersion } from '../lib/package-root';
import { columnsNeeded, renderRun } from '../lib/run';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import { cacheOf } from './cache';
import { answerOptions, CSV, FILE, ROW_FORMATS, type RowOptions, ROWS } from './answer-options';
import { EXIT, UsageError } from './errors';
import { incidentMarkdown, summaryOf } from './incidents';
import { interruption } from './interrupt';
import { keepFindings } from './last-findings';
import { catalogueOf } from './list';
import { entriesOf, type Entry, explainedBy, type Grouping, GROUPINGS, listingText } from './listing';
import { nothingMatched, tellNothingMatched } from './nothing-matched';
import { NAMES, namesOf, type NamesOptions } from './names';
import { commonOptions, withOptions } from './option-group';
import {
  CATALOGUE,
  engineSettings,
  PARAMETERS,
  parseParams,
  QUIET,
  READING,
  SCOPE,
  type SourceOptions,
  TIME,
  type TimeOptions,
} from './options';
import { tellAttribution, Target, writeRows, type Writing } from './output';
import { withRecords } from './records';
import { checkSources, openRemote, printDryRun, type Remote, REMOTE, type RemoteOptions, remoteWindow } from './remote';
import { cutText } from './row-limit';
import { openEngine } from './run-query';
import { notice } from './say';
import { shownIn } from './time';
import { scopeOf, tellTimeless, windowOf } from './window';
import { wrapped } from './wrap';

const FORMATS = [...ROW_FORMATS, 'ocsf'] as const;

export const ONLY = commonOptions('Detections', (command) =>
  command
    .option('--only <ids>', 'run only these detections, separated by commas')
    .addOption(new Option('--profile <role>', 'parameter values for a part of the network with this role; see --scope').choices(ROLES)),
);

type RemoteDetectOptions = TimeOptions & SourceOptions & RemoteOptions;

/** What is printed of the findings. */
interface Printing extends Omit<Writing, 'format' | 'names' | 'timeZone'>, RowOptions, NamesOptions, TimeOptions {
  readonly format: (typeof FORMATS)[number];
  readonly flat?: boolean | undefined;
  readonly minSeverity?: Severity | undefined;
  readonly only?: string | undefined;
  readonly groupBy?: Grouping | undefined;
  readonly cache: boolean;
}

export const FINDING_COLUMNS = [
  { name: 'time', type: 'timestamp', whole: true },
  { name: 'severity', type: 'string' },
  { name: 'detection', type: 'string' },
  { name: 'finding', type: 'string' },
  { name: 'occurrences', type: 'integer' },
  { name: 'key', type: 'string', whole: true },
] as const;

const INCIDENT_COLUMN = { name: 'incident', type: 'string' } as const;

export const findingRow = (finding: Finding): Row => ({
  time: finding.time,
  severity: finding.severity,
  detection: finding.detection,
  finding: finding.title,
  occurrences: finding.occurrences,
  key: finding.key,
  incident: finding.incident ?? finding.id,
});

export function registerDetect(program: Command): void {
  const command = program
    .command('detect [source...]')
    .description('run the detections over logs, print incidents')
    .option('--flat', 'table, Markdown: print findings one by one instead of incidents')
    .addOption(new Option('--group-by <what>', 'table: sum up and list incidents by this').choices(GROUPINGS))
    .addOption(new Option('--min-severity <severity>', 'print only incidents of at least this severity').choices(SEVERITIES))
    .option('--not-judged <file>', 'write what could not be judged, and why, to a file (JSON)')
    .option('--suppressions <file>', 'suppressions file (YAML, see examples/parts/suppressions.yaml)')
    .option('--since-baseline <file>', 'print only findings that are new or more severe than in an earlier run (-f json or ndjson)')
    .addOption(new Option('--fail-on <severity>', 'exit with 3 if a finding has at least this severity').choices(SEVERITIES))
    .addHelpText(
      'after',
      `
Runs the detections that a deployed stack runs on its schedules, with the same findings and keys. Detections with a baseline
need some history first (warm-up); whatever was not judged is listed with the reason. Tables and Markdown show incidents: what
one actor did within an hour, across detections and interfaces, worst first; eleven or more that are alike are one
entry (--only lists them). The other formats have one row per finding.
\`flowlogs explain 3\` shows what the third was compared with and what to check.

Examples:
  flowlogs detect logs/
  flowlogs detect logs/ --only vertical-scan,horizontal-scan --param ports=50
  flowlogs detect logs/ --profile private --scope subnet=subnet-0abc
  flowlogs detect logs/ --only threat-list-match --param networks=@threats.txt
  flowlogs detect logs/ --min-severity medium --group-by actor
  flowlogs detect logs/ --min-severity medium -f markdown >> ticket.md
  flowlogs detect logs/ --fail-on high -o findings.ndjson
  flowlogs detect logs/ --since-baseline findings.ndjson --suppressions suppressions.yaml
  flowlogs detect --engine athena --stack FlowLogAnalytics --from -6h`,
    );
  const answer = answerOptions(FORMATS, FILE);
  withOptions(
    command,
    answer,
    ...([ROWS, CSV, NAMES, CATALOGUE, PARAMETERS, ONLY] as const),
    ...([TIME, SCOPE, READING, engineSettings(), QUIET, AWS, REMOTE] as const),
  ).action(async (sources, options) => {
    checkSources(options, sources);
    const catalogue = catalogueOf(options);
    const quiet = options.quiet === true;
    const chosen = chooseDetections(catalogue, options.only);
    const parameters = parametersFor(chosen, options.profile, parseParams(options.param));
    const scope = scopeOf(options);
    const known = options.sinceBaseline === undefined ? [] : await baselineOf(options.sinceBaseline);
    const suppressions =
      options.suppressions === undefined ? [] : (await import('../lib/config.js')).readSuppressions(options.suppressions);
    const request = { detections: chosen, scope, parameters, known, signal: interruption() };
    let nothing: string | undefined;
    const { findings: all, notJudged } =
      options.engine === 'duckdb'
        ? await withRecords({ sources, options, columns: neededColumns(catalogue, chosen, scope, parameters) }, async (records) => {
            await tellTimeless(records, 'left out', quiet);
            const engine = await openEngine(records);
            nothing = await nothingMatched(options, records, engine);
            return detect({
              ...request,
              target: { catalogue, engine, table: RECORDS_TABLE },
              records,
              columns: records.columns.map(({ name }) => name),
              window: await windowOf(options, records),
            });
          })
        : await detectRemotely(request, catalogue, options);
    const findings = await withoutSuppressed(all, suppressions, quiet);
    if (options.notJudged !== undefined) await writeNotJudged(options.notJudged, notJudged);
    if (nothing === undefined) {
      const names = await namesOf(options);
      const named = findings.map((finding) => namedFinding(finding, catalogue.get(finding.detection), names));
      await tell(named, notJudged, sources, options);
      tellAttribution(names, quiet);
    } else await tellNothing(nothing, options);
    const worst = options.failOn;
    if (worst !== undefined && findings.some(({ severity }) => compareSeverity(severity, worst) >= 0)) process.exitCode = EXIT.findings;
  });
}

/** Columns (SQL names) of remote records; undefined where only the engine knows. */
export const remoteColumns = ({ engine }: Pick<RemoteOptions, 'engine'>, { format }: Remote): string[] | undefined =>
  engine === 'insights' ? (format ?? NAMED_FORMATS.default()).names.map(sqlNameOf) : undefined;

/** Uses the windows of the detections, up to now, unless a window is given. */
async function detectRemotely(
  request: Omit<DetectRequest, 'target' | 'columns' | 'window'>,
  catalogue: Catalogue,
  options: RemoteDetectOptions,
): Promise<Detected> {
  const quiet = options.quiet === true;
  const remote = await openRemote(options);
  const target = { catalogue, ...remote };
  const columns = remoteColumns(options, remote);
  const { able, notJudged } = ableDetections({ ...request, target, columns });
  if (options.dryRun === true) {
    for (const analysis of able) {
      const window = remoteWindow(options, analysis.window);
      await printDryRun(
        remote,
        `-- ${analysis.id}\n${renderRun(target, { ...request, analysis, window, parameters: request.parameters.get(analysis.id) })};`,
        window,
        quiet,
      );
    }
    return { findings: [], notJudged };
  }
  const found: Detected[] = [];
  for (const analysis of able)
    found.push(
      await detect({
        ...request,
        detections: [analysis],
        target,
        columns,
        window: remoteWindow(options, analysis.window),
        onStats: ({ id }, stats) => notice(`${id}: ${remote.cost(stats)}`, quiet),
      }),
    );
  return {
    findings: withIncidents(found.flatMap(({ findings }) => findings)),
    notJudged: [...notJudged, ...found.flatMap((one) => one.notJudged)],
  };
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

/** Columns that the detections read between them, without those that lack a parameter and will not run; undefined if one reads all. */
export function neededColumns(
  catalogue: Catalogue,
  detections: readonly Analysis[],
  scope: Scope,
  parameters: ReadonlyMap<string, Values>,
): ReadonlySet<string> | undefined {
  const used = new Set<string>();
  const whole = detections.filter((analysis) => cutsConnections(catalogue, analysis, scope).length === 0);
  // Where none can run, the first says why.
  for (const analysis of whole.length === 0 ? detections : whole) {
    if (openParameters(analysis, parameters.get(analysis.id)).length > 0) continue;
    const columns = columnsNeeded(catalogue, analysis, { scope, parameters: parameters.get(analysis.id) });
    if (columns === undefined) return undefined;
    for (const column of columns) used.add(column);
  }
  return used;
}

type Values = Readonly<Record<string, ParameterValue>>;

/** Values of the role, then those that were given. */
export function parametersFor(detections: readonly Analysis[], role: Role | undefined, params: Values): ReadonlyMap<string, Values> {
  for (const name of Object.keys(params)) {
    if (!detections.some((analysis) => Object.hasOwn(analysis.parameters, name)))
      throw new UsageError(`--param ${name}: no chosen detection has this parameter`);
  }
  return new Map(
    detections.map((analysis) => [
      analysis.id,
      {
        ...(role === undefined ? {} : analysis.profiles[role]),
        ...Object.fromEntries(Object.entries(params).filter(([name]) => Object.hasOwn(analysis.parameters, name))),
      },
    ]),
  );
}

/** Findings that an earlier run reported. @throws UsageError naming file and line */
async function baselineOf(file: string): Promise<FindingState[]> {
  if (!existsSync(file))
    throw new UsageError(`--since-baseline ${file}: no such file; make one with \`flowlogs detect -o findings.ndjson\``);
  const { findingSchema } = await import('../lib/finding/schema.js');
  const { explainIssues } = await import('../lib/analysis/schema.js');
  const text = readFileSync(file, 'utf8');
  const fail = (where: string): never => {
    throw new UsageError(`--since-baseline ${file}: ${where}: expected a finding of \`flowlogs detect -f ndjson\` or json`);
  };
  const state = (value: unknown, where: string): FindingState => {
    const parsed = findingSchema.safeParse(value);
    return parsed.success ? stateOfFinding(parsed.data) : fail(`${where}: ${explainIssues(parsed.error, value)[0] ?? ''}`);
  };
  const parse = (json: string, where: string): unknown => {
    try {
      return JSON.parse(json) as unknown;
    } catch {
      return fail(`${where}: not JSON`);
    }
  };
  if (text.trimStart().startsWith('[')) return (parse(text, 'the file') as unknown[]).map((value, i) => state(value, `entry ${i + 1}`));
  return text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [state(parse(line, `line ${i + 1}`), `line ${i + 1}`)]));
}

/** Suppressed findings are counted and named, never silent. */
async function withoutSuppressed(
  findings: readonly Finding[],
  suppressions: readonly Suppression[],
  quiet: boolean,
): Promise<readonly Finding[]> {
  if (suppressions.length === 0) return findings;
  const { inForce, suppressedBy } = await import('../lib/finding/suppression.js');
  const valid = inForce(suppressions, new Date());
  for (const { why, until } of suppressions.filter((one) => !valid.includes(one))) notice(`Suppression ended on ${until}: ${why}`, quiet);
  const loud = findings.filter((finding) => {
    const by = suppressedBy(valid, finding);
    if (by !== undefined) notice(`Suppressed: ${finding.title} (${finding.key}) until ${by.until}: ${by.why}`, quiet);
    return by === undefined;
  });
  notice(`${findings.length - loud.length} of ${findings.length} findings suppressed.`, quiet);
  return loud;
}

/** For programs: the explorer runs the detections in a process of its own. */
async function writeNotJudged(path: string, notJudged: readonly NotJudged[]): Promise<void> {
  const target = new Target(path, true);
  await target.write(`${JSON.stringify(notJudged, null, 2)}\n`);
  await target.end();
}

/** No record was looked at: that is not the answer that there are no findings. */
async function tellNothing(why: string, options: Printing): Promise<void> {
  if (isGrouped(options)) {
    const target = new Target(options.output, options.quiet);
    await target.write(`${options.format === 'markdown' ? markdownText(why) : why}\n`);
    await target.end();
  } else await writeFindings([], options);
  tellNothingMatched(why, options.quiet === true || (isGrouped(options) && options.output === undefined));
}

/** Keys of one detection that a terminal shows of an incident. */
const KEYS_ON_TERMINAL = 5;

const isGrouped = ({ flat, format }: Printing): boolean => flat !== true && (format === 'table' || format === 'markdown');

async function tell(
  findings: readonly Finding[],
  notJudged: readonly NotJudged[],
  sources: readonly string[],
  options: Printing,
): Promise<void> {
  const { minSeverity, limit, quiet } = options;
  const found = byIncident(findings);
  const severe = found.filter(({ severity }) => minSeverity === undefined || compareSeverity(severity, minSeverity) >= 0);
  const told = new Set(severe.flatMap((incident) => incident.findings));
  const rows = findings.filter((finding) => told.has(finding));
  const grouped = isGrouped(options);
  const entries = entriesOf(severe, {
    whole: options.format === 'markdown' || options.only !== undefined || options.groupBy !== undefined,
  });
  const listed = entries.slice(0, limit);
  const hidden = found.length - severe.length;
  const nothing =
    hidden === 0 ? 'No findings.' : `No findings of ${minSeverity ?? ''} or above; ${humanCount(hidden, 'incident')} below: not shown.`;
  if (grouped) await writeIncidents(severe, listed, { nothing, notJudged }, options);
  else await writeFindings(rows.slice(0, limit), options);
  if (options.format === 'table')
    await keepFindings(
      await cacheOf(options),
      sources,
      options,
      grouped ? listed.map(explainedBy) : rows.slice(0, limit).map(({ id }) => id),
    );
  const all = grouped ? entries.length : rows.length;
  const shown = limit === undefined || limit >= all ? '' : ` ${cutText(limit, all, grouped ? 'entries' : 'findings')}`;
  if (severe.length > 0)
    notice(
      `${summaryOf(severe, rows.length)}.${shown} \`flowlogs explain ${options.format === 'table' && options.cache ? '1' : '<key>'}\` shows what ${options.format === 'table' && options.cache ? 'the first' : 'a finding'} was compared with.`,
      quiet,
    );
  else if (!grouped) notice(nothing, quiet);
  // Where nothing was found, the text itself has them.
  if (!grouped || severe.length > 0) for (const text of notJudgedLines(notJudged)) notice(text, quiet);
  if (hidden > 0 && severe.length > 0) notice(`${humanCount(hidden, 'incident')} below ${minSeverity ?? ''}: not shown.`, quiet);
}

async function writeIncidents(
  incidents: readonly Incident[],
  entries: readonly Entry[],
  { nothing, notJudged }: { readonly nothing: string; readonly notJudged: readonly NotJudged[] },
  options: Printing,
): Promise<void> {
  const target = new Target(options.output, options.quiet);
  const terminal = target.isTerminal;
  const settings = {
    shown: shownIn(options.timeZone),
    ...(terminal
      ? { width: process.stdout.columns, colour: stdoutColour(), mostKeys: KEYS_ON_TERMINAL }
      : { width: undefined, colour: false }),
  };
  const markdown = options.format === 'markdown';
  if (incidents.length > 0)
    await target.write(
      markdown
        ? `${entries.map(({ incidents: [incident] }) => incidentMarkdown(incident, settings)).join('\n')}\n`
        : `${listingText(incidents, entries, { ...settings, groupBy: options.groupBy })}\n`,
    );
  else {
    const lines = notJudgedLines(notJudged).map((text) => (markdown ? `- ${markdownText(text)}` : wrapped(text, settings.width, '  ')));
    await target.write(`${[nothing, ...(lines.length === 0 ? [] : ['', ...lines])].join('\n')}\n`);
  }
  await target.end(humanCount(incidents.length, 'incident'));
}

async function writeFindings(findings: readonly Finding[], { format, ...options }: Printing): Promise<void> {
  // The findings have their names already.
  const written = { ...options, names: undefined };
  if (format === 'ocsf') {
    const rows = findings.map((finding) => toOcsf(finding, { productVersion: packageVersion() }) as Row);
    return writeRows({ ...written, format: 'ndjson' }, [], rows);
  }
  if (format === 'json' || format === 'ndjson') {
    const rows = findings.map((finding) => ({ ...finding }) as unknown as Row);
    return writeRows({ ...written, format }, [], rows);
  }
  const columns = format === 'csv' ? [...FINDING_COLUMNS, INCIDENT_COLUMN] : FINDING_COLUMNS;
  await writeRows({ ...written, format }, columns, findings.map(findingRow));
}
