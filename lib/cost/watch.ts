/** What a deployed watch costs a month: the relations that it keeps, the runs that read them, and the infrastructure around them. */
import { OPTIONAL_COLUMNS, type RelationName } from '../analysis/relations';
import { KEPT_DAYS, RELATIONS_REQUIRE } from '../lake/relations';
import type { EstimateLine } from './line';
import { DAYS, LEAST_GB, type Prices } from './prices';
import type { EstimatedRead, EstimatedSchedule } from './schedules';
import { RELATION_SHARES } from './shares';
import { readShare } from './stored';

export interface WatchRequest {
  /** Text of the records in the view. */
  readonly gbPerDay: number;
  readonly parquet: boolean;
  readonly schedules: readonly EstimatedSchedule[];
  readonly prices: Prices;
}

const GB_PER_TB = 1024;

/** Of the functions (lib/finding/names.ts), and of alarms that are not one a schedule (lib/finding/alarms.ts). */
const STACK_METRICS = 14;
const METRICS_PER_SCHEDULE = 1;
const STACK_ALARMS = 9;

/**
 * Minutes after the begin of an hour of delivery at which it is made: four times while it is open, once when it is over, and once more
 * for what came late (lib/constructs/flow-relations.ts, lib/lake/keep-relations.ts). This share is delivered by then.
 */
const MADE_AFTER_MINUTES = [2, 17, 32, 47, 62, 77];
export const PASSES = MADE_AFTER_MINUTES.reduce((sum, minutes) => sum + Math.min(1, minutes / 60), 0);
export const PASSES_A_DAY = MADE_AFTER_MINUTES.length * 24;
/** Columns of records that conversations are made of, and those that NODATA is found by. */
const MADE_OF = {
  conversations: [...RELATIONS_REQUIRE, ...Object.keys(OPTIONAL_COLUMNS)],
  interface_hours: ['interface_id', 'vpc_id', 'subnet_id', 'srcaddr', 'start'],
};
/** Relations that read the hour's conversations. */
const MADE_OF_CONVERSATIONS = 3;

/** Assumed: seconds of a query and of the rest of a run, files that a relation has for an hour, requests to read one. */
export const QUERY_SECONDS = 5;
export const RUN_SECONDS = 3;
const FILES_AN_HOUR = 3;
export const READS_A_FILE = 2;
/** An object every five minutes; more for more flow logs and for much traffic. https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3.html */
export const RAW_FILES_AN_HOUR = 12;
/** Memory of the functions of runs and relations, GB. */
const MEMORY_GB = 0.5;
const CHECK = { runsPerDay: 96, gbSeconds: 5 * 0.25 };
/** A line of metrics and the lines of a run in the function's log. */
const LOG_GB_A_RUN = 3e-6;
export const DYNAMO_A_RUN = { reads: 6, writes: 2 };
export const DYNAMO_A_PASS = { reads: 12, writes: 3 };

const count = (amount: number) => Math.round(amount).toLocaleString('en-US');
const gb = (amount: number) => `${amount.toLocaleString('en-US', { maximumFractionDigits: amount < 1 ? 3 : 1 })} GB`;

export const relationShare = (relation: RelationName, columns?: readonly string[]): number => {
  const shares: Readonly<Record<string, number>> = RELATION_SHARES[relation];
  return (columns ?? Object.keys(shares)).reduce((sum, name) => sum + (shares[name] ?? 0), 0);
};

/** GB that a pass over hours of delivery reads. */
function readGb({ table, columns, hours, times }: EstimatedRead, { gbPerDay, parquet }: WatchRequest): number {
  const text = (gbPerDay / 24) * hours * times;
  if (table !== 'records') return text * relationShare(table, columns);
  return text * readShare(parquet, columns);
}

/** GB that Athena bills for a run. */
export const runGb = (schedule: EstimatedSchedule, request: WatchRequest): number =>
  Math.max(
    schedule.queries * LEAST_GB,
    schedule.reads.reduce((sum, read) => sum + readGb(read, request), 0),
  );

export const runsOf = ({ everySeconds }: EstimatedSchedule) => (86400 / everySeconds) * DAYS;

export function scheduleLine(schedule: EstimatedSchedule, request: WatchRequest): EstimateLine {
  const [runs, billed] = [runsOf(schedule), runGb(schedule, request)];
  return {
    item: `schedule ${schedule.name}`,
    how: `${count(runs)} runs of ${gb(billed)}${schedule.queries > 1 ? ` in ${schedule.queries} queries` : ''}`,
    usd: (runs * billed * request.prices.athenaPerTb) / GB_PER_TB,
  };
}

/** Metrics, alarms, dashboard: whatever the logs are. */
export function standingLines(schedules: number, prices: Prices): EstimateLine[] {
  const metrics = STACK_METRICS + METRICS_PER_SCHEDULE * schedules;
  const alarms = STACK_ALARMS + schedules;
  return [
    { item: 'metrics of runs', how: `${metrics} at $${prices.customMetric}`, usd: metrics * prices.customMetric },
    { item: 'alarms', how: `${alarms} at $${prices.alarm}`, usd: alarms * prices.alarm },
    { item: 'dashboard and key', how: 'one each', usd: prices.dashboard + prices.kmsKey },
  ];
}

