/** Runs detections over one window: what a deployed stack's schedules do, in one go. */
import type { Analysis, Partials } from './analysis/catalogue';
import { durationSeconds } from './analysis/duration';
import type { ParameterValue } from './analysis/literal';
import { relationsOf, type Window } from './analysis/render';
import { missingFields, openParameters } from './analysis/requirements';
import { withoutReplaced } from './analysis/schedule';
import { cutting, type Scope } from './analysis/scope';
import { makeRelations } from './engine/duckdb/relations';
import { QueryError, type QueryStats } from './engine/engine';
import type { Row } from './analysis/columns';
import { type Finding, findingsOf, type FindingState } from './finding/finding';
import { withIncidents } from './finding/incident';
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

/** A detection that could not judge, and why: silence must not look like safety. */
export interface NotRun {
  readonly detection: string;
  readonly reason: string;
}

export interface Detected {
  /** Oldest first. */
  readonly findings: readonly Finding[];
  readonly notRun: readonly NotRun[];
}

/** @throws RenderError, QueryError, SourceError */
export async function detect(request: DetectRequest): Promise<Detected> {
  const { able: chosen, notRun } = ableDetections(request);
  const rows = new Map<string, Row[]>();
  const run = async (analysis: Analysis, window: Window, target: RunTarget, scope: Scope) => {
    const parameters = request.parameters.get(analysis.id) ?? {};
    try {
      const { result } = await runAnalysis(target, { analysis, window, scope, parameters }, { signal: request.signal });
      request.onStats?.(analysis, result.stats);
      rows.set(analysis.id, [...(rows.get(analysis.id) ?? []), ...result.rows]);
    } catch (error) {
      if (!(error instanceof QueryError) || error.kind !== 'missing-column') throw error;
      notRun.push({ detection: analysis.id, reason: `needs ${analysis.requires.join(', ')}, some of which the table lacks` });
    }
  };
  if (request.records !== undefined && 'from' in request.window) await runLocally(request.records, request.window, chosen, request, run);
  else for (const analysis of chosen) await run(analysis, request.window, request.target, request.scope);
  for (const analysis of chosen) request.onRows?.(analysis, rows.get(analysis.id) ?? []);
  const findings = chosen.flatMap((analysis) =>
    findingsOf(analysis, rows.get(analysis.id) ?? [], request.parameters.get(analysis.id), request.known),
  );
  return { findings: withIncidents(findings), notRun };
}

/** Which detections can run, without those of which another says more, and why the others cannot. */
export function ableDetections(request: Pick<DetectRequest, 'detections' | 'target' | 'columns' | 'scope' | 'parameters'>): {
  able: Analysis[];
  notRun: NotRun[];
} {
  const notRun: NotRun[] = [];
  const able = request.detections.filter((analysis) => {
    const reason = whyNot(analysis, request);
    if (reason !== undefined) notRun.push({ detection: analysis.id, reason });
    return reason === undefined;
  });
  return { able: withoutReplaced(able, able), notRun };
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
  if (range !== undefined) {
    const back = Math.max(
      ...related.map(({ lookback, reach }) => Math.max(durationSeconds(lookback ?? '') ?? 0, durationSeconds(reach ?? '') ?? 0)),
    );
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

/** What of a scope a detection cannot take, because it reads connections. */
export const cutsConnections = (catalogue: Partials, analysis: Analysis, scope: Scope): string[] =>
  relationsOf(catalogue, analysis).size === 0 ? [] : cutting(scope);

/** Why a detection cannot run here; undefined if it can. */
function whyNot(
  analysis: Analysis,
  { target, columns, scope, parameters }: Pick<DetectRequest, 'target' | 'columns' | 'scope' | 'parameters'>,
): string | undefined {
  const open = openParameters(analysis, parameters.get(analysis.id));
  if (open.length > 0) return `needs ${open.map((name) => `--param ${name}=… or --param ${name}=@FILE`).join(', ')}`;
  if (target.engine.language !== 'sql' && analysis.insights === undefined)
    return `has no Logs Insights query: ${analysis.engines?.insights ?? ''}`;
  const cut = cutsConnections(target.catalogue, analysis, scope);
  if (cut.length > 0) return `reads both directions of each connection, which ${cut.join(', ')} would cut in two`;
  const missing = columns === undefined ? [] : missingFields(analysis, scope, columns);
  return missing.length > 0 ? `needs ${missing.join(', ')}, which these logs lack` : undefined;
}
