import { Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { CfnLogGroup, type ILogGroup, LogGroupClass } from 'aws-cdk-lib/aws-logs';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Catalogue } from '../analysis/catalogue';
import { SCOPES } from '../flow-log/definition';
import type { LogKind } from '../flow-log/fields';
import { KEPT_DAYS } from '../lake/relations';
import { AnalysisWorkgroup, type AnalysisWorkgroupProps } from './analysis-workgroup';
import { AnalyticsMonitoring, type AnalyticsMonitoringProps, type RecordsLogGroup } from './analytics-monitoring';
import { consoleOf } from './console';
import { DailyReport, type DailyReportProps } from './daily-report';
import { emptyOnArm, KEPT } from './deletion';
import { DeliveryCheck } from './delivery-check';
import { FindingNotifications, type FindingNotificationsProps } from './finding-notifications';
import { FlowLogApi, type FlowLogApiProps } from './flow-log-api';
import { FlowLogBucket, type FlowLogBucketProps } from './flow-log-bucket';
import { FlowLogDatabase } from './flow-log-database';
import { FlowLogDefinition, type FlowLogDefinitionProps, type LogLocation } from './flow-log-definition';
import { FlowLogDestination, type S3DestinationProps } from './flow-log-destination';
import { FlowLogScope } from './flow-log-scope';
import { FlowLogTable } from './flow-log-table';
import { FlowLogLake, type FlowLogLakeProps } from './flow-log-lake';
import { FlowRelations } from './flow-relations';
import { FlowRecordsView, type LakeStorage } from './flow-records-view';
import { snakeCase } from './names';
import { present } from './present';
import { privateBucket } from './private-bucket';
import { assertNoProblems, FlowLogConfigurationError, warn } from './problems';
import { type AnalysisProfile, SavedAnalyses } from './saved-analyses';
import { ScheduledAnalyses, type ScheduledAnalysesProps } from './scheduled-analyses';

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

export interface FlowLogAnalyticsProps {
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
  /** Scan limit and results of the workgroup. @default - 100 GiB a query, results kept by Athena */
  readonly workgroup?: AnalysisWorkgroupProps;
  /** Questions to save and detections to run. @default - the analyses that ship with the package */
  readonly catalogue?: Catalogue;
  /** Ids to save. @default - all that fit */
  readonly include?: readonly string[];
  /** Ids that are not saved. @default - none */
  readonly exclude?: readonly string[];
  /** Parts of the network with their own parameter values. @default - none */
  readonly profiles?: readonly AnalysisProfile[];
  /** Scheduled detections, notifications, alarms and a dashboard. False: questions are only saved. @default - enabled */
  readonly watch?: WatchProps | false;
  /** Compact hours into a lake of sorted Parquet, which `flow_records` reads where it is complete. @default - no lake */
  readonly lake?: LakeProps;
  /** DescribeFlowLog over HTTPS for principals that IAM lets call it. @default - no API */
  readonly api?: ApiProps;
}

/** The facade's API. */
export type ApiProps = Omit<FlowLogApiProps, 'view' | 'workgroup'>;

/** The facade's lake. */
export interface LakeProps extends Pick<FlowLogLakeProps, 'firstHours' | 'recheck'> {
  /** Delete raw objects of our own bucket after this age once their hour is verified. At least 3 days. @default - they live as long as the bucket says */
  readonly expireRawAfter?: Duration;
  /** Where its files lie. @default - a bucket of its own, retained */
  readonly storage?: LakeStorage;
}

/** What the facade's watch differs in from its defaults. */
export interface WatchProps {
  /** Who is notified, and how. @default - a topic without subscribers */
  readonly notifications?: FindingNotificationsProps;
  /** Which detections run, and how. @default - every detection that can run */
  readonly schedules?: Pick<
    ScheduledAnalysesProps,
    'include' | 'exclude' | 'options' | 'suppressions' | 'listsKey' | 'deliveryLag' | 'overlap'
  >;
  /** Alarms and dashboard. @default - all alarms and a dashboard */
  readonly monitoring?: Pick<AnalyticsMonitoringProps, 'alarms' | 'alarmPerInterface' | 'dashboard'>;
  /** Reports on the dashboard, whose queries run at each view. @default true */
  readonly reportsOnDashboard?: boolean;
  /** Where docs/runbook.md is published. @default 'docs/runbook.md' */
  readonly runbookUrl?: string;
  /** Every day the one before as an HTML file in S3, and its summary on the topic. @default - no reports */
  readonly dailyReport?: DailyReportOptions;
}

