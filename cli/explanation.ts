import { createColors } from 'picocolors';
import type { Analysis } from '../lib/analysis/catalogue';
import { humanCount, humanValue } from '../lib/analysis/human';
import type { Row } from '../lib/analysis/columns';
import type { Picture } from '../lib/engine/evidence';
import { type Asking, type Check, type CheckPart, checksOf } from '../lib/finding/checks';
import type { Finding } from '../lib/finding/finding';
import type { Incident } from '../lib/finding/incident';
import { evidenceLines, rowLine } from '../lib/finding/message';
import { incidentText } from './incidents';
import { drawn } from './picture';
import { rowShown } from './time';
import { wrapped } from './wrap';

/** A finding, what it was compared with, and what else is known of its key. */
export interface Explanation {
  readonly analysis: Analysis;
  readonly key: string;
  /** Undefined where nothing was found: the pictures show what was looked at. */
  readonly finding: Finding | undefined;
  /** Further findings of the key. */
  readonly others: readonly Finding[];
  /** Rows that the detection gave for the key. */
  readonly rows: readonly Row[];
  readonly pictures: readonly Picture[];
  /** Length of a row's bucket. */
  readonly bucketSeconds: number;
}

export interface ExplanationOptions {
  /** Prose is wrapped at it; undefined: a line each. Times, addresses, keys and commands are whole in any case. */
  readonly width: number | undefined;
  readonly chartWidth: number;
  readonly colour: boolean;
  /** A time as it is shown. */
  readonly shown: (time: string) => string;
}

const plain = (text: string) => humanValue(text, undefined);

function headOf({ finding, others, analysis, key }: Explanation, { width, colour, shown }: ExplanationOptions): string {
  const pc = createColors(colour);
  if (finding === undefined)
    return `${plain(key)}\n${wrapped('In this window the detection finds nothing for the key; this is what it looks at.', width)}`;
  const { title, severity, time, until, occurrences } = finding;
  return [
    pc.bold(wrapped(plain(title), width)),
    `${severity}, ${shown(time)} to ${shown(until)}${occurrences > 1 ? `, seen in ${occurrences} intervals` : ''}`,
    `${analysis.title}: ${plain(key)}`,
    ...others.map((other) =>
      wrapped(`Also ${other.severity}, ${shown(other.time)} to ${shown(other.until)}: ${plain(other.title)}`, width, '  '),
    ),
  ].join('\n');
}

const MOST_ROWS = 10;

function numbersOf({ finding, analysis, rows }: Explanation, { width, shown }: ExplanationOptions): string[] {
  if (finding === undefined) return [];
  const lines =
    rows.length < 2
      ? []
      : rows
          .slice(-MOST_ROWS)
          .map(
            (row) => `  ${wrapped(plain(rowLine(analysis, rowShown(shown, row))), width === undefined ? undefined : width - 4, '    ')}`,
          );
  const more = rows.length > MOST_ROWS ? `, the last ${MOST_ROWS} of ${rows.length}` : '';
  return [
    ['Evidence', ...evidenceLines(analysis, { ...finding, evidence: rowShown(shown, finding.evidence) })].join('\n'),
    ...(lines.length === 0 ? [] : [[`Intervals${more}`, ...lines].join('\n')]),
  ];
}

function partText(part: CheckPart, width: number | undefined, first: boolean, number: number): string {
  const lead = first ? `${number}. ` : '   ';
  if (part.kind === 'text') return `${lead}${wrapped(plain(part.text), width === undefined ? undefined : width - 3, '   ')}`;
  return `${first ? `${lead}\n` : ''}     ${plain(part.text)}${part.note === undefined ? '' : `\n     (${part.note})`}`;
}

/** Steps whose commands were not all printed before. */
function newSteps(steps: readonly Check[], printed: Set<string>): Check[] {
  const fresh = steps.filter((step) => {
    const texts = step.filter(({ kind }) => kind === 'command').map(({ text }) => text);
    return texts.length === 0 || texts.some((text) => !printed.has(text));
  });
  for (const { text } of fresh.flat()) printed.add(text);
  return fresh;
}

function one(explanation: Explanation, asking: Asking, options: ExplanationOptions, printed: Set<string>): string {
  const { analysis, finding, rows, pictures, bucketSeconds } = explanation;
  const timeName = analysis.finding?.time ?? '';
  const found = rows.map((row) => {
    const from = Date.parse(String(row[timeName])) / 1000;
    return { from, to: from + bucketSeconds };
  });
  const steps = finding === undefined ? [] : newSteps(checksOf(analysis, finding, asking), printed);
  return [
    headOf(explanation, options),
    ...numbersOf(explanation, options),
    ...pictures.map((picture) =>
      drawn(picture, { width: options.chartWidth, colour: options.colour, shown: options.shown, found, bucketSeconds }),
    ),
    ...[
      ['What it means', analysis.summary],
      ['False positives', analysis.falsePositives],
      ['What to do', analysis.runbook],
      ['How to use it', `${analysis.howTo?.trim() ?? ''} (flowlogs show ${analysis.id}, flowlogs tune)`],
    ].flatMap(([name, text]) => (text === undefined ? [] : [wrapped(`${name ?? ''}: ${text.trim()}`, options.width, '  ')])),
    ...(steps.length === 0
      ? []
      : [['Check', ...steps.map((step, i) => step.map((part, j) => partText(part, options.width, j === 0, i + 1)).join('\n'))].join('\n')]),
  ].join('\n\n');
}

/** What `flowlogs explain` prints. */
export function explanationText(
  incident: Incident | undefined,
  explanations: readonly Explanation[],
  asking: Asking,
  options: ExplanationOptions,
): string {
  const printed = new Set<string>();
  const texts = explanations.map((explanation) => one(explanation, asking, options, printed));
  if (incident === undefined || incident.findings.length === 1) return texts.join('\n\n');
  const heads = texts.map((text, i) => `── ${i + 1} of ${humanCount(texts.length, 'detection')} ──\n${text}`);
  return [incidentText(incident, options), ...heads].join('\n\n');
}

/** The same for programs: findings and rows as of `detect`, pictures with their rows, checks filled in. */
export const explanationJson = (incident: Incident | undefined, explanations: readonly Explanation[], asking: Asking): object => ({
  incident: incident?.id ?? null,
  findings: explanations.flatMap(({ finding, others }) => (finding === undefined ? [] : [finding, ...others])),
  rows: explanations.flatMap(({ rows }) => rows),
  pictures: explanations.flatMap(({ key, pictures }) =>
    pictures.map(({ evidence: { title, draw, unit, step }, window, rows, truncated }) => ({
      key,
      title,
      draw,
      unit,
      step,
      ...window,
      truncated,
      rows,
    })),
  ),
  checks: explanations.flatMap(({ key, analysis, finding }) =>
    finding === undefined ? [] : [{ key, steps: checksOf(analysis, finding, asking) }],
  ),
});
