import { Duration, Stack } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { SCOPES } from '../flow-log/definition';
import type { LogKind } from '../flow-log/fields';
import type { RecordsLogGroup } from './analytics-monitoring';
import { KEPT } from './deletion';
import type { CheckedLocation } from './delivery-check';
import { FlowLogBucket, type FlowLogBucketProps } from './flow-log-bucket';
import { FlowLogDatabase } from './flow-log-database';
import { FlowLogDefinition, type FlowLogDefinitionProps, type LogLocation } from './flow-log-definition';
import { FlowLogDestination, type S3DestinationProps } from './flow-log-destination';
import { FlowLogLake, type FlowLogLakeProps } from './flow-log-lake';
import { FlowLogScope } from './flow-log-scope';
import { FlowLogTable } from './flow-log-table';
import { FlowRecordsView, type LakeStorage } from './flow-records-view';
import { snakeCase } from './names';
import { present } from './present';
import { privateBucket } from './private-bucket';
import { assertNoProblems, warn } from './problems';

/** A definition of the facade: its destination may be left out. */
export interface AnalyticsDefinition extends Omit<FlowLogDefinitionProps, 'destination'> {
  /** Construct id; names the table and the folder. */
  readonly id: string;
  /** Where the records are delivered. @default - the facade's own bucket */
  readonly destination?: FlowLogDestination;
  /** How objects lie in the facade's own bucket. @default - Parquet, plain, hourly */
  readonly s3?: S3DestinationProps;
  /** Whether `flow_records` holds its records. @default - yes, unless an earlier definition may record the same traffic */
  readonly inRecordsView?: boolean;
}

/** Existing logs, delivered by flow logs outside this stack. */
export interface ExistingLogs {
  /** Names the table. */
  readonly id: string;
  /** Holds the objects. */
  readonly bucket: IBucket;
  /** Folder, format and layout of the objects. */
  readonly location: LogLocation;
  /** Kind of the records: `vpc` or `transit-gateway`. @default 'vpc' */
  readonly kind?: LogKind;
  /** Accounts whose objects are read. @default - those of the facade */
  readonly accounts?: readonly string[];
  /** Regions whose objects are read. @default - those of the facade */
  readonly regions?: readonly string[];
  /** First day of the logs. @default - that of the facade */
  readonly since?: string;
  /** Whether `flow_records` holds the records. @default true */
  readonly inRecordsView?: boolean;
}

/** The facade's lake. */
export interface LakeProps extends Pick<FlowLogLakeProps, 'firstHours' | 'recheck'> {
  /** Delete raw objects of our own bucket after this age once their hour is verified. At least 3 days. @default - they live as long as the bucket says */
  readonly expireRawAfter?: Duration;
  /** Where its files lie. @default - a bucket of its own, retained */
  readonly storage?: LakeStorage;
}

/** What is logged, where it is stored, and the tables over it. */
export interface StorageProps {
  /** Log this VPC with all defaults. @default - see definitions */
  readonly vpc?: IVpc;
  /** What is logged, and where to. @default - one for the VPC, if given */
  readonly definitions?: readonly AnalyticsDefinition[];
  /** Logs that flow logs outside this stack deliver. @default - none */
  readonly existingLogs?: readonly ExistingLogs[];
  /** Of the facade's own bucket, made when a definition delivers to it. @default - Parquet objects of this account, encrypted by S3, kept for a year */
  readonly bucket?: FlowLogBucketProps;
  /** Accounts whose objects the tables read. @default - the stack's */
  readonly accounts?: readonly string[];
  /** Regions whose objects the tables read. @default - the stack's */
  readonly regions?: readonly string[];
  /** First day of the logs of our definitions. @default 'NOW-400DAYS' */
  readonly since?: string;
  /** Name of the Glue database. @default - the stack's name in snake case */
  readonly databaseName?: string;
  /** Compact hours into a lake of sorted Parquet, which `flow_records` reads where it is complete. @default - no lake */
  readonly lake?: LakeProps;
}

export interface Storage {
  readonly definitions: readonly FlowLogDefinition[];
  /** Made when a definition delivers to it. */
  readonly bucket: FlowLogBucket | undefined;
  /** Log groups with VPC records. */
  readonly logGroups: readonly RecordsLogGroup[];
  /** Where objects are delivered. */
  readonly locations: readonly CheckedLocation[];
  /** Undefined where nothing is in S3, as all below. */
  readonly database: FlowLogDatabase | undefined;
  readonly tables: readonly FlowLogTable[];
  readonly records: FlowRecordsView | undefined;
  readonly transitGatewayRecords: FlowRecordsView | undefined;
  readonly lake: FlowLogLake | undefined;
}

const VIEW_NAMES = { vpc: 'flow_records', 'transit-gateway': 'transit_gateway_records' } as const;

