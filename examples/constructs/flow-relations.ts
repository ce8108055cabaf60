import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { FlowRelations } from 'flow-log-analytics/constructs';
import { table } from './parts/other-stack';

/** Relations that detections read instead of records, in a bucket that forgets them. */
export class FlowRelationsExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const vpc = table(this);
    new FlowRelations(this, 'Relations', {
      database: vpc.database,
      tables: [vpc],
      storage: { bucket: Bucket.fromBucketName(this, 'Files', 'company-flow-relations'), prefix: 'relations' },
      history: Duration.days(7),
    });
  }
}
