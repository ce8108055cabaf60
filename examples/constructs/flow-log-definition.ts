import { Stack, type StackProps } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { FlowLogBucket, FlowLogDefinition, FlowLogDestination, FlowLogScope } from 'flow-log-analytics/constructs';

/** A flow log of a VPC that delivers to the bucket of a central account. */
export class FlowLogDefinitionExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const archive = FlowLogBucket.fromBucket(this, 'Archive', Bucket.fromBucketName(this, 'Bucket', 'company-flow-logs'));
    new FlowLogDefinition(this, 'Vpc', {
      scope: FlowLogScope.vpcId('vpc-0123456789abcdef0'),
      destination: FlowLogDestination.bucket(archive, { prefix: 'vpc' }),
      tags: { team: 'network' },
    });
  }
}
