import type { EstimateLine } from './line';
import { DAYS, type Prices } from './prices';
import { PARQUET_SHARE, rawShare, TEXT_SHARE } from './stored';

export interface LakeRequest {
  readonly gbPerDay: number;
  readonly parquet: boolean;
  readonly retentionDays: number;
  readonly prices: Prices;
}

const LAKE_METRICS = 4;
const LAKE_ALARMS = 3;
/** Minutes an hour that its function waits for queries, with half a GB. */
const GB_SECONDS_AN_HOUR = 60 * 0.5;

/** Compaction and its files. It does not change what the watch reads: relations are made of raw objects, and detections read relations. */
export function lakeLines({ gbPerDay, parquet, retentionDays, prices }: LakeRequest): EstimateLine[] {
  const share = parquet ? PARQUET_SHARE : TEXT_SHARE;
  // Once to copy, then both sides are summed up and compared.
  const sums = rawShare(['bytes', 'packets']) * PARQUET_SHARE;
  const read = gbPerDay * DAYS * (share + (parquet ? sums : TEXT_SHARE) + sums);
  const stored = gbPerDay * retentionDays * PARQUET_SHARE;
  const standing = LAKE_METRICS * prices.customMetric + LAKE_ALARMS * prices.alarm + 24 * DAYS * GB_SECONDS_AN_HOUR * prices.lambdaGbSecond;
  return [
    { item: 'lake, compacted', how: `${Math.round(read)} GB`, usd: (read * prices.athenaPerTb) / 1024 },
    { item: 'lake, stored', how: `${Math.round(stored)} GB after ${retentionDays} days`, usd: stored * prices.s3Storage },
    { item: 'lake, function and alarms', how: `${LAKE_METRICS} metrics, ${LAKE_ALARMS} alarms`, usd: standing },
  ];
}
