/** One event is one incident: what an actor did within an hour, whichever detections and interfaces saw it. */
import { compareSeverity, type Severity } from '../analysis/severity';
import { byTime, type Finding } from './finding';
import { groupedBy } from './grouped';

/** Findings that follow each other within this belong together: milliseconds. */
export const INCIDENT_GAP_MS = 3_600_000;

export interface Incident {
  /** The id of its first finding. */
  readonly id: string;
  /** The severest of its findings, of equal ones the first. */
  readonly worst: Finding;
  readonly severity: Severity;
  /** ISO times of its begin and its end. */
  readonly time: string;
  readonly until: string;
  /** Oldest first. */
  readonly findings: readonly Finding[];
}

const ACTORS = ['srcaddr', 'interface_id'] as const;
const SUBJECTS = ['dstaddr', 'actor', 'subject', 'network', 'listed_address'] as const;

/** Who did it, or else whom it is about: findings with one of these in common may be of one incident. */
export function actorsOf({ evidence, key }: Pick<Finding, 'evidence' | 'key'>): string[] {
  const values = (names: readonly string[]) =>
    names.flatMap((name) => (typeof evidence[name] === 'string' && evidence[name] !== '' ? [evidence[name]] : []));
  const actors = values(ACTORS);
  if (actors.length > 0) return [...new Set(actors)];
  const subjects = values(SUBJECTS);
  return subjects.length > 0 ? [...new Set(subjects)] : [key];
}

interface Span {
  readonly from: number;
  readonly until: number;
}

const spanOf = ({ time, until }: Finding): Span => ({ from: Date.parse(time), until: Date.parse(until) });
const near = (a: Span, b: Span) => a.from <= b.until + INCIDENT_GAP_MS && b.from <= a.until + INCIDENT_GAP_MS;

/** Findings put together, in the order of their first ones. */
export function incidentsOf(findings: readonly Finding[]): Incident[] {
  const sorted = [...findings].sort(byTime);
  const parents = sorted.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parents[at] !== at) at = parents[at] = parents[parents[at] ?? at] ?? at;
    return at;
  };
  const open = new Map<string, { span: Span; index: number }[]>();
  sorted.forEach((finding, i) => {
    const span = spanOf(finding);
    for (const actor of actorsOf(finding)) {
      // Times ascend: what ended too long before will not be met again.
      const before = (open.get(actor) ?? []).filter((one) => near(one.span, span));
      for (const { index } of before) {
        const [a, b] = [root(index), root(i)];
        parents[Math.max(a, b)] = Math.min(a, b);
      }
      open.set(actor, [...before, { span, index: i }]);
    }
  });
  const groups = new Map<number, Finding[]>();
  sorted.forEach((finding, i) => groups.set(root(i), [...(groups.get(root(i)) ?? []), finding]));
  return [...groups.values()].map(incidentOf);
}

function incidentOf(findings: readonly Finding[]): Incident {
  const [first] = findings;
  if (first === undefined) throw new Error('an incident has at least one finding');
  const worst = findings.reduce((a, b) => (compareSeverity(b.severity, a.severity) > 0 ? b : a));
  const until = findings.reduce((latest, finding) => (finding.until > latest ? finding.until : latest), first.until);
  return { id: first.id, worst, severity: worst.severity, time: first.time, until, findings };
}

/** Findings by the incident that each names, worst first, of equal ones the earliest. */
export function byIncident(findings: readonly Finding[]): Incident[] {
  return [...groupedBy(findings, ({ incident, id }) => incident ?? id)]
    .map(([id, parts]) => ({ ...incidentOf(parts.sort(byTime)), id }))
    .sort((a, b) => compareSeverity(b.severity, a.severity) || (a.time < b.time ? -1 : a.time > b.time ? 1 : a.id < b.id ? -1 : 1));
}

/** The findings, each with the incident that it is a part of. */
export const withIncidents = (findings: readonly Finding[]): Finding[] =>
  incidentsOf(findings)
    .flatMap(({ id, findings: parts }) => parts.map((finding) => ({ ...finding, incident: id })))
    .sort(byTime);
