/** Runs detections over one window: what a deployed stack's schedules do, in one go. */
import type { Analysis, Partials } from './analysis/catalogue';
import { durationSeconds } from './analysis/duration';
import { humanCount } from './analysis/human';
import type { ParameterValue } from './analysis/literal';
import { relationsOf, tableSql, type Window } from './analysis/render';
import { missingFields, openParameters } from './analysis/requirements';
import { withoutReplaced } from './analysis/schedule';
import { cutting, type Scope } from './analysis/scope';
import { makeRelations } from './engine/duckdb/relations';
import { QueryError, type QueryStats } from './engine/engine';
import type { Row } from './analysis/columns';
import { type Finding, findingsOf, type FindingState, keyOf } from './finding/finding';
import { withIncidents } from './finding/incident';
import type { NotJudged } from './finding/not-judged';
import { warmingUp } from './finding/warm-up';
import { runAnalysis, type RunTarget } from './run';
import type { Records } from './source/records';

type Values = Readonly<Record<string, ParameterValue>>;

export interface DetectRequest {
  readonly target: RunTarget;
  /** Local records: what detections read of them is made once for all. @default - each detection reads the target's table by itself */
  readonly records?: Records | undefined;
  /** SQL names of the columns that the records have; undefined where only the engine knows. */
  readonly columns: readonly string[] | undefined;
  readonly detections: readonly Analysis[];
  readonly window: Window;
  readonly scope: Scope;
  readonly parameters: ReadonlyMap<string, Values>;
  /** Findings of an earlier run: what adds nothing to them is left out. */
  readonly known?: readonly FindingState[];
  readonly signal?: AbortSignal | undefined;
  readonly onStats?: (analysis: Analysis, stats: QueryStats) => void;
  /** All rows of a detection, of which a finding keeps the worst five. */
  readonly onRows?: (analysis: Analysis, rows: readonly Row[]) => void;
}

export interface Detected {
  /** Oldest first. */
  readonly findings: readonly Finding[];
  readonly notJudged: readonly NotJudged[];
}

/** @throws RenderError, QueryError, SourceError */
export async function detect(request: DetectRequest): Promise<Detected> {
  const { able: chosen, notJudged } = ableDetections(request);
  const rows = new Map<string, Row[]>();
  const run = async (analysis: Analysis, window: Window, target: RunTarget, scope: Scope) => {
    const parameters = request.parameters.get(analysis.id) ?? {};
    try {
      const { result } = await runAnalysis(target, { analysis, window, scope, parameters }, { signal: request.signal });
      request.onStats?.(analysis, result.stats);
      rows.set(analysis.id, [...(rows.get(analysis.id) ?? []), ...result.rows]);
    } catch (error) {
      if (!(error instanceof QueryError) || error.kind !== 'missing-column') throw error;
      notJudged.push({ detection: analysis.id, why: 'fields', reason: `the table lacks some of ${analysis.requires.join(', ')}` });
    }
  };
  if (request.records !== undefined && 'from' in request.window) await runLocally(request.records, request.window, chosen, request, run);
  else for (const analysis of chosen) await run(analysis, request.window, request.target, request.scope);
  if (request.records !== undefined) notJudged.push(...(await openParts(request.records, chosen, request, rows)));
  for (const analysis of chosen) request.onRows?.(analysis, rows.get(analysis.id) ?? []);
  const findings = chosen.flatMap((analysis) =>
    findingsOf(analysis, rows.get(analysis.id) ?? [], request.parameters.get(analysis.id), request.known),
  );
  return { findings: withIncidents(findings), notJudged };
}

/** Which detections can run, without those of which another says more, and why the others cannot. */
export function ableDetections(request: Pick<DetectRequest, 'detections' | 'target' | 'columns' | 'scope' | 'parameters'>): {
  able: Analysis[];
  notJudged: NotJudged[];
} {
  const notJudged: NotJudged[] = [];
  const able = request.detections.filter((analysis) => {
    const open = whyNot(analysis, request);
    if (open !== undefined) notJudged.push({ detection: analysis.id, ...open });
    return open === undefined;
  });
  return { able: withoutReplaced(able, able), notJudged };
}

type Run = (analysis: Analysis, window: Window, target: RunTarget, scope: Scope) => Promise<void>;

