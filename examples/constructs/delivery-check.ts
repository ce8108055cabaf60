import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DeliveryCheck, FlowLogDefinition } from 'flow-log-analytics/constructs';
import { table } from './parts/other-stack';

/** A check of a flow log and of a folder that an account delivers to, with an alarm on its age. */
export class DeliveryCheckExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const { bucket, location, accounts, regions } = table(this);
    const check = new DeliveryCheck(this, 'Check', {
      definitions: [FlowLogDefinition.fromFlowLogId(this, 'FlowLog', 'fl-0123456789abcdef0')],
      locations: [{ bucket, location, accounts, regions }],
    });
    check.metricAge().createAlarm(this, 'Late', { threshold: Duration.hours(2).toSeconds(), evaluationPeriods: 2 });
  }
}
