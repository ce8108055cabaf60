import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, type ITable, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, Grant, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import type { Environment } from '../../lambda/run-analysis/env';
import type { RunInput } from '../../lambda/run-analysis/input';
import { type Analysis, Catalogue } from '../analysis/catalogue';
import { durationSeconds } from '../analysis/duration';
import type { ParameterValue } from '../analysis/literal';
import { packCatalogue } from '../analysis/packed';
import { optionalOf } from '../analysis/relations';
import { renderInsights, renderSql } from '../analysis/render';
import { cronOf, DELIVERY_LAG_SECONDS, OVERLAP_SECONDS, spreadMinutes, withoutReplaced } from '../analysis/schedule';
import { profileParameters } from '../analysis/role';
import { missingFields, missingScopeFields, openParameters } from '../analysis/requirements';
import type { Scope } from '../analysis/scope';
import { scheduleOf } from '../cost/schedules';
import { STORE } from '../finding/names';
import type { Suppression } from '../finding/suppression';
import { printFormat, sqlNameOf } from '../flow-log/format';
import { type IFindingNotifications, messageEnvironment } from './finding-notifications';
import type { IFlowRelations } from './flow-relations';
import { FunctionSchedules } from './function-schedules';
import { present } from './present';
import { assertNoProblems, warn } from './problems';
import { type AnalysisTargetProps, targetProblems } from './saved-analyses';
import { stackMetric, SUM, WORST } from './run-metric';
import { TaskFunction } from './task-function';

/** How one detection differs from its defaults. */
export interface ScheduleOptions {
  /** Id of a detection. */
  readonly analysis: string;
  /** False: it does not run. @default true */
  readonly enabled?: boolean;
  /** How often it runs. @default - the analysis's own */
  readonly every?: Duration;
  /** Values of its parameters. @default - those of the catalogue */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  /** Parameters whose value is an object in S3, `s3://bucket/key`, an entry a line, read at each run. @default - none */
  readonly parametersFrom?: Readonly<Record<string, string>>;
  /** Part of the network that it looks at. @default - all, but for what profiles judge */
  readonly scope?: Scope;
}

/**
 * Runs in Athena what it can, in Logs Insights the rest. Each detection runs once more for a profile, and leaves its part
 * out otherwise; without `include` every detection whose fields are there and whose parameters have values.
 */
export interface ScheduledAnalysesProps extends AnalysisTargetProps {
  /** Where findings are sent. */
  readonly notifications: IFindingNotifications;
  /** Of the view's tables: read instead of records. @default - none: each detection makes what it reads of the records, which costs a scan for every place where it reads it */
  readonly relations?: IFlowRelations | undefined;
  /** How detections differ from their defaults. @default - every detection as it is in the catalogue */
  readonly options?: readonly ScheduleOptions[];
  /** Findings that are not reported. @default - none */
  readonly suppressions?: readonly Suppression[];
  /** Key that objects of `parametersFrom` are encrypted with. @default - SSE-S3 */
  readonly listsKey?: IKey;
  /** Time after which records can be relied on. @default - 20 minutes for S3, 10 for CloudWatch Logs */
  readonly deliveryLag?: Duration;
  /** How far a run looks back over the one before, for objects that came late. @default 1 hour */
  readonly overlap?: Duration;
  /** Where docs/runbook.md is published: messages link to it. @default 'docs/runbook.md' */
  readonly runbookUrl?: string;
  /** Dashboard that messages link to. @default - none in messages */
  readonly dashboardUrl?: string;
  /** Folder of daily reports ({@link DailyReport.consoleUrl}). @default - none in messages */
  readonly reportsUrl?: string;
}

/** A detection that runs on a schedule. */
export interface ScheduledDetection {
  /** `rejection-spike`, or `rejection-spike@public` for a profile. */
  readonly name: string;
  /** How often it runs. */
  readonly every: Duration;
}

