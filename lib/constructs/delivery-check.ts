import { Duration, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { layoutName } from '../flow-log/layout';
import type { FlowLogDefinition, LogLocation } from './flow-log-definition';
import { FunctionSchedules } from './function-schedules';
import { withoutLateValues } from './late-values';
import { foldersOf, listingMemory } from './listing-memory';
import { TaskFunction } from './task-function';

/** Where a flow log's objects are looked for. */
export interface CheckedLocation {
  readonly bucket: IBucket;
  readonly location: LogLocation;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

export interface DeliveryCheckProps {
  /** Of this account and Region. */
  readonly definitions: readonly FlowLogDefinition[];
  readonly locations: readonly CheckedLocation[];
}

/** Checks every quarter of an hour whether flow logs report errors, and the age of the newest object. */
export class DeliveryCheck extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: DeliveryCheckProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const { text, tokens } = withoutLateValues(
      props.locations.map(({ bucket, location, accounts, regions }) => ({
        bucket: bucket.bucketName,
        prefix: location.prefix,
        layout: layoutName(location.layout),
        accounts,
        regions,
      })),
    );
    this.function = new TaskFunction(this, 'Function', {
      task: 'check-delivery',
      description: 'Checks that flow logs are delivered',
      files: { 'locations.json': text },
      environment: {
        STACK: stack.stackName,
        FLOW_LOG_IDS: props.definitions.map(({ flowLogId }) => flowLogId).join(','),
        LATE: stack.toJsonString(tokens),
      },
      // An organisation where delivery has stopped is listed to the end.
      timeout: Duration.minutes(10),
      memoryMiB: listingMemory(256, props.locations.map(foldersOf)),
    }).function;
    const allow = (actions: string[], resources: string[], conditions: Record<string, unknown> = {}) =>
      this.function.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources, conditions }));
    // Describing is not limited to a resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    allow(['ec2:DescribeFlowLogs'], ['*']);
    for (const { bucket, location } of props.locations)
      allow(['s3:ListBucket'], [bucket.bucketArn], {
        StringLike: { 's3:prefix': `${location.prefix === '' ? '' : `${location.prefix}/`}AWSLogs/*` },
      });
    new FunctionSchedules(this, 'Schedules', { function: this.function }).add('Schedule', {
      description: 'Checks that flow logs are delivered',
      expression: 'cron(3/15 * * * ? *)',
      retries: 2,
      maxAgeSeconds: 600,
    });
  }
}