/** The facade's daily report. */
export interface DailyReportOptions extends Pick<DailyReportProps, 'groups' | 'bucket' | 'prefix' | 'expireAfter'> {
  /** Publish the summary with a link to the topic of the findings. @default true */
  readonly notify?: boolean;
}

const VIEW_NAMES = { vpc: 'flow_records', 'transit-gateway': 'transit_gateway_records' } as const;

/** Flow logs, tables, workgroup and saved questions in one line: everything optional but what to log or read. */
export class FlowLogAnalytics extends Construct {
  /** The flow logs. */
  readonly definitions: readonly FlowLogDefinition[];
  /** Made when a definition delivers to it. */
  readonly bucket: FlowLogBucket | undefined;
  /** Undefined where nothing is in S3. */
  readonly database: FlowLogDatabase | undefined;
  /** Undefined where nothing is in S3. */
  readonly workgroup: AnalysisWorkgroup | undefined;
  /** The view `flow_records`; undefined where nothing is in S3. */
  readonly records: FlowRecordsView | undefined;
  /** The view `transit_gateway_records`, over transit-gateway and Cloud WAN records. */
  readonly transitGatewayRecords: FlowRecordsView | undefined;
  /** A table for each flow log, each retired format, and existing logs. */
  readonly tables: readonly FlowLogTable[];
  /** Saved questions: over the view, and over each log group. */
  readonly savedAnalyses: readonly SavedAnalyses[];
  /** Of `api`. */
  readonly api: FlowLogApi | undefined;
  /** What detections read; with a watch over tables whose formats have what it is made of. */
  readonly relations: FlowRelations | undefined;
  /** Of `lake`. */
  readonly lake: FlowLogLake | undefined;
  /** Of `watch`. */
  readonly notifications: FindingNotifications | undefined;
  /** Detections on schedules; undefined without a watch, or without records to run them on. */
  readonly scheduled: ScheduledAnalyses | undefined;
  /** Alarms and dashboard; undefined without a watch. */
  readonly monitoring: AnalyticsMonitoring | undefined;
  /** Undefined without a watch. */
  readonly deliveryCheck: DeliveryCheck | undefined;
  /** Of `watch.dailyReport`. */
  readonly dailyReport: DailyReport | undefined;

  constructor(scope: Construct, id: string, props: FlowLogAnalyticsProps) {
    super(scope, id);
    const asked: readonly AnalyticsDefinition[] = [
      ...(props.vpc === undefined ? [] : [{ id: 'Vpc', scope: FlowLogScope.vpc(props.vpc) }]),
      ...(props.definitions ?? []),
    ];
    const existing = props.existingLogs ?? [];
    assertNoProblems(this, problemsOf(asked, existing));
    this.bucket = asked.some((definition) => definition.destination === undefined)
      ? new FlowLogBucket(this, 'Bucket', { ...props.bucket, ...present({ verifiedExpireAfter: props.lake?.expireRawAfter }) })
      : undefined;
    this.definitions = asked.map((definition) => this.define(definition));
    assertNoProblems(this, sharedPrefixes(this.definitions));

    const inView = this.recordsInView(asked);
    const anyInS3 = existing.length > 0 || this.definitions.some(({ locations }) => locations.length > 0);
    const database = anyInS3 ? new FlowLogDatabase(this, 'Database', present({ databaseName: props.databaseName })) : undefined;
    this.database = database;
    this.workgroup = anyInS3 ? new AnalysisWorkgroup(this, 'Workgroup', props.workgroup) : undefined;
    const tables = database === undefined ? [] : this.makeTables(database, asked, existing, props, inView);
    this.tables = tables.map(({ table }) => table);
    const storage = props.lake === undefined ? undefined : (props.lake.storage ?? { bucket: lakeBucket(this), prefix: 'lake' });
    const viewOf = (kind: LogKind) => {
      const members = tables.filter((entry) => entry.kind === kind && entry.inView).map(({ table }) => table);
      return database === undefined || members.length === 0
        ? undefined
        : new FlowRecordsView(this, kind === 'vpc' ? 'Records' : 'TransitGatewayRecords', {
            database,
            viewName: VIEW_NAMES[kind],
            tables: members,
            ...(kind === 'vpc' ? present({ lake: storage }) : {}),
          });
    };
    this.records = viewOf('vpc');
    this.transitGatewayRecords = viewOf('transit-gateway');
    this.lake =
      props.lake === undefined || this.records === undefined
        ? undefined
        : new FlowLogLake(this, 'Lake', {
            view: this.records,
            ...present({
              firstHours: props.lake.firstHours,
              recheck: props.lake.recheck,
              tagVerified: props.lake.expireRawAfter === undefined ? undefined : true,
            }),
          });
    this.api =
      props.api === undefined || this.records === undefined || this.workgroup === undefined
        ? undefined
        : new FlowLogApi(this, 'Api', { view: this.records, workgroup: this.workgroup, ...props.api });
    const watch = props.watch === false ? undefined : (props.watch ?? {});
    this.relations = this.keepRelations(watch, props);
    this.savedAnalyses = this.save(props);
    this.notifications = watch === undefined ? undefined : new FindingNotifications(this, 'Notifications', watch.notifications);
    this.scheduled = watch === undefined || this.notifications === undefined ? undefined : this.schedule(watch, props, this.notifications);
    this.dailyReport = watch?.dailyReport === undefined ? undefined : this.report(watch.dailyReport, props);
    this.deliveryCheck = watch === undefined ? undefined : this.checkDeliveries(props);
    this.monitoring = watch === undefined || this.notifications === undefined ? undefined : this.monitor(watch, props, this.notifications);
  }

