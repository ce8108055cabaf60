/** Findings for people and machines at the edge: their keys stay, their titles and rows say what is known of the addresses. */
import type { AnalysisDefinition } from '../analysis/schema';
import { namingOf, spoken } from '../inventory/decorate';
import type { Names } from '../inventory/names';
import type { Finding } from './finding';
import { titleOf } from './title';

export function namedFinding(finding: Finding, analysis: AnalysisDefinition, names: Names | undefined): Finding {
  if (names === undefined || !analysis.columns.some(({ type }) => type === 'address')) return finding;
  const { row } = namingOf(analysis.columns, names);
  return {
    ...finding,
    title: titleOf(analysis, finding.evidence, (address, endpoint) => spoken(address, endpoint, names)),
    evidence: row(finding.evidence),
    rows: finding.rows.map(row),
  };
}
