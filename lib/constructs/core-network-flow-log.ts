import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import type { CfnFlowLogProps } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { TaskFunction } from './task-function';

export interface CoreNetworkFlowLogProps extends Pick<
  CfnFlowLogProps,
  'logDestination' | 'logDestinationType' | 'deliverLogsPermissionArn' | 'deliverCrossAccountRole'
> {
  /** Of the EC2 API; the type of CloudFormation has none of these. */
  readonly resourceType: string;
  readonly resourceId: string;
  readonly logFormat: string;
  readonly destinationOptions?: Readonly<Record<string, unknown>> | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Flow log of a Cloud WAN scope: made by a function, since `AWS::EC2::FlowLog` does not know them. */
export class CoreNetworkFlowLog extends Construct {
  readonly flowLogId: string;

  constructor(scope: Construct, id: string, props: CoreNetworkFlowLogProps) {
    super(scope, id);
    const maker = Maker.of(this);
    maker.allowDestination(props);
    const resource = new CustomResource(this, 'Resource', {
      serviceToken: maker.function.functionArn,
      resourceType: 'Custom::CoreNetworkFlowLog',
      serviceTimeout: Duration.minutes(5),
      properties: {
        ResourceType: props.resourceType,
        ResourceId: props.resourceId,
        LogFormat: props.logFormat,
        LogDestinationType: props.logDestinationType,
        LogDestination: props.logDestination,
        DeliverLogsPermissionArn: props.deliverLogsPermissionArn,
        DeliverCrossAccountRole: props.deliverCrossAccountRole,
        DestinationOptions: props.destinationOptions,
        Tags: Object.entries(props.tags).map(([Key, Value]) => ({ Key, Value })),
      },
    });
    resource.node.addDependency(maker);
    this.flowLogId = resource.ref;
  }
}

/** The function, one per stack. */
class Maker extends Construct {
  static of(scope: Construct): Maker {
    const stack = Stack.of(scope);
    const id = 'CoreNetworkFlowLogs';
    const known = stack.node.tryFindChild(id);
    return known instanceof Maker ? known : new Maker(stack, id);
  }

  readonly function: LambdaFunction;

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    this.function = new TaskFunction(this, 'Function', {
      task: 'core-network-flow-log',
      description: 'Creates and deletes flow logs of Cloud WAN',
      files: {},
      environment: {},
      timeout: Duration.minutes(1),
      memoryMiB: 256,
    }).function;
    const own = Stack.of(this).formatArn({ service: 'ec2', resource: 'vpc-flow-log', resourceName: '*' });
    // Neither a core network nor a delivery is a resource that these can be limited to:
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    this.allow(['ec2:CreateFlowLogs', 'logs:CreateLogDelivery', 'logs:DeleteLogDelivery'], ['*']);
    this.allow(['ec2:DeleteFlowLogs', 'ec2:CreateTags', 'ec2:DeleteTags'], [own]);
  }

  private allow(actions: string[], resources: string[], conditions: Record<string, unknown> = {}): void {
    this.function.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources, conditions }));
  }

  /** Additional permissions of the creator of a flow log: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html, flow-logs-firehose.html */
  allowDestination({ logDestinationType, logDestination, deliverLogsPermissionArn }: CoreNetworkFlowLogProps): void {
    const firehose = logDestinationType === 'kinesis-data-firehose';
    if (deliverLogsPermissionArn !== undefined)
      this.allow(['iam:PassRole'], [deliverLogsPermissionArn as string], {
        StringEquals: { 'iam:PassedToService': firehose ? 'delivery.logs.amazonaws.com' : 'vpc-flow-logs.amazonaws.com' },
      });
    if (!firehose) return;
    this.allow(['firehose:TagDeliveryStream'], [logDestination as string]);
    const { partition, account } = Stack.of(this);
    const service = 'delivery.logs.amazonaws.com';
    this.allow(
      ['iam:CreateServiceLinkedRole'],
      [`arn:${partition}:iam::${account}:role/aws-service-role/${service}/AWSServiceRoleForLogDelivery`],
      { StringEquals: { 'iam:AWSServiceName': service } },
    );
  }
}