  private keepRelations(watch: WatchProps | undefined, { catalogue }: FlowLogAnalyticsProps): FlowRelations | undefined {
    const tables = this.records?.tables ?? [];
    if (watch === undefined || this.database === undefined || tables.length === 0 || FlowRelations.problemsOf(tables).length > 0)
      return undefined;
    return new FlowRelations(this, 'Relations', {
      database: this.database,
      tables,
      storage: { bucket: relationsBucket(this), prefix: 'relations' },
      ...present({ catalogue }),
    });
  }

  /** Log groups with VPC records, whose class has metric filters. */
  private logGroups(): RecordsLogGroup[] {
    return this.definitions.flatMap(({ destination: { logGroup, logGroupKey }, format, scope, node }) =>
      logGroup !== undefined && SCOPES[scope.kind].records === 'vpc' ? [{ id: node.id, logGroup, format, encryptionKey: logGroupKey }] : [],
    );
  }

  private schedule(watch: WatchProps, props: FlowLogAnalyticsProps, notifications: FindingNotifications): ScheduledAnalyses | undefined {
    const [logs, ...more] = this.logGroups();
    if (this.records === undefined && logs === undefined) return undefined;
    if (this.records === undefined && more.length > 0)
      warn(
        this,
        'LogGroupsNotScheduled',
        `schedules run over ${logs?.id ?? ''} only; ${more.map(({ id }) => id).join(', ')}: add a separate ScheduledAnalyses for them, or deliver to S3`,
      );
    return new ScheduledAnalyses(this, 'Schedules', {
      notifications,
      ...(this.records === undefined || this.workgroup === undefined ? {} : { view: this.records, workgroup: this.workgroup }),
      ...(logs === undefined ? {} : { logGroup: logs.logGroup, logGroupFormat: logs.format }),
      ...present({ catalogue: props.catalogue, profiles: props.profiles, runbookUrl: watch.runbookUrl, relations: this.relations }),
      ...(watch.monitoring?.dashboard === false ? {} : { dashboardUrl: dashboardUrl(this) }),
      // The report reads the findings, the messages link to the report: it is made after this.
      ...(watch.dailyReport === undefined ? {} : { reportsUrl: Lazy.string({ produce: () => this.dailyReport?.consoleUrl ?? '' }) }),
      ...watch.schedules,
    });
  }

  private report({ notify, ...options }: DailyReportOptions, props: FlowLogAnalyticsProps): DailyReport {
    const { records, workgroup, scheduled, notifications } = this;
    if (records === undefined || workgroup === undefined || scheduled === undefined)
      throw new FlowLogConfigurationError(`${this.node.path}: dailyReport: no logs are in S3, so there is no table to report on`);
    return new DailyReport(this, 'DailyReport', {
      view: records,
      workgroup,
      scheduled,
      ...present({ topic: notify === false ? undefined : notifications?.topic, catalogue: props.catalogue, relations: this.relations }),
      ...options,
    });
  }

