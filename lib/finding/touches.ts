import type { Finding } from './finding';

/** Whether a finding's window and a time, `[from, to)` in Unix seconds, have a part in common. */
export const touches = (
  { time, until }: Pick<Finding, 'time' | 'until'>,
  { from, to }: { readonly from: number; readonly to: number },
): boolean => Date.parse(until) / 1000 > from && Date.parse(time) / 1000 < to;
