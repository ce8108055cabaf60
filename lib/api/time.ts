import { isCalendarDay } from '../analysis/time';

const DOCUMENTED = /^(\d{2})-(\d{2})-(\d{4}) (\d{2}:\d{2}:\d{2})$/;
const ISO = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/;

/** A wall time that names no instant, or two. */
export class WallTimeError extends Error {
  override name = 'WallTimeError';
}

/**
 * Unix seconds of `dd-mm-yyyy hh:mm:ss` in a time zone, or of ISO 8601 with an offset; undefined for anything else.
 * @throws WallTimeError for a wall time that the clocks of the zone go over, or show twice
 */
export function parseZonedTime(text: string, timeZone: string): number | undefined {
  const day = ISO.exec(text)?.[1];
  if (day !== undefined) return isCalendarDay(day) ? secondsOf(Date.parse(text)) : undefined;
  const [, dd = '', mm = '', yyyy = '', time = ''] = DOCUMENTED.exec(text) ?? [];
  const wall = Date.parse(`${yyyy}-${mm}-${dd}T${time}Z`);
  if (Number.isNaN(wall) || !isCalendarDay(`${yyyy}-${mm}-${dd}`) || time.startsWith('24')) return undefined;
  const instants = instantsOf(wall, timeZone);
  const [first] = instants;
  if (instants.length === 1 && first !== undefined) return secondsOf(first);
  const said = `${text} ${instants.length === 0 ? 'does not exist' : 'occurs twice'} in ${timeZone}, since the clocks change at that time`;
  // What clocks that had not been changed would show.
  const near = instants.length === 0 ? [wall - offsetMs(wall - DAY_MS, timeZone)] : instants;
  throw new WallTimeError(`${said}: say ${near.map((ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`).join(' or ')}`);
}

const DAY_MS = 86_400_000;

/** Instants at which clocks in the zone show a wall time: one, or none or two where they are changed. */
function instantsOf(wall: number, timeZone: string): number[] {
  const offsets = [wall - DAY_MS, wall, wall + DAY_MS].map((ms) => offsetMs(ms, timeZone));
  const candidates = [...new Set(offsets)].map((offset) => wall - offset);
  return candidates.filter((ms) => ms + offsetMs(ms, timeZone) === wall).sort((a, b) => a - b);
}

const secondsOf = (ms: number) => (Number.isNaN(ms) ? undefined : Math.floor(ms / 1000));

function offsetMs(utcMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(utcMs);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(utcMs / 1000) * 1000;
}