  private checkDeliveries(props: FlowLogAnalyticsProps): DeliveryCheck {
    const stack = Stack.of(this);
    const [accounts, regions] = [props.accounts ?? [stack.account], props.regions ?? [stack.region]];
    const locations = this.definitions.flatMap(({ destination: { s3 }, locations: [current] }) =>
      s3 === undefined || current === undefined
        ? []
        : [{ bucket: s3.bucket, location: current, accounts: [stack.account], regions: [stack.region] }],
    );
    const existing = (props.existingLogs ?? []).map((logs) => ({
      bucket: logs.bucket,
      location: logs.location,
      accounts: logs.accounts ?? accounts,
      regions: logs.regions ?? regions,
    }));
    return new DeliveryCheck(this, 'DeliveryCheck', { definitions: this.definitions, locations: [...locations, ...existing] });
  }

  private monitor(watch: WatchProps, props: FlowLogAnalyticsProps, notifications: FindingNotifications): AnalyticsMonitoring {
    const { records, workgroup } = this;
    return new AnalyticsMonitoring(this, 'Monitoring', {
      topic: notifications.topic,
      logGroups: this.logGroups().filter(({ logGroup }) => hasMetricFilters(logGroup)),
      dashboardName: dashboardName(this),
      ...present({
        deliveryCheck: this.deliveryCheck,
        scheduled: this.scheduled,
        lake: this.lake,
        relations: this.relations,
        dailyReport: this.dailyReport,
        catalogue: props.catalogue,
        runbookUrl: watch.runbookUrl,
      }),
      ...(records === undefined || workgroup === undefined || watch.reportsOnDashboard === false
        ? {}
        : { reports: { view: records, workgroup } }),
      ...watch.monitoring,
    });
  }

  private define({ id, destination, s3, ...rest }: AnalyticsDefinition): FlowLogDefinition {
    const target = destination ?? (this.bucket === undefined ? undefined : FlowLogDestination.bucket(this.bucket, s3));
    if (target === undefined) throw new Error('unreachable: a definition without destination makes the bucket');
    return new FlowLogDefinition(this, id, { ...rest, destination: target });
  }

  /** Whether each definition's records belong in the view: the same traffic must never count twice, and never silently. */
  private recordsInView(asked: readonly AnalyticsDefinition[]): boolean[] {
    const included: boolean[] = [];
    this.definitions.forEach((definition, i) => {
      const twin = this.definitions.find((other, k) => k < i && included[k] === true && mayRecordTheSame(definition, other));
      const wanted = asked[i]?.inRecordsView;
      included.push(wanted ?? twin === undefined);
      if (twin === undefined || wanted === false) return;
      const what = `${asked[i]?.id} and ${twin.node.id} may record the same traffic (${definition.scope.resourceType} ${definition.scope.resourceId}, ${twin.scope.resourceType} ${twin.scope.resourceId})`;
      warn(
        definition,
        'OverlappingScopes',
        wanted === true
          ? `${what}: inRecordsView is true for both, so flow_records counts such traffic twice`
          : `${what}: flow_records leaves ${asked[i]?.id} out so that nothing counts twice; it has its own table. Set inRecordsView to override`,
      );
    });
    return included;
  }

  private makeTables(
    database: FlowLogDatabase,
    asked: readonly AnalyticsDefinition[],
    existing: readonly ExistingLogs[],
    props: FlowLogAnalyticsProps,
    inView: readonly boolean[],
  ): { table: FlowLogTable; kind: LogKind; inView: boolean }[] {
    const ours = this.definitions.flatMap((definition, i) => {
      const { s3 } = definition.destination;
      if (s3 === undefined) return [];
      return definition.locations.map((location, age) => {
        const name = `${snakeCase(asked[i]?.id ?? '')}${age === 0 ? '' : `_before_${age}`}`;
        const table = new FlowLogTable(this, `Table-${name}`, {
          database,
          tableName: name,
          bucket: s3.bucket,
          location,
          ...present({ accounts: props.accounts, regions: props.regions, since: props.since }),
        });
        table.node.addDependency(definition);
        return { table, kind: SCOPES[definition.scope.kind].records, inView: inView[i] === true };
      });
    });
    const theirs = existing.map((logs) => ({
      table: new FlowLogTable(this, `Table-${snakeCase(logs.id)}`, {
        database,
        tableName: snakeCase(logs.id),
        bucket: logs.bucket,
        location: logs.location,
        ...present({
          accounts: logs.accounts ?? props.accounts,
          regions: logs.regions ?? props.regions,
          since: logs.since ?? props.since,
        }),
      }),
      kind: logs.kind ?? 'vpc',
      inView: logs.inRecordsView ?? true,
    }));
    return [...ours, ...theirs];
  }

