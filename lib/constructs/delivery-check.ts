import { Duration, Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import { layoutName } from '../flow-log/layout';
import type { IFlowLogDefinition, LogLocation } from './flow-log-definition';
import { FunctionSchedules } from './function-schedules';
import { withoutLateValues } from './late-values';
import { foldersOf, listingMemory } from './listing-memory';
import { stackMetric, WORST } from './run-metric';
import { TaskFunction } from './task-function';

/** Where a flow log's objects are looked for. */
export interface CheckedLocation {
  /** Holds the objects. */
  readonly bucket: IBucket;
  /** Folder and layout of the objects. */
  readonly location: LogLocation;
  /** Accounts whose folders are listed. */
  readonly accounts: readonly string[];
  /** Regions whose folders are listed. */
  readonly regions: readonly string[];
}

export interface DeliveryCheckProps {
  /** Flow logs of this account and Region, whose errors are looked for. */
  readonly definitions: readonly IFlowLogDefinition[];
  /** Where the newest object is looked for. */
  readonly locations: readonly CheckedLocation[];
}

/** A check of deliveries that a stack runs. */
export interface IDeliveryCheck extends IConstruct {
  /** Flow logs that report errors. */
  metricErrors(options?: MetricOptions): Metric;
  /** Age of the newest object, in seconds: of the location whose newest is the oldest. */
  metricAge(options?: MetricOptions): Metric;
}

abstract class CheckBase extends Construct implements IDeliveryCheck {
  constructor(
    scope: Construct,
    id: string,
    private readonly stackName: string,
  ) {
    super(scope, id);
  }

  metricErrors(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'deliveryErrors', WORST, options);
  }

  metricAge(options?: MetricOptions): Metric {
    return stackMetric(this.stackName, 'deliveryAge', WORST, options);
  }
}

class ImportedCheck extends CheckBase {}

/** Checks every quarter of an hour whether flow logs report errors, and the age of the newest object. */
export class DeliveryCheck extends CheckBase {
  /** The check of another stack. */
  static fromStackName(scope: Construct, id: string, stackName: string): IDeliveryCheck {
    return new ImportedCheck(scope, id, stackName);
  }

  /** Runs the check. */
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: DeliveryCheckProps) {
    super(scope, id, Stack.of(scope).stackName);
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
