import type { Analysis, Evidence, Partials } from '../analysis/catalogue';
import type { Row } from '../analysis/columns';
import { evidenceWindow, PICTURE_COLUMNS, renderEvidence } from '../analysis/evidence';
import type { RenderOptions } from '../analysis/render';
import type { QueryEngine, QueryStats } from './engine';

export interface EvidenceRequest extends RenderOptions {
  readonly engine: QueryEngine;
  readonly catalogue: Partials;
  /** What was found, in seconds. */
  readonly window: { readonly from: number; readonly to: number };
  /** Time of all records, where it is known: nothing was logged outside. */
  readonly range?: { readonly from: number; readonly to: number } | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStats?: ((stats: QueryStats) => void) | undefined;
}

/** A picture with its rows: those of PICTURE_COLUMNS (lib/analysis/evidence.ts). */
export interface Picture {
  readonly evidence: Evidence;
  readonly window: { readonly from: number; readonly to: number };
  /** There are records of the whole window: where no row is, nothing was. */
  readonly logged: boolean;
  readonly rows: readonly Row[];
  /** There are more rows than these. */
  readonly truncated: boolean;
}

const MOST_ROWS = 20_000;

async function pictureOf(evidence: Evidence, analysis: Analysis, key: string, request: EvidenceRequest): Promise<Picture> {
  const { engine, catalogue, signal, onStats, range, ...render } = request;
  const wanted = evidenceWindow(evidence, request.window);
  const common = range === undefined ? wanted : { from: Math.max(wanted.from, range.from), to: Math.min(wanted.to, range.to) };
  const window = common.from < common.to ? common : wanted;
  const { rows, truncated, stats } = await engine.run(renderEvidence(catalogue, analysis, evidence, key, { ...render, window }), {
    columns: PICTURE_COLUMNS[evidence.draw],
    maxRows: MOST_ROWS,
    signal,
  });
  onStats?.(stats);
  return { evidence, window, logged: range !== undefined, rows, truncated };
}

/** What a finding was compared with; none where the engine has no SQL. @throws RenderError for a key that is none, QueryError */
export async function picturesOf(key: string, analysis: Analysis, request: EvidenceRequest): Promise<Picture[]> {
  if (request.engine.language !== 'sql') return [];
  const pictures: Picture[] = [];
  for (const evidence of analysis.evidence) pictures.push(await pictureOf(evidence, analysis, key, request));
  return pictures;
}

/** The past that a baseline was made of, `time` and `value` per bucket of a finding; empty for what compares with no such past. */
export async function seriesOf(key: string, analysis: Analysis, request: EvidenceRequest): Promise<readonly Row[]> {
  const baseline = analysis.evidence.find(({ draw, step }) => draw === 'columns' && step === undefined);
  return baseline === undefined || request.engine.language !== 'sql' ? [] : (await pictureOf(baseline, analysis, key, request)).rows;
}
