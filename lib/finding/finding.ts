import type { Row, Value } from '../analysis/columns';
import { durationSeconds } from '../analysis/duration';
import type { ParameterValue } from '../analysis/literal';
import { isoTime } from '../analysis/render';
import type { AnalysisDefinition } from '../analysis/schema';
import { compareSeverity, SEVERITIES, type Severity } from '../analysis/severity';
import { titleOf } from './title';

export const FINDING_SCHEMA_VERSION = '1.0';

/** A detection's rows about one thing, made actionable. Published as docs/finding.schema.json. */
export interface Finding {
  readonly schemaVersion: typeof FINDING_SCHEMA_VERSION;
  /** `<key>@<time of the first row>`. */
  readonly id: string;
  /** Id of the first finding of the incident that it is a part of (lib/finding/incident.ts); absent before findings are put together. */
  readonly incident?: string | undefined;
  /** `<detection>/<values of the key columns>`: what it is about, the same in every run and on every engine. */
  readonly key: string;
  readonly detection: string;
  readonly severity: Severity;
  readonly title: string;
  /** ISO time of the first row. */
  readonly time: string;
  /** ISO time of the last row within `dedupFor` of the first; equals `time` for a single row. */
  readonly lastTime: string;
  /** ISO time at which the bucket of the last row ends. */
  readonly until: string;
  /** Rows that it stands for. */
  readonly occurrences: number;
  /** The largest value of the detection's measure column; null where it has none. */
  readonly measure: number | null;
  /** MITRE ATT&CK techniques. */
  readonly tags: readonly string[];
  /** The worst row. */
  readonly evidence: Row;
  /** At most five rows, worst first; {@link evidence} is the first of them. */
  readonly rows: readonly Row[];
}

/** What is remembered of a finding between runs. */
export interface FindingState {
  /** Of {@link Finding}; stays when an earlier row turns up. */
  readonly id: string;
  readonly key: string;
  /** ISO times of its rows, ascending, each once. */
  readonly times: readonly string[];
  readonly measure: number | null;
  /** Measure at the last notification. */
  readonly toldMeasure: number | null;
  /** Severity at the last notification. */
  readonly toldSeverity: Severity;
  /** At most five, worst first. */
  readonly rows: readonly Row[];
}

/** `repeated`: nothing new. `escalated`: since the last notification the measure has doubled, or the severity has risen. */
export type Change = 'new' | 'escalated' | 'updated' | 'repeated';

const ESCALATION = 2;
/** Of detections that look at something else than buckets of a parameter's length. */
const DEFAULT_BUCKET_MINUTES = 60;

const printed = (value: Value | undefined) => (value === null || value === undefined ? '-' : String(value));

/** Length of a row's bucket in seconds. */
export const bucketSeconds = (analysis: AnalysisDefinition, parameters: Readonly<Record<string, ParameterValue>> = {}): number =>
  durationSeconds(analysis.finding?.bucket ?? '') ??
  60 * Number(parameters['bucket_minutes'] ?? analysis.parameters['bucket_minutes']?.default ?? DEFAULT_BUCKET_MINUTES);

const keyPart = (value: Value | undefined) => printed(value).replaceAll('%', '%25').replaceAll('/', '%2F');

const definitionOf = (analysis: AnalysisDefinition) => {
  if (analysis.finding === undefined) throw new Error(`${analysis.id} is a ${analysis.kind}: it has no findings`);
  return analysis.finding;
};

/** The stable key of a row. */
export const keyOf = (analysis: AnalysisDefinition, row: Row): string =>
  [analysis.id, ...definitionOf(analysis).key.map((name) => keyPart(row[name]))].join('/');

const timeOf = (analysis: AnalysisDefinition, row: Row) => printed(row[definitionOf(analysis).time]);

function measureOf(analysis: AnalysisDefinition, row: Row): number | null {
  const name = definitionOf(analysis).measure;
  const value = name === undefined ? null : row[name];
  return value === null || value === undefined || Number.isNaN(Number(value)) ? null : Number(value);
}

/** The severity of a row: what its detection says of all, or of this one. */
export function severityOf(analysis: AnalysisDefinition, row: Row): Severity {
  const name = analysis.finding?.severity;
  const own = SEVERITIES.find((severity) => name !== undefined && severity === row[name]);
  return own ?? analysis.severity ?? 'info';
}

const ROWS = 5;

/** The severest rows, of equal ones those with the largest measure, then the earliest; no two runs that saw the same rows may differ. */
const worstRows = (analysis: AnalysisDefinition, rows: readonly Row[]): Row[] =>
  [...rows]
    .sort(
      (a, b) =>
        compareSeverity(severityOf(analysis, b), severityOf(analysis, a)) ||
        (measureOf(analysis, b) ?? 0) - (measureOf(analysis, a) ?? 0) ||
        compareText(timeOf(analysis, a), timeOf(analysis, b)),
    )
    .slice(0, ROWS);

