import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  AlarmState,
  AnomalyDetectionAlarm,
  CfnAlarm,
  CfnLogAlarm,
  ComparisonOperator,
  CompositeAlarm,
  type IAlarm,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Catalogue } from '../analysis/catalogue';
import { insightsParsePrefix } from '../analysis/render';
import { type AlarmName, ALARMS } from '../finding/alarms';
import type { Format } from '../flow-log/format';
import { AnalyticsDashboard, type DashboardReports } from './analytics-dashboard';
import type { IDailyReport } from './daily-report';
import type { IDeliveryCheck } from './delivery-check';
import type { IFlowLogLake } from './flow-log-lake';
import type { IFlowRelations } from './flow-relations';
import { present } from './present';
import { assertNoProblems, warn } from './problems';
import { hasType } from './region-support';
import type { IScheduledAnalyses } from './scheduled-analyses';
import { type ITrafficMetrics, TrafficMetrics } from './traffic-metrics';

/** A log group with records of a known format. */
export interface RecordsLogGroup {
  /** Construct id; names its metrics. */
  readonly id: string;
  /** Of Standard class: others have no metric filters. */
  readonly logGroup: ILogGroup;
  /** Format of the records in the log group. */
  readonly format: Format;
  /** Key that the group is encrypted with. @default - encrypted by CloudWatch Logs */
  readonly encryptionKey?: IKey | undefined;
}

/** How one alarm differs from its defaults. */
export interface AlarmOptions {
  /** Value at which the alarm fires. @default - see docs/runbook.md */
  readonly threshold?: number;
  /** Of the traffic alarms: standard deviations of the anomaly band. @default 4 */
  readonly bandWidth?: number;
}

export interface AnalyticsMonitoringProps {
  /** Every alarm notifies this topic. */
  readonly topic: ITopic;
  /** Runs to watch. @default - none */
  readonly scheduled?: IScheduledAnalyses;
  /** Errors and age of deliveries to watch. @default - none */
  readonly deliveryCheck?: IDeliveryCheck;
  /** Log groups of Standard class whose records are counted as they arrive. @default - none */
  readonly logGroups?: readonly RecordsLogGroup[];
  /** Its hours are watched. @default - none */
  readonly lake?: IFlowLogLake;
  /** Its runs are watched. @default - none */
  readonly relations?: IFlowRelations;
  /** Alarms on reports that were not written. @default - none */
  readonly dailyReport?: IDailyReport;
  /** An alarm per interface on rejected records, by a query of the log group (CloudWatch log alarms). @default false */
  readonly alarmPerInterface?: boolean;
  /** By name: other thresholds; false switches an alarm off. @default - all on */
  readonly alarms?: Readonly<Partial<Record<AlarmName, AlarmOptions | false>>>;
  /** Whether there is a dashboard. @default true */
  readonly dashboard?: boolean;
  /** Name of the dashboard in CloudWatch. @default - CloudFormation makes one */
  readonly dashboardName?: string;
  /** Reports over S3 on the dashboard: each view runs their queries. @default - none */
  readonly reports?: DashboardReports;
  /** Questions that the dashboard shows. @default - the analyses that ship with the package */
  readonly catalogue?: Catalogue;
  /** Where docs/runbook.md is published: alarms link to it. @default 'docs/runbook.md' */
  readonly runbookUrl?: string;
}

/** What CloudFormation takes. */
const MAX_WARM_UP_MINUTES = 2880;
const FIVE_MINUTES = Duration.minutes(5);
const QUARTER = Duration.minutes(15);
const HOUR = Duration.hours(1);

