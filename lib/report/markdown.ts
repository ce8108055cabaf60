/** A report for a ticket. */
import { humanBytes, humanCount, humanNumber, humanValue } from '../analysis/human';
import { markdownBlock, markdownText } from '../analysis/markdown';
import { DIMENSIONS, type DimensionId } from '../explore/dimensions';
import type { PanelRow } from '../explore/panels';
import { notJudgedLines } from '../finding/not-judged';
import type { ReportModel } from './model';
import { labelIn } from './names';
import { sentencesOf } from './sentences';

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

function table(model: ReportModel, id: DimensionId, rows: readonly PanelRow[]): string[] {
  return [
    row([DIMENSIONS[id].one, 'records', 'rejected', 'bytes']),
    row(['---', '---:', '---:', '---:']),
    ...rows.map(({ key, records, rejected, bytes }) =>
      row([
        markdownText(humanValue(labelIn(model, key[0] ?? null), DIMENSIONS[id].unit)),
        humanNumber(records),
        humanNumber(rejected),
        humanBytes(bytes),
      ]),
    ),
  ];
}

const TABLES = ['srcaddr', 'dstaddr', 'dstport', 'protocol'] as const;

export function markdownOf(model: ReportModel): string {
  const { provenance, quality } = model;
  const lines = [`# ${markdownText(model.title)}`, '', ...sentencesOf(model).map((sentence) => `- ${markdownText(sentence)}`)];
  if (model.findings.length > 0) {
    lines.push('', '## Findings', '', row(['time (UTC)', 'severity', 'what', 'key']), row(['---', '---', '---', '---']));
    for (const { finding } of model.findings)
      lines.push(row([finding.time, finding.severity, markdownText(finding.title), markdownText(finding.key)]));
    if (model.found > model.findings.length) lines.push('', `The ${model.findings.length} most severe of ${humanNumber(model.found)}.`);
  }
  const open = [...notJudgedLines(model.notJudged), ...model.notes];
  if (open.length > 0) lines.push('', ...open.map((text) => `- ${markdownText(text)}`));
  for (const id of TABLES) {
    const rows = model.panels[id] ?? [];
    if (rows.length > 0) lines.push('', `## ${DIMENSIONS[id].title}`, '', ...table(model, id, rows));
  }
  const refused = model.rejected.srcaddr ?? [];
  if (refused.length > 0) lines.push('', '## Most rejected sources', '', ...table(model, 'srcaddr', refused));
  if (quality !== undefined)
    lines.push(
      '',
      '## Data quality',
      '',
      `${humanNumber(quality.rejectedLines)} of ${humanNumber(quality.lines)} lines rejected, ${humanNumber(quality.badValues)} invalid values, ${humanNumber(quality.skippedFiles)} of ${humanNumber(quality.files)} files skipped${quality.timeless > 0 ? `, ${humanCount(quality.timeless, 'record')} without a start left out` : ''}.`,
    );
  lines.push(
    '',
    '## Provenance',
    '',
    `flow-log-analytics ${provenance.version} on ${provenance.made} from ${provenance.sources.map((source) => markdownText(source)).join(', ')}.`,
  );
  if (model.names?.attribution !== undefined) lines.push('', `${markdownText(model.names.attribution)}.`);
  if (provenance.command !== undefined) lines.push('', ...markdownBlock('sh', provenance.command));
  if (provenance.inputs !== undefined)
    lines.push(
      '',
      `${humanCount(provenance.inputs.count, 'file')}, ${humanBytes(provenance.inputs.bytes)}, SHA-256 over their hashes \`${provenance.inputs.sha256}\`.`,
    );
  return `${lines.join('\n')}\n`;
}
