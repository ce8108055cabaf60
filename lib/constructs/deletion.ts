import { CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { warn } from './problems';

/** The second key: `-c flow-log-analytics:deleteData=true`. */
export const DELETE_DATA_CONTEXT = 'flow-log-analytics:deleteData';

/**
 * Data outlives the stack, but not its failed first deployment: what a rolled-back creation left behind would hold the name that
 * the next attempt needs. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
 */
export const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** Data is deleted with the stack only if the property **and** the context say so. */
export function twoKeyRemoval(construct: Construct, wanted: RemovalPolicy | undefined): RemovalPolicy {
  if (wanted !== RemovalPolicy.DESTROY) return KEPT;
  const context: unknown = construct.node.tryGetContext(DELETE_DATA_CONTEXT);
  if (context === true || context === 'true') return RemovalPolicy.DESTROY;
  warn(
    construct,
    'DataIsKept',
    `removalPolicy is DESTROY, but the data is kept: to delete it with the stack also pass -c ${DELETE_DATA_CONTEXT}=true`,
  );
  return KEPT;
}

/** The CDK's function that empties buckets is x86 by default: arm64 does the same for less. */
export function emptyOnArm(construct: Construct): void {
  const handler = Stack.of(construct).node.tryFindChild('Custom::S3AutoDeleteObjectsCustomResourceProvider')?.node.tryFindChild('Handler');
  if (handler instanceof CfnResource) handler.addPropertyOverride('Architectures', ['arm64']);
}
