import { compareSeverity, type Severity } from '../../lib/analysis/severity';
import type { During } from '../during';
import type { Finding } from '../../lib/finding/finding';

type Timed = Pick<Finding, 'time' | 'until' | 'severity'>;

/** Findings that take the same place on a time axis. */
export interface Mark<F> {
  /** Pixels. */
  readonly left: number;
  readonly width: number;
  /** The worst of them. */
  readonly severity: Severity;
  /** From the first one's start to the last one's end, in Unix seconds; shorter ones within it are other marks. */
  readonly during: During;
  readonly findings: readonly F[];
}

const LEAST_WIDTH = 8;
/** Marks whose ends differ by less cannot be distinguished or clicked. */
const CELL = 6;

const seconds = (iso: string) => Date.parse(iso) / 1000;

/** Every finding that touches the plot, in exactly one mark; wide marks first, so that narrow ones lie on them. */
export function marksOf<F extends Timed>(
  findings: readonly F[],
  at: (time: Date) => number,
  [least, most]: readonly [number, number],
): Mark<F>[] {
  const groups = new Map<string, { left: number; right: number; findings: F[] }>();
  for (const finding of findings) {
    const [from, to] = [at(new Date(finding.time)), at(new Date(finding.until))];
    if (to <= least || from >= most) continue;
    const [left, right] = [Math.max(least, from), Math.min(most, to)];
    const cell = `${Math.floor(left / CELL)} ${Math.floor(Math.max(right, left + LEAST_WIDTH) / CELL)}`;
    const group = groups.get(cell);
    if (group === undefined) groups.set(cell, { left, right, findings: [finding] });
    else {
      group.left = Math.min(group.left, left);
      group.right = Math.max(group.right, right);
      group.findings.push(finding);
    }
  }
  return [...groups.values()]
    .map(({ left, right, findings: own }) => ({
      left,
      width: Math.max(LEAST_WIDTH, right - left),
      severity: own.map(({ severity }) => severity).reduce((a, b) => (compareSeverity(a, b) < 0 ? b : a)),
      during: {
        from: own.reduce((first, { time }) => Math.min(first, seconds(time)), Infinity),
        to: own.reduce((last, { until }) => Math.max(last, seconds(until)), -Infinity),
        lasting: own.reduce((least, { time, until }) => Math.min(least, seconds(until) - seconds(time)), Infinity),
      },
      findings: own,
    }))
    .sort((a, b) => b.width - a.width || a.left - b.left);
}
