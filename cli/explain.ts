import type { Command } from '@commander-js/extra-typings';
import type { Analysis, Catalogue } from '../lib/analysis/catalogue';
import type { Row } from '../lib/analysis/columns';
import { keyValues } from '../lib/analysis/evidence';
import type { ParameterValue } from '../lib/analysis/literal';
import { missingFields } from '../lib/analysis/requirements';
import type { Scope } from '../lib/analysis/scope';
import { compareSeverity } from '../lib/analysis/severity';
import { ableDetections, detect, type DetectRequest } from '../lib/detect';
import { type EvidenceRequest, picturesOf } from '../lib/engine/evidence';
import { bucketSeconds, type Finding, keyOf } from '../lib/finding/finding';
import { byIncident, type Incident, withIncidents } from '../lib/finding/incident';
import { didNotRun } from '../lib/finding/not-judged';
import { RECORDS_TABLE } from '../lib/flow-log/tables';
import { MissingFieldsError, renderRun, type RunTarget } from '../lib/run';
import { AWS } from './aws';
import { askingOf } from './asking';
import { cacheOf } from './cache';
import { stdoutColour } from './colours';
import { chooseDetections, neededColumns, parametersFor, remoteColumns } from './detect';
import { answerOptions, FILE } from './answer-options';
import { UsageError } from './errors';
import { type Explanation, explanationJson, explanationText } from './explanation';
import { partsOf } from './incidents';
import { interruption } from './interrupt';
import { assertSameSources, lastFinding } from './last-findings';
import { catalogueOf } from './list';
import { nothingMatched, tellNothingMatched } from './nothing-matched';
import { withOptions } from './option-group';
import {
  CATALOGUE,
  type CatalogueOptions,
  engineSettings,
  PARAMETERS,
  parseParams,
  QUIET,
  READING,
  SCOPE,
  type ScopeOptions,
  type SourceOptions,
  TIME,
  type TimeOptions,
} from './options';
import { Target } from './output';
import { withRecords } from './records';
import { checkSources, openRemote, printDryRun, REMOTE, type RemoteOptions, remoteWindow } from './remote';
import { openEngine } from './run-query';
import { notice } from './say';
import { shownIn } from './time';
import { scopeOf, tellTimeless, windowOf } from './window';

const FORMATS = ['table', 'json'] as const;

interface ExplainOptions extends TimeOptions, ScopeOptions, SourceOptions, CatalogueOptions, RemoteOptions {
  readonly format: (typeof FORMATS)[number];
  readonly output?: string | undefined;
  readonly param?: string[] | undefined;
}

export function registerExplain(program: Command): void {
  const command = program
    .command('explain <key> [source...]')
    .description('show the evidence of a finding or an incident: charts, numbers, next steps')
    .addHelpText(
      'after',
      `
<key> is a key that \`flowlogs detect\` or a message prints, or a number in the list of the last \`detect\` on this machine, with
its sources and options. With a time (key@time, the ID of a finding or an incident)
all detections run, and every part of the incident is shown.

Examples:
  flowlogs explain 3
  flowlogs explain rejection-spike/interface/eni-0abc logs/
  flowlogs explain unusual-egress/eni-0abc --engine athena --stack FlowLogAnalytics --from -2d
  flowlogs explain port-scan/203.0.113.9@2026-11-20T05:00:00Z logs/
  flowlogs explain port-scan/203.0.113.9 logs/ -f json`,
    );
  withOptions(
    command,
    answerOptions(FORMATS, FILE),
    CATALOGUE,
    PARAMETERS,
    TIME,
    SCOPE,
    READING,
    engineSettings(),
    QUIET,
    AWS,
    REMOTE,
  ).action(async (text, given, own, acting) => {
    const last = /^[1-9]\d*$/.test(text) ? await lastFinding(await cacheOf(own), Number(text)) : undefined;
    const fromLast = Object.entries(last?.options ?? {}).filter(([name]) => acting.getOptionValueSource(name) !== 'cli');
    const options: typeof own = { ...own, ...Object.fromEntries(fromLast) };
    if (last !== undefined) assertSameSources(text, given, last.sources);
    const sources = last === undefined ? given : last.sources;
    checkSources(options, sources);
    const catalogue = catalogueOf(options);
    const asked = askedFor(catalogue, last?.key ?? text, options);
    const explained =
      options.engine === 'duckdb'
        ? await explainHere(catalogue, asked, sources, options)
        : await explainRemotely(catalogue, asked, options);
    if (explained !== undefined) await print(explained, catalogue, sources, options);
  });
}

