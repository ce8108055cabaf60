/** Wall times of IANA time zones, and instants as clocks there show them. */

/** A wall time that denotes no instant, or two. */
export class WallTimeError extends Error {
  override name = 'WallTimeError';
}

const DAY_MS = 86_400_000;
const utc = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Whether the platform knows a zone such as `Europe/Berlin`. */
export function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}

/**
 * The instant, in milliseconds, at which clocks in the zone show a wall time (given as if it were UTC).
 * @throws WallTimeError for a wall time that the clocks of the zone skip, or show twice
 */
export function instantOf(wall: number, timeZone: string, text: string): number {
  if (timeZone === 'UTC') return wall;
  const instants = instantsOf(wall, timeZone);
  const [first] = instants;
  if (instants.length === 1 && first !== undefined) return first;
  const said = `${text} ${instants.length === 0 ? 'does not exist' : 'occurs twice'} in ${timeZone}, since the clocks change at that time`;
  // What clocks that had not been changed would show.
  const near = instants.length === 0 ? [wall - offsetMs(wall - DAY_MS, timeZone)] : instants;
  throw new WallTimeError(`${said}: say ${near.map(utc).join(' or ')}`);
}

/** Instants at which clocks in the zone show a wall time: one, or none or two where they are changed. */
function instantsOf(wall: number, timeZone: string): number[] {
  const offsets = [wall - DAY_MS, wall, wall + DAY_MS].map((ms) => offsetMs(ms, timeZone));
  const candidates = [...new Set(offsets)].map((offset) => wall - offset);
  return candidates.filter((ms) => ms + offsetMs(ms, timeZone) === wall).sort((a, b) => a - b);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  const made = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...numeric });
  formats.set(timeZone, made);
  return made;
}

/** How far clocks in the zone are before UTC at an instant. */
function offsetMs(utcMs: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(utcMs);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(utcMs / 1000) * 1000;
}

/** `2026-11-20T06:00:00+01:00`, in UTC `2026-11-20T05:00:00Z`. */
export function zonedTime(seconds: number, timeZone: string): string {
  if (timeZone === 'UTC') return utc(seconds * 1000);
  const offset = Math.round(offsetMs(seconds * 1000, timeZone) / 60_000);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `${utc(seconds * 1000 + offset * 60_000).slice(0, 19)}${offset < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
}
