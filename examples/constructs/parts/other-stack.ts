/** What another stack of the account made, imported by name: the other examples use it. */
import { Duration } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import {
  AnalysisWorkgroup,
  FindingNotifications,
  FlowLogDatabase,
  FlowLogTable,
  FlowRecordsView,
  FlowRelations,
  type IAnalysisWorkgroup,
  type IFindingNotifications,
  type IFlowLogDatabase,
  type IFlowLogTable,
  type IFlowRecordsView,
  type IFlowRelations,
  type IScheduledAnalyses,
  parseFormat,
  ScheduledAnalyses,
} from 'flow-log-analytics/constructs';

const OTHER_STACK = 'FlowLogs';

export const workgroup = (scope: Construct): IAnalysisWorkgroup => AnalysisWorkgroup.fromWorkgroupName(scope, 'Workgroup', OTHER_STACK);

export const database = (scope: Construct): IFlowLogDatabase => FlowLogDatabase.fromDatabaseName(scope, 'Database', 'flow_logs');

/** Hourly Parquet files below `vpc/`, of two accounts. */
export const table = (scope: Construct): IFlowLogTable =>
  FlowLogTable.fromAttributes(scope, 'Table', {
    database: database(scope),
    tableName: 'vpc',
    bucket: Bucket.fromBucketName(scope, 'Logs', 'company-flow-logs'),
    location: {
      prefix: 'vpc',
      format: parseFormat('recommended'),
      fileFormat: 'parquet',
      layout: { hive: false, hourly: true },
    },
    accounts: ['111122223333', '444455556666'],
    regions: ['eu-central-1'],
  });

/** The view `flow_records` over it. */
export function records(scope: Construct): IFlowRecordsView {
  const vpc = table(scope);
  return FlowRecordsView.fromAttributes(scope, 'Records', { database: vpc.database, tables: [vpc] });
}

export const relations = (scope: Construct, of: IFlowLogDatabase): IFlowRelations =>
  FlowRelations.fromAttributes(scope, 'Relations', {
    stackName: OTHER_STACK,
    database: of,
    storage: { bucket: Bucket.fromBucketName(scope, 'RelationFiles', 'company-flow-relations'), prefix: 'relations' },
  });

export const notifications = (scope: Construct): IFindingNotifications =>
  FindingNotifications.fromAttributes(scope, 'Notifications', {
    topic: Topic.fromTopicArn(scope, 'Topic', 'arn:aws:sns:eu-central-1:111122223333:security'),
  });

/** Detections that run there, for reports and alarms here. */
export const scheduled = (scope: Construct): IScheduledAnalyses =>
  ScheduledAnalyses.fromAttributes(scope, 'Scheduled', {
    stackName: OTHER_STACK,
    table: Table.fromTableName(scope, 'Findings', 'FlowLogs-Findings'),
    deadLetterQueue: Queue.fromQueueArn(scope, 'DeadLetters', 'arn:aws:sqs:eu-central-1:111122223333:FlowLogs-DeadLetters'),
    logGroup: LogGroup.fromLogGroupName(scope, 'RunLog', '/flow-logs/runs'),
    runs: [{ name: 'rejection-spike', every: Duration.hours(1) }],
  });
