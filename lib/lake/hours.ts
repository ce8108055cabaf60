import { PARTITIONS, partitionValue } from '../flow-log/layout';

/** An hour of delivery, spelt as the partition of raw tables: `2026/11/20/05` (UTC). It sorts as time does. */
export type Hour = string;

const HOUR_MS = 3_600_000;

export const hourOf = (ms: number): Hour => partitionValue(PARTITIONS.hour, new Date(ms));

/** @throws Error for anything but `YYYY/MM/DD/HH` */
export function hourStart(hour: Hour): number {
  const ms = /^\d{4}\/\d{2}\/\d{2}\/\d{2}$/.test(hour)
    ? Date.parse(`${hour.slice(0, 10).replaceAll('/', '-')}T${hour.slice(11)}:00:00Z`)
    : NaN;
  if (Number.isNaN(ms)) throw new Error(`hour ${JSON.stringify(hour)}: expected YYYY/MM/DD/HH in UTC, such as 2026/11/20/05`);
  return ms;
}

export const hourAfter = (hour: Hour): Hour => hourOf(hourStart(hour) + HOUR_MS);

/** Hours of `[from, to)`. */
export function hoursBetween(from: Hour, to: Hour): Hour[] {
  const hours: Hour[] = [];
  for (let ms = hourStart(from); ms < hourStart(to); ms += HOUR_MS) hours.push(hourOf(ms));
  return hours;
}

/** The hour as part of a key: no slashes. */
export const hourKey = (hour: Hour): string => hour.replaceAll('/', '-');

/** An hour as in the names of its objects: `_20261120T05`. https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html */
export const stampOf = (hour: Hour): string => `_${hour.slice(0, 10).replaceAll('/', '')}T${hour.slice(11)}`;