/** Lines of a watch over S3. */
export function watchLines(request: WatchRequest): EstimateLine[] {
  const { gbPerDay, parquet, schedules, prices } = request;
  if (schedules.length === 0) return [];
  const lines: EstimateLine[] = [];
  const add = (item: string, how: string, usd: number) => lines.push({ item, how, usd });
  const monthly = gbPerDay * DAYS;
  const made =
    monthly *
    PASSES *
    (readShare(parquet, MADE_OF.conversations) +
      readShare(parquet, MADE_OF.interface_hours) +
      MADE_OF_CONVERSATIONS * relationShare('conversations'));
  const leastMade = PASSES_A_DAY * DAYS * Object.keys(KEPT_DAYS).length * LEAST_GB;
  const billed = Math.max(made, leastMade);
  add('relations, made', `${gb(billed)}: each hour of logs ${PASSES.toFixed(1)} times`, (billed * prices.athenaPerTb) / GB_PER_TB);
  const stored = Object.entries(KEPT_DAYS).reduce((sum, [name, days]) => sum + gbPerDay * days * relationShare(name as RelationName), 0);
  add(
    'relations, stored',
    `${gb(stored)}: conversations of ${KEPT_DAYS.conversations} days, the rest of ${KEPT_DAYS.links}`,
    stored * prices.s3Storage,
  );
  for (const schedule of schedules) lines.push(scheduleLine(schedule, request));
  const runs = schedules.reduce((sum, schedule) => sum + runsOf(schedule), 0);
  const queries = schedules.reduce((sum, schedule) => sum + runsOf(schedule) * schedule.queries, 0);
  const passes = PASSES_A_DAY * DAYS;
  const seconds = runs * RUN_SECONDS + (queries + passes * 3) * QUERY_SECONDS;
  const checks = CHECK.runsPerDay * DAYS;
  const calls = runs + passes + checks;
  add(
    'Lambda',
    `${count(seconds * MEMORY_GB + checks * CHECK.gbSeconds)} GB-seconds, ${count(calls)} calls`,
    (seconds * MEMORY_GB + checks * CHECK.gbSeconds) * prices.lambdaGbSecond + (calls * prices.lambdaCalls) / 1e6,
  );
  const files = schedules.reduce(
    (sum, schedule) =>
      sum +
      runsOf(schedule) *
        schedule.reads.reduce(
          (all, { table, hours, passes: over }) => all + (table === 'records' ? hours * RAW_FILES_AN_HOUR : hours * FILES_AN_HOUR) * over,
          0,
        ),
    passes * 2 * RAW_FILES_AN_HOUR,
  );
  const writes = passes * Object.keys(KEPT_DAYS).length * (FILES_AN_HOUR + 1) + (queries + checks) * 2;
  add(
    'S3 requests',
    `${count(files * READS_A_FILE)} to read, ${count(writes)} to write and list`,
    (files * READS_A_FILE * prices.s3Reads + writes * prices.s3Writes) / 1e6,
  );
  const reads = runs * DYNAMO_A_RUN.reads + passes * DYNAMO_A_PASS.reads;
  const changes = runs * DYNAMO_A_RUN.writes + passes * DYNAMO_A_PASS.writes;
  add('DynamoDB', `${count(reads)} reads, ${count(changes)} writes`, (reads * prices.dynamoReads + changes * prices.dynamoWrites) / 1e6);
  add('Scheduler', `${count(calls)} calls`, (calls * prices.schedulerCalls) / 1e6);
  add('logs of the functions', gb(calls * LOG_GB_A_RUN), calls * LOG_GB_A_RUN * prices.logsIngestion);
  lines.push(...standingLines(schedules.length, prices));
  // Bucket keys: one request for many objects; what is left are the topic and the queue.
  add('KMS requests', count(runs), (runs * prices.kmsRequests) / 1e6);
  return lines;
}

/** Lines of a watch over a log group: the detections with a query for Logs Insights. Each run reads the whole text of its hours. */
export function insightsLines({ gbPerDay, schedules, prices }: WatchRequest): EstimateLine[] {
  const able = schedules.filter(({ insights }) => insights);
  if (able.length === 0) return [];
  const lines = able.map((schedule): EstimateLine => {
    const read = (gbPerDay / 24) * Math.max(...schedule.reads.map(({ hours }) => hours - 1));
    return {
      item: `schedule ${schedule.name}`,
      how: `${count(runsOf(schedule))} runs of ${gb(read)} in Logs Insights`,
      usd: runsOf(schedule) * read * prices.insightsPerGb,
    };
  });
  return [...lines, ...standingLines(able.length, prices)];
}