export function makeStorage(scope: Construct, props: StorageProps): Storage {
  const wanted: readonly AnalyticsDefinition[] = [
    ...(props.vpc === undefined ? [] : [{ id: 'Vpc', scope: FlowLogScope.vpc(props.vpc) }]),
    ...(props.definitions ?? []),
  ];
  const existing = props.existingLogs ?? [];
  assertNoProblems(scope, problemsOf(wanted, existing));
  const bucket = wanted.some((definition) => definition.destination === undefined)
    ? new FlowLogBucket(scope, 'Bucket', { ...props.bucket, ...present({ verifiedExpireAfter: props.lake?.expireRawAfter }) })
    : undefined;
  const definitions = wanted.map((definition) => define(scope, definition, bucket));
  assertNoProblems(scope, sharedPrefixes(definitions));
  const common = {
    definitions,
    bucket,
    logGroups: definitions.flatMap(recordsLogGroup),
    locations: locationsOf(scope, definitions, existing, props),
  };
  if (existing.length === 0 && definitions.every(({ locations }) => locations.length === 0))
    return {
      ...common,
      database: undefined,
      tables: [],
      records: undefined,
      transitGatewayRecords: undefined,
      lake: undefined,
    };
  const database = new FlowLogDatabase(scope, 'Database', present({ databaseName: props.databaseName }));
  const tables = [
    ...tablesOf(scope, database, wanted, definitions, props),
    ...existing.map((logs) => tableOf(scope, database, logs, props)),
  ];
  const storage = props.lake === undefined ? undefined : (props.lake.storage ?? { bucket: lakeBucket(scope), prefix: 'lake' });
  const records = viewOf(scope, database, 'vpc', tables, storage);
  return {
    ...common,
    database,
    tables: tables.map(({ table }) => table),
    records,
    transitGatewayRecords: viewOf(scope, database, 'transit-gateway', tables, undefined),
    lake: props.lake === undefined || records === undefined ? undefined : lakeOf(scope, records, props.lake),
  };
}

function define(
  scope: Construct,
  { id, destination, s3, ...rest }: AnalyticsDefinition,
  bucket: FlowLogBucket | undefined,
): FlowLogDefinition {
  const target = destination ?? (bucket === undefined ? undefined : FlowLogDestination.bucket(bucket, s3));
  if (target === undefined) throw new Error('unreachable: a definition without destination makes the bucket');
  return new FlowLogDefinition(scope, id, { ...rest, destination: target });
}

const recordsLogGroup = ({ destination: { logGroup, logGroupKey }, format, scope, node }: FlowLogDefinition): RecordsLogGroup[] =>
  logGroup !== undefined && SCOPES[scope.kind].records === 'vpc' ? [{ id: node.id, logGroup, format, encryptionKey: logGroupKey }] : [];

function locationsOf(
  scope: Construct,
  definitions: readonly FlowLogDefinition[],
  existing: readonly ExistingLogs[],
  props: StorageProps,
): CheckedLocation[] {
  const { account, region } = Stack.of(scope);
  const ours = definitions.flatMap(({ destination: { s3 }, locations: [current] }) =>
    s3 === undefined || current === undefined ? [] : [{ bucket: s3.bucket, location: current, accounts: [account], regions: [region] }],
  );
  const theirs = existing.map(({ bucket, location, accounts, regions }) => ({
    bucket,
    location,
    accounts: accounts ?? props.accounts ?? [account],
    regions: regions ?? props.regions ?? [region],
  }));
  return [...ours, ...theirs];
}

interface KindOfTable {
  readonly table: FlowLogTable;
  readonly kind: LogKind;
  readonly inView: boolean;
}

function tablesOf(
  scope: Construct,
  database: FlowLogDatabase,
  wanted: readonly AnalyticsDefinition[],
  definitions: readonly FlowLogDefinition[],
  { accounts, regions, since }: StorageProps,
): KindOfTable[] {
  const inView = recordsInView(wanted, definitions);
  return definitions.flatMap((definition, i) => {
    const { s3 } = definition.destination;
    if (s3 === undefined) return [];
    return definition.locations.map((location, age) => {
      const tableName = `${snakeCase(definition.node.id)}${age === 0 ? '' : `_before_${age}`}`;
      const table = new FlowLogTable(scope, `Table-${tableName}`, {
        database,
        tableName,
        bucket: s3.bucket,
        location,
        ...present({ accounts, regions, since }),
      });
      table.node.addDependency(definition);
      return { table, kind: SCOPES[definition.scope.kind].records, inView: inView[i] === true };
    });
  });
}

