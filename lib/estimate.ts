/** What delivery, storage and questions cost a month, by arithmetic on list prices; the watch is lib/cost/watch.ts. docs/cost.md */
import type { EstimateLine } from './cost/line';
import { DAYS, LEAST_GB, LIST_PRICES, type Prices } from './cost/prices';
import { PARQUET_SHARE, TEXT_SHARE } from './cost/stored';

export type EstimatedDestination = 's3-parquet' | 's3-text' | 'logs' | 'logs-infrequent' | 'firehose';

export interface EstimateRequest {
  /** Uncompressed text that AWS bills, per day; each flow log that records the same traffic counts again. */
  readonly gbPerDay: number;
  readonly destination: EstimatedDestination;
  readonly retentionDays: number;
  /** Questions that people run a day, and how many hours of logs each reads. */
  readonly queriesPerDay: number;
  readonly hoursPerQuery: number;
  readonly prices?: Partial<Prices> | undefined;
}

const TIERS_GB = [10 * 1024, 20 * 1024, 20 * 1024, Infinity];

/** Share of a Parquet object that a question's columns are. */
const COLUMNS_SHARE = 0.35;
/** CloudWatch Logs bills archived bytes; AWS's example compresses to this share. */
const LOGS_COMPRESSION = 0.15;

function tiered(gb: number, tiers: readonly number[]): number {
  let [rest, usd] = [gb, 0];
  TIERS_GB.forEach((size, i) => {
    const part = Math.min(rest, size);
    usd += part * (tiers[Math.min(i, tiers.length - 1)] ?? 0);
    rest -= part;
  });
  return usd;
}

const gb = (amount: number) => `${amount.toLocaleString('en-US', { maximumFractionDigits: 1 })} GB`;

/** Cost of one month, in USD, line by line. */
export function estimateMonth(request: EstimateRequest): EstimateLine[] {
  const prices: Prices = { ...LIST_PRICES, ...request.prices };
  const { gbPerDay, destination, retentionDays, queriesPerDay, hoursPerQuery } = request;
  const monthly = gbPerDay * DAYS;
  const lines: EstimateLine[] = [];
  const add = (item: string, how: string, usd: number) => lines.push({ item, how, usd });
  const queries = queriesPerDay * DAYS;
  const perQuery = (gbPerDay / 24) * hoursPerQuery;
  if (destination === 'firehose') {
    add('delivery to Firehose', `${gb(monthly)} of text; without the ingestion of Firehose`, tiered(monthly, prices.vendedToS3));
    return lines;
  }
  if (destination.startsWith('s3')) {
    const parquet = destination === 's3-parquet';
    const stored = gbPerDay * retentionDays * (parquet ? PARQUET_SHARE : TEXT_SHARE);
    add('delivery to S3', `${gb(monthly)} of text`, tiered(monthly, prices.vendedToS3));
    if (parquet) add('conversion to Parquet', `${gb(monthly)} at $${prices.parquetConversion}`, monthly * prices.parquetConversion);
    add('storage in S3', `${gb(stored)} after ${retentionDays} days`, stored * prices.s3Storage);
    const billed = Math.max(perQuery * (parquet ? PARQUET_SHARE * COLUMNS_SHARE : TEXT_SHARE), LEAST_GB);
    add('Athena', `${queries} queries of ${gb(billed)}`, (queries * billed * prices.athenaPerTb) / 1024);
    return lines;
  }
  const infrequent = destination === 'logs-infrequent';
  const stored = gbPerDay * retentionDays * LOGS_COMPRESSION;
  add(
    'delivery to CloudWatch Logs',
    `${gb(monthly)} of text`,
    tiered(monthly, infrequent ? prices.vendedToLogsInfrequent : prices.vendedToLogs),
  );
  add('storage in CloudWatch Logs', `${gb(stored)} after ${retentionDays} days`, stored * prices.logsStorage);
  add('Logs Insights', `${queries} queries of ${gb(perQuery)}`, queries * perQuery * prices.insightsPerGb);
  return lines;
}
