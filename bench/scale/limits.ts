/** What a network uses of the quotas of AWS and of our own limits that grow with it. Those of a template: test/templates/quotas.ts. */
import { durationSeconds } from '../../lib/analysis/duration';
import { QUERY_SECONDS, runGb } from '../../lib/cost/watch';
import { bucketSeconds } from '../../lib/finding/finding';
import { KEPT_DAYS } from '../../lib/lake/relations';
import { LISTINGS_AT_ONCE } from '../../lib/lake/raw-objects';
import { ASSUMED, FUNCTIONS } from './assumed';
import type { Network } from './network';
import {
  CATALOGUE,
  foldersOf,
  largest,
  listingSeconds,
  objectsAnHour,
  openingSeconds,
  rawHours,
  runSeconds,
  runsAtOnce,
  SCHEDULES,
  watchOf,
} from './work';

export interface Limit {
  readonly name: string;
  readonly unit: string;
  readonly limit: number;
  readonly source: string;
  readonly use: (network: Network) => number;
}

const ATHENA = 'https://docs.aws.amazon.com/general/latest/gr/athena.html';
const ATHENA_LIMITS = 'https://docs.aws.amazon.com/athena/latest/ug/service-limits.html';
const LAMBDA = 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html';
const PROJECTION = 'https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html';

const { relations, compact, check, run } = FUNCTIONS;
/** Of the lake's check, which runs every hour. */
const VERIFIED = { days: 1, hours: 1 };
/** Queries of an hour that read raw objects: conversations and interfaces; the copy and its sums. */
const RAW_READS = 2;
/** A run of relations makes so many hours of four relations at once; compaction asks one query. */
const OTHER_QUERIES = 4 * 3 + 1;
/** Kept back by a run to end in order. */
const RESERVE_SECONDS = 20;
/** Findings a run tells one by one. */
const MESSAGES = 20;
const DAY_HOURS = 24;

/** The open hour and the one before are made beside each other. */
const relationsSeconds = (network: Network) =>
  listingSeconds(network, relations, relations.usualMiB) + openingSeconds(network, 2 * RAW_READS) + 2 * QUERY_SECONDS;

const compactSeconds = (network: Network) =>
  listingSeconds(network, compact, compact.usualMiB) + openingSeconds(network, RAW_READS) + 3 * QUERY_SECONDS;

const verifySeconds = (network: Network) =>
  listingSeconds(network, VERIFIED, compact.usualMiB) + openingSeconds(network, VERIFIED.hours) + 2 * VERIFIED.hours * QUERY_SECONDS;

/** The hour is listed once more, and each of its objects tagged. */
const tagSeconds = (network: Network) =>
  listingSeconds(network, VERIFIED, compact.usualMiB) + (objectsAnHour(network) * ASSUMED.taggingSeconds) / LISTINGS_AT_ONCE;

/** Delivery has stopped: two hours are empty, then two days are listed. */
const checkSeconds = (network: Network) =>
  listingSeconds(network, { days: 2, hours: 0 }, check.usualMiB) + listingSeconds(network, check, check.usualMiB);

/** Rows, and a time for every bucket in which a finding takes them. */
const LARGEST_ITEM = Math.max(
  ...SCHEDULES.map(({ name }) => {
    const analysis = CATALOGUE.get(name);
    const times = (durationSeconds(analysis.finding?.dedupFor ?? '') ?? 0) / bucketSeconds(analysis);
    return 5 * ASSUMED.rowBytes + times * '"2026-11-20T05:00:00Z",'.length;
  }),
);

/** Starts in the busiest minute, if all that is under way began in it. */
const messagesASecond = (network: Network) => (runsAtOnce(network, false) * MESSAGES) / 60;

const partitions = (lake: boolean) =>
  largest((schedule) => Math.max(0, ...schedule.reads.map(({ table }) => (table === 'records' ? rawHours(schedule, lake) : 0))));
const longest = (network: Network, lake: boolean) => largest((schedule) => runSeconds(network, schedule, lake));
const scanned = (network: Network) => largest((schedule) => runGb(schedule, watchOf(network)));