/** Those that read conversations run part by part, while these are there; the others at the end. */
async function runLocally(
  records: Records,
  window: { readonly from: number; readonly to: number },
  chosen: readonly Analysis[],
  { target, scope, signal }: DetectRequest,
  run: Run,
): Promise<void> {
  const read = new Map(chosen.map((analysis) => [analysis, relationsOf(target.catalogue, analysis)]));
  const related = chosen.filter((analysis) => (read.get(analysis)?.size ?? 0) > 0);
  let relations: RunTarget['relations'];
  const range = related.length === 0 ? undefined : await records.range();
  const back = Math.max(
    0,
    ...related.map(({ lookback, reach }) => Math.max(durationSeconds(lookback ?? '') ?? 0, durationSeconds(reach ?? '') ?? 0)),
  );
  // A window that the records do not reach has no conversations.
  if (range !== undefined && Math.max(range.from, window.from - back) < Math.min(range.to, window.to)) {
    const spoken = related.filter((analysis) => read.get(analysis)?.has('conversations') === true);
    relations = await makeRelations({
      records,
      catalogue: target.catalogue,
      window: { from: Math.max(range.from, window.from - back), to: Math.min(range.to, window.to) },
      scope,
      signal,
      onPart: async (part, there) => {
        const inside = { from: Math.max(part.from, window.from), to: part.to };
        if (inside.from < inside.to) for (const analysis of spoken) await run(analysis, inside, { ...target, relations: there }, {});
      },
    });
    for (const analysis of related.filter((one) => !spoken.includes(one))) await run(analysis, window, { ...target, relations }, {});
  }
  for (const analysis of chosen.filter((one) => !related.includes(one))) await run(analysis, window, target, scope);
}

/** What those that ran left open: times without enough history, logs of one action only, and what was only refused. */
async function openParts(
  records: Records,
  ran: readonly Analysis[],
  request: DetectRequest,
  rows: ReadonlyMap<string, readonly Row[]>,
): Promise<NotJudged[]> {
  const { window, parameters } = request;
  const open: NotJudged[] = [];
  const held = await records.range();
  if (held !== undefined && 'from' in window)
    for (const analysis of ran) {
      const warm = warmingUp(analysis, parameters.get(analysis.id), held, window);
      if (warm !== undefined) open.push(warm);
    }
  const absent = await absentActions(request);
  for (const analysis of ran) {
    const without = analysis.actions.filter((action) => absent.includes(action));
    if (without.length > 0)
      open.push({
        detection: analysis.id,
        why: 'actions',
        reason: `these logs hold no record with ${without.join(' or ')}, as if they were written for ${without.includes('REJECT') ? 'accepted' : 'rejected'} traffic only`,
      });
    const refused = await refusedOnly(analysis, request, rows.get(analysis.id) ?? []);
    if (refused !== undefined) open.push(refused);
  }
  return open;
}

const ACTIONS = ['ACCEPT', 'REJECT'] as const;

/** Actions that no record has. */
async function absentActions({ target, columns, signal }: DetectRequest): Promise<readonly string[]> {
  if (columns?.includes('action') !== true) return [];
  const { rows } = await target.engine.run(`SELECT DISTINCT action FROM ${tableSql(target.table)}`, { signal });
  return ACTIONS.filter((action) => !rows.some((row) => row['action'] === action));
}

/** The actions that count are a parameter of some detections: what the others would have added is named. */
async function refusedOnly(analysis: Analysis, request: DetectRequest, rows: readonly Row[]): Promise<NotJudged | undefined> {
  const { target, window, scope, signal } = request;
  const parameters = request.parameters.get(analysis.id) ?? {};
  const counted = parameters['actions'] ?? analysis.parameters['actions']?.default;
  if (counted === undefined || String(counted).includes('REJECT')) return undefined;
  const { result } = await runAnalysis(target, { analysis, window, scope, parameters: { ...parameters, actions: ['REJECT'] } }, { signal });
  const found = new Set(rows.map((row) => keyOf(analysis, row)));
  const [subject = ''] = analysis.finding?.key ?? [];
  const refused = [...new Set(result.rows.filter((row) => !found.has(keyOf(analysis, row))).map((row) => String(row[subject])))];
  if (refused.length === 0) return undefined;
  return {
    detection: analysis.id,
    why: 'refused',
    reason: `${humanCount(refused.length, 'address was', 'addresses were')} only refused, such as ${refused[0] ?? ''}; --param actions=ACCEPT,REJECT reports that too`,
  };
}
/** What of a scope a detection cannot take, because it reads connections. */
export const cutsConnections = (catalogue: Partials, analysis: Analysis, scope: Scope): string[] =>
  relationsOf(catalogue, analysis).size === 0 ? [] : cutting(scope);

/** Why a detection cannot run here; undefined if it can. */
function whyNot(
  analysis: Analysis,
  { target, columns, scope, parameters }: Pick<DetectRequest, 'target' | 'columns' | 'scope' | 'parameters'>,
): Omit<NotJudged, 'detection'> | undefined {
  const open = openParameters(analysis, parameters.get(analysis.id));
  if (open.length > 0)
    return {
      why: 'parameter',
      reason: `no value for ${open.map((name) => `${name}: --param ${name}=… or --param ${name}=@FILE`).join(', ')}`,
    };
  if (target.engine.language !== 'sql' && analysis.insights === undefined)
    return { why: 'engine', reason: `no Logs Insights query: ${(analysis.engines?.insights ?? '').replace(/\.$/, '')}` };
  const cut = cutsConnections(target.catalogue, analysis, scope);
  if (cut.length > 0) return { why: 'scope', reason: `whole connections are needed, and ${cut.join(', ')} would cut them in two` };
  const missing = columns === undefined ? [] : missingFields(analysis, scope, columns);
  return missing.length > 0 ? { why: 'fields', reason: `these logs lack ${missing.join(', ')}` } : undefined;
}