/** One schedule that was made. */
export interface ScheduledRun extends ScheduledDetection {
  /** The detection. */
  readonly analysis: Analysis;
  /** `athena` or `insights`. */
  readonly engine: RunInput['engine'];
  /** The schedule itself. */
  readonly schedule: CfnSchedule;
}

/** Options of the metric of runs that succeeded. */
export interface RunMetricOptions extends MetricOptions {
  /** Name of a {@link ScheduledDetection}: its runs only. @default - the runs of all schedules */
  readonly schedule?: string;
}

/** Detections that a stack runs on schedules. */
export interface IScheduledAnalyses extends IConstruct {
  /** The schedules. */
  readonly runs: readonly ScheduledDetection[];
  /** Detections that were not left out and cannot run, each with the reason. */
  readonly notScheduled: ReadonlyMap<string, string>;
  /** What has been found. */
  readonly table: ITable;
  /** Runs that did not succeed; `flowlogs replay` runs them again. */
  readonly deadLetterQueue: IQueue;
  /** Log of the function that runs detections. */
  readonly logGroup: ILogGroup;
  /** Reading what has been found. */
  grantReadFindings(grantee: IGrantable): Grant;
  /** Runs that succeeded. */
  metricRunsSucceeded(options?: RunMetricOptions): Metric;
  /** Runs that failed. */
  metricRunsFailed(options?: MetricOptions): Metric;
  /** Runs with more findings than one run keeps. */
  metricRunsTruncated(options?: MetricOptions): Metric;
  /** Seconds of a run: the longest. */
  metricRunDuration(options?: MetricOptions): Metric;
  /** Queries that the scan limit of the workgroup cancelled. */
  metricQueriesCancelled(options?: MetricOptions): Metric;
  /** Bytes that queries scanned, which Athena bills. */
  metricScannedBytes(options?: MetricOptions): Metric;
  /** New findings. */
  metricFindings(options?: MetricOptions): Metric;
  /** Findings that got worse. */
  metricFindingsEscalated(options?: MetricOptions): Metric;
  /** Findings that suppressions held back. */
  metricFindingsSuppressed(options?: MetricOptions): Metric;
}

export interface ScheduledAnalysesAttributes {
  /** Name of the stack that runs them: it names the metrics. */
  readonly stackName: string;
  /** What has been found. */
  readonly table: ITable;
  /** Runs that did not succeed. */
  readonly deadLetterQueue: IQueue;
  /** Log of the function that runs detections. */
  readonly logGroup: ILogGroup;
  /** Each gets an alarm when it is late. @default - none */
  readonly runs?: readonly ScheduledDetection[];
  /** Detections that cannot run there, each with the reason: reports name them. @default - none */
  readonly notScheduled?: ReadonlyMap<string, string>;
}

abstract class ScheduledBase extends Construct implements IScheduledAnalyses {
  abstract readonly runs: readonly ScheduledDetection[];
  abstract readonly notScheduled: ReadonlyMap<string, string>;
  abstract readonly table: ITable;
  abstract readonly deadLetterQueue: IQueue;
  abstract readonly logGroup: ILogGroup;

  constructor(
    scope: Construct,
    id: string,
    private readonly stackName: string,
  ) {
    super(scope, id);
  }

  grantReadFindings(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({ grantee, actions: ['dynamodb:Scan'], resourceArns: [this.table.tableArn] });
  }

  metricRunsSucceeded({ schedule, ...options }: RunMetricOptions = {}): Metric {
    const dimensionsMap = { ...options.dimensionsMap, ...(schedule === undefined ? {} : { Schedule: schedule }) };
    return stackMetric(this.stackName, 'succeeded', SUM, { ...options, dimensionsMap });
  }

