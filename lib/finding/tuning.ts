/** How much detections would have reported, and how to reduce it: pure, over the findings of a replay. */
import type { Row } from '../analysis/columns';
import type { ParameterValue } from '../analysis/literal';
import type { AnalysisDefinition } from '../analysis/schema';
import { compareSeverity, SEVERITIES, type Severity } from '../analysis/severity';
import { bucketSeconds, type Finding, findingOf, findingsOf, type FindingState, foldRow, keyOf, oldestFirst } from './finding';
import { groupedBy } from './grouped';
import { actorsOf, byIncident, type Incident, incidentsOf } from './incident';
import { type Suppression, suppressedBy } from './suppression';

type Values = Readonly<Record<string, ParameterValue>>;

export interface Goal {
  /** Length of the replay. */
  readonly weeks: number;
  /** Allowed incidents of one detection per week. */
  readonly perWeek: number;
  /** Milder ones count for nothing. */
  readonly minSeverity: Severity;
}

export type BySeverity = Readonly<Record<Severity, number>>;

/** A key and its findings. */
export interface NoisyKey {
  readonly key: string;
  readonly findings: number;
  readonly severity: Severity;
  /** Of the worst of them. */
  readonly title: string;
}

/** Findings of a detection. */
export interface Told {
  readonly detection: string;
  readonly findings: number;
  /** Messages that people get: of each finding when it is new, and when it got worse. */
  readonly notifications: number;
  /** Its findings, grouped without those of other detections. */
  readonly incidents: number;
  readonly bySeverity: BySeverity;
  /** Those that no other detection reported. */
  readonly alone: number;
  /** Incidents of at least the goal's severity. */
  readonly perWeek: number;
  /** Most findings first. */
  readonly keys: readonly NoisyKey[];
}

export const countBySeverity = (items: readonly { readonly severity: Severity }[]): BySeverity =>
  Object.fromEntries(SEVERITIES.map((severity) => [severity, items.filter((item) => item.severity === severity).length])) as BySeverity;

const counted = (findings: readonly Finding[], { minSeverity }: Goal): Incident[] =>
  incidentsOf(findings).filter(({ severity }) => compareSeverity(severity, minSeverity) >= 0);

/** Incidents a week that count. */
export const weekly = (findings: readonly Finding[], goal: Goal): number => counted(findings, goal).length / goal.weeks;

/** Whether a detection with so many per week reports too much. In a replay of hours, one incident is not a rate: it is allowed unless none is. */
export const exceeds = (perWeek: number, goal: Goal): boolean =>
  Math.round(perWeek * goal.weeks) > (goal.perWeek === 0 ? 0 : Math.max(1, Math.round(goal.perWeek * goal.weeks)));

const worst = (findings: readonly Finding[]): Finding | undefined =>
  findings.reduce<Finding | undefined>((a, b) => (a === undefined || compareSeverity(b.severity, a.severity) > 0 ? b : a), undefined);

function keysOf(findings: readonly Finding[]): NoisyKey[] {
  const groups = groupedBy(findings, ({ key }) => key);
  return [...groups]
    .flatMap(([key, own]) => {
      const first = worst(own);
      return first === undefined ? [] : [{ key, findings: own.length, severity: first.severity, title: first.title }];
    })
    .sort((a, b) => b.findings - a.findings || compareSeverity(b.severity, a.severity) || (a.key < b.key ? -1 : 1));
}

/** Number of notifications, had the rows arrived one after another. */
export function notificationsOf(
  analysis: AnalysisDefinition,
  rows: readonly Row[],
  parameters: Values = {},
  suppressions: readonly Suppression[] = [],
): number {
  const seconds = bucketSeconds(analysis, parameters);
  const known = new Map<string, FindingState[]>();
  return oldestFirst(analysis, rows).filter((row) => {
    const key = keyOf(analysis, row);
    const { state, change } = foldRow(analysis, known.get(key) ?? [], row);
    known.set(key, [...(known.get(key) ?? []).filter(({ id }) => id !== state.id), state]);
    return (change === 'new' || change === 'escalated') && suppressedBy(suppressions, findingOf(analysis, state, seconds)) === undefined;
  }).length;
}

/** The noisiest first; `notifications` of those that ran, by detection. */
export function toldBy(findings: readonly Finding[], notifications: ReadonlyMap<string, number>, goal: Goal): Told[] {
  const alone = byIncident(findings).filter((incident) => new Set(incident.findings.map(({ detection }) => detection)).size === 1);
  return [...notifications]
    .map(([detection, told]): Told => {
      const own = findings.filter((finding) => finding.detection === detection);
      const incidents = incidentsOf(own);
      return {
        ...{ detection, findings: own.length, notifications: told, incidents: incidents.length, bySeverity: countBySeverity(incidents) },
        alone: alone.filter(({ worst: one }) => one.detection === detection).length,
        perWeek: weekly(own, goal),
        keys: keysOf(own),
      };
    })
    .sort((a, b) => b.perWeek - a.perWeek || b.incidents - a.incidents || (a.detection < b.detection ? -1 : 1));
}

/** A suppression that would have made the replay quieter, and all that it would have silenced. */
export interface ProposedSuppression {
  readonly suppression: Suppression;
  readonly silences: BySeverity;
  readonly findings: number;
  readonly worst: string;
}

type Rule = Omit<Suppression, 'until' | 'why'>;

