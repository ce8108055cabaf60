import type { TimeRange } from '../lib/explore/state';
import type { Finding } from '../lib/finding/finding';
import { touches } from '../lib/finding/touches';

/** Which findings are listed: those of a time or, with `lasting`, of them those that lie within it and are that long. */
export interface During extends TimeRange {
  /** Seconds at least. */
  readonly lasting?: number | undefined;
}

export function isDuring(finding: Pick<Finding, 'time' | 'until'>, during: During): boolean {
  if (during.lasting === undefined) return touches(finding, during);
  const [first, last] = [Date.parse(finding.time) / 1000, Date.parse(finding.until) / 1000];
  return first >= during.from && last <= during.to && last - first >= during.lasting;
}
