/** Panels and pasts from any engine of SQL: what a scheduled report runs in Athena, and a test compares with the explorer. */
import type { Analysis, Partials } from '../analysis/catalogue';
import type { Row } from '../analysis/columns';
import { hasSeries, type RenderOptions, renderSeries } from '../analysis/render';
import type { QueryEngine } from '../engine/engine';
import { panelSql, type PortableContext } from '../explore/portable';
import type { TimeRange } from '../explore/state';
import { domainOf } from '../explore/steps';
import type { Finding } from '../finding/finding';
import type { Ask, ToldFinding } from './model';

/** Rows of panels by their portable SQL. */
export const askEngine =
  (engine: QueryEngine, window: TimeRange, context: PortableContext): Ask =>
  async (panel, state) => {
    const { rows } = await engine.run(panelSql(panel, state, window, domainOf(window.from, window.to), context));
    return rows.map((row) => ({
      key: panel.by.map((by) => {
        const value = row[by];
        return by === 'time' ? Date.parse(String(value)) / 1000 : typeof value === 'boolean' || value === undefined ? null : value;
      }),
      records: Number(row['records']),
      rejected: Number(row['rejected']),
      bytes: Number(row['bytes']),
      packets: Number(row['packets']),
    }));
  };

export interface PastRequest extends Pick<RenderOptions, 'window' | 'table' | 'partitions' | 'rollup'> {
  readonly engine: QueryEngine;
  readonly catalogue: Partials;
  readonly signal?: AbortSignal | undefined;
}

/** A finding with what it means and, where a past is given, what it was compared with. */
export async function toldOf(finding: Finding, analysis: Analysis, past: PastRequest | undefined): Promise<ToldFinding> {
  const series = past === undefined || !hasSeries(analysis) ? [] : await seriesOf(finding, analysis, past);
  return {
    finding,
    detection: analysis.title,
    columns: analysis.columns,
    measure: analysis.finding?.measure ?? null,
    summary: analysis.summary,
    runbook: analysis.runbook,
    series,
  };
}

/** What the actor of a finding did before and then, a row per bucket. */
export async function seriesOf(
  finding: Finding,
  analysis: Analysis,
  { engine, catalogue, signal, ...render }: PastRequest,
): Promise<readonly Row[]> {
  const actor = decodeURIComponent(finding.key.split('/').at(-1) ?? '');
  return (await engine.run(renderSeries(catalogue, analysis, actor, render), { signal })).rows;
}