/** The narrower one first. */
function rulesFor({ detection, key, evidence, ...rest }: Finding): Rule[] {
  const eni = evidence['interface_id'];
  const addresses = actorsOf({ evidence, key, ...rest }).filter((actor) => actor === evidence['srcaddr'] || actor === evidence['dstaddr']);
  return [
    { detection, key },
    ...(typeof eni === 'string' && eni.includes('-') ? [{ detection, interface: eni }] : []),
    ...addresses.map((address) => ({ detection, address })),
  ];
}

const LEAST_REPEATED = 2;

/**
 * For each detection above the goal, its recurring findings: the rules that suppress most, one after another,
 * until the rest is within the goal or nothing recurs.
 * @param until last day of the suppressions
 */
export function proposeSuppressions(findings: readonly Finding[], goal: Goal, until: string): ProposedSuppression[] {
  const proposals: ProposedSuppression[] = [];
  for (const own of groupedBy(findings, ({ detection }) => detection).values()) {
    const rules = [...new Map(own.flatMap(rulesFor).map((rule) => [JSON.stringify(rule), { ...rule, until, why: '-' }])).values()];
    let rest = own;
    while (exceeds(weekly(rest, goal), goal)) {
      let best: { suppression: Suppression; silenced: Finding[] } | undefined;
      for (const suppression of rules) {
        const silenced = rest.filter((finding) => suppressedBy([suppression], finding) !== undefined);
        if (silenced.length >= LEAST_REPEATED && silenced.length > (best?.silenced.length ?? 0)) best = { suppression, silenced };
      }
      if (best === undefined) break;
      const { silenced } = best;
      rest = rest.filter((finding) => !silenced.includes(finding));
      const title = worst(silenced)?.title ?? '';
      const why = `TODO who approved it, and why. In ${(goal.weeks * 7).toFixed(1)} days it suppresses ${silenced.length} findings, most severe: ${title}`;
      proposals.push({
        suppression: { ...best.suppression, why },
        silences: countBySeverity(silenced),
        findings: silenced.length,
        worst: title,
      });
    }
  }
  return proposals.sort((a, b) => b.findings - a.findings);
}

const valueOf = (analysis: AnalysisDefinition, parameters: Values, name: string) =>
  Number(parameters[name] ?? analysis.parameters[name]?.default);

/** How many times the thresholds the row reaches, by the one that it exceeds most. */
const excess = (analysis: AnalysisDefinition, parameters: Values, row: Row): number =>
  Math.max(
    0,
    ...Object.entries(analysis.thresholds).map(([name, column]) =>
      typeof row[column] === 'number' ? row[column] / valueOf(analysis, parameters, name) : 0,
    ),
  );

/** The least number above `low` and at most `high` with two significant digits, or with as few more as it takes. `low` is positive. */
export function roundBetween(low: number, high: number, whole: boolean): number {
  for (let digits = 2; digits <= 15; digits++) {
    const step = 10 ** (Math.floor(Math.log10(low)) - digits + 1);
    if (whole && step < 1) break;
    const number = Number(((Math.floor(low / step) + 1) * step).toPrecision(15));
    if (number > low && number <= high) return number;
  }
  return whole ? Math.max(Math.floor(low) + 1, Math.floor(high)) : high;
}

/**
 * Values of the thresholds with which rows would have been within the goal, if a higher threshold did no more than drop
 * the rows below it: what a detection makes of them is for a replay to say. Undefined where no threshold is left to raise.
 */
export function raisedThresholds(
  analysis: AnalysisDefinition,
  rows: readonly Row[],
  parameters: Values,
  goal: Goal,
  suppressions: readonly Suppression[] = [],
): Record<string, number> | undefined {
  const names = Object.keys(analysis.thresholds);
  const ratios = [...new Set(rows.map((row) => excess(analysis, parameters, row)))].sort((a, b) => a - b);
  const within = (least: number) => {
    const left = rows.filter((row) => excess(analysis, parameters, row) >= least);
    const told = findingsOf(analysis, left, parameters).filter((finding) => suppressedBy(suppressions, finding) === undefined);
    return !exceeds(weekly(told, goal), goal);
  };
  // The count falls as the threshold rises; the first ratio that is within is looked for by halves.
  let [low, high] = [0, ratios.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (within(ratios[middle] ?? Infinity)) high = middle;
    else low = middle + 1;
  }
  const last = ratios[low - 1];
  if (names.length === 0 || last === undefined) return undefined;
  // A value already below a threshold was reported for another reason: raising the threshold does not affect it.
  const dropped = Math.max(last, 1);
  const kept = ratios[low] ?? dropped * 1.5;
  if (kept <= dropped) return undefined;
  const raised = Object.fromEntries(
    names.map((name) => {
      const value = valueOf(analysis, parameters, name);
      const { type, max = Infinity } = analysis.parameters[name] ?? {};
      return [name, Math.min(max, roundBetween(dropped * value, kept * value, type === 'integer'))];
    }),
  );
  return names.some((name) => (raised[name] ?? 0) > valueOf(analysis, parameters, name)) ? raised : undefined;
}

/** Findings of a replay that another one, with other parameters, does not report at any overlapping time. */
export function hiddenBy(before: readonly Finding[], after: readonly Finding[]): Finding[] {
  const left = groupedBy(after, ({ key }) => key);
  return before.filter(({ key, time, until }) => (left.get(key) ?? []).every((other) => other.until <= time || other.time >= until));
}

/** The worst of some findings. */
export const worstTitle = (findings: readonly Finding[]): string | undefined => worst(findings)?.title;
