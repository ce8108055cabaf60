/** Are the flow logs delivering? An alarm on their errors and on the age of the newest object. No SDK, no environment. */
import { type Layout, LAYOUTS, partitionFolder } from '../../lib/flow-log/layout';
import type { Log } from '../shared/log';
import type { Location } from './env';

/** What EC2 says of one flow log. */
export interface FlowLogStatus {
  readonly id: string;
  readonly active: boolean;
  /** SUCCESS, FAILED, or nothing before the first delivery. */
  readonly deliverLogsStatus: string | undefined;
  readonly errorMessage: string | undefined;
}

export interface Dependencies {
  readonly flowLogIds: readonly string[];
  readonly locations: readonly Location[];
  readonly describe: (ids: readonly string[]) => Promise<readonly FlowLogStatus[]>;
  /** Unix milliseconds of the newest object under a prefix; undefined where there is none. */
  readonly newest: (bucket: string, prefix: string) => Promise<number | undefined>;
  readonly publish: (numbers: { deliveryErrors: number; deliveryAge: number | undefined }) => void;
  readonly log: Pick<Log, 'warn' | 'info'>;
  readonly now: () => number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** An object may be written so long after the time that it is keyed by. */
const LATE_MS = 15 * 60_000;
/** As young as the checks are apart: no younger one needs to be looked for. */
const FRESH_MS = 15 * 60_000;
/** Folders listed at once: an organisation has thousands, the client so many connections. */
const AT_ONCE = 50;
/** Hours whose folders are looked into one by one: deliveries are in the newest, and a day's folder holds twenty-four times as much. */
const SINGLE_HOURS = 2;

export function createHandler(deps: Dependencies): () => Promise<void> {
  return async () => {
    const statuses = deps.flowLogIds.length === 0 ? [] : await deps.describe(deps.flowLogIds);
    const failing = deps.flowLogIds.flatMap((id) => {
      const status = statuses.find((one) => one.id === id);
      if (status === undefined) return [{ id, why: 'the flow log no longer exists' }];
      if (!status.active || status.deliverLogsStatus === 'FAILED') return [{ id, why: status.errorMessage ?? 'not active' }];
      return [];
    });
    for (const failure of failing) deps.log.warn('flow log is failing', failure);
    const ages = await Promise.all(deps.locations.map((location) => ageOf(deps, location)));
    const deliveryAge = ages.length === 0 ? undefined : Math.max(...ages);
    deps.log.info('delivery checked', { flowLogs: deps.flowLogIds.length, failing: failing.length, ages });
    deps.publish({ deliveryErrors: failing.length, deliveryAge });
  };
}

/**
 * Seconds since the newest object of a location, at most a day: exact above a quarter of an hour. Below, it may be the age of another
 * fresh object, since a younger one is not looked for.
 */
async function ageOf({ newest, now }: Dependencies, { bucket, prefix, layout: name, accounts, regions }: Location): Promise<number> {
  const layout = LAYOUTS[name];
  if (layout === undefined) throw new Error(`layout ${name}: not one of ${Object.keys(LAYOUTS).join(', ')}`);
  const places = accounts.flatMap((account) => regions.map((region) => ({ account, region })));
  const present = now();
  let found = -Infinity;
  for (const { start, layout: step } of stepsBack(layout, present)) {
    for (let i = 0; i < places.length && present - found > FRESH_MS; i += AT_ONCE) {
      const folders = places
        .slice(i, i + AT_ONCE)
        .map((place) => `${prefix === '' ? '' : `${prefix}/`}${partitionFolder({ ...place, layout: step }, new Date(start))}`);
      for (const time of await Promise.all(folders.map((folder) => newest(bucket, folder)))) found = Math.max(found, time ?? -Infinity);
    }
    // Objects in older folders are older than this.
    if (found >= start + LATE_MS) break;
  }
  return Math.min(DAY_MS, Math.max(0, present - found)) / 1000;
}

/**
 * Folders, the newest first, with all objects younger than a day: objects are keyed by when they were published. Where
 * delivery has stopped an organisation would take minutes for every hour, so that only the newest hours are listed by themselves.
 */
function* stepsBack(layout: Layout, present: number): Generator<{ readonly start: number; readonly layout: Layout }> {
  const first = (step: number) => Math.floor(present / step) * step;
  if (layout.hourly) for (let i = 0; i < SINGLE_HOURS; i++) yield { start: first(HOUR_MS) - i * HOUR_MS, layout };
  for (let start = first(DAY_MS); start + DAY_MS + LATE_MS > present - DAY_MS; start -= DAY_MS)
    yield { start, layout: { ...layout, hourly: false } };
}
