export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86400;

/** A Monday, 00:00 UTC; the United States leave daylight saving time on its Sunday before (1 November 2026), Europe on 25 October. */
export const MONDAY = Date.UTC(2026, 10, 2) / 1000;

export const hourOfDay = (time: number, zoneHours = 0) => (((time / HOUR + zoneHours) % 24) + 24) % 24;
/** Monday is 0. */
export const dayOfWeek = (time: number, zoneHours = 0) => ((Math.floor((time + zoneHours * HOUR - MONDAY) / DAY) % 7) + 7) % 7;
export const isWeekend = (time: number, zoneHours = 0) => dayOfWeek(time, zoneHours) >= 5;

/** Consumers: a trough at four, a long evening; weekends as strong. Mean about 1. */
export function consumers(time: number, zoneHours = 0): number {
  return 1 + 0.75 * Math.sin(((hourOfDay(time, zoneHours) - 10) / 24) * 2 * Math.PI);
}

/** People at work: eight to six with a dip at noon, little at night and on weekends. Mean of a working day about 1. */
export function office(time: number, zoneHours = 0): number {
  const hour = hourOfDay(time, zoneHours);
  if (isWeekend(time, zoneHours)) return 0.08;
  if (hour < 7 || hour >= 20) return 0.08;
  const rise = Math.min(1, (hour - 7) / 2, (20 - hour) / 2.5);
  return 2.1 * rise * (hour >= 12 && hour < 13 ? 0.75 : 1);
}

export const flat = () => 1;
