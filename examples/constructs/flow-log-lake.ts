import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { FlowLogLake, FlowRecordsView } from 'flow-log-analytics/constructs';
import { table } from './parts/other-stack';

/** Hours of two accounts compacted into one sorted file each; the view reads them where they are complete. */
export class FlowLogLakeExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const vpc = table(this);
    const view = new FlowRecordsView(this, 'LakeRecords', {
      database: vpc.database,
      viewName: 'lake_records',
      tables: [vpc],
      lake: { bucket: Bucket.fromBucketName(this, 'Files', 'company-lake'), prefix: 'lake' },
    });
    const lake = new FlowLogLake(this, 'Lake', { view, firstHours: 48 });
    lake.metricHoursBehind({ period: Duration.hours(1) }).createAlarm(this, 'Behind', { threshold: 6, evaluationPeriods: 2 });
  }
}
