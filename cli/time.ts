/** Times as people type and see them. */
import type { Row } from '../lib/analysis/columns';
import { RenderError } from '../lib/analysis/literal';
import { parseTime } from '../lib/analysis/time';
import { WallTimeError, zonedTime } from '../lib/analysis/zone';
import { UsageError } from './errors';
import type { TimeOptions } from './options';

/** A time in the time zone of the command. @throws UsageError naming the option */
export function timeOf(option: string, text: string, { timeZone = 'UTC' }: Partial<TimeOptions>, now = Date.now()): number {
  try {
    return parseTime(text, now, timeZone);
  } catch (error) {
    if (error instanceof RenderError || error instanceof WallTimeError) throw new UsageError(`${option}: ${error.message}`);
    throw error;
  }
}

/** `--from` and `--to` in Unix seconds. */
export function boundsOf(options: Partial<TimeOptions>): { from: number | undefined; to: number | undefined } {
  const now = Date.now();
  const of = (name: 'from' | 'to') => {
    const text = options[name];
    return text === undefined ? undefined : timeOf(`--${name}`, text, options, now);
  };
  return { from: of('from'), to: of('to') };
}

const UTC_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** Makes times of answers, such as `2026-11-20T05:00:00Z`, those of clocks in the zone; anything else stays. */
export const shownIn =
  (timeZone: string) =>
  (text: string): string =>
    timeZone === 'UTC' || !UTC_TIME.test(text) ? text : zonedTime(Math.floor(Date.parse(text) / 1000), timeZone);

/** A row with its times as they are shown. */
export const rowShown = (shown: (time: string) => string, row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? shown(value) : value]));
