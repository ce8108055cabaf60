/** A report in a few sentences with their numbers. */
import { humanBytes, humanCount, humanNumber, humanValue } from '../analysis/human';
import { SEVERITIES } from '../analysis/severity';
import { DIMENSIONS, type DimensionId } from '../explore/dimensions';
import type { PanelRow } from '../explore/panels';
import { stepName } from '../explore/steps';
import type { ReportModel } from './model';
import { labelIn } from './names';

export interface Totals {
  readonly records: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly other: number;
  readonly bytes: number;
  readonly packets: number;
}

export function totalsOf({ panels }: ReportModel): Totals {
  const rows = panels.summary ?? [];
  const of = (action: string | null) => rows.filter(({ key }) => key[0] === action).reduce((sum, { records }) => sum + records, 0);
  const sum = (name: 'records' | 'bytes' | 'packets') => rows.reduce((total, row) => total + row[name], 0);
  const [accepted, rejected] = [of('ACCEPT'), of('REJECT')];
  return {
    records: sum('records'),
    accepted,
    rejected,
    other: sum('records') - accepted - rejected,
    bytes: sum('bytes'),
    packets: sum('packets'),
  };
}

const percent = (part: number, of: number) => {
  const share = of === 0 ? 0 : (100 * part) / of;
  return share > 0 && share < 0.05 ? 'less than 0.1%' : `${share.toFixed(1)}%`;
};

export const utc = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const name = (model: ReportModel, id: DimensionId, row: PanelRow) => humanValue(labelIn(model, row.key[0] ?? null), DIMENSIONS[id].unit);

function busiest({ panels, domain }: ReportModel): string[] {
  const buckets = new Map<number, number>();
  for (const { key, records } of panels.timeline ?? []) buckets.set(Number(key[0]), (buckets.get(Number(key[0])) ?? 0) + records);
  const [top] = [...buckets].sort((a, b) => b[1] - a[1]);
  return top === undefined ? [] : [`The busiest ${stepName(domain.step)} began at ${utc(top[0])}: ${humanCount(top[1], 'record')}.`];
}

function rejections(model: ReportModel, totals: Totals): string[] {
  const [source] = model.rejected.srcaddr ?? [];
  const [port] = model.rejected.dstport ?? [];
  if (totals.rejected === 0 || source === undefined) return [];
  const most = `Most rejected records came from ${name(model, 'srcaddr', source)} (${humanNumber(source.records)}, ${percent(source.records, totals.rejected)} of all rejected)`;
  return [port === undefined ? `${most}.` : `${most}; most went to port ${name(model, 'dstport', port)} (${humanNumber(port.records)}).`];
}

/** Nothing was found in what was judged, which is not all where something is listed. */
export const nothingFound = (notJudged: ReportModel['notJudged']): string =>
  `The detections found nothing unusual${notJudged.length === 0 ? '' : ' in what they could judge'}.`;

function findings({ found, bySeverity, findings: told, notJudged }: ReportModel): string {
  if (found === 0) return nothingFound(notJudged);
  const counts = [...SEVERITIES]
    .reverse()
    .flatMap((severity) => (bySeverity[severity] === undefined ? [] : [`${humanNumber(bySeverity[severity])} ${severity}`]));
  const [worst] = told;
  return `The detections reported ${humanCount(found, 'finding')} (${counts.join(', ')})${worst === undefined ? '' : `; most severe: ${worst.finding.title}`}.`;
}

export function sentencesOf(model: ReportModel): string[] {
  const totals = totalsOf(model);
  if (totals.records === 0) return [`No flow-log records between ${utc(model.window.from)} and ${utc(model.window.to)}.`];
  const flows = totals.accepted + totals.rejected;
  const actions =
    flows === 0
      ? ''
      : `: ${humanNumber(totals.accepted)} accepted and ${humanNumber(totals.rejected)} rejected (${percent(totals.rejected, flows)})${totals.other === 0 ? '' : `, ${humanNumber(totals.other)} without traffic`}`;
  return [
    `${humanCount(totals.records, 'flow-log record')} between ${utc(model.window.from)} and ${utc(model.window.to)}${actions}.`,
    `They represent ${humanBytes(totals.bytes)} in ${humanCount(totals.packets, 'packet')}.`,
    ...busiest(model),
    ...rejections(model, totals),
    findings(model),
  ];
}
