/** A finding as a person reads it at three in the morning. */
import type { Row } from '../analysis/columns';
import { humanValue } from '../analysis/human';
import type { AnalysisDefinition } from '../analysis/schema';
import { consoleOrigin } from './console';
import type { Finding } from './finding';
import type { OpenIncident } from './join-incident';

export interface MessageContext {
  readonly analysis: AnalysisDefinition;
  readonly change: 'new' | 'escalated';
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  readonly engine: string;
  readonly queryId: string;
  /** Command that shows the same rows. */
  readonly command: string;
  /** IANA name of the time zone that is shown in addition to UTC. */
  readonly timeZone?: string | undefined;
  /** Address of docs/runbook.md, where it is published. */
  readonly runbookUrl: string;
  readonly dashboardUrl?: string | undefined;
  /** Folder of the daily reports. */
  readonly reportsUrl?: string | undefined;
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: fewer than 100 characters, ASCII, no line breaks. */
const SUBJECT_LENGTH = 99;

/** What and where, in at most 99 ASCII characters. */
export function subjectOf(finding: Finding, change: MessageContext['change']): string {
  return asciiSubject(`[${finding.severity}] ${change === 'escalated' ? 'worse: ' : ''}${finding.title}`);
}

function asciiSubject(line: string): string {
  const text = line.replace(/[^\x20-\x7e]+/g, '?');
  return text.length <= SUBJECT_LENGTH ? text : `${text.slice(0, SUBJECT_LENGTH - 3)}...`;
}

/** A message that an incident is over. */
export function endOf({ title, severity, time, until, parts }: OpenIncident, stack: string): { subject: string; body: string } {
  const findings = parts.length === 1 ? 'one finding' : `${parts.length} findings`;
  return {
    subject: asciiSubject(`[${severity}] ended: ${title}`),
    body: [
      `It ended: ${title}.`,
      '',
      `When:  ${interval(time, until)}`,
      `Stack: ${stack}`,
      `Parts: ${findings}`,
      ...parts.slice(0, DIGEST_LINES).map((id) => `  ${id}`),
      '',
      'No finding was added for three hours. Later findings start a new incident.',
    ].join('\n'),
  };
}

const local = (iso: string, timeZone: string) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(new Date(iso));

const interval = (from: string, to: string) => `${from.replace('T', ' ').replace('Z', '')} to ${to.replace('T', ' ').replace('Z', '')} UTC`;

/** The worst row, a column a line. */
export function evidenceLines(analysis: AnalysisDefinition, finding: Finding): string[] {
  const width = Math.max(...analysis.columns.map(({ name }) => name.length));
  return analysis.columns
    .filter(({ name }) => finding.evidence[name] !== undefined)
    .map(({ name, unit }) => `  ${name.padEnd(width)}  ${humanValue(finding.evidence[name] ?? null, unit)}`);
}

/** One row in a line, without what all rows of the key share. */
export const rowLine = (analysis: AnalysisDefinition, row: Row): string =>
  analysis.columns
    .filter(({ name }) => analysis.finding?.key.includes(name) !== true && row[name] !== null)
    .map(({ name, unit }) => (name === analysis.finding?.time ? String(row[name]) : `${name} ${humanValue(row[name] ?? null, unit)}`))
    .join(', ');

const queryUrl = ({ engine, region, queryId }: MessageContext) =>
  engine === 'athena'
    ? `${consoleOrigin(region)}/athena/home?region=${region}#/query-editor/history/${queryId}`
    : `${consoleOrigin(region)}/cloudwatch/home?region=${region}#logsV2:logs-insights`;

function links(finding: Finding, context: MessageContext): string[] {
  return [
    `Query:     ${queryUrl(context)} (${context.queryId})`,
    ...(context.dashboardUrl === undefined ? [] : [`Dashboard: ${context.dashboardUrl}`]),
    ...(context.reportsUrl === undefined ? [] : [`Reports:   ${context.reportsUrl}`]),
    `Runbook:   ${context.runbookUrl}#${finding.detection}`,
    `Same rows: ${context.command}`,
  ];
}

/** Body of a mail. */
export function bodyOf(finding: Finding, context: MessageContext): string {
  const { analysis, timeZone } = context;
  return [
    `${context.change === 'escalated' ? 'It got worse: ' : ''}${finding.title}.`,
    '',
    `When:      ${interval(finding.time, finding.until)}`,
    ...(timeZone === undefined ? [] : [`           ${local(finding.time, timeZone)} to ${local(finding.until, timeZone)} ${timeZone}`]),
    `Where:     account ${context.account}, ${context.region}, stack ${context.stack}`,
    `Detection: ${analysis.title} (${finding.detection}), severity ${finding.severity}${finding.tags.length === 0 ? '' : `, ATT&CK ${finding.tags.join(', ')}`}`,
    ...(finding.incident === undefined ? [] : [`Incident:  ${finding.incident}`]),
    `Key:       ${finding.key}${finding.occurrences > 1 ? `, seen in ${finding.occurrences} intervals` : ''}`,
    '',
    'Evidence:',
    ...evidenceLines(analysis, finding),
    ...(finding.rows.length > 1 ? ['', 'Most severe intervals:', ...finding.rows.map((row) => `  ${rowLine(analysis, row)}`)] : []),
    '',
    `What it means:   ${analysis.summary}`,
    `False positives: ${analysis.falsePositives ?? '-'}`,
    `What to do:      ${analysis.runbook ?? '-'}`,
    '',
    ...links(finding, context),
  ].join('\n');
}

const DIGEST_LINES = 25;

/** One message for a run with many findings. */
export function digestOf(findings: readonly Finding[], context: MessageContext): { subject: string; body: string } {
  const [worst] = findings;
  const subject = `[${worst?.severity ?? 'info'}] ${findings.length} findings of ${context.analysis.title}`.slice(0, SUBJECT_LENGTH);
  const shown = [...findings].sort((a, b) => (b.measure ?? 0) - (a.measure ?? 0)).slice(0, DIGEST_LINES);
  const body = [
    `${context.analysis.title} reported ${findings.length} findings in one run; the ${shown.length} largest:`,
    '',
    ...shown.map(({ time, title }) => `  ${time}  ${title}`),
    ...(findings.length > shown.length ? [`  … and ${findings.length - shown.length} more, each on the event bus`] : []),
    '',
    `What it means: ${context.analysis.summary}`,
    `Many findings at once mostly have one cause, or a threshold does not fit this network: see "How to use it" in the runbook.`,
    '',
    ...(worst === undefined ? [] : links(worst, context)),
  ].join('\n');
  return { subject, body };
}

/**
 * The custom notification of Amazon Q Developer in chat applications (AWS Chatbot), for a topic that only it reads.
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export function chatMessageOf(title: string, description: string, threadId: string, detection: string, runbookUrl: string): string {
  return JSON.stringify({
    version: '1.0',
    source: 'custom',
    id: threadId,
    content: {
      textType: 'client-markdown',
      title,
      description: description.slice(0, 3500),
      nextSteps: [`Read <${runbookUrl}#${detection}|the runbook>`],
      keywords: [detection],
    },
    metadata: { threadId, summary: title, eventType: detection, enableCustomActions: true },
  });
}
