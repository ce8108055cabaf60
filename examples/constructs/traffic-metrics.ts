import { Stack, type StackProps } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { parseFormat, TrafficMetrics } from 'flow-log-analytics/constructs';

/** Counts of rejected records of a log group, as they arrive. */
export class TrafficMetricsExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const metrics = new TrafficMetrics(this, 'Traffic', {
      logGroup: LogGroup.fromLogGroupName(this, 'Records', '/vpc/flow-logs'),
      format: parseFormat('recommended'),
    });
    metrics.metric('rejected').createAlarm(this, 'Rejected', { threshold: 10_000, evaluationPeriods: 3 });
  }
}
