import { createColors } from 'picocolors';
import { humanCount, humanValue } from '../lib/analysis/human';
import { markdownCode, markdownText } from '../lib/analysis/markdown';
import { compareSeverity, SEVERITIES, type Severity } from '../lib/analysis/severity';
import type { Finding } from '../lib/finding/finding';
import { groupedBy } from '../lib/finding/grouped';
import type { Incident } from '../lib/finding/incident';
import { wrapped } from './wrap';

export interface IncidentOptions {
  /** Titles are wrapped at it; undefined: a line each. Keys, times and addresses are whole in any case. */
  readonly width: number | undefined;
  readonly colour: boolean;
  /** Keys shown of one detection. @default - all */
  readonly mostKeys?: number | undefined;
  /** A time of a finding as it is shown. */
  readonly shown: (time: string) => string;
}

/** Findings of one detection within an incident. */
interface Part {
  readonly detection: string;
  readonly worst: Finding;
  readonly findings: readonly Finding[];
}

const INDENT = ' '.repeat(10);

const plain = (text: string) => humanValue(text, undefined);
const least = (texts: readonly string[]) => texts.reduce((a, b) => (b < a ? b : a));
const most = (texts: readonly string[]) => texts.reduce((a, b) => (b > a ? b : a));

/** Worst detection first. */
export function partsOf({ findings }: Pick<Incident, 'findings'>): Part[] {
  return [...groupedBy(findings, ({ detection }) => detection)]
    .map(([detection, own]) => ({
      detection,
      findings: own,
      worst: own.reduce((a, b) => (compareSeverity(b.severity, a.severity) > 0 ? b : a)),
    }))
    .sort(
      (a, b) =>
        compareSeverity(b.worst.severity, a.worst.severity) || (a.worst.time < b.worst.time ? -1 : a.worst.time > b.worst.time ? 1 : 0),
    );
}

const timesOf = (findings: readonly Finding[], shown: (time: string) => string): string =>
  `${shown(least(findings.map(({ time }) => time)))} to ${shown(most(findings.map(({ until }) => until)))}`;

/** `3 incidents of 41 findings: 1 high, 2 medium`. */
export function summaryOf(incidents: readonly Incident[], findings: number): string {
  const counts = [...SEVERITIES]
    .reverse()
    .map((severity) => [severity, incidents.filter((one) => one.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`);
  return `${humanCount(incidents.length, 'incident')} of ${humanCount(findings, 'finding')}: ${counts.join(', ')}`;
}

/** An incident as people read it: its worst title, its times, its parts. */
export function incidentText(incident: Incident, { width, colour, shown, mostKeys = Infinity }: IncidentOptions): string {
  const pc = createColors(colour);
  const painted = (severity: Severity, text: string) =>
    severity === 'critical' || severity === 'high' ? pc.red(text) : severity === 'medium' ? pc.yellow(text) : text;
  const { worst, findings, severity } = incident;
  const head = (text: string) => `${painted(severity, severity)}${INDENT.slice(severity.length)}${text}`;
  const title = pc.bold(
    wrapped(plain(worst.title), width === undefined ? undefined : width - INDENT.length).replaceAll('\n', `\n${INDENT}`),
  );
  if (findings.length === 1) return [head(title), `${INDENT}${timesOf(findings, shown)}`, `${INDENT}${plain(worst.key)}`].join('\n');
  const parts = partsOf(incident).flatMap((part) => {
    const keys = [...new Set(part.findings.map(({ key }) => key))];
    return [
      `${INDENT}- ${painted(part.worst.severity, part.worst.severity)} ${part.detection}${part.findings.length > 1 ? ` × ${part.findings.length}` : ''}, ${timesOf(part.findings, shown)}`,
      ...(part.worst === worst
        ? []
        : [
            `${INDENT}  ${wrapped(plain(part.worst.title), width === undefined ? undefined : width - INDENT.length - 2).replaceAll('\n', `\n${INDENT}  `)}`,
          ]),
      ...keys.slice(0, mostKeys).map((key) => `${INDENT}  ${plain(key)}`),
      ...(keys.length > mostKeys ? [`${INDENT}  … and ${humanCount(keys.length - mostKeys, 'more key')}: --flat lists all`] : []),
    ];
  });
  return [
    head(title),
    `${INDENT}${timesOf(findings, shown)}, ${humanCount(findings.length, 'finding')}`,
    `${INDENT}incident ${plain(incident.id)}`,
    ...parts,
  ].join('\n');
}

/** The same as an item of a Markdown list, its parts as items below it. */
export function incidentMarkdown(incident: Incident, { shown }: Pick<IncidentOptions, 'shown'>): string {
  const { worst, findings, severity } = incident;
  const head = `- **${severity}** ${markdownText(worst.title)}  \n  ${timesOf(findings, shown)}`;
  if (findings.length === 1) return `${head}, ${markdownCode(worst.key)}`;
  const parts = partsOf(incident).map((part) => {
    const keys = [...new Set(part.findings.map(({ key }) => key))].map(markdownCode).join(', ');
    return `  - **${part.worst.severity}** ${part.detection}${part.findings.length > 1 ? ` × ${part.findings.length}` : ''}, ${timesOf(part.findings, shown)}: ${part.worst === worst ? '' : `${markdownText(part.worst.title)}; `}${keys}`;
  });
  return [`${head}, ${humanCount(findings.length, 'finding')}, incident ${markdownCode(incident.id)}`, ...parts].join('\n');
}
