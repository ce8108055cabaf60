const DOCUMENTED = /^(\d{2})-(\d{2})-(\d{4}) (\d{2}):(\d{2}):(\d{2})$/;
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/;

/** Unix seconds of `dd-mm-yyyy hh:mm:ss` in a time zone, or of ISO 8601 with an offset; undefined for anything else. */
export function parseZonedTime(text: string, timeZone: string): number | undefined {
  if (ISO.test(text)) return secondsOf(Date.parse(text));
  const [, day, month, year, hour, minute, second] = (DOCUMENTED.exec(text) ?? []).map(Number);
  if (day === undefined || month === undefined || year === undefined || hour === undefined || minute === undefined || second === undefined)
    return undefined;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(wall);
  if (back.getUTCDate() !== day || back.getUTCMonth() !== month - 1 || back.getUTCHours() !== hour || back.getUTCMinutes() !== minute)
    return undefined;
  // Twice: the offset at the guess may be that of the other side of a change of clocks.
  const guess = wall - offsetMs(wall, timeZone);
  return secondsOf(wall - offsetMs(guess, timeZone));
}

const secondsOf = (ms: number) => (Number.isNaN(ms) ? undefined : Math.floor(ms / 1000));

/** `dd-mm-yyyy hh:mm:ss` of Unix seconds in a time zone. */
export function printZonedTime(seconds: number, timeZone: string): string {
  const wall = new Date(seconds * 1000 + offsetMs(seconds * 1000, timeZone)).toISOString();
  return `${wall.slice(8, 10)}-${wall.slice(5, 7)}-${wall.slice(0, 4)} ${wall.slice(11, 19)}`;
}

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
