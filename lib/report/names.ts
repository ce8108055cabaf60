/** Names of the addresses in a report. */
import type { Value } from '../analysis/columns';
import { labelOf } from '../inventory/decorate';
import type { Names } from '../inventory/names';
import type { ReportModel } from './model';

/** What is known of the addresses of a report, as plain JSON. */
export interface ReportNames {
  /** Addresses with what is known of them; those of which nothing is known are absent. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where the owners are from. */
  readonly attribution: string | undefined;
}

const LISTS = ['srcaddr', 'dstaddr'] as const;

export function reportNames(
  { panels, rejected, findings }: Pick<ReportModel, 'panels' | 'rejected' | 'findings'>,
  names: Names,
): ReportNames {
  const listed = LISTS.flatMap((id) => [...(panels[id] ?? []), ...(rejected[id] ?? [])]).map(({ key }) => key[0] ?? null);
  const cited = findings.flatMap(({ finding, columns }) =>
    columns.filter(({ type }) => type === 'address').map(({ name }) => finding.evidence[name] ?? null),
  );
  const labels = [...new Set<Value>([...listed, ...cited])].flatMap((address): [string, string][] => {
    const label = labelOf(address, names);
    return typeof address === 'string' && typeof label === 'string' && label !== address ? [[address, label]] : [];
  });
  return { labels: Object.fromEntries(labels), attribution: names.attribution() };
}

/** A value of a report with its name or owner. */
export const labelIn = ({ names }: Pick<ReportModel, 'names'>, value: Value): Value =>
  names !== undefined && typeof value === 'string' && Object.hasOwn(names.labels, value) ? (names.labels[value] ?? value) : value;
