import type { Analysis, Partials } from '../analysis/catalogue';
import type { Row } from '../analysis/columns';
import { hasSeries, type RenderOptions, renderSeries } from '../analysis/render';
import type { QueryEngine } from './engine';

export interface SeriesRequest extends RenderOptions {
  readonly engine: QueryEngine;
  readonly catalogue: Partials;
  readonly signal?: AbortSignal | undefined;
}

/** What the actor of a finding's key did before and then, `time` and `value` per bucket; empty for what compares with no past. */
export async function seriesOf(
  key: string,
  analysis: Analysis,
  { engine, catalogue, signal, ...render }: SeriesRequest,
): Promise<readonly Row[]> {
  if (engine.language !== 'sql' || !hasSeries(analysis)) return [];
  const actor = decodeURIComponent(key.split('/').at(-1) ?? '');
  return (await engine.run(renderSeries(catalogue, analysis, actor, render), { signal })).rows;
}