  metricRunsFailed(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'failed', SUM, options);
  }

  metricRunsTruncated(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'truncated', SUM, options);
  }

  metricRunDuration(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'duration', WORST, options);
  }

  metricQueriesCancelled(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'cancelledByLimit', SUM, options);
  }

  metricScannedBytes(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'bytesScanned', SUM, options);
  }

  metricFindings(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'found', SUM, options);
  }

  metricFindingsEscalated(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'escalated', SUM, options);
  }

  metricFindingsSuppressed(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'suppressed', SUM, options);
  }
}

class ImportedSchedules extends ScheduledBase {
  readonly runs: readonly ScheduledDetection[];
  readonly notScheduled: ReadonlyMap<string, string>;
  readonly table: ITable;
  readonly deadLetterQueue: IQueue;
  readonly logGroup: ILogGroup;

  constructor(scope: Construct, id: string, attributes: ScheduledAnalysesAttributes) {
    super(scope, id, attributes.stackName);
    this.runs = attributes.runs ?? [];
    this.notScheduled = attributes.notScheduled ?? new Map();
    this.table = attributes.table;
    this.deadLetterQueue = attributes.deadLetterQueue;
    this.logGroup = attributes.logGroup;
  }
}

interface Plan {
  readonly name: string;
  readonly analysis: Analysis;
  readonly everySeconds: number;
  readonly engine: RunInput['engine'];
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly parametersFrom: Readonly<Record<string, string>>;
  readonly scope: Scope;
}

const TIMEOUT = Duration.minutes(15);
const LEAST_SECONDS = 300;
/** Of twelve objects each, which take Athena the time of a run to open. docs/scale.md */
const MANY_PARTITIONS = 200_000;
/** With fewer no detection looks back far enough. */
const FEW_FOLDERS = 100;

/** Scheduled detections: one function runs them, stores the findings, and reports new ones. */
export class ScheduledAnalyses extends ScheduledBase {
  /** Detections that another stack runs. */
  static fromAttributes(scope: Construct, id: string, attributes: ScheduledAnalysesAttributes): IScheduledAnalyses {
    return new ImportedSchedules(scope, id, attributes);
  }