/** Alarms on the watch itself, on deliveries and on traffic as it arrives; and a dashboard. */
export class AnalyticsMonitoring extends Construct {
  /** By name, with the schedule or log group behind it: `run-late-rejection-spike`. */
  readonly alarms: ReadonlyMap<string, IAlarm>;
  /** Undefined where `dashboard` is false. */
  readonly dashboard: AnalyticsDashboard | undefined;
  private readonly made = new Map<string, IAlarm>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AnalyticsMonitoringProps,
  ) {
    super(scope, id);
    assertNoProblems(
      this,
      Object.keys(props.alarms ?? {})
        .filter((name) => !Object.hasOwn(ALARMS, name))
        .map((name) => `alarms: got ${JSON.stringify(name)}, expected one of ${Object.keys(ALARMS).join(', ')}`),
    );
    const traffic = (props.logGroups ?? []).map(({ id: name, logGroup, format, encryptionKey }) => ({
      name,
      logGroup,
      format,
      encryptionKey,
      metrics: new TrafficMetrics(this, `Traffic-${name}`, { logGroup, format }),
    }));
    if (props.scheduled !== undefined) this.watchRuns(props.scheduled);
    if (props.deliveryCheck !== undefined) this.watchDeliveries(props.deliveryCheck);
    if (props.lake !== undefined) this.watchLake(props.lake);
    if (props.relations !== undefined) this.watchRelations(props.relations);
    if (props.dailyReport !== undefined)
      this.alarm('report-failed', props.dailyReport.metricErrors({ period: HOUR, statistic: Stats.SUM }));
    for (const { name, logGroup, format, encryptionKey, metrics } of traffic) {
      this.watchTraffic(name, logGroup, metrics);
      if (props.alarmPerInterface === true) this.perInterface({ id: name, logGroup, format, encryptionKey });
    }
    this.alarms = this.made;
    this.dashboard =
      props.dashboard === false
        ? undefined
        : new AnalyticsDashboard(this, 'Dashboard', {
            traffic,
            alarms: [...this.made.values()],
            ...present({
              deliveryCheck: props.deliveryCheck,
              scheduled: props.scheduled,
              reports: props.reports,
              catalogue: props.catalogue,
              dashboardName: props.dashboardName,
            }),
          });
  }

  private watchRuns(scheduled: IScheduledAnalyses): void {
    this.alarm('run-failed', scheduled.metricRunsFailed({ period: FIVE_MINUTES }));
    this.alarm('query-cancelled', scheduled.metricQueriesCancelled({ period: FIVE_MINUTES }));
    this.alarm('run-truncated', scheduled.metricRunsTruncated({ period: FIVE_MINUTES }));
    this.alarm('findings-suppressed', scheduled.metricFindingsSuppressed({ period: Duration.days(1) }));
    this.alarm(
      'dead-letters',
      scheduled.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
    );
    for (const { name, every } of scheduled.runs)
      this.alarm('run-late', scheduled.metricRunsSucceeded({ period: every, schedule: name }), name);
  }

  private watchLake(lake: IFlowLogLake): void {
    this.alarm('lake-failed', lake.metricHoursFailed({ period: HOUR }));
    this.alarm('lake-behind', lake.metricHoursBehind({ period: HOUR }));
    this.alarm('lake-differs', lake.metricHoursDiffering({ period: HOUR }));
  }

  private watchRelations(relations: IFlowRelations): void {
    this.alarm('relations-failed', relations.metricHoursFailed({ period: QUARTER }));
    this.alarm('relations-behind', relations.metricKept({ period: QUARTER }));
  }

  private watchDeliveries(check: IDeliveryCheck): void {
    this.alarm('delivery-failed', check.metricErrors({ period: QUARTER }));
    this.alarm('delivery-stopped', check.metricAge({ period: QUARTER }));
  }

  private watchTraffic(name: string, logGroup: ILogGroup, metrics: ITrafficMetrics): void {
    const incoming = new Metric({
      namespace: 'AWS/Logs',
      metricName: 'IncomingLogEvents',
      statistic: Stats.SUM,
      period: Duration.hours(1),
      dimensionsMap: { LogGroupName: logGroup.logGroupName },
    });
    this.alarm('no-records', incoming, name);
    if (metrics.names.includes('skipped')) this.alarm('records-skipped', metrics.metric('skipped', { period: HOUR }), name);
    if (metrics.names.includes('rejected')) this.unusual('rejections', metrics.metric('rejected'), name);
    if (metrics.names.includes('acceptedBytes')) this.unusual('transfer', metrics.metric('acceptedBytes'), name);
  }

  private optionsOf(name: AlarmName): AlarmOptions | undefined {
    const options = this.props.alarms?.[name];
    return options === false ? undefined : (options ?? {});
  }

  private describe(name: AlarmName, of?: string): string {
    return `${ALARMS[name].title}${of === undefined ? '' : ` (${of})`}. ${ALARMS[name].meaning} Runbook: ${this.props.runbookUrl ?? 'docs/runbook.md'}#${name}`;
  }

  private act<T extends Alarm | CompositeAlarm>(name: AlarmName, alarm: T): T {
    alarm.addAlarmAction(new SnsAction(this.props.topic));
    if (ALARMS[name].lasts) alarm.addOkAction(new SnsAction(this.props.topic));
    return alarm;
  }

  private alarm(name: AlarmName, metric: Metric, of?: string): void {
    const options = this.optionsOf(name);
    if (options === undefined) return;
    const { threshold, comparison, periods, missing } = ALARMS[name];
    const id = of === undefined ? name : `${name}-${of}`;
    const periodMinutes = metric.period.toMinutes();
    const alarm = this.act(
      name,
      new Alarm(this, `Alarm-${id}`, {
        metric,
        alarmDescription: this.describe(name, of),
        comparisonOperator:
          comparison === 'at-least' ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
        threshold: options.threshold ?? threshold,
        evaluationPeriods: periods,
        treatMissingData: missing === 'breaching' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      }),
    );
    // What must come has had no time to come when the stack is new: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
    if (missing === 'breaching' && alarm.node.defaultChild instanceof CfnAlarm)
      alarm.node.defaultChild.warmUpConfiguration = {
        warmUpPeriodDurationInMinutes: Math.min(periods * periodMinutes + 120, MAX_WARM_UP_MINUTES),
      };
    this.made.set(id, alarm);
  }

  /** A floor and an anomaly band, both: a quiet night has a narrow band and must not ring. */
  private unusual(name: 'rejections' | 'transfer', metric: Metric, of: string): void {
    const options = this.optionsOf(name);
    if (options === undefined) return;
    const id = `${name}-${of}`;
    const { threshold, periods } = ALARMS[name];
    const part = (what: string) => `Part of the alarm ${name}: ${what}. Only the composite alarm has actions.`;
    const floor = new Alarm(this, `Floor-${id}`, {
      metric,
      alarmDescription: part('above a floor'),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: options.threshold ?? threshold,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const band = new AnomalyDetectionAlarm(this, `Band-${id}`, {
      metric,
      alarmDescription: part('above what is expected at this time of day and week'),
      comparisonOperator: ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD,
      stdDevs: options.bandWidth ?? 4,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.made.set(
      id,
      this.act(
        name,
        new CompositeAlarm(this, `Alarm-${id}`, {
          alarmRule: AlarmRule.allOf(AlarmRule.fromAlarm(floor, AlarmState.ALARM), AlarmRule.fromAlarm(band, AlarmState.ALARM)),
          alarmDescription: this.describe(name, of),
        }),
      ),
    );
  }

  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-log.html */
  private perInterface({ id: name, logGroup, format, encryptionKey }: RecordsLogGroup): void {
    const options = this.optionsOf('rejections-by-interface');
    if (options === undefined) return;
    if (!hasType(this, CfnLogAlarm.CFN_RESOURCE_TYPE_NAME)) {
      warn(
        this,
        'NoLogAlarms',
        `alarmPerInterface is ignored: CloudFormation does not support ${CfnLogAlarm.CFN_RESOURCE_TYPE_NAME} in ${Stack.of(this).region}`,
      );
      return;
    }
    const stack = Stack.of(this);
    const role = new Role(this, `LogAlarmRole-${name}`, {
      assumedBy: new ServicePrincipal('logs.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': stack.account } } }),
      description: 'Runs the query of a log alarm (flow-log-analytics)',
    });
    const allow = (actions: string[], resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
    allow(['logs:StartQuery'], [logGroup.logGroupArn]);
    // These name no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
    allow(['logs:DescribeLogGroups', 'logs:GetQueryResults', 'logs:StopQuery'], ['*']);
    encryptionKey?.grant(role, 'kms:Decrypt', 'kms:DescribeKey');
    const { threshold, periods } = ALARMS['rejections-by-interface'];
    const alarm = new CfnLogAlarm(this, `Alarm-rejections-by-interface-${name}`, {
      alarmDescription: this.describe('rejections-by-interface', name),
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      threshold: options.threshold ?? threshold,
      queryResultsToEvaluate: periods,
      queryResultsToAlarm: periods,
      treatMissingData: 'notBreaching',
      alarmActions: [this.props.topic.topicArn],
      scheduledQueryConfiguration: {
        logGroupIdentifiers: [logGroup.logGroupName],
        queryString: `${insightsParsePrefix(format)}filter action = "REJECT"`,
        aggregationExpression: 'count(*) by interfaceId',
        scheduledQueryRoleArn: role.roleArn,
        // Records come late: the window ends ten minutes ago.
        scheduleConfiguration: { scheduleExpression: 'rate(10 minutes)', startTimeOffset: 1200, endTimeOffset: 600 },
      },
    });
    // It is made by running its query: with the role's policy, not before it.
    alarm.node.addDependency(role);
  }
}
