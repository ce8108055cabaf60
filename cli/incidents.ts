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
  /** Number of the incident in a list. */
  readonly number?: string | undefined;
  /** A time of a finding as it is shown. */
  readonly shown: (time: string) => string;
}

/** Findings of one detection within an incident. */
interface Part {
  readonly detection: string;
  readonly worst: Finding;
  readonly findings: readonly Finding[];
}

/** Width of the longest severity. */
const SEVERITY_WIDTH = 8;

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

const DATE_LENGTH = 'yyyy-mm-ddT'.length;

/** Begin and end, the date of the end only where it is another day. */
export function timesOf(findings: readonly Finding[], shown: (time: string) => string): string {
  const from = shown(least(findings.map(({ time }) => time)));
  const until = shown(most(findings.map(({ until: end }) => end)));
  return `${from} to ${from.slice(0, DATE_LENGTH) === until.slice(0, DATE_LENGTH) ? until.slice(DATE_LENGTH) : until}`;
}

/** `3 incidents of 41 findings: 1 high, 2 medium`. */
export function summaryOf(incidents: readonly Incident[], findings: number): string {
  const counts = [...SEVERITIES]
    .reverse()
    .map((severity) => [severity, incidents.filter((one) => one.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`);
  return `${humanCount(incidents.length, 'incident')} of ${humanCount(findings, 'finding')}: ${counts.join(', ')}`;
}

const indentOf = ({ number }: Pick<IncidentOptions, 'number'>): string => ' '.repeat(number === undefined ? 2 : number.length + 1);

const painted = (severity: Severity, text: string, colour: boolean): string => {
  const pc = createColors(colour);
  return severity === 'critical' || severity === 'high' ? pc.red(text) : severity === 'medium' ? pc.yellow(text) : text;
};

/** The first line of an entry, wrapped by words. */
export function titleText(severity: Severity, title: string, options: Pick<IncidentOptions, 'width' | 'colour' | 'number'>): string {
  const { width, colour, number } = options;
  const before = `${number === undefined ? '' : `${number} `}${severity.padEnd(SEVERITY_WIDTH)} `;
  const lines = wrapped(`${'x'.repeat(before.length - 1)} ${plain(title)}`, width, indentOf(options)).split('\n');
  const [first = '', ...rest] = lines;
  const bold = createColors(colour).bold;
  const text = `${before.replace(severity, painted(severity, severity, colour))}${bold(first.slice(before.length))}`;
  return [text, ...rest.map((line) => bold(line))].join('\n');
}

/** Parts in one line if they fit, otherwise one each: keys, times and addresses stay whole. */
function lined(parts: readonly string[], indent: string, width: number | undefined): string[] {
  const line = `${indent}${parts.join('  ')}`;
  return width === undefined || line.length <= width ? [line] : parts.map((part) => `${indent}${part}`);
}

/** An incident as people read it: its worst title, its times and key, its parts. */
export function incidentText(incident: Incident, options: IncidentOptions): string {
  const { width, colour, shown, mostKeys = Infinity } = options;
  const { worst, findings, severity } = incident;
  const indent = indentOf(options);
  const title = titleText(severity, worst.title, options);
  if (findings.length === 1) return [title, ...lined([timesOf(findings, shown), plain(worst.key)], indent, width)].join('\n');
  const parts = partsOf(incident).flatMap((part) => {
    const keys = [...new Set(part.findings.map(({ key }) => key))];
    const inner = `${indent}  `;
    return [
      `${indent}- ${painted(part.worst.severity, part.worst.severity, colour)} ${part.detection}${part.findings.length > 1 ? ` × ${part.findings.length}` : ''}, ${timesOf(part.findings, shown)}`,
      ...(part.worst === worst
        ? []
        : [
            `${inner}${wrapped(plain(part.worst.title), width === undefined ? undefined : width - inner.length).replaceAll('\n', `\n${inner}`)}`,
          ]),
      ...keys.slice(0, mostKeys).map((key) => `${inner}${plain(key)}`),
      ...(keys.length > mostKeys ? [`${inner}… and ${humanCount(keys.length - mostKeys, 'more key')}: --flat lists all`] : []),
    ];
  });
  const head = lined(
    [`${timesOf(findings, shown)}, ${humanCount(findings.length, 'finding')}`, `incident ${plain(incident.id)}`],
    indent,
    width,
  );
  return [title, ...head, ...parts].join('\n');
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