  /** The schedules, with what they run. */
  readonly runs: readonly ScheduledRun[];
  /** Detections that were not left out and cannot run here, each with the reason. */
  readonly notScheduled: ReadonlyMap<string, string>;
  /** Runs the detections. */
  readonly function: LambdaFunction;
  readonly logGroup: ILogGroup;
  readonly table: ITable;
  /** Runs that did not succeed; `flowlogs replay` runs them again. */
  readonly deadLetterQueue: Queue;
  private readonly catalogue: Catalogue;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ScheduledAnalysesProps,
  ) {
    super(scope, id, Stack.of(scope).stackName);
    this.catalogue = props.catalogue ?? new Catalogue();
    assertNoProblems(this, this.problemsOf());
    this.notScheduled = new Map(
      this.chosen().flatMap((analysis) => {
        const why = this.cannotRun(analysis);
        return why === undefined ? [] : [[analysis.id, why] as const];
      }),
    );
    const plans = this.plan();
    assertNoProblems(
      this,
      plans.flatMap((plan) => this.problemsOfPlan(plan)),
    );
    for (const plan of plans) this.warnOfPartitions(plan);
    this.table = this.makeTable();
    this.deadLetterQueue = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.function = new TaskFunction(this, 'Function', {
      task: 'run-analysis',
      description: 'Runs scheduled analyses of flow logs and reports their findings',
      files: {
        'catalogue.json': packCatalogue(this.catalogue, [...new Set(plans.map(({ analysis }) => analysis.id))].sort()),
        'suppressions.json': JSON.stringify(props.suppressions ?? []),
      },
      environment: this.environment(),
      timeout: TIMEOUT,
      memoryMiB: 512,
      onFailure: this.deadLetterQueue,
    }).function;
    this.logGroup = this.function.logGroup;
    this.grant(plans);
    const schedules = new FunctionSchedules(this, 'Schedules', { function: this.function, deadLetterQueue: this.deadLetterQueue });
    this.runs = plans.map((plan) => this.schedule(plan, schedules));
  }

  private problemsOf(): string[] {
    const { include, exclude, options } = this.props;
    const problems = targetProblems(this.props, 'the analyses have no data to run on');
    for (const name of [...(include ?? []), ...(exclude ?? []), ...(options ?? []).map(({ analysis }) => analysis)]) {
      const { kind } = this.catalogue.get(name);
      if (kind !== 'detection') problems.push(`${name}: got a ${kind}, expected a detection: a report has no findings to send`);
    }
    const names = (options ?? []).map(({ analysis }) => analysis);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined)
      problems.push(`options: got ${twice} twice, expected each detection once; use profiles for parts of the network`);
    for (const name of include ?? []) {
      const why = this.cannotRun(this.catalogue.get(name));
      if (why !== undefined) problems.push(`include: ${name} ${why}`);
    }
    return problems;
  }

  private engineOf(analysis: Analysis): RunInput['engine'] | undefined {
    const { view, logGroup, logGroupFormat } = this.props;
    const has = (columns: readonly string[]) => missingFields(analysis, {}, columns).length === 0;
    if (view !== undefined && has(view.columns)) return 'athena';
    if (logGroup !== undefined && analysis.insights !== undefined && has(logGroupFormat?.names.map(sqlNameOf) ?? [])) return 'insights';
    return undefined;
  }

  private columnsOf(engine: RunInput['engine']): readonly string[] {
    return engine === 'athena' ? (this.props.view?.columns ?? []) : (this.props.logGroupFormat?.names.map(sqlNameOf) ?? []);
  }

  /** Why a detection has no schedule; undefined where it can run. */
  private cannotRun(analysis: Analysis): string | undefined {
    if (analysis.schedule === undefined && this.optionsOf(analysis.id)?.every === undefined) return 'has no default schedule: set `every`';
    if (this.engineOf(analysis) === undefined)
      return `needs ${analysis.requires.join(', ')}, which the format lacks, or has no query for this engine. Log a format that has them, or exclude the detection`;
    const given = this.optionsOf(analysis.id);
    const open = openParameters(analysis, { ...given?.parameters, ...given?.parametersFrom });
    return open.length === 0 ? undefined : `needs a value for ${open.join(', ')}: set parameters or parametersFrom`;
  }

  private optionsOf(id: string): ScheduleOptions | undefined {
    return this.props.options?.find(({ analysis }) => analysis === id);
  }

  private chosen(): Analysis[] {
    const { include, exclude } = this.props;
    const wanted = (include ?? this.catalogue.ids())
      .map((id) => this.catalogue.get(id))
      .filter(({ id, kind }) => kind === 'detection' && exclude?.includes(id) !== true && this.optionsOf(id)?.enabled !== false);
    // A detection that is requested by name, or has options, runs even if another detection covers it.
    if (include !== undefined) return wanted;
    const running = wanted.filter((other) => this.cannotRun(other) === undefined);
    return withoutReplaced(wanted, running, (id) => this.optionsOf(id) !== undefined);
  }

  private plan(): Plan[] {
    const { profiles = [] } = this.props;
    return this.chosen().flatMap((analysis) => {
      const engine = this.engineOf(analysis);
      if (engine === undefined || this.cannotRun(analysis) !== undefined) return [];
      const options = this.optionsOf(analysis.id);
      const everySeconds = options?.every?.toSeconds() ?? durationSeconds(analysis.schedule ?? '') ?? 3600;
      const own = profiles.flatMap((profile) => {
        const parameters = profileParameters(profile, analysis);
        if (parameters === undefined) return [];
        const lacking = missingScopeFields(profile.scope, this.columnsOf(engine));
        if (lacking.length === 0) return [{ profile, parameters }];
        warn(
          this,
          'ProfileWithoutFields',
          `profile ${profile.name} does not apply to ${analysis.id} in ${engine}: it needs ${lacking.join(', ')}, which the format lacks there`,
        );
        return [];
      });
      const common = { analysis, everySeconds, engine, parametersFrom: options?.parametersFrom ?? {} };
      const parts = own.map(({ profile }) => profile.scope);
      const general: Plan = {
        ...common,
        name: analysis.id,
        parameters: options?.parameters ?? {},
        scope: parts.length === 0 ? (options?.scope ?? {}) : { ...options?.scope, except: [...(options?.scope?.except ?? []), ...parts] },
      };
      return [
        general,
        ...own.map(({ profile, parameters }) => ({
          ...common,
          name: `${analysis.id}@${profile.name}`,
          parameters: { ...options?.parameters, ...parameters },
          scope: profile.scope,
        })),
      ];
    });
  }

  private problemsOfPlan({ name, analysis, everySeconds, engine, parameters, parametersFrom, scope }: Plan): string[] {
    const problems: string[] = [];
    if (everySeconds < LEAST_SECONDS)
      problems.push(
        `${name}: every: got ${everySeconds} s, expected at least ${LEAST_SECONDS} s: records are published every five minutes`,
      );
    if (cronOf(everySeconds, 0) === undefined)
      problems.push(
        `${name}: every: got ${everySeconds} s, expected an even division of an hour or a day: 5, 10, 15, 20 or 30 minutes, 1, 2, 3, 4, 6, 8, 12 or 24 hours`,
      );
    for (const parameter of Object.keys(parametersFrom))
      if (!Object.hasOwn(analysis.parameters, parameter))
        problems.push(`${name}: parametersFrom: ${analysis.id} has no parameter ${JSON.stringify(parameter)}`);
    // Renders the query of the run with placeholders for lists in S3, so that errors appear at synth and not at night.
    const values = {
      ...Object.fromEntries(
        Object.keys(parametersFrom).map((key) => [key, analysis.parameters[key]?.example ?? analysis.parameters[key]?.default ?? '']),
      ),
      ...parameters,
    };
    try {
      if (engine === 'athena') renderSql(this.catalogue, analysis, { window: { from: 0, to: 3600 }, parameters: values, scope });
      else renderInsights(this.catalogue, analysis, { parameters: values, scope, format: this.props.logGroupFormat });
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
    }
    return problems;
  }

  /** A run over so many folders ends with the function, at each of its times, and is billed. */
  private warnOfPartitions({ name, analysis, everySeconds, engine }: Plan): void {
    const folders = this.props.view?.rawFolders ?? 0;
    if (engine !== 'athena' || folders < FEW_FOLDERS) return;
    const records = scheduleOf(this.catalogue, analysis, everySeconds).reads.filter(({ table }) => table === 'records');
    const hours = Math.max(0, ...records.map((read) => read.hours));
    if (hours * folders > MANY_PARTITIONS)
      warn(
        this,
        'ManyPartitions',
        `${name} reads records of ${hours} hours in ${folders} folders each, ${hours * folders} partitions: a run can read about ${MANY_PARTITIONS} in its time (docs/scale.md). Add a lake to the stack, which has one partition per hour, or exclude the detection (watch.exclude: [${analysis.id}])`,
      );
  }

  private makeTable(): ITable {
    const table = new Table(this, 'Findings', {
      partitionKey: { name: STORE.key, type: AttributeType.STRING },
      sortKey: { name: STORE.id, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: STORE.expires,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // What it holds is made again by the next runs.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    table.addGlobalSecondaryIndex({
      indexName: STORE.pendingIndex,
      partitionKey: { name: STORE.pending, type: AttributeType.STRING },
      sortKey: { name: STORE.pendingSince, type: AttributeType.NUMBER },
      projectionType: ProjectionType.ALL,
    });
    return table as ITable;
  }

  private environment(): Record<string, string> {
    const { view, relations, workgroup, logGroup, logGroupFormat, notifications, runbookUrl, dashboardUrl, reportsUrl } = this.props;
    const { stackName, account, partition } = Stack.of(this);
    const environment: Environment = {
      STACK: stackName,
      ACCOUNT: account,
      PARTITION: partition,
      STORE_TABLE: this.table.tableName,
      DEAD_LETTER_QUEUE_URL: this.deadLetterQueue.queueUrl,
      RUNBOOK_URL: runbookUrl ?? 'docs/runbook.md',
      KEPT_RELATIONS: relations === undefined ? 'false' : 'true',
      ...present({
        WORKGROUP: workgroup?.workGroupName,
        STAGES_WORKGROUP: relations?.workGroupName,
        STAGES_LOCATION: relations?.stagesLocation,
        RECORDS_VIEW: view?.qualifiedName,
        PARTITIONS: view?.partitions.map(({ column }) => column).join(','),
        OPTIONAL_COLUMNS: view === undefined ? undefined : optionalOf(view.columns).join(','),
        LOG_GROUP: logGroup?.logGroupName,
        LOG_FORMAT: logGroupFormat === undefined ? undefined : printFormat(logGroupFormat),
        DASHBOARD_URL: dashboardUrl,
        REPORTS_URL: reportsUrl,
      }),
      ...messageEnvironment(notifications),
    };
    return environment as Record<string, string>;
  }

  private grant(plans: readonly Plan[]): void {
    const { view, relations, workgroup, logGroup, notifications, listsKey } = this.props;
    const grantee = this.function;
    const allow = (actions: string[], resources: string[]) =>
      grantee.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
    if (view !== undefined) view.grantRead(grantee);
    relations?.grantRead(grantee);
    relations?.grantStages(grantee);
    if (workgroup !== undefined) workgroup.grantRunQueries(grantee);
    if (logGroup !== undefined) {
      allow(['logs:StartQuery'], [logGroup.logGroupArn]);
      // These two name a query, which is no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
      allow(['logs:GetQueryResults', 'logs:StopQuery'], ['*']);
    }
    allow(
      ['dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      [this.table.tableArn, `${this.table.tableArn}/index/${STORE.pendingIndex}`],
    );
    this.deadLetterQueue.grantSendMessages(grantee);
    notifications.grantPublish(grantee);
    const { partition } = Stack.of(this);
    const lists = [...new Set(plans.flatMap(({ parametersFrom }) => Object.values(parametersFrom)))];
    if (lists.length > 0)
      allow(
        ['s3:GetObject'],
        lists.map((uri) => `arn:${partition}:s3:::${uri.slice('s3://'.length)}`),
      );
    listsKey?.grantDecrypt(grantee);
  }

  private schedule(plan: Plan, schedules: FunctionSchedules): ScheduledRun {
    const { name, analysis, everySeconds, engine, parameters, parametersFrom, scope } = plan;
    const lagSeconds = this.props.deliveryLag?.toSeconds() ?? DELIVERY_LAG_SECONDS[engine];
    const input: RunInput = {
      schedule: name,
      analysis: analysis.id,
      engine,
      scheduledTime: '<aws.scheduler.scheduled-time>',
      everySeconds,
      lagSeconds,
      overlapSeconds: this.props.overlap?.toSeconds() ?? OVERLAP_SECONDS,
      parameters: parameters as NonNullable<RunInput['parameters']>,
      parametersFrom,
      scope,
    };
    const schedule = schedules.add(name, {
      description: `${analysis.title}: every ${Duration.seconds(everySeconds).toHumanString()}`,
      expression: cronOf(everySeconds, lagSeconds + 60 * spreadMinutes(name)) ?? '',
      input: JSON.stringify(input),
      retries: 10,
      maxAgeSeconds: 3600,
    });
    return { name, analysis, every: Duration.seconds(everySeconds), engine, schedule };
  }
}
