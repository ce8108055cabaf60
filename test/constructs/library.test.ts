import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import * as other from '../../examples/constructs/parts/other-stack';
import * as library from '../../lib/constructs';
import { METRICS } from '../../lib/finding/names';
import { kebabCase } from '../../lib/constructs/names';
import { validated } from './support';

/** Constructs as parts of other people's apps: each alone in a stack, with others that are imported or that another stack makes. */
const env = { account: '111122223333', region: 'eu-central-1' };
const EXAMPLES = join(__dirname, '..', '..', 'examples', 'constructs');

const CONSTRUCTS = Object.entries(library)
  .filter(([, value]) => typeof value === 'function' && value.prototype instanceof Construct)
  .map(([name]) => name)
  .sort();

const countsOf = (resources: Record<string, { Type: string }>) => {
  const counts: Record<string, number> = {};
  for (const { Type } of Object.values(resources)) counts[Type] = (counts[Type] ?? 0) + 1;
  return counts;
};
const resourcesIn = (stack: Stack) =>
  (Template.fromStack(stack).toJSON() as { Resources?: Record<string, { Type: string }> }).Resources ?? {};

type Constructor = new (scope: Construct, id: string, props?: object) => Stack;
const exampleOf = (name: string): Constructor =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the examples are found by name
  (require(join(EXAMPLES, kebabCase(name))) as Record<string, Constructor>)[`${name}Example`]!;

test('every construct has an example of its name, and no example is without a construct', () => {
  const files = readdirSync(EXAMPLES).filter((file) => file.endsWith('.ts'));
  expect(files.sort()).toEqual(CONSTRUCTS.map((name) => `${kebabCase(name)}.ts`).sort());
});