/** The finding that a row belongs to: the latest that began within `dedupFor` before it, or else one that it begins. */
function stateOf(states: readonly FindingState[], time: string, dedupMs: number): FindingState | undefined {
  const at = Date.parse(time);
  const began = (state: FindingState) => Date.parse(state.times[0] ?? '');
  const around = states.filter((state) => Math.abs(at - began(state)) < dedupMs);
  const sorted = around.sort((a, b) => began(a) - began(b));
  return sorted.findLast((state) => began(state) <= at) ?? sorted[0];
}

/**
 * Puts a row to the findings of its key. The order of rows does not matter as long as they are within `dedupFor` of
 * each other, and a row that is seen again changes nothing: runs may overlap, repeat and come late.
 */
export function foldRow(
  analysis: AnalysisDefinition,
  states: readonly FindingState[],
  row: Row,
): { readonly state: FindingState; readonly change: Change } {
  const [key, time, measure] = [keyOf(analysis, row), timeOf(analysis, row), measureOf(analysis, row)];
  const known = stateOf(states, time, (durationSeconds(definitionOf(analysis).dedupFor) ?? 0) * 1000);
  if (known === undefined)
    return {
      state: {
        id: `${key}@${time}`,
        key,
        times: [time],
        measure,
        toldMeasure: measure,
        toldSeverity: severityOf(analysis, row),
        rows: [row],
      },
      change: 'new',
    };
  const severity = severityOf(analysis, row);
  const larger = measure !== null && measure > (known.measure ?? 0);
  const severer = known.rows.every((one) => compareSeverity(severityOf(analysis, one), severity) < 0);
  if (known.times.includes(time) && !larger && !severer) return { state: known, change: 'repeated' };
  const escalated = (larger && measure >= ESCALATION * (known.toldMeasure ?? 0)) || compareSeverity(severity, known.toldSeverity) > 0;
  return {
    state: {
      ...known,
      times: [...new Set([...known.times, time])].sort(),
      ...(larger ? { measure } : {}),
      rows: worstRows(analysis, [...known.rows.filter((one) => timeOf(analysis, one) !== time), ...sameTime(analysis, known.rows, row)]),
      ...(escalated ? { toldMeasure: larger ? measure : known.toldMeasure, toldSeverity: severer ? severity : known.toldSeverity } : {}),
    },
    change: escalated ? 'escalated' : 'updated',
  };
}

/** Of two rows of one time, the worse one. */
const sameTime = (analysis: AnalysisDefinition, rows: readonly Row[], row: Row): Row[] =>
  worstRows(analysis, [...rows.filter((one) => timeOf(analysis, one) === timeOf(analysis, row)), row]).slice(0, 1);

/** What is remembered as the finding that people and machines read. */
export function findingOf(analysis: AnalysisDefinition, state: FindingState, seconds: number): Finding {
  const { id, key, times, measure, rows } = state;
  const evidence = rows[0] ?? {};
  const [time = '', lastTime = ''] = [times[0], times.at(-1)];
  return {
    schemaVersion: FINDING_SCHEMA_VERSION,
    id,
    key,
    detection: analysis.id,
    severity: severityOf(analysis, evidence),
    title: titleOf(analysis, evidence),
    time,
    lastTime,
    until: isoTime(Date.parse(lastTime) / 1000 + seconds),
    occurrences: times.length,
    measure,
    tags: analysis.tags,
    evidence,
    rows,
  };
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Rows in the order in which they are folded. */
export const oldestFirst = (analysis: AnalysisDefinition, rows: readonly Row[]): Row[] =>
  [...rows].sort((a, b) => compareText(timeOf(analysis, a), timeOf(analysis, b)));

/** Oldest first, then by key, so that every run prints the same. */
export const byTime = (a: Finding, b: Finding): number => compareText(a.time, b.time) || compareText(a.key, b.key);

/**
 * Rows to findings, oldest first: one per key and `dedupFor`. `known` are findings of earlier runs; findings that add
 * nothing to them are left out.
 */
export function findingsOf(
  analysis: AnalysisDefinition,
  rows: readonly Row[],
  parameters: Readonly<Record<string, ParameterValue>> = {},
  known: readonly FindingState[] = [],
): Finding[] {
  if (analysis.finding === undefined) return [];
  const byKey = new Map<string, FindingState[]>();
  for (const state of known) byKey.set(state.key, [...(byKey.get(state.key) ?? []), state]);
  const changed = new Map<string, FindingState>();
  for (const row of oldestFirst(analysis, rows)) {
    const states = byKey.get(keyOf(analysis, row)) ?? [];
    const { state, change } = foldRow(analysis, states, row);
    byKey.set(state.key, [...states.filter(({ id }) => id !== state.id), state]);
    if (change === 'new' || change === 'escalated' || changed.has(state.id)) changed.set(state.id, state);
  }
  const seconds = bucketSeconds(analysis, parameters);
  return [...changed.values()].map((state) => findingOf(analysis, state, seconds)).sort(byTime);
}

/** Stored state of a finding: its first and last time. */
export const stateOfFinding = ({ id, key, time, lastTime, measure, severity, rows }: Finding): FindingState => ({
  id,
  key,
  times: [...new Set([time, lastTime])],
  measure,
  toldMeasure: measure,
  toldSeverity: severity,
  rows,
});