  private save(props: FlowLogAnalyticsProps): SavedAnalyses[] {
    const { catalogue, include, exclude, profiles } = props;
    const common = { scheduled: props.watch !== false, ...present({ catalogue, include, exclude, profiles }) };
    const groups = this.definitions.flatMap(({ logGroup, format, scope }) =>
      logGroup !== undefined && SCOPES[scope.kind].records === 'vpc' ? [{ logGroup, logGroupFormat: format }] : [],
    );
    const [first, ...more] = groups;
    const saved: SavedAnalyses[] = [];
    if (this.records !== undefined || first !== undefined) {
      const athena = this.records === undefined || this.workgroup === undefined ? {} : { view: this.records, workgroup: this.workgroup };
      saved.push(new SavedAnalyses(this, 'Analyses', { ...common, ...athena, ...first, ...present({ relations: this.relations }) }));
    }
    more.forEach((group, i) => saved.push(new SavedAnalyses(this, `Analyses${i + 2}`, { ...common, ...group })));
    return saved;
  }

  /** Grants the permissions to run questions: run queries, read tables, views and objects, read results. */
  grantRunQueries(grantee: IGrantable): Grant {
    const { workgroup } = this;
    if (workgroup === undefined) throw new Error(`${this.node.path}: no logs are in S3, so there is no workgroup to grant`);
    return [this.records, this.transitGatewayRecords, this.relations].reduce(
      (grant, one) => (one === undefined ? grant : grant.combine(one.grantRead(grantee))),
      workgroup.grantRunQueries(grantee),
    );
  }
}

/** Named, so that messages can link to it. */
const dashboardName = (construct: Construct) => `${Stack.of(construct).stackName}-${construct.node.id}`;

const dashboardUrl = (construct: Construct) =>
  `${consoleOf(construct)}/cloudwatch/home?region=${Stack.of(construct).region}#dashboards/dashboard/${dashboardName(construct)}`;

/** Groups of the class INFREQUENT_ACCESS have none. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html */
const hasMetricFilters = (logGroup: ILogGroup) => {
  const resource = logGroup.node.defaultChild;
  return !(resource instanceof CfnLogGroup && resource.logGroupClass === LogGroupClass.INFREQUENT_ACCESS);
};

/** As long as detections look back, and a little more. */
function relationsBucket(scope: Construct): IBucket {
  const forget = (id: string, prefix: string, days: number) => ({
    id,
    prefix,
    expiration: Duration.days(days),
    abortIncompleteMultipartUploadAfter: Duration.days(1),
  });
  const bucket = new Bucket(scope, 'RelationsBucket', {
    ...privateBucket(),
    lifecycleRules: [
      forget('Results', 'relations-results/', 1),
      forget('Stages', 'relations-stages/', 1),
      forget('Conversations', 'relations/conversations/', KEPT_DAYS.conversations),
      forget('Hours', 'relations/', KEPT_DAYS.links),
    ],
    // Made again from the flow logs: they go with the stack.
    removalPolicy: RemovalPolicy.DESTROY,
    autoDeleteObjects: true,
  });
  emptyOnArm(scope);
  return bucket as IBucket;
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

function problemsOf(asked: readonly AnalyticsDefinition[], existing: readonly ExistingLogs[]): string[] {
  const problems: string[] = [];
  if (asked.length + existing.length === 0) problems.push('vpc, definitions, existingLogs: got none, set at least one of them');
  const ids = [...asked, ...existing].map(({ id }) => id);
  const twice = ids.find((id, i) => ids.findIndex((other) => snakeCase(other) === snakeCase(id)) !== i);
  if (twice !== undefined)
    problems.push(`definitions, existingLogs: got the id ${JSON.stringify(twice)} twice, but table names are derived from ids. Rename one`);
  for (const id of ids)
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(id)) problems.push(`id: got ${JSON.stringify(id)}, expected letters, digits, _ and -`);
  for (const { id, destination, s3 } of asked)
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