/** What is to be explained. */
interface Asked {
  readonly analysis: Analysis;
  readonly key: string;
  /** ISO time behind the key: the incident that the finding is a part of is meant. */
  readonly time: string | undefined;
  /** Those that have to run for it. */
  readonly detections: readonly Analysis[];
  readonly parameters: ReadonlyMap<string, Readonly<Record<string, ParameterValue>>>;
  readonly scope: Scope;
}

interface Explained {
  readonly incident: Incident | undefined;
  readonly explanations: readonly Explanation[];
}

function askedFor(catalogue: Catalogue, text: string, options: ExplainOptions): Asked {
  const time = /@(\d{4}-\d{2}-\d{2}T[\d:]+Z)$/.exec(text)?.[1];
  const key = time === undefined ? text : text.slice(0, -time.length - 1);
  const [analysis] = chooseDetections(catalogue, key.split('/')[0] ?? '');
  if (analysis === undefined || !key.includes('/'))
    throw new UsageError(`key ${JSON.stringify(text)}: expected detection/what, as \`flowlogs detect\` prints it`);
  keyValues(analysis, key);
  const detections = time === undefined ? [analysis] : chooseDetections(catalogue, undefined);
  return {
    analysis,
    key,
    time,
    detections,
    parameters: parametersFor(detections, undefined, parseParams(options.param)),
    scope: scopeOf(options),
  };
}

type Detecting = Omit<DetectRequest, 'detections' | 'parameters' | 'scope' | 'window'>;

/** Runs what is needed and draws what each chosen finding was compared with. */
async function explain(
  asked: Asked,
  windows: (analysis: Analysis) => EvidenceRequest['window'],
  detecting: Detecting,
  render: Omit<EvidenceRequest, 'window'>,
): Promise<Explained> {
  const { analysis, key, time, parameters, scope } = asked;
  const rows = new Map<string, readonly Row[]>();
  const found: Finding[] = [];
  // Remote windows differ from detection to detection; here all look at the same.
  const groups = detecting.records === undefined ? asked.detections.map((one) => [one]) : [asked.detections];
  for (const detections of groups) {
    const window = windows(detections[0] ?? analysis);
    const onRows = (one: Analysis, all: readonly Row[]) => rows.set(one.id, all);
    const { findings, notJudged } = await detect({ ...detecting, detections, parameters, scope, window, onRows, signal: interruption() });
    const failed = notJudged.find((one) => one.detection === analysis.id && didNotRun(one));
    if (failed !== undefined) throw new UsageError(`${failed.detection} cannot run: ${failed.reason}`);
    found.push(...findings);
  }
  const findings = withIncidents(found);
  const incident = time === undefined ? undefined : incidentWith(findings, key, time);
  const explanationOf = async (one: Analysis, of: string, own: readonly Finding[], told: Finding | undefined): Promise<Explanation> => {
    const window = told === undefined ? windows(one) : { from: Date.parse(told.time) / 1000, to: Date.parse(told.until) / 1000 };
    return {
      analysis: one,
      key: of,
      finding: told,
      others: own.filter((finding) => finding !== told),
      rows: (rows.get(one.id) ?? []).filter((row) => keyOf(one, row) === of),
      pictures: await picturesOf(of, one, { ...render, window, scope, parameters: parameters.get(one.id) }),
      bucketSeconds: bucketSeconds(one, parameters.get(one.id)),
    };
  };
  if (incident === undefined) {
    const own = findings.filter((finding) => finding.key === key);
    return { incident, explanations: [await explanationOf(analysis, key, own, worstOf(own))] };
  }
  const explanations: Explanation[] = [];
  for (const { worst, findings: own, detection } of partsOf(incident)) {
    const one = asked.detections.find(({ id }) => id === detection) ?? analysis;
    explanations.push(
      await explanationOf(
        one,
        worst.key,
        own.filter((finding) => finding.key === worst.key),
        worst,
      ),
    );
  }
  return { incident, explanations };
}

/** The severest, of equal ones the latest. */
const worstOf = (findings: readonly Finding[]): Finding | undefined =>
  [...findings].sort((a, b) => compareSeverity(b.severity, a.severity) || (a.time < b.time ? 1 : -1))[0];

