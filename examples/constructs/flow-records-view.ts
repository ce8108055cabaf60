import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FlowRecordsView } from 'flow-log-analytics/constructs';
import { table } from './parts/other-stack';

/** A view over a table of another stack, under a name of its own. */
export class FlowRecordsViewExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const vpc = table(this);
    new FlowRecordsView(this, 'NetworkRecords', { database: vpc.database, viewName: 'network_records', tables: [vpc] });
  }
}