function tableOf(scope: Construct, database: FlowLogDatabase, logs: ExistingLogs, props: StorageProps): KindOfTable {
  const tableName = snakeCase(logs.id);
  const table = new FlowLogTable(scope, `Table-${tableName}`, {
    database,
    tableName,
    bucket: logs.bucket,
    location: logs.location,
    ...present({
      accounts: logs.accounts ?? props.accounts,
      regions: logs.regions ?? props.regions,
      since: logs.since ?? props.since,
    }),
  });
  return { table, kind: logs.kind ?? 'vpc', inView: logs.inRecordsView ?? true };
}

function viewOf(
  scope: Construct,
  database: FlowLogDatabase,
  kind: LogKind,
  tables: readonly KindOfTable[],
  lake: LakeStorage | undefined,
): FlowRecordsView | undefined {
  const members = tables.filter((entry) => entry.kind === kind && entry.inView).map(({ table }) => table);
  if (members.length === 0) return undefined;
  return new FlowRecordsView(scope, kind === 'vpc' ? 'Records' : 'TransitGatewayRecords', {
    database,
    viewName: VIEW_NAMES[kind],
    tables: members,
    ...present({ lake }),
  });
}

const lakeOf = (scope: Construct, view: FlowRecordsView, { firstHours, recheck, expireRawAfter }: LakeProps) =>
  new FlowLogLake(scope, 'Lake', {
    view,
    ...present({ firstHours, recheck, tagVerified: expireRawAfter === undefined ? undefined : true }),
  });

/** Whether each definition's records belong in the view: the same traffic must never count twice, and never silently. */
function recordsInView(wanted: readonly AnalyticsDefinition[], definitions: readonly FlowLogDefinition[]): boolean[] {
  const included: boolean[] = [];
  definitions.forEach((definition, i) => {
    const overlapping = definitions.find((other, k) => k < i && included[k] === true && mayRecordTheSame(definition, other));
    const choice = wanted[i]?.inRecordsView;
    included.push(choice ?? overlapping === undefined);
    if (overlapping === undefined || choice === false) return;
    const what = `${definition.node.id} and ${overlapping.node.id} may record the same traffic (${definition.scope.resourceType} ${definition.scope.resourceId}, ${overlapping.scope.resourceType} ${overlapping.scope.resourceId})`;
    warn(
      definition,
      'OverlappingScopes',
      choice === true
        ? `${what}: inRecordsView is true for both, so flow_records counts such traffic twice`
        : `${what}: flow_records leaves ${definition.node.id} out so that nothing counts twice; it has its own table. Set inRecordsView to override`,
    );
  });
  return included;
}

/** Files that the raw objects can be compacted to again while they last; afterwards they are all there is. */
function lakeBucket(scope: Construct): IBucket {
  return new Bucket(scope, 'LakeBucket', {
    ...privateBucket(),
    lifecycleRules: [
      { id: 'Results', prefix: 'lake-results/', expiration: Duration.days(1), abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    removalPolicy: KEPT,
  }) as IBucket;
}

function problemsOf(wanted: readonly AnalyticsDefinition[], existing: readonly ExistingLogs[]): string[] {
  const problems: string[] = [];
  if (wanted.length + existing.length === 0) problems.push('vpc, definitions, existingLogs: got none, set at least one of them');
  const ids = [...wanted, ...existing].map(({ id }) => id);
  const twice = ids.find((id, i) => ids.findIndex((other) => snakeCase(other) === snakeCase(id)) !== i);
  if (twice !== undefined)
    problems.push(`definitions, existingLogs: got the id ${JSON.stringify(twice)} twice, but table names are derived from ids. Rename one`);
  for (const id of ids)
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(id)) problems.push(`id: got ${JSON.stringify(id)}, expected letters, digits, _ and -`);
  for (const { id, destination, s3 } of wanted)
    if (destination !== undefined && s3 !== undefined)
      problems.push(`${id}.s3: got a value together with destination; it is for the bucket of the stack`);
  return problems;
}

/** Two column orders under one prefix silently corrupt a text table, and one order still counts twice. */
function sharedPrefixes(definitions: readonly FlowLogDefinition[]): string[] {
  const seen = new Map<string, string>();
  return definitions.flatMap((definition) => {
    const { s3 } = definition.destination;
    if (s3 === undefined) return [];
    const place = `${s3.bucket.bucketName}/${s3.prefix}`;
    const other = seen.get(place);
    seen.set(place, definition.node.id);
    return other === undefined
      ? []
      : [
          `${definition.node.id}: got the prefix ${JSON.stringify(s3.prefix)}, which ${other} also writes to. Use a different prefix for each definition`,
        ];
  });
}

function mayRecordTheSame(a: FlowLogDefinition, b: FlowLogDefinition): boolean {
  const disjoint =
    a.traffic !== undefined && b.traffic !== undefined && a.traffic !== b.traffic && a.traffic !== 'ALL' && b.traffic !== 'ALL';
  return !disjoint && a.locations.length > 0 && b.locations.length > 0 && a.scope.mayOverlap(b.scope);
}
