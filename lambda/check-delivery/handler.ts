/** Are the flow logs delivering? An alarm on their errors and on the age of the newest object. No SDK, no environment. */
import { LAYOUTS, partitionFolder } from '../../lib/flow-log/layout';
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
  readonly log: { warn(message: string, facts: object): void; info(message: string, facts: object): void };
  readonly now: () => number;
}

/** How far back objects are looked for. */
const HOURS = 24;
const HOUR_MS = 3_600_000;

export function createHandler(deps: Dependencies): () => Promise<void> {
  return async () => {
    const statuses = deps.flowLogIds.length === 0 ? [] : await deps.describe(deps.flowLogIds);
    const failing = deps.flowLogIds.flatMap((id) => {
      const status = statuses.find((one) => one.id === id);
      if (status === undefined) return [{ id, why: 'the flow log does not exist any more' }];
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

/** Seconds since the newest object of a location, at most a day. */
async function ageOf({ newest, now }: Dependencies, { bucket, prefix, layout: name, accounts, regions }: Location): Promise<number> {
  const layout = LAYOUTS[name];
  if (layout === undefined) throw new Error(`layout ${name}: not one of ${Object.keys(LAYOUTS).join(', ')}`);
  for (let hour = 0; hour < HOURS; hour += layout.hourly ? 1 : HOURS) {
    const at = new Date(now() - hour * HOUR_MS);
    const folders = accounts.flatMap((account) =>
      regions.map((region) => `${prefix === '' ? '' : `${prefix}/`}${partitionFolder({ account, region, layout }, at)}`),
    );
    const times = await Promise.all(folders.map((folder) => newest(bucket, folder)));
    const found = times.filter((time) => time !== undefined);
    if (found.length > 0) return Math.max(0, Math.round((now() - Math.max(...found)) / 1000));
  }
  return (HOURS * HOUR_MS) / 1000;
}
