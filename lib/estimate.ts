/**
 * What a deployment costs a month, by arithmetic on list prices (us-east-1 as of 2026, see docs/cost.md for sources). Every
 * price can be overridden: lists change and Regions differ.
 */
export const LIST_PRICES = {
  /** Vended logs to S3 and Firehose, USD per GB: first 10 TB, next 20, next 20, above. */
  vendedToS3: [0.25, 0.15, 0.075, 0.05],
  /** Vended logs to CloudWatch Logs, Standard class. */
  vendedToLogs: [0.5, 0.25, 0.1, 0.05],
  /** Vended logs to CloudWatch Logs, Infrequent Access class. */
  vendedToLogsInfrequent: [0.25, 0.15, 0.075, 0.05],
  /** Conversion to Parquet, per GB of input. */
  parquetConversion: 0.035,
  /** S3 Standard, per GB-month. */
  s3Storage: 0.023,
  /** CloudWatch Logs, per GB-month of what is stored compressed. */
  logsStorage: 0.03,
  /** Athena, per TB scanned, 10 MB a query at least. */
  athenaPerTb: 5,
  /** Logs Insights, per GB scanned. */
  insightsPerGb: 0.005,
  /** CloudWatch, a month: a custom metric, an alarm on one metric, a dashboard. */
  customMetric: 0.3,
  alarm: 0.1,
  dashboard: 3,
  /** A key of KMS, a month. */
  kmsKey: 1,
} as const;

export type PriceName = keyof typeof LIST_PRICES;
export type Prices = { readonly [K in PriceName]: (typeof LIST_PRICES)[K] extends number ? number : readonly number[] };

export type EstimatedDestination = 's3-parquet' | 's3-text' | 'logs' | 'logs-infrequent' | 'firehose';

export interface EstimateRequest {
  /** Uncompressed text that AWS bills, per day; each flow log that records the same traffic counts again. */
  readonly gbPerDay: number;
  readonly destination: EstimatedDestination;
  readonly retentionDays: number;
  /** Questions asked a day, by people and schedules, and how many hours of logs each reads. */
  readonly queriesPerDay: number;
  readonly hoursPerQuery: number;
  readonly prices?: Partial<Prices> | undefined;
  /** What a deployed stack runs by itself. */
  readonly schedules?: readonly EstimatedSchedule[] | undefined;
  /** Making the relations that schedules read. */
  readonly relations?: EstimatedSchedule | undefined;
}

export interface EstimatedSchedule {
  readonly name: string;
  readonly runsPerDay: number;
  /** Hours of logs that a run reads of the records, its baseline included. */
  readonly hoursPerRun: number;
  /** SQL names of the columns of records that it reads; none if it reads relations. */
  readonly columns: readonly string[];
  /** What it reads of each relation, once for each time that its text names it. */
  readonly relations?: readonly { readonly name: EstimatedRelation; readonly hours: number; readonly columns: readonly string[] }[];
}

export interface EstimateLine {
  readonly item: string;
  /** What it was computed from. */
  readonly how: string;
  readonly usd: number;
}

const DAYS = 30;
const TIERS_GB = [10 * 1024, 20 * 1024, 20 * 1024, Infinity];

/** How much of the text a stored object holds: gzip text and Parquet of our generated logs, measured (docs/cost.md). */
const STORED_SHARE = { text: 0.16, parquet: 0.13 };
/**
 * Share of a Parquet object in the recommended format that each column is, measured on generated logs (docs/cost.md); a
 * column that is not named is nearly constant and takes next to nothing.
 */
const COLUMN_SHARES: Readonly<Record<string, number>> = {
  srcaddr: 0.131,
  pkt_srcaddr: 0.131,
  srcport: 0.126,
  bytes: 0.117,
  dstport: 0.08,
  start: 0.076,
  pkt_dstaddr: 0.064,
  dstaddr: 0.064,
  end: 0.063,
  instance_id: 0.036,
  interface_id: 0.036,
  packets: 0.035,
  traffic_path: 0.012,
  tcp_flags: 0.009,
  flow_direction: 0.008,
  action: 0.006,
  protocol: 0.005,
};
const LEAST_SHARE = 0.0005;

