import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FlowLogDatabase } from 'flow-log-analytics/constructs';

/** A database of its own for flow logs. */
export class FlowLogDatabaseExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    new FlowLogDatabase(this, 'Database', { databaseName: 'network' });
  }
}
