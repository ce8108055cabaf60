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
import type { METRICS } from '../finding/names';
import type { Format } from '../flow-log/format';
import type { AnalysisWorkgroup } from './analysis-workgroup';
import { AnalyticsDashboard } from './analytics-dashboard';
import type { DeliveryCheck } from './delivery-check';
import type { DailyReport } from './daily-report';
import type { FlowLogLake } from './flow-log-lake';
import type { FlowRelations } from './flow-relations';
import type { IFlowRecordsView } from './flow-records-view';
import { present } from './present';
import { assertNoProblems, warn } from './problems';
import { hasType } from './region-support';
import { runMetric } from './run-metric';
import type { ScheduledAnalyses } from './scheduled-analyses';
import { TrafficMetrics } from './traffic-metrics';

/** A log group with records of a known format. */
export interface RecordsLogGroup {
  /** Construct id; names its metrics. */
  readonly id: string;
  readonly logGroup: ILogGroup;
  readonly format: Format;
  /** Key that the group is encrypted with. @default - encrypted by CloudWatch Logs */
  readonly encryptionKey?: IKey | undefined;
}

export interface AlarmOptions {
  /** @default - see docs/runbook.md */
  readonly threshold?: number;
  /** Of the traffic alarms: standard deviations of the anomaly band. @default 4 */
  readonly bandWidth?: number;
}

export interface AnalyticsMonitoringProps {
  /** Every alarm notifies this topic. */
  readonly topic: ITopic;
  /** Runs to watch. @default - none */
  readonly scheduled?: ScheduledAnalyses;
  /** @default - none */
  readonly deliveryCheck?: DeliveryCheck;
  /** Log groups of Standard class whose records are counted as they arrive. @default - none */
  readonly logGroups?: readonly RecordsLogGroup[];
  /** Its hours are watched. @default - none */
  readonly lake?: FlowLogLake;
  /** Its runs are watched. @default - none */
  readonly relations?: FlowRelations;
  /** Alarms on reports that were not written. @default - none */
  readonly dailyReport?: DailyReport;
  /** An alarm per interface on rejected records, by a query of the log group (CloudWatch log alarms). @default false */
  readonly alarmPerInterface?: boolean;
  /** By name: other thresholds; false switches an alarm off. @default - all on */
  readonly alarms?: Readonly<Partial<Record<AlarmName, AlarmOptions | false>>>;
  /** @default true */
  readonly dashboard?: boolean;
  /** @default - CloudFormation makes one */
  readonly dashboardName?: string;
  /** Reports over S3 on the dashboard: each view runs their queries. @default - none */
  readonly reports?: { readonly view: IFlowRecordsView; readonly workgroup: AnalysisWorkgroup };
  /** @default - the analyses that ship with the package */
  readonly catalogue?: Catalogue;
  /** @default 'docs/runbook.md' */
  readonly runbookUrl?: string;
}

/** What CloudFormation takes. */
const MAX_WARM_UP_MINUTES = 2880;
const FIVE_MINUTES = Duration.minutes(5);

/** Alarms on the watch itself, on deliveries and on traffic as it arrives; and a dashboard. */
export class AnalyticsMonitoring extends Construct {
  readonly alarms: ReadonlyMap<string, IAlarm>;
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
    if (props.deliveryCheck !== undefined) this.watchDeliveries();
    if (props.lake !== undefined) this.watchLake();
    if (props.relations !== undefined) this.watchRelations();
    if (props.dailyReport !== undefined)
      this.alarm('report-failed', props.dailyReport.function.metricErrors({ period: Duration.hours(1), statistic: 'Sum' }));
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
            deliveries: props.deliveryCheck !== undefined,
            ...present({
              scheduled: props.scheduled,
              reports: props.reports,
              catalogue: props.catalogue,
              dashboardName: props.dashboardName,
            }),
          });
  }

  private watchRuns(scheduled: ScheduledAnalyses): void {
    const metric = (name: keyof typeof METRICS, period: Duration, dimensions: Record<string, string> = {}) =>
      runMetric(this, name, { period, statistic: Stats.SUM, dimensions });
    this.alarm('run-failed', metric('failed', FIVE_MINUTES));
    this.alarm('query-cancelled', metric('cancelledByLimit', FIVE_MINUTES));
    this.alarm('run-truncated', metric('truncated', FIVE_MINUTES));
    this.alarm('findings-suppressed', metric('suppressed', Duration.days(1)));
    this.alarm(
      'dead-letters',
      scheduled.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
    );
    for (const { name, every } of scheduled.runs) this.alarm('run-late', metric('succeeded', every, { Schedule: name }), name);
  }

  private watchLake(): void {
    const metric = (name: keyof typeof METRICS, period: Duration) => runMetric(this, name, { period, statistic: Stats.MAXIMUM });
    this.alarm('lake-failed', metric('lakeFailed', Duration.hours(1)));
    this.alarm('lake-behind', metric('lakeBehind', Duration.hours(1)));
    this.alarm('lake-differs', metric('lakeDiffering', Duration.hours(1)));
  }

  private watchRelations(): void {
    const metric = (name: keyof typeof METRICS, period: Duration) => runMetric(this, name, { period, statistic: Stats.MAXIMUM });
    this.alarm('relations-failed', metric('relationsFailed', Duration.minutes(15)));
    this.alarm('relations-behind', metric('relationsKept', Duration.minutes(15)));
  }

  private watchDeliveries(): void {
    const metric = (name: keyof typeof METRICS) => runMetric(this, name, { period: Duration.minutes(15), statistic: Stats.MAXIMUM });
    this.alarm('delivery-failed', metric('deliveryErrors'));
    this.alarm('delivery-stopped', metric('deliveryAge'));
  }

  private watchTraffic(name: string, logGroup: ILogGroup, metrics: TrafficMetrics): void {
    const incoming = new Metric({
      namespace: 'AWS/Logs',
      metricName: 'IncomingLogEvents',
      statistic: Stats.SUM,
      period: Duration.hours(1),
      dimensionsMap: { LogGroupName: logGroup.logGroupName },
    });
    this.alarm('no-records', incoming, name);
    if (metrics.names.includes('skipped')) this.alarm('records-skipped', metrics.metric('skipped', Duration.hours(1)), name);
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
