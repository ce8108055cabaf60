import { Stack, type StackProps } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { IbmFlowLogs, SavedAnalyses } from 'flow-log-analytics/constructs';
import { database, workgroup } from './parts/other-stack';

/** Flow logs of IBM Cloud, copied from Object Storage, and the questions over them. */
export class IbmFlowLogsExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const ibm = new IbmFlowLogs(this, 'Ibm', {
      database: database(this),
      bucket: Bucket.fromBucketName(this, 'Bucket', 'ibm-flow-logs'),
      endpoints: ['account=a1/region=eu-de/vpc-id=v1/subnet-id=s1/endpoint-type=vnics/instance-id=i1/vnic-id=n1'],
      since: '2026-01-01',
    });
    new SavedAnalyses(this, 'Questions', { view: ibm.records, workgroup: workgroup(this), include: ['top-talkers'] });
  }
}
