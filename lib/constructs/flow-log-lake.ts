import { CustomResource, Duration, Size, Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct, type IConstruct } from 'constructs';
import { recordColumns } from '../analysis/view';
import { LAKE_TABLE, LEDGER_KEY, TEMPORARY_PREFIX } from '../lake/names';
import type { LakeFile, Places } from '../lake/settings';
import { KEPT } from './deletion';
import { encryptionOf } from './analysis-workgroup';
import { viewedTable } from './flow-log-table';
import type { IFlowRecordsView } from './flow-records-view';
import { FunctionSchedules } from './function-schedules';
import { hourTable, lakeTable } from './hour-table';
import { foldersOf, listingMemory } from './listing-memory';
import { withoutLateValues } from './late-values';
import { grantObjects } from './object-grants';
import { assertNoProblems, warn } from './problems';
import { stackMetric, SUM, WORST } from './run-metric';
import { TaskFunction } from './task-function';

export interface FlowLogLakeProps {
  /** Made with a `lake`: it reads compacted hours from here. */
  readonly view: IFlowRecordsView;
  /** Hours before the first run that it begins with; older ones are a backfill (`flowlogs compact --stack NAME`). @default 24 */
  readonly firstHours?: number;
  /** How far back late objects are looked for. @default 48 hours */
  readonly recheck?: Duration;
  /** Tag raw objects of hours that were verified (`flow-log-lake` = `verified`), so that a lifecycle rule can expire them. @default false */
  readonly tagVerified?: boolean;
}

/** A lake that a stack fills. */
export interface IFlowLogLake extends IConstruct {
  /** Athena workgroup of compaction. */
  readonly workGroupName: string;
  /** Hours that were compacted. */
  metricHoursCompacted(options?: MetricOptions): Metric;
  /** Hours that could not be compacted. */
  metricHoursFailed(options?: MetricOptions): Metric;
  /** Hours between the newest compacted one and the newest that could be. */
  metricHoursBehind(options?: MetricOptions): Metric;
  /** Compacted hours that differ from the raw objects. */
  metricHoursDiffering(options?: MetricOptions): Metric;
}

abstract class LakeBase extends Construct implements IFlowLogLake {
  readonly workGroupName: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly stackName: string,
  ) {
    super(scope, id);
    this.workGroupName = `${stackName}-lake`;
  }

  metricHoursCompacted(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'lakeCompacted', SUM, options);
  }

  metricHoursFailed(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'lakeFailed', WORST, options);
  }

  metricHoursBehind(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'lakeBehind', WORST, options);
  }

  metricHoursDiffering(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'lakeDiffering', WORST, options);
  }
}

class ImportedLake extends LakeBase {}

/** More than an hour of flow logs has anywhere. */
const SCAN_LIMIT = Size.tebibytes(1);

/** As long as a function may run: an hour of a large network takes minutes. */
const TIMEOUT = Duration.minutes(15);

/** Two calls of Glue, and a few of DynamoDB. */
const SHOWN_WITHIN = Duration.minutes(5);

/**
 * Small raw objects become one sorted Parquet file per hour, which `flow_records` reads instead. Questions over settled
 * hours get faster and cheaper; the newest hours are read raw as before.
 */
export class FlowLogLake extends LakeBase {
  /** A lake that another stack fills. */
  static fromStackName(scope: Construct, id: string, stackName: string): IFlowLogLake {
    return new ImportedLake(scope, id, stackName);
  }

