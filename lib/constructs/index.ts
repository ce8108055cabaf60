export {
  AnalysisWorkgroup,
  type AnalysisWorkgroupAttributes,
  type AnalysisWorkgroupProps,
  type IAnalysisWorkgroup,
} from './analysis-workgroup';
export { AnalyticsDashboard, type AnalyticsDashboardProps, type DashboardReports, type DashboardTraffic } from './analytics-dashboard';
export { type AlarmOptions, AnalyticsMonitoring, type AnalyticsMonitoringProps, type RecordsLogGroup } from './analytics-monitoring';
export { DailyReport, type DailyReportProps, type IDailyReport } from './daily-report';
export { type CheckedLocation, DeliveryCheck, type DeliveryCheckProps, type IDeliveryCheck } from './delivery-check';
export {
  FindingNotifications,
  type FindingNotificationsAttributes,
  type FindingNotificationsProps,
  type IFindingNotifications,
  type MessageOptions,
} from './finding-notifications';
export {
  type IScheduledAnalyses,
  type RunMetricOptions,
  ScheduledAnalyses,
  type ScheduledAnalysesAttributes,
  type ScheduledAnalysesProps,
  type ScheduledDetection,
  type ScheduledRun,
  type ScheduleOptions,
} from './scheduled-analyses';
export {
  type ITrafficMetrics,
  type TrafficMetric,
  TrafficMetrics,
  type TrafficMetricsAttributes,
  type TrafficMetricsProps,
} from './traffic-metrics';
export { DELETE_DATA_CONTEXT } from './deletion';
export { FlowLogAnalytics, type FlowLogAnalyticsProps } from './flow-log-analytics';
export { FlowLogAnalyticsStack, type FlowLogAnalyticsStackProps } from './flow-log-analytics-stack';
export { FlowLogApi, type FlowLogApiProps, type IFlowLogApi } from './flow-log-api';
export { FlowLogBucket, type FlowLogBucketProps, type IFlowLogBucket } from './flow-log-bucket';
export { FlowLogDatabase, type FlowLogDatabaseProps, type IFlowLogDatabase } from './flow-log-database';
export {
  FlowLogDefinition,
  type FlowLogDefinitionProps,
  type IFlowLogDefinition,
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
export { FlowLogTable, type FlowLogTableAttributes, type FlowLogTableProps, type IFlowLogTable } from './flow-log-table';
export { FlowLogLake, type FlowLogLakeProps, type IFlowLogLake } from './flow-log-lake';
export { FlowRelations, type FlowRelationsAttributes, type FlowRelationsProps, type IFlowRelations } from './flow-relations';
export { IbmFlowLogs, type IbmFlowLogsProps } from './ibm-flow-logs';
export { FlowRecordsView, type FlowRecordsViewProps, type IFlowRecordsView, type LakeStorage } from './flow-records-view';
export { FlowLogConfigurationError } from './problems';
export { type ApiProps, type QuestionsProps } from './questions';
export { type AnalyticsDefinition, type ExistingLogs, type LakeProps, type StorageProps } from './storage';
export { type DailyReportOptions, type WatchProps } from './watch';
export { type AnalysisProfile, type AnalysisTargetProps, SavedAnalyses, type SavedAnalysesProps } from './saved-analyses';
export { type Config, ConfigError, configFromContext, configSchema, parseConfig } from '../config';
export { Catalogue } from '../analysis/catalogue';
export type { ParameterValue } from '../analysis/literal';
export { parseScope, type Scope } from '../analysis/scope';
export type { Group } from '../explore/portable';
export type { AlarmName } from '../finding/alarms';
export type { Suppression } from '../finding/suppression';
export type { FileFormat, ScopeName, Traffic } from '../flow-log/definition';
export type { LogKind } from '../flow-log/fields';
export { type Format, parseFormat } from '../flow-log/format';
export type { Layout, Partition } from '../flow-log/layout';