/** How much of the text each relation holds as Parquet, and the share of each column of it that matters: measured on generated logs (docs/cost.md). */
const RELATION_SHARES = {
  conversations: {
    ofText: 0.084,
    columns: {
      ...{ least_srcport: 0.126, largest_srcport: 0.126, srcaddr: 0.122, sent_bytes: 0.102, last_start: 0.073, first_start: 0.073 },
      ...{ dstaddr: 0.051, last_end: 0.048, interface_id: 0.042, dstport: 0.042, received_bytes: 0.042, sent_packets: 0.036 },
      ...{ received_packets: 0.016, subnet_id: 0.009, short: 0.009, established: 0.009, source_private: 0.006, unanswered: 0.006 },
      ...{ refused: 0.006, protocol: 0.004, destination_private: 0.003, connections: 0.002 },
    },
  },
  links: {
    ofText: 0.0172,
    columns: {
      ...{ sent_bytes: 0.15, largest_srcport: 0.142, least_srcport: 0.142, last_start: 0.101, first_start: 0.098, last_end: 0.097 },
      ...{ interface_id: 0.05, srcaddr: 0.05, dstaddr: 0.049, sent_packets: 0.041, dstport: 0.018, short: 0.012, connections: 0.011 },
      ...{ established: 0.011, subnet_id: 0.011, slots: 0.008, destination_private: 0.006 },
    },
  },
  attempts: {
    ofText: 0.0167,
    columns: {
      ...{ srcaddr: 0.358, last_start: 0.127, first_start: 0.126, dstport: 0.116, dstaddr: 0.084, interface_id: 0.069 },
      ...{ sent_packets: 0.032, subnet_id: 0.015, unanswered: 0.015, refused: 0.011, protocol: 0.01, source_private: 0.009 },
      ...{ connections: 0.005, destination_private: 0.003 },
    },
  },
  interface_hours: {
    ofText: 0.0005,
    columns: {
      ...{ peer_out: 0.19, peer_in: 0.188, bytes_out: 0.148, bytes_in: 0.147, interface_id: 0.059, connections: 0.05 },
      ...{ own_in: 0.043, own_out: 0.043, refused: 0.039, subnet_id: 0.011, refused_inside: 0.011, start: 0.008 },
    },
  },
};
export type EstimatedRelation = keyof typeof RELATION_SHARES;
/** How many days the bucket keeps them. */
const KEPT_DAYS: Readonly<Record<EstimatedRelation, number>> = { conversations: 3, links: 40, attempts: 40, interface_hours: 40 };

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

const shareOf = (columns: readonly string[], shares: Readonly<Record<string, number>>) =>
  columns.reduce((sum, name) => sum + (shares[name] ?? LEAST_SHARE), 0);

const gb = (amount: number) => `${amount.toLocaleString('en-US', { maximumFractionDigits: 1 })} GB`;

/** What the watch costs whatever the logs are. */
function watchLines(schedules: number, prices: Prices): EstimateLine[] {
  const metrics = STACK_METRICS + METRICS_PER_SCHEDULE * schedules;
  const alarms = STACK_ALARMS + schedules;
  return [
    { item: 'metrics of runs', how: `${metrics} at $${prices.customMetric}`, usd: metrics * prices.customMetric },
    { item: 'alarms', how: `${alarms} at $${prices.alarm}`, usd: alarms * prices.alarm },
    { item: 'dashboard and key', how: 'one each', usd: prices.dashboard + prices.kmsKey },
  ];
}

/** Of the functions (lib/finding/names.ts), and of alarms that are not one a schedule (lib/finding/alarms.ts). */
const STACK_METRICS = 14;
const METRICS_PER_SCHEDULE = 2;
const STACK_ALARMS = 9;

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
    add('delivery to Firehose', `${gb(monthly)} of text; ingestion by Firehose itself is not in it`, tiered(monthly, prices.vendedToS3));
    return lines;
  }
  if (destination.startsWith('s3')) {
    const parquet = destination === 's3-parquet';
    const stored = gbPerDay * retentionDays * (parquet ? STORED_SHARE.parquet : STORED_SHARE.text);
    add('delivery to S3', `${gb(monthly)} of text`, tiered(monthly, prices.vendedToS3));
    if (parquet) add('conversion to Parquet', `${gb(monthly)} at $${prices.parquetConversion}`, monthly * prices.parquetConversion);
    add('storage in S3', `${gb(stored)} after ${retentionDays} days`, stored * prices.s3Storage);
    const scanned = perQuery * (parquet ? STORED_SHARE.parquet * COLUMNS_SHARE : STORED_SHARE.text);
    const billed = Math.max(scanned, 10 / 1024);
    const ofRecords = (columns: readonly string[]) =>
      columns.length === 0 ? 0 : (gbPerDay / 24) * (parquet ? STORED_SHARE.parquet * shareOf(columns, COLUMN_SHARES) : STORED_SHARE.text);
    const schedules = request.schedules ?? [];
    const making = schedules.some(({ relations = [] }) => relations.length > 0) ? request.relations : undefined;
    for (const { name, runsPerDay, hoursPerRun, columns, relations = [] } of [...schedules, ...(making === undefined ? [] : [making])]) {
      const ofRelations = relations.map(
        (one) => (gbPerDay / 24) * one.hours * RELATION_SHARES[one.name].ofText * shareOf(one.columns, RELATION_SHARES[one.name].columns),
      );
      const read = hoursPerRun * ofRecords(columns) + ofRelations.reduce((sum, one) => sum + one, 0);
      const billed = Math.max(read, 10 / 1024);
      add(`schedule ${name}`, `${runsPerDay * DAYS} runs of ${gb(billed)}`, (runsPerDay * DAYS * billed * prices.athenaPerTb) / 1024);
    }
    if (making !== undefined) {
      const kept = Object.entries(KEPT_DAYS).reduce(
        (sum, [name, days]) => sum + gbPerDay * RELATION_SHARES[name as EstimatedRelation].ofText * days,
        0,
      );
      add('storage of relations', gb(kept), kept * prices.s3Storage);
    }
    if (schedules.length > 0) lines.push(...watchLines(schedules.length, prices));
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
