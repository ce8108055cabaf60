import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface FunctionSchedulesProps {
  readonly function: IFunction;
  /** Takes inputs that the function could not be given. @default - they are dropped after the retries */
  readonly deadLetterQueue?: IQueue;
}

export interface FunctionScheduleOptions {
  readonly description: string;
  readonly expression: string;
  /** @default - the scheduler's own */
  readonly input?: string;
  readonly retries: number;
  readonly maxAgeSeconds: number;
}

/** Schedules of one function: a group, and a role that may start this function for this group only. */
export class FunctionSchedules extends Construct {
  private readonly group: CfnScheduleGroup;
  private readonly role: Role;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: FunctionSchedulesProps,
  ) {
    super(scope, id);
    const stack = Stack.of(this);
    this.group = new CfnScheduleGroup(this, 'Group', {});
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'scheduler', resource: 'schedule-group', resourceName: this.group.ref }) },
        },
      }),
      description: 'Starts a function on a schedule (flow-log-analytics)',
    });
    this.role.addToPolicy(
      new PolicyStatement({ effect: Effect.ALLOW, actions: ['lambda:InvokeFunction'], resources: [props.function.functionArn] }),
    );
    if (props.deadLetterQueue !== undefined)
      this.role.addToPolicy(
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['sqs:SendMessage'], resources: [props.deadLetterQueue.queueArn] }),
      );
  }

  add(id: string, { description, expression, input, retries, maxAgeSeconds }: FunctionScheduleOptions): CfnSchedule {
    const { deadLetterQueue } = this.props;
    return new CfnSchedule(this, id, {
      groupName: this.group.ref,
      description,
      flexibleTimeWindow: { mode: 'OFF' },
      scheduleExpression: expression,
      target: {
        arn: this.props.function.functionArn,
        roleArn: this.role.roleArn,
        ...(input === undefined ? {} : { input }),
        ...(deadLetterQueue === undefined ? {} : { deadLetterConfig: { arn: deadLetterQueue.queueArn } }),
        retryPolicy: { maximumRetryAttempts: retries, maximumEventAgeInSeconds: maxAgeSeconds },
      },
    });
  }
}
