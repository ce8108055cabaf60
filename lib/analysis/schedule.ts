/** What runs together, and when a scheduled run looks at what: derived from the scheduled time alone, so that a retry sees the same. */
import type { Analysis } from './catalogue';

/** Seconds after which records can be relied on: aggregation, delivery and publishing, typically. https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
export const DELIVERY_LAG_SECONDS = { athena: 20 * 60, insights: 10 * 60 } as const;

/** How far each run looks back over the runs before it, for objects that came late. */
export const OVERLAP_SECONDS = 3600;

export interface RunTimes {
  /** Unix seconds. */
  readonly scheduledTime: number;
  readonly lagSeconds: number;
  /** Seconds between runs. */
  readonly everySeconds: number;
  /** Length of a bucket: no run judges a part of one. */
  readonly bucketSeconds: number;
  readonly overlapSeconds: number;
}

/** The half-open window of a run in Unix seconds: whole buckets, up to what the delivery lag leaves, with the overlap. */
export function runWindow({ scheduledTime, lagSeconds, everySeconds, bucketSeconds, overlapSeconds }: RunTimes): {
  from: number;
  to: number;
} {
  const floor = (seconds: number) => Math.floor(seconds / bucketSeconds) * bucketSeconds;
  const to = floor(scheduledTime - lagSeconds);
  return { from: floor(to - Math.max(everySeconds, bucketSeconds) - overlapSeconds), to };
}

/**
 * Without those of which another that runs says more.
 * @param named whether one was requested by name: it is kept
 */
export const withoutReplaced = (
  wanted: readonly Analysis[],
  running: readonly Analysis[],
  named: (id: string) => boolean = () => false,
): Analysis[] => wanted.filter(({ id }) => named(id) || !running.some(({ replaces }) => replaces.includes(id)));

/** Schedules of one interval do not all begin in the same minute. */
const SPREAD_MINUTES = 10;

/** Minutes after the delivery lag at which a schedule of a name begins. */
export const spreadMinutes = (name: string): number =>
  1 + Array.from(name, (letter) => letter.charCodeAt(0)).reduce((sum, code) => (sum * 31 + code) % SPREAD_MINUTES, 7);

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

/**
 * A cron expression (EventBridge Scheduler, UTC) that fires every so many seconds, `offsetSeconds` after each interval
 * has ended; undefined where the day cannot be divided so.
 */
export function cronOf(everySeconds: number, offsetSeconds: number): string | undefined {
  if (everySeconds % MINUTE !== 0 || DAY % everySeconds !== 0) return undefined;
  const minute = Math.floor((offsetSeconds % HOUR) / MINUTE);
  if (everySeconds < HOUR) {
    const every = everySeconds / MINUTE;
    return 60 % every === 0 ? `cron(${minute % every}/${every} * * * ? *)` : undefined;
  }
  if (everySeconds % HOUR !== 0) return undefined;
  const hour = Math.floor((offsetSeconds % everySeconds) / HOUR);
  if (everySeconds === HOUR) return `cron(${minute} * * * ? *)`;
  return everySeconds === DAY ? `cron(${minute} ${hour} * * ? *)` : `cron(${minute} ${hour}/${everySeconds / HOUR} * * ? *)`;
}
