import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FlowLogBucket } from 'flow-log-analytics/constructs';

/** A bucket that the accounts of an organisation deliver to, under a key of its own. */
export class FlowLogBucketExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    new FlowLogBucket(this, 'Bucket', {
      organizationId: 'o-a1b2c3d4e5',
      customerManagedKey: true,
      transitionAfter: Duration.days(60),
      expireAfter: Duration.days(730),
    });
  }
}
