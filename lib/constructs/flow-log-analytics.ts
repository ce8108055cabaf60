import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { AnalysisWorkgroup } from './analysis-workgroup';
import type { AnalyticsMonitoring } from './analytics-monitoring';
import type { DailyReport } from './daily-report';
import type { DeliveryCheck } from './delivery-check';
import type { FindingNotifications } from './finding-notifications';
import type { FlowLogApi } from './flow-log-api';
import type { FlowLogBucket } from './flow-log-bucket';
import type { FlowLogDatabase } from './flow-log-database';
import type { FlowLogDefinition } from './flow-log-definition';
import type { FlowLogLake } from './flow-log-lake';
import type { FlowLogTable } from './flow-log-table';
import type { FlowRecordsView } from './flow-records-view';
import type { FlowRelations } from './flow-relations';
import { present } from './present';
import { makeQuestions, type QuestionsProps } from './questions';
import type { SavedAnalyses } from './saved-analyses';
import type { ScheduledAnalyses } from './scheduled-analyses';
import { makeStorage, type StorageProps } from './storage';
import { makeWatch, type WatchProps } from './watch';

export interface FlowLogAnalyticsProps extends StorageProps, QuestionsProps {
  /** Scheduled detections, notifications, alarms and a dashboard. False: questions are only saved. @default - enabled */
  readonly watch?: WatchProps | false;
}

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
    const { catalogue, profiles } = props;
    const watch = props.watch ?? {};
    const storage = makeStorage(this, props);
    const questions = makeQuestions(this, props, storage, watch !== false);
    const watched = watch === false ? undefined : makeWatch(this, watch, { storage, questions, options: present({ catalogue, profiles }) });
    ({
      definitions: this.definitions,
      bucket: this.bucket,
      database: this.database,
      tables: this.tables,
      records: this.records,
      transitGatewayRecords: this.transitGatewayRecords,
      lake: this.lake,
    } = storage);
    ({ workgroup: this.workgroup, relations: this.relations, savedAnalyses: this.savedAnalyses, api: this.api } = questions);
    this.notifications = watched?.notifications;
    this.scheduled = watched?.scheduled;
    this.monitoring = watched?.monitoring;
    this.deliveryCheck = watched?.deliveryCheck;
    this.dailyReport = watched?.dailyReport;
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
