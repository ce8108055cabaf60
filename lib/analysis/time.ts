import { durationSeconds } from './duration';
import { RenderError } from './literal';
import { instantOf, zonedTime } from './zone';

const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Whether the calendar has a day such as `2026-11-20`: `Date` takes the 30th of February for the 2nd of March. */
export function isCalendarDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === day;
}

const DAYS_AGO: Readonly<Record<string, number>> = { today: 0, yesterday: 1 };

/** Midnight of a day, as clocks in the zone show it: days there are not all of 24 hours. */
function dayStart(now: number, daysAgo: number, timeZone: string): number {
  const midnight = Date.parse(`${zonedTime(now, timeZone).slice(0, 10)}T00:00:00Z`) - daysAgo * 86_400_000;
  return Math.floor(instantOf(midnight, timeZone, new Date(midnight).toISOString().slice(0, 10)) / 1000);
}

/**
 * A bound of a window in Unix seconds: ISO 8601 (of the time zone where the text has no offset), Unix seconds, or relative to now
 * (`-24h`, `now`), or the start of a day (`today`, `yesterday`).
 * @throws RenderError naming got and expected
 * @throws WallTimeError for a wall time that the clocks of the zone skip, or show twice
 */
export function parseTime(text: string, nowMs: number, timeZone = 'UTC'): number {
  const now = Math.floor(nowMs / 1000);
  if (text === 'now') return now;
  const daysAgo = DAYS_AGO[text];
  if (daysAgo !== undefined) return dayStart(now, daysAgo, timeZone);
  if (text.startsWith('-')) {
    const seconds = durationSeconds(text.slice(1));
    if (seconds !== undefined) return now - seconds;
  }
  if (/^\d{9,11}$/.test(text)) return Number(text);
  const match = ISO.exec(text);
  if (match !== null && isCalendarDay(text.slice(0, 10))) {
    const isWall = match[1] === undefined;
    const ms = Date.parse(isWall && text.includes('T') ? `${text}Z` : text);
    if (!Number.isNaN(ms)) return Math.floor((isWall ? instantOf(ms, timeZone, text) : ms) / 1000);
  }
  throw new RenderError(
    `time ${JSON.stringify(text)}: expected ISO 8601 such as 2026-11-20 or 2026-11-20T05:00:00Z, relative to now such as -24h, or today or yesterday`,
  );
}