  /** Compacts and verifies. */
  readonly function: LambdaFunction;
  /** Which files hold which hour. */
  readonly ledger: Table;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: FlowLogLakeProps,
  ) {
    super(scope, id, Stack.of(scope).stackName);
    const { view } = props;
    const { lake, tables } = view;
    assertNoProblems(this, problemsOf(props));
    if (lake === undefined) throw new Error('unreachable: checked above');
    const stack = Stack.of(this);
    const table = hourTable(this, 'Table', {
      database: view.database,
      tableName: LAKE_TABLE,
      description: 'Compacted flow logs: a partition per hour, whose location is the run that wrote it',
      columns: recordColumns(tables.map(viewedTable)),
      location: `s3://${lake.bucket.bucketName}/${lake.prefix}/records/`,
    });
    // In another stack, which this one depends on already, the view is made before the table that it names: Glue does not look.
    if (Stack.of(view) === stack) view.node.addDependency(table);
    this.ledger = new Table(this, 'Ledger', {
      partitionKey: { name: LEDGER_KEY, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // What is in the lake is known here only.
      removalPolicy: KEPT,
    });
    // Not enforced: only then can a query set the location of its table. https://docs.aws.amazon.com/athena/latest/ug/ctas-considerations-limitations.html
    new CfnWorkGroup(this, 'Workgroup', {
      name: this.workGroupName,
      description: 'Compaction of flow logs (flow-log-analytics)',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: false,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: SCAN_LIMIT.toBytes(),
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: lake.bucket.s3UrlForObject(`${lake.prefix}-results/`),
          // What a query writes has the encryption that its workgroup names, whatever the bucket's default is.
          encryptionConfiguration: encryptionOf(lake.bucket.encryptionKey),
        },
      },
    });
    const places = withoutLateValues(this.places());
    this.function = new TaskFunction(this, 'Function', {
      task: 'compact',
      description: 'Compacts flow logs hour by hour and verifies them',
      files: { 'lake.json': JSON.stringify(this.file()), 'places.json': places.text },
      environment: {
        STACK: stack.stackName,
        WORKGROUP: this.workGroupName,
        LEDGER: this.ledger.tableName,
        BUCKET: lake.bucket.bucketName,
        TAG_VERIFIED: String(props.tagVerified ?? false),
        LATE: stack.toJsonString(places.tokens),
        FIRST_HOURS: String(props.firstHours ?? 24),
        RECHECK_HOURS: String((props.recheck ?? Duration.hours(48)).toHours()),
      },
      timeout: TIMEOUT,
      memoryMiB: listingMemory(512, tables.map(foldersOf)),
    }).function;
    this.grant();
    this.showAgain(view);
    const schedules = new FunctionSchedules(this, 'Schedules', { function: this.function });
    schedules.add('Compact', {
      description: 'Compacts completed hours',
      expression: 'cron(10/20 * * * ? *)',
      input: JSON.stringify({ task: 'compact' }),
      retries: 2,
      maxAgeSeconds: 900,
    });
    schedules.add('Verify', {
      description: 'Compares new hours of the lake with the raw objects',
      expression: 'cron(35 * * * ? *)',
      input: JSON.stringify({ task: 'verify' }),
      retries: 2,
      maxAgeSeconds: 3600,
    });
  }

  /**
   * The template's view knows no hours of the lake: an update that changes it would hide what is in it until the next run, for good
   * hours without raw objects.
   */
  private showAgain(view: IFlowRecordsView): void {
    if (view.fingerprint === undefined)
      warn(
        this,
        'ViewOfAnotherStack',
        `${view.qualifiedName} is made by another stack: after an update there that changes it, it lacks the hours of the lake until the next run, at most 20 minutes`,
      );
    const shown = new CustomResource(this, 'Shown', {
      serviceToken: this.function.functionArn,
      resourceType: 'Custom::LakeViews',
      serviceTimeout: SHOWN_WITHIN,
      properties: { Views: view.fingerprint ?? view.qualifiedName },
    });
    shown.node.addDependency(this.function, view);
  }

  private places(): Places {
    return this.props.view.tables.map(({ bucket, accounts, regions }) => ({
      bucket: bucket.bucketName,
      accounts: [...accounts],
      regions: [...regions],
    }));
  }

  private file(): LakeFile {
    const { database, tables, lake, viewName } = this.props.view;
    return { database: database.databaseName, view: viewName, prefix: lake?.prefix ?? '', tables: tables.map(lakeTable) };
  }

  private grant(): void {
    const { view } = this.props;
    const { database, lake } = view;
    const stack = Stack.of(this);
    const grantee = this.function;
    const allow = (actions: string[], resources: string[]) =>
      grantee.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
    view.grantRead(grantee);
    if (lake !== undefined) {
      grantObjects(grantee, { ...lake, write: true });
      grantObjects(grantee, { bucket: lake.bucket, prefix: `${lake.prefix}-results`, write: true });
      allow(['s3:DeleteObject'], [lake.bucket.arnForObjects(`${lake.prefix}/*`)]);
    }
    allow(
      [
        'athena:StartQueryExecution',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
        'athena:StopQueryExecution',
        'athena:GetWorkGroup',
      ],
      [stack.formatArn({ service: 'athena', resource: 'workgroup', resourceName: this.workGroupName })],
    );
    allow(['glue:CreatePartition', 'glue:BatchUpdatePartition', 'glue:UpdatePartition'], database.tableArns(LAKE_TABLE));
    allow(
      ['glue:GetTable', 'glue:GetTables', 'glue:CreateTable', 'glue:DeleteTable', 'glue:GetPartitions'],
      database.tableArns(`${TEMPORARY_PREFIX}*`),
    );
    allow(['glue:UpdateTable'], database.tableArns(view.viewName));
    if (this.props.tagVerified === true)
      for (const { bucket, location } of view.tables)
        allow(['s3:PutObjectTagging'], [bucket.arnForObjects(`${location.prefix === '' ? '' : `${location.prefix}/`}AWSLogs/*`)]);
    allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [this.ledger.tableArn]);
  }
}

function problemsOf({ view, firstHours = 24 }: FlowLogLakeProps): string[] {
  const problems: string[] = [];
  const { lake, tables } = view;
  if (lake === undefined)
    problems.push('view: got one without lake, expected a FlowRecordsView with `lake`, which sets the location of its files');
  if (!tables.some(({ location }) => location.layout.hourly))
    problems.push('view: got tables of daily layouts only, expected at least one of an hourly layout: compaction works by hour');
  if (!Number.isSafeInteger(firstHours) || firstHours < 0 || firstHours > 24 * 400)
    problems.push(`firstHours: got ${firstHours}, expected a whole number from 0 to ${24 * 400}`);
  return problems;
}
