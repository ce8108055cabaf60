/**
 * List prices (us-east-1 as of 2026, see docs/cost.md for sources). Every price can be overridden: lists change and Regions differ.
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
  /** S3 requests, per million: PUT and LIST, GET. */
  s3Writes: 5,
  s3Reads: 0.4,
  /** CloudWatch Logs, per GB-month of what is stored compressed. */
  logsStorage: 0.03,
  /** CloudWatch Logs, per GB that a function prints. */
  logsIngestion: 0.5,
  /** Athena, per TB scanned, 10 MB a query at least. */
  athenaPerTb: 5,
  /** Logs Insights, per GB scanned. */
  insightsPerGb: 0.005,
  /** Lambda, per GB-second and per million calls. */
  lambdaGbSecond: 0.0000166667,
  lambdaCalls: 0.2,
  /** DynamoDB on demand, per million. */
  dynamoWrites: 0.625,
  dynamoReads: 0.125,
  /** EventBridge Scheduler, per million calls. */
  schedulerCalls: 1,
  /** KMS, per million requests. */
  kmsRequests: 3,
  /** CloudWatch, a month: a custom metric, an alarm on one metric, a dashboard. */
  customMetric: 0.3,
  alarm: 0.1,
  dashboard: 3,
  /** A key of KMS, a month. */
  kmsKey: 1,
} as const;

/** A month in price lists. */
export const DAYS = 30;
/** GB that Athena bills a query at least. https://aws.amazon.com/athena/pricing/ */
export const LEAST_GB = 10 / 1024;

export type PriceName = keyof typeof LIST_PRICES;
export type Prices = { readonly [K in PriceName]: (typeof LIST_PRICES)[K] extends number ? number : readonly number[] };
