import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Regions whose CloudFormation lacks a resource type that this stack uses. test/templates compares it with the resource schemas of every Region.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-support.html
 */
export const MISSING_TYPES: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudWatch::LogAlarm': ['cn-north-1', 'cn-northwest-1', 'me-central-1', 'us-gov-east-1', 'us-gov-west-1'],
};

/** Whether the stack can hold such a resource; where the Region is known only at deployment it is hoped for. */
export function hasType(scope: Construct, type: string): boolean {
  const { region } = Stack.of(scope);
  return Token.isUnresolved(region) || MISSING_TYPES[type]?.includes(region) !== true;
}