export const LIMITS: readonly Limit[] = [
  {
    name: `partitions of a scan: ${partitions(false).name}, without a lake`,
    unit: '',
    limit: 1_000_000,
    source: ATHENA_LIMITS,
    use: (network) => partitions(false).value * foldersOf(network),
  },
  {
    name: `partitions of a scan: ${partitions(true).name}, with a lake`,
    unit: '',
    limit: 1_000_000,
    source: ATHENA_LIMITS,
    use: (network) => partitions(true).value * foldersOf(network),
  },
  {
    name: 'partitions of a scan: a question over a day, without a lake',
    unit: '',
    limit: 1_000_000,
    source: ATHENA_LIMITS,
    use: (network) => (DAY_HOURS + 1) * foldersOf(network),
  },
  {
    name: 'time of the longest run of a detection, without a lake',
    unit: 's',
    limit: run.seconds - RESERVE_SECONDS,
    source: LAMBDA,
    use: (network) => longest(network, false).value,
  },
  {
    name: 'time of the longest run of a detection, with a lake',
    unit: 's',
    limit: run.seconds - RESERVE_SECONDS,
    source: LAMBDA,
    use: (network) => longest(network, true).value,
  },
  { name: 'time of keep-relations at the full hour', unit: 's', limit: relations.seconds, source: LAMBDA, use: relationsSeconds },
  { name: 'time of compact, an hour of the lake', unit: 's', limit: compact.seconds, source: LAMBDA, use: compactSeconds },
  { name: 'time of compact, the check of an hour of the lake', unit: 's', limit: compact.seconds, source: LAMBDA, use: verifySeconds },
  {
    name: 'time of compact, the same with expireRawAfterDays, which tags each object',
    unit: 's',
    limit: compact.seconds,
    source: LAMBDA,
    use: (network) => verifySeconds(network) + tagSeconds(network),
  },
  { name: 'time of check-delivery where delivery has stopped', unit: 's', limit: check.seconds, source: LAMBDA, use: checkSeconds },
  {
    name: 'scan of a run, of workgroup.scanLimitGiB',
    unit: 'GB',
    limit: 100,
    source: 'https://docs.aws.amazon.com/athena/latest/ug/workgroups-setting-control-limits-cloudwatch.html',
    use: (network) => scanned(network).value,
  },
  {
    name: 'active DML queries in us-east-1',
    unit: '',
    limit: 200,
    source: ATHENA,
    use: (network) => runsAtOnce(network, false) + OTHER_QUERIES + ASSUMED.people,
  },
  {
    name: 'active DML queries in the smallest Region',
    unit: '',
    limit: 20,
    source: ATHENA,
    use: (network) => runsAtOnce(network, false) + OTHER_QUERIES + ASSUMED.people,
  },
  {
    name: 'functions at once',
    unit: '',
    limit: 1000,
    source: LAMBDA,
    use: (network) => runsAtOnce(network, false) + 3,
  },
  {
    name: 'listings of a bucket a second',
    unit: '',
    limit: 5500,
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html',
    use: () => (3 * LISTINGS_AT_ONCE) / ASSUMED.listingSeconds,
  },
  {
    name: 'accounts of a table, our own limit',
    unit: '',
    limit: 1000,
    source: 'lib/constructs/flow-log-table.ts',
    use: ({ accounts }) => accounts,
  },
  {
    name: 'bytes of a table’s accounts and Regions, before gzip',
    unit: '',
    limit: 1_000_000,
    source: PROJECTION,
    use: ({ accounts, regions }) => accounts * '123456789012,'.length + regions * 'ap-southeast-2,'.length,
  },
  {
    name: 'partitions of the relations’ tables',
    unit: '',
    limit: 10_000_000,
    source: 'https://docs.aws.amazon.com/general/latest/gr/glue.html',
    use: () => Math.max(...Object.values(KEPT_DAYS)) * DAY_HOURS,
  },
  {
    name: 'bytes of a finding’s item in DynamoDB',
    unit: '',
    limit: 400 * 1024,
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html',
    use: () => LARGEST_ITEM,
  },
  {
    name: 'bytes of ten findings for EventBridge',
    unit: '',
    limit: 256 * 1024,
    source: 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html',
    use: () => 10 * 6 * ASSUMED.rowBytes,
  },
  {
    name: 'messages to SNS a second',
    unit: '',
    limit: 300,
    source: 'https://docs.aws.amazon.com/general/latest/gr/sns.html',
    use: messagesASecond,
  },
];