describe.each(CONSTRUCTS)('the example of %s', (name) => {
  test('synthesises, and breaks no rule of the CDK', () => {
    const app = new App({ context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    const stack = new (exampleOf(name))(app, 'Example', { env });
    validated(() => app.synth());
    expect(Object.keys(resourcesIn(stack)).length).toBeGreaterThan(0);
  });
});

/** What constructs take from each other. */
interface Others {
  readonly database: library.IFlowLogDatabase;
  readonly table: library.IFlowLogTable;
  readonly records: library.IFlowRecordsView;
  /** Made with a lake. */
  readonly lakeRecords: library.IFlowRecordsView;
  readonly workgroup: library.IAnalysisWorkgroup;
  readonly relations: library.IFlowRelations;
  readonly notifications: library.IFindingNotifications;
  readonly scheduled: library.IScheduledAnalyses;
  readonly bucket: library.IFlowLogBucket;
  readonly definition: library.IFlowLogDefinition;
  readonly check: library.IDeliveryCheck;
  readonly lake: library.IFlowLogLake;
  readonly report: library.IDailyReport;
  readonly traffic: library.ITrafficMetrics;
}

const FORMAT = library.parseFormat('recommended');
const files = (scope: Construct, name: string) => ({
  bucket: Bucket.fromBucketName(scope, `Files-${name}`, `company-${name}`),
  prefix: name,
});
const logGroup = (scope: Construct) => LogGroup.fromLogGroupName(scope, 'Records-Log', '/vpc/flow-logs');

function imported(scope: Construct): Others {
  const records = other.records(scope);
  const { database, tables } = records;
  return {
    database,
    table: tables[0]!,
    records,
    lakeRecords: library.FlowRecordsView.fromAttributes(scope, 'LakeRecords', { database, tables, lake: files(scope, 'lake') }),
    workgroup: other.workgroup(scope),
    relations: other.relations(scope, database),
    notifications: other.notifications(scope),
    scheduled: other.scheduled(scope),
    bucket: library.FlowLogBucket.fromBucket(scope, 'Bucket', Bucket.fromBucketName(scope, 'Deliveries', 'company-flow-logs')),
    definition: library.FlowLogDefinition.fromFlowLogId(scope, 'FlowLog', 'fl-0123456789abcdef0'),
    check: library.DeliveryCheck.fromStackName(scope, 'Check', 'FlowLogs'),
    lake: library.FlowLogLake.fromStackName(scope, 'Lake', 'FlowLogs'),
    report: library.DailyReport.fromFunctionName(scope, 'Report', 'FlowLogs-Report'),
    traffic: library.TrafficMetrics.fromAttributes(scope, 'Traffic', { namespace: 'FlowLogAnalytics/FlowLogs/Traffic', format: FORMAT }),
  };
}

function made(scope: Construct): Others {
  const database = new library.FlowLogDatabase(scope, 'Database', { databaseName: 'flow_logs' });
  const { location, accounts, regions, tableName } = other.table(new Construct(scope, 'Imported'));
  const bucket = new library.FlowLogBucket(scope, 'Bucket');
  const table = new library.FlowLogTable(scope, 'Table', { database, tableName, bucket: bucket.bucket, location, accounts, regions });
  const records = new library.FlowRecordsView(scope, 'Records', { database, tables: [table] });
  const lakeRecords = new library.FlowRecordsView(scope, 'LakeRecords', {
    database,
    viewName: 'lake_records',
    tables: [table],
    lake: files(scope, 'lake'),
  });
  const workgroup = new library.AnalysisWorkgroup(scope, 'Workgroup');
  const relations = new library.FlowRelations(scope, 'Relations', { database, tables: [table], storage: files(scope, 'relations') });
  const notifications = new library.FindingNotifications(scope, 'Notifications');
  const scheduled = new library.ScheduledAnalyses(scope, 'Scheduled', {
    view: records,
    workgroup,
    notifications,
    include: ['rejection-spike'],
  });
  const definition = new library.FlowLogDefinition(scope, 'Definition', {
    scope: library.FlowLogScope.vpcId('vpc-0123456789abcdef0'),
    destination: library.FlowLogDestination.bucket(bucket),
  });
  const locations = [{ bucket: bucket.bucket, location, accounts, regions }];
  return {
    database,
    table,
    records,
    lakeRecords,
    workgroup,
    relations,
    notifications,
    scheduled,
    bucket,
    definition,
    check: new library.DeliveryCheck(scope, 'Check', { definitions: [definition], locations }),
    lake: new library.FlowLogLake(scope, 'Lake', { view: lakeRecords }),
    report: new library.DailyReport(scope, 'Report', { view: records, workgroup, scheduled }),
    traffic: new library.TrafficMetrics(scope, 'Traffic', { logGroup: logGroup(scope), format: FORMAT }),
  };
}

/** Each with everything that it can take from others. */
const ALONE: Readonly<Record<string, (scope: Construct, others: Others) => unknown>> = {
  AnalysisWorkgroup: (scope) => new library.AnalysisWorkgroup(scope, 'Alone', { resultsBucket: true }),
  AnalyticsDashboard: (scope, { scheduled, check, records, workgroup, traffic }) =>
    new library.AnalyticsDashboard(scope, 'Alone', {
      scheduled,
      deliveryCheck: check,
      reports: { view: records, workgroup },
      traffic: [{ name: 'live', logGroup: logGroup(scope), format: FORMAT, metrics: traffic }],
    }),
  AnalyticsMonitoring: (scope, { notifications, scheduled, check, lake, relations, report, records, workgroup }) =>
    new library.AnalyticsMonitoring(scope, 'Alone', {
      topic: notifications.topic,
      scheduled,
      deliveryCheck: check,
      lake,
      relations,
      dailyReport: report,
      reports: { view: records, workgroup },
    }),
  DailyReport: (scope, { records, workgroup, scheduled, relations, notifications }) =>
    new library.DailyReport(scope, 'Alone', { view: records, workgroup, scheduled, relations, topic: notifications.topic }),
  DeliveryCheck: (scope, { definition, table: { bucket, location, accounts, regions } }) =>
    new library.DeliveryCheck(scope, 'Alone', { definitions: [definition], locations: [{ bucket, location, accounts, regions }] }),
  FindingNotifications: (scope) => new library.FindingNotifications(scope, 'Alone', { chat: true }),
  FlowLogAnalytics: (scope) =>
    new library.FlowLogAnalytics(scope, 'Alone', { definitions: [{ id: 'vpc', scope: library.FlowLogScope.vpcId('vpc-0a') }] }),
  FlowLogApi: (scope, { records, workgroup }) => new library.FlowLogApi(scope, 'Alone', { view: records, workgroup }),
  FlowLogBucket: (scope) => new library.FlowLogBucket(scope, 'Alone', { customerManagedKey: true }),
  FlowLogDatabase: (scope) => new library.FlowLogDatabase(scope, 'Alone'),
  FlowLogDefinition: (scope, { bucket }) =>
    new library.FlowLogDefinition(scope, 'Alone', {
      scope: library.FlowLogScope.vpcId('vpc-0a'),
      destination: library.FlowLogDestination.bucket(bucket),
    }),
  FlowLogLake: (scope, { lakeRecords }) => new library.FlowLogLake(scope, 'Alone', { view: lakeRecords }),
  FlowLogTable: (scope, { table, database }) =>
    new library.FlowLogTable(scope, 'Alone', { database, tableName: 'alone', bucket: table.bucket, location: table.location }),
  FlowRecordsView: (scope, { database, table }) => new library.FlowRecordsView(scope, 'Alone', { database, tables: [table] }),
  FlowRelations: (scope, { database, table }) =>
    new library.FlowRelations(scope, 'Alone', { database, tables: [table], storage: files(scope, 'kept') }),
  IbmFlowLogs: (scope, { database, table }) =>
    new library.IbmFlowLogs(scope, 'Alone', {
      database,
      bucket: table.bucket,
      endpoints: ['account=a/region=r/vpc-id=v/subnet-id=s/endpoint-type=vnics/instance-id=i/vnic-id=n'],
    }),
  SavedAnalyses: (scope, { records, workgroup, relations }) =>
    new library.SavedAnalyses(scope, 'Alone', { view: records, workgroup, relations }),
  ScheduledAnalyses: (scope, { records, workgroup, relations, notifications }) =>
    new library.ScheduledAnalyses(scope, 'Alone', { view: records, workgroup, relations, notifications }),
  TrafficMetrics: (scope) => new library.TrafficMetrics(scope, 'Alone', { logGroup: logGroup(scope), format: FORMAT }),
};

test('every construct but the stack is tested alone', () => {
  expect([...Object.keys(ALONE), 'FlowLogAnalyticsStack'].sort()).toEqual(CONSTRUCTS);
});

describe.each(Object.keys(ALONE))('%s alone', (name) => {
  const resourcesWith = (others: (scope: Construct) => Others, where: (app: App, stack: Stack) => Construct) => {
    const app = new App();
    const stack = new Stack(app, 'Tested', { env });
    ALONE[name]!(stack, others(where(app, stack)));
    return resourcesIn(stack);
  };
  const ofImported = resourcesWith(imported, (_, stack) => new Construct(stack, 'Others'));

  test('makes only its own resources: what it takes from others is not made again', () => {
    expect(Object.keys(ofImported)).not.toEqual([]);
    // The functions that empty buckets and notify API Gateway's account are the CDK's own, one a stack.
    expect(Object.keys(ofImported).filter((id) => !/^(Alone|Custom)/.test(id))).toEqual([]);
  });

  test('makes the same resources with others that another stack of the app makes', () => {
    expect(countsOf(resourcesWith(made, (app) => new Stack(app, 'Other', { env })))).toEqual(countsOf(ofImported));
  });
});

/** Metrics by what the functions and filters publish. */
test('metrics name the stack that publishes them, here or elsewhere, and take options', () => {
  const stack = new Stack(new App(), 'Here', { env });
  const { scheduled, check, lake, relations, traffic } = imported(stack);
  const names = [
    scheduled.metricRunsSucceeded(),
    scheduled.metricRunsFailed(),
    scheduled.metricRunsTruncated(),
    scheduled.metricRunDuration(),
    scheduled.metricQueriesCancelled(),
    scheduled.metricScannedBytes(),
    scheduled.metricFindings(),
    scheduled.metricFindingsEscalated(),
    scheduled.metricFindingsSuppressed(),
    check.metricErrors(),
    check.metricAge(),
    lake.metricHoursCompacted(),
    lake.metricHoursFailed(),
    lake.metricHoursBehind(),
    lake.metricHoursDiffering(),
    relations.metricHoursMade(),
    relations.metricHoursFailed(),
    relations.metricKept(),
  ].map(({ namespace, metricName, dimensions }) => {
    expect([namespace, dimensions]).toEqual(['FlowLogAnalytics', { Stack: 'FlowLogs' }]);
    return metricName;
  });
  expect(names.sort()).toEqual(Object.values(METRICS).sort());
  expect(scheduled.metricRunsSucceeded({ schedule: 'rejection-spike', label: 'spikes' })).toMatchObject({
    dimensions: { Stack: 'FlowLogs', Schedule: 'rejection-spike' },
    label: 'spikes',
  });
  const alone = new library.TrafficMetrics(stack, 'Traffic-live', { logGroup: logGroup(stack), format: FORMAT });
  expect(alone.metric('rejected').namespace).toBe('FlowLogAnalytics/Here/Traffic-live');
  expect(traffic.metric('rejected', { statistic: 'Maximum' })).toMatchObject({
    namespace: 'FlowLogAnalytics/FlowLogs/Traffic',
    metricName: 'RejectedRecords',
    statistic: 'Maximum',
  });
});

test('a lake over a view of another stack says when the view forgets its hours', () => {
  const stack = new Stack(new App(), 'Here', { env });
  const lake = new library.FlowLogLake(stack, 'Lake', { view: imported(new Construct(stack, 'Others')).lakeRecords });
  expect(JSON.stringify(lake.node.metadata)).toContain('is made by another stack');
});
