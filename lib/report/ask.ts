/** Panels and pasts from any engine of SQL: what a scheduled report runs in Athena, and a test compares with the explorer. */
import type { Analysis } from '../analysis/catalogue';
import type { QueryEngine } from '../engine/engine';
import { type EvidenceRequest, seriesOf } from '../engine/evidence';
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

/** A finding with what it means and, where a past is given, what it was compared with. */
export const toldOf = async (finding: Finding, analysis: Analysis, past: EvidenceRequest | undefined): Promise<ToldFinding> => ({
  finding,
  detection: analysis.title,
  columns: analysis.columns,
  measure: analysis.finding?.measure ?? null,
  summary: analysis.summary,
  runbook: analysis.runbook,
  series: past === undefined ? [] : await seriesOf(finding.key, analysis, past),
});
