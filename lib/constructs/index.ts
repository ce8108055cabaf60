export { AnalysisWorkgroup, type AnalysisWorkgroupProps } from './analysis-workgroup';
export { AnalyticsDashboard, type AnalyticsDashboardProps, type DashboardTraffic } from './analytics-dashboard';
export { type AlarmOptions, AnalyticsMonitoring, type AnalyticsMonitoringProps, type RecordsLogGroup } from './analytics-monitoring';
export { DailyReport, type DailyReportProps } from './daily-report';
export { type CheckedLocation, DeliveryCheck, type DeliveryCheckProps } from './delivery-check';
export { FindingNotifications, type FindingNotificationsProps } from './finding-notifications';
export { type ScheduledAnalysesProps, ScheduledAnalyses, type ScheduledRun, type ScheduleOptions } from './scheduled-analyses';
export { TrafficMetrics, type TrafficMetricsProps } from './traffic-metrics';
export { DELETE_DATA_CONTEXT } from './deletion';
export {
  type AnalyticsDefinition,
  type ExistingLogs,
  FlowLogAnalytics,
  type FlowLogAnalyticsProps,
  type ApiProps,
  type DailyReportOptions,
  type LakeProps,
  type WatchProps,
} from './flow-log-analytics';
export { FlowLogAnalyticsStack, type FlowLogAnalyticsStackProps } from './flow-log-analytics-stack';
export { FlowLogApi, type FlowLogApiProps } from './flow-log-api';
export { FlowLogBucket, type FlowLogBucketProps } from './flow-log-bucket';
export { FlowLogDatabase, type FlowLogDatabaseProps } from './flow-log-database';
export {
  FlowLogDefinition,
  type FlowLogDefinitionProps,
  type LogLocation,
  type RetiredFormat,
  type TagFieldSpecification,
} from './flow-log-definition';
export {
  type BoundDestination,
  type CloudWatchLogsDestinationProps,
  type FirehoseDestinationProps,
  FlowLogDestination,
  type S3DestinationProps,
} from './flow-log-destination';
export { FlowLogScope } from './flow-log-scope';
export { FlowLogTable, type FlowLogTableProps } from './flow-log-table';
export { FlowLogLake, type FlowLogLakeProps } from './flow-log-lake';
export { FlowRelations, type FlowRelationsProps } from './flow-relations';
export { IbmFlowLogs, type IbmFlowLogsProps } from './ibm-flow-logs';
export { FlowRecordsView, type FlowRecordsViewProps, type IFlowRecordsView, type LakeStorage } from './flow-records-view';
export { FlowLogConfigurationError } from './problems';
export { type AnalysisProfile, type AnalysisTargetProps, SavedAnalyses, type SavedAnalysesProps } from './saved-analyses';
export { type Config, ConfigError, configFromContext, configSchema, parseConfig } from '../config';
