import type { Row, Value } from '../analysis/columns';
import { durationSeconds } from '../analysis/duration';
import { humanValue } from '../analysis/human';
import type { AnalysisDefinition } from '../analysis/schema';
import type { Severity } from '../analysis/severity';

/** A detection's row made actionable. */
export interface Finding {
  readonly detection: string;
  readonly severity: Severity;
  readonly title: string;
  /** Values of the key columns: what the finding is about. */
  readonly key: string;
  /** ISO time of the first row. */
  readonly time: string;
  /** ISO time of the last row that repeated it within `dedupFor`; equals `time` for a single row. */
  readonly lastTime: string;
  /** Rows that it stands for. */
  readonly occurrences: number;
  readonly tags: readonly string[];
  /** The row of the first occurrence. */
  readonly evidence: Row;
}

const seconds = (iso: string) => Date.parse(iso) / 1000;

const printed = (value: Value | undefined) => (value === null || value === undefined ? '-' : String(value));

/** Amounts read better with their unit; ports and protocols are searched for as numbers. */
function inTitle(analysis: AnalysisDefinition, name: string, value: Value | undefined): string {
  const unit = analysis.columns.find((column) => column.name === name)?.unit;
  return unit === 'bytes' || unit === 'records' || unit === 'packets' || unit === 'seconds'
    ? humanValue(value ?? null, unit)
    : printed(value);
}

/**
 * Rows to findings, oldest first. A row whose key was found less than `dedupFor` before its finding's start updates
 * that finding instead of making another.
 */
export function findingsOf(analysis: AnalysisDefinition, rows: readonly Row[]): Finding[] {
  const definition = analysis.finding;
  if (definition === undefined) return [];
  const dedupFor = durationSeconds(definition.dedupFor) ?? 0;
  const open = new Map<string, number>();
  const findings: Finding[] = [];
  const timeOf = (row: Row) => printed(row[definition.time]);
  for (const row of [...rows].sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0))) {
    const key = definition.key.map((name) => printed(row[name])).join(' ');
    const at = open.get(key);
    const earlier = at === undefined ? undefined : findings[at];
    if (at !== undefined && earlier !== undefined && seconds(timeOf(row)) < seconds(earlier.time) + dedupFor) {
      findings[at] = { ...earlier, lastTime: timeOf(row), occurrences: earlier.occurrences + 1 };
      continue;
    }
    open.set(key, findings.length);
    findings.push({
      detection: analysis.id,
      severity: analysis.severity ?? 'info',
      title: definition.title.replace(/\{([a-z0-9_]+)\}/g, (_, name: string) => inTitle(analysis, name, row[name])),
      key,
      time: timeOf(row),
      lastTime: timeOf(row),
      occurrences: 1,
      tags: analysis.tags,
      evidence: row,
    });
  }
  return findings;
}
