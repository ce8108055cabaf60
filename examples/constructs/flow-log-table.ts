import { Stack, type StackProps } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { FlowLogTable, parseFormat } from 'flow-log-analytics/constructs';
import { database } from './parts/other-stack';

/** A table over text files that flow logs of another team deliver. */
export class FlowLogTableExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    new FlowLogTable(this, 'Table', {
      database: database(this),
      tableName: 'legacy',
      bucket: Bucket.fromBucketName(this, 'Bucket', 'legacy-flow-logs'),
      location: {
        prefix: '',
        format: parseFormat('default'),
        fileFormat: 'text',
        layout: { hive: false, hourly: false },
      },
      regions: ['eu-central-1', 'eu-west-1'],
      since: '2026-01-01',
    });
  }
}
