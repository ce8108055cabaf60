import { isCalendarDay } from '../analysis/time';
import { instantOf } from '../analysis/zone';

const DOCUMENTED = /^(\d{2})-(\d{2})-(\d{4}) (\d{2}:\d{2}:\d{2})$/;
const ISO = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Unix seconds of `dd-mm-yyyy hh:mm:ss` in a time zone, or of ISO 8601 with an offset; undefined for anything else.
 * @throws WallTimeError for a wall time that the clocks of the zone skip, or show twice
 */
export function parseZonedTime(text: string, timeZone: string): number | undefined {
  const day = ISO.exec(text)?.[1];
  if (day !== undefined) return isCalendarDay(day) ? secondsOf(Date.parse(text)) : undefined;
  const [, dd = '', mm = '', yyyy = '', time = ''] = DOCUMENTED.exec(text) ?? [];
  const wall = Date.parse(`${yyyy}-${mm}-${dd}T${time}Z`);
  if (Number.isNaN(wall) || !isCalendarDay(`${yyyy}-${mm}-${dd}`) || time.startsWith('24')) return undefined;
  return secondsOf(instantOf(wall, timeZone, text));
}

const secondsOf = (ms: number) => (Number.isNaN(ms) ? undefined : Math.floor(ms / 1000));