/** The incident of the finding that began at the time, or else lasted then. */
function incidentWith(findings: readonly Finding[], key: string, time: string): Incident | undefined {
  const incidents = byIncident(findings);
  const has = (is: (finding: Finding) => boolean) =>
    incidents.find((incident) => incident.findings.some((finding) => finding.key === key && is(finding)));
  return has((finding) => finding.time === time) ?? has((finding) => finding.time <= time && time < finding.until);
}

async function explainHere(catalogue: Catalogue, asked: Asked, sources: readonly string[], options: ExplainOptions): Promise<Explained> {
  const columns = neededColumns(catalogue, asked.detections, asked.scope, asked.parameters);
  return withRecords({ sources, options, columns }, async (records) => {
    const names = records.columns.map(({ name }) => name);
    const missing = missingFields(asked.analysis, asked.scope, names);
    if (missing.length > 0) throw new MissingFieldsError(asked.analysis.id, missing);
    const engine = await openEngine(records);
    tellNothingMatched(await nothingMatched(options, records, engine), options.quiet);
    await tellTimeless(records, 'left out', options.quiet);
    const window = await windowOf(options, records);
    if (!('from' in window)) throw new Error('a window of records has bounds');
    const target: RunTarget = { catalogue, engine, table: RECORDS_TABLE };
    const render = {
      engine,
      catalogue,
      table: RECORDS_TABLE,
      columns: new Set(names),
      range: await records.range(),
      signal: interruption(),
    };
    return explain(asked, () => window, { target, records, columns: names }, render);
  });
}

const DAY = 86400;

/** Around the time of an incident, unless a window is given. */
function remoteWindows({ time }: Asked, options: ExplainOptions): (analysis: Analysis) => { from: number; to: number } {
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  if (time === undefined) return () => remoteWindow(options, '1d');
  const day = Math.floor(Date.parse(time) / 1000 / DAY) * DAY;
  const around = { from: iso(day), to: iso(Math.min(day + 2 * DAY, Math.floor(Date.now() / 1000))) };
  return () => remoteWindow({ ...around, ...options }, '1d');
}

/** Undefined where nothing was to be run. */
async function explainRemotely(catalogue: Catalogue, asked: Asked, options: ExplainOptions): Promise<Explained | undefined> {
  const remote = await openRemote(options);
  const columns = remoteColumns(options, remote);
  const target: RunTarget = { catalogue, ...remote };
  const windows = remoteWindows(asked, options);
  const { able } = ableDetections({ ...asked, target, columns });
  const own = asked.detections.filter((one) => able.includes(one) || one === asked.analysis);
  if (options.dryRun === true) {
    for (const analysis of own) {
      const window = windows(analysis);
      const query = renderRun(target, { analysis, window, scope: asked.scope, parameters: asked.parameters.get(analysis.id) });
      await printDryRun(remote, `-- ${analysis.id}\n${query};`, window, options.quiet === true);
    }
    return undefined;
  }
  const { engine, table, partitions, relations } = remote;
  return explain(
    { ...asked, detections: own },
    windows,
    { target, columns, onStats: ({ id }, stats) => notice(`${id}: ${remote.cost(stats)}`, options.quiet) },
    {
      engine,
      catalogue,
      table,
      partitions,
      relations,
      signal: interruption(),
      onStats: (stats) => notice(`picture: ${remote.cost(stats)}`, options.quiet),
    },
  );
}

const DEFAULT_WIDTH = 100;

async function print(explained: Explained, catalogue: Catalogue, sources: readonly string[], options: ExplainOptions): Promise<void> {
  const target = new Target(options.output, options.quiet);
  const asking = askingOf(catalogue, sources, options);
  if (options.format === 'json')
    await target.write(`${JSON.stringify(explanationJson(explained.incident, explained.explanations, asking), null, 2)}\n`);
  else {
    const width = target.isTerminal ? process.stdout.columns : undefined;
    const settings = {
      width,
      chartWidth: width ?? DEFAULT_WIDTH,
      colour: target.isTerminal && stdoutColour(),
      shown: shownIn(options.timeZone),
    };
    await target.write(`${explanationText(explained.incident, explained.explanations, asking, settings)}\n`);
  }
  await target.end();
  if (explained.explanations.every(({ finding }) => finding === undefined))
    notice('No finding for this key in this window.', options.quiet);
  if (options.engine === 'insights') notice('Charts need SQL: use local files, or a stack with --engine athena.', options.quiet);
}
