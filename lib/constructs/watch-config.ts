import { type NotificationsConfig, readSuppressions, type SchedulesConfig, type WatchConfig, watchOptions } from '../config';
import { parseScope } from '../analysis/scope';
import type { AnalyticsMonitoringProps } from './analytics-monitoring';
import { daysOf, durationOf } from './config-durations';
import type { FindingNotificationsProps } from './finding-notifications';
import type { Imports } from './imports';
import { present } from './present';
import type { DailyReportOptions, WatchProps } from './watch';

export function watchFromConfig(config: WatchConfig, imports: Imports): WatchProps {
  const { notifications, schedules, monitoring } = watchOptions(config);
  const { reportsOnDashboard, runbookUrl, dailyReport } = config;
  return {
    notifications: notificationsFromConfig(notifications, imports),
    schedules: schedulesFromConfig(schedules, imports),
    monitoring: present({ ...monitoring, alarms: alarmsOf(monitoring.alarms) }),
    ...present({
      reportsOnDashboard,
      runbookUrl,
      dailyReport: dailyReport === undefined ? undefined : dailyReportFromConfig(dailyReport, imports),
    }),
  };
}

const notificationsFromConfig = (
  { topicArn, topicKmsKeyArn, eventBusName, ...same }: NotificationsConfig,
  imports: Imports,
): FindingNotificationsProps =>
  present({ ...same, topic: imports.topic(topicArn, topicKmsKeyArn), eventBus: imports.eventBus(eventBusName) });

const schedulesFromConfig = (
  { schedules, listsKmsKeyArn, suppressions, deliveryLag, overlap, ...same }: SchedulesConfig,
  imports: Imports,
): NonNullable<WatchProps['schedules']> =>
  present({
    ...same,
    options: Object.entries(schedules).map(([analysis, { every, scope, ...options }]) => ({
      analysis,
      ...present({ ...options, every: durationOf(every), scope: scope === undefined ? undefined : parseScope(scope) }),
    })),
    suppressions: suppressions === undefined ? undefined : readSuppressions(suppressions),
    listsKey: imports.key('ListsKey', listsKmsKeyArn),
    deliveryLag: durationOf(deliveryLag),
    overlap: durationOf(overlap),
  });

const alarmsOf = (alarms: WatchConfig['alarms']): AnalyticsMonitoringProps['alarms'] =>
  alarms === undefined
    ? undefined
    : Object.fromEntries(Object.entries(alarms).map(([name, options]) => [name, options === false ? false : present(options)]));

const dailyReportFromConfig = (
  { bucket, kmsKeyArn, expireAfterDays, groups, ...same }: NonNullable<WatchConfig['dailyReport']>,
  imports: Imports,
): DailyReportOptions =>
  present({
    ...same,
    bucket: imports.bucketIfNamed('Reports', bucket, kmsKeyArn),
    expireAfter: daysOf(expireAfterDays),
    groups: groups === undefined ? undefined : Object.entries(groups).map(([name, networks]) => ({ name, networks })),
  });
