import { Lazy, Stack } from 'aws-cdk-lib';
import { CfnLogGroup, type ILogGroup, LogGroupClass } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { AnalyticsMonitoring, type AnalyticsMonitoringProps } from './analytics-monitoring';
import { consoleOf } from './console';
import { DailyReport, type DailyReportProps } from './daily-report';
import { DeliveryCheck } from './delivery-check';
import { FindingNotifications, type FindingNotificationsProps } from './finding-notifications';
import { present } from './present';
import { FlowLogConfigurationError, warn } from './problems';
import type { Questions, QuestionsProps } from './questions';
import { ScheduledAnalyses, type ScheduledAnalysesProps } from './scheduled-analyses';
import type { Storage } from './storage';

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

export interface Watch {
  readonly notifications: FindingNotifications;
  /** Undefined without records to run detections on. */
  readonly scheduled: ScheduledAnalyses | undefined;
  readonly dailyReport: DailyReport | undefined;
  readonly deliveryCheck: DeliveryCheck;
  readonly monitoring: AnalyticsMonitoring;
}

/** What a watch reads, and the questions that it runs. */
interface Watched {
  readonly storage: Storage;
  readonly questions: Questions;
  readonly options: Pick<QuestionsProps, 'catalogue' | 'profiles'>;
}

export function makeWatch(scope: Construct, props: WatchProps, watched: Watched): Watch {
  const notifications = new FindingNotifications(scope, 'Notifications', props.notifications);
  // The report reads the findings, the messages link to the report: one of them is made after the other.
  const report: { made?: DailyReport } = {};
  const reportsUrl = Lazy.string({ produce: () => report.made?.consoleUrl ?? '' });
  const scheduled = schedule(scope, props, watched, notifications, props.dailyReport === undefined ? undefined : reportsUrl);
  const dailyReport = props.dailyReport === undefined ? undefined : makeReport(scope, props.dailyReport, watched, scheduled, notifications);
  if (dailyReport !== undefined) report.made = dailyReport;
  const { definitions, locations } = watched.storage;
  const deliveryCheck = new DeliveryCheck(scope, 'DeliveryCheck', { definitions, locations });
  const parts = { notifications, scheduled, dailyReport, deliveryCheck };
  return { ...parts, monitoring: monitor(scope, props, watched, parts) };
}

function schedule(
  scope: Construct,
  watch: WatchProps,
  { storage: { records, logGroups }, questions: { workgroup, relations }, options: { catalogue, profiles } }: Watched,
  notifications: FindingNotifications,
  reportsUrl: string | undefined,
): ScheduledAnalyses | undefined {
  const [logs, ...more] = logGroups;
  if (records === undefined && logs === undefined) return undefined;
  if (records === undefined && more.length > 0)
    warn(
      scope,
      'LogGroupsNotScheduled',
      `schedules run over ${logs?.id ?? ''} only; ${more.map(({ id }) => id).join(', ')}: add a separate ScheduledAnalyses for them, or deliver to S3`,
    );
  return new ScheduledAnalyses(scope, 'Schedules', {
    notifications,
    ...(records === undefined || workgroup === undefined ? {} : { view: records, workgroup }),
    ...(logs === undefined ? {} : { logGroup: logs.logGroup, logGroupFormat: logs.format }),
    ...present({ catalogue, profiles, runbookUrl: watch.runbookUrl, relations, reportsUrl }),
    ...(watch.monitoring?.dashboard === false ? {} : { dashboardUrl: dashboardUrl(scope) }),
    ...watch.schedules,
  });
}

function makeReport(
  scope: Construct,
  { notify, ...rest }: DailyReportOptions,
  { storage: { records }, questions: { workgroup, relations }, options: { catalogue } }: Watched,
  scheduled: ScheduledAnalyses | undefined,
  { topic }: FindingNotifications,
): DailyReport {
  if (records === undefined || workgroup === undefined || scheduled === undefined)
    throw new FlowLogConfigurationError(`${scope.node.path}: dailyReport: no logs are in S3, so there is no table to report on`);
  return new DailyReport(scope, 'DailyReport', {
    view: records,
    workgroup,
    scheduled,
    ...present({ topic: notify === false ? undefined : topic, catalogue, relations }),
    ...rest,
  });
}

function monitor(
  scope: Construct,
  watch: WatchProps,
  { storage: { records, lake, logGroups }, questions: { workgroup, relations }, options: { catalogue } }: Watched,
  { notifications, deliveryCheck, scheduled, dailyReport }: Omit<Watch, 'monitoring'>,
): AnalyticsMonitoring {
  return new AnalyticsMonitoring(scope, 'Monitoring', {
    topic: notifications.topic,
    deliveryCheck,
    logGroups: logGroups.filter(({ logGroup }) => hasMetricFilters(logGroup)),
    dashboardName: dashboardName(scope),
    ...present({ scheduled, lake, relations, dailyReport, catalogue, runbookUrl: watch.runbookUrl }),
    ...(records === undefined || workgroup === undefined || watch.reportsOnDashboard === false
      ? {}
      : { reports: { view: records, workgroup } }),
    ...watch.monitoring,
  });
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
