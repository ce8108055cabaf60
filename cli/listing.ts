/** Incidents as a person triages them: a summary, then the worst first, numbered, with one entry for a storm. */
import { createColors } from 'picocolors';
import { humanCount, humanValue } from '../lib/analysis/human';
import { compareSeverity, type Severity } from '../lib/analysis/severity';
import type { Finding } from '../lib/finding/finding';
import { groupedBy } from '../lib/finding/grouped';
import { actorsOf, type Incident } from '../lib/finding/incident';
import { incidentText, type IncidentOptions, timesOf, titleText } from './incidents';
import { table } from './table';

export const GROUPINGS = ['detection', 'actor', 'hour'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Incidents that are listed as one: as many that one detection reports alone, with one severity, say no more one by one. */
export interface Entry {
  /** Worst first. */
  readonly incidents: readonly [Incident, ...Incident[]];
}

/** Incidents of one kind from which they are a storm. */
const STORM = 10;
/** Lines of a summary. */
const MOST_GROUPS = 20;

const detectionsOf = ({ findings }: Incident): string[] => [...new Set(findings.map(({ detection }) => detection))];

/** Entries in the order of the incidents. @param whole every incident is an entry of its own */
export function entriesOf(incidents: readonly Incident[], { whole }: { readonly whole: boolean }): Entry[] {
  const kindOf = (incident: Incident) => {
    const [detection = '', ...others] = detectionsOf(incident);
    return others.length > 0 ? incident.id : `${incident.severity} ${detection}`;
  };
  const kinds = groupedBy(incidents, kindOf);
  const told = new Set<string>();
  return incidents.flatMap((incident): Entry[] => {
    const kind = kindOf(incident);
    const [first = incident, ...rest] = kinds.get(kind) ?? [];
    if (whole || rest.length < STORM) return [{ incidents: [incident] }];
    if (told.has(kind)) return [];
    told.add(kind);
    return [{ incidents: [first, ...rest] }];
  });
}

/** The key that `flowlogs explain` takes for an entry: of its worst incident. */
export const explainedBy = ({ incidents: [{ id }] }: Entry): string => id;

export interface ListingOptions extends IncidentOptions {
  /** @default - by detection in the summary, worst first in the list */
  readonly groupBy?: Grouping | undefined;
}

const HOUR_LENGTH = 'yyyy-mm-ddThh'.length;

function groupsOfFinding(finding: Finding, grouping: Grouping, shown: (time: string) => string): string {
  switch (grouping) {
    case 'detection':
      return finding.detection;
    case 'actor':
      return actorsOf(finding)[0] ?? finding.key;
    case 'hour':
      return `${shown(finding.time).slice(0, HOUR_LENGTH)}:00`;
  }
}

/** The whole text: `incidents` are all that is summed up, `entries` what is listed of them. */
export function listingText(incidents: readonly Incident[], entries: readonly Entry[], options: ListingOptions): string {
  const pc = createColors(options.colour);
  const digits = String(entries.length).length;
  const texts = entries.map((entry, i) => ({ entry, text: entryText(entry, { ...options, number: String(i + 1).padStart(digits + 1) }) }));
  const { groupBy } = options;
  const listed =
    groupBy === undefined
      ? texts.map(({ text }) => text)
      : [...groupedBy(texts, ({ entry }) => groupsOfFinding(entry.incidents[0].worst, groupBy, options.shown))].flatMap(([name, own]) => [
          pc.bold(`── ${humanValue(name, undefined)} ──`),
          ...own.map(({ text }) => text),
        ]);
  return [...(incidents.length < 2 ? [] : [summaryTable(incidents, options)]), ...listed].join('\n\n');
}

function summaryTable(incidents: readonly Incident[], { groupBy = 'detection', shown, colour, width }: ListingOptions): string {
  const all = incidents.flatMap((incident) => incident.findings.map((finding) => ({ finding, incident })));
  const groups = [...groupedBy(all, ({ finding }) => groupsOfFinding(finding, groupBy, shown))].map(([name, own]) => ({
    name,
    severity: own.map(({ finding }) => finding.severity).reduce<Severity>((a, b) => (compareSeverity(b, a) > 0 ? b : a), 'info'),
    incidents: new Set(own.map(({ incident }) => incident.id)).size,
    findings: own.length,
  }));
  groups.sort((a, b) => compareSeverity(b.severity, a.severity) || b.findings - a.findings || (a.name < b.name ? -1 : 1));
  const rows = groups.slice(0, MOST_GROUPS).map((group) => ({ ...group, [groupBy]: group.name }));
  const columns = [
    { name: 'severity', numeric: false },
    { name: groupBy, numeric: false, whole: true },
    { name: 'incidents', numeric: true },
    { name: 'findings', numeric: true },
  ];
  const more = groups.length - rows.length;
  return `${table(columns, rows, { width, colour })}${more > 0 ? `\n… and ${humanCount(more, groupBy)} more` : ''}`;
}

function entryText({ incidents }: Entry, options: IncidentOptions & { readonly number: string }): string {
  const [worst] = incidents;
  if (incidents.length === 1) return incidentText(worst, options);
  const findings = incidents.flatMap((incident) => incident.findings);
  const { detection } = worst.worst;
  const indent = ' '.repeat(options.number.length + 1);
  return [
    titleText(worst.severity, `${humanCount(incidents.length, 'incident')} of ${detection}, such as: ${worst.worst.title}`, options),
    `${indent}${timesOf(findings, options.shown)}  --only ${detection} lists them`,
  ].join('\n');
}
