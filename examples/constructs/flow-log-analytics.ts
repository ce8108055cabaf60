import { Stack, type StackProps } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { FlowLogAnalytics, FlowLogScope } from 'flow-log-analytics/constructs';

/** All of it for one VPC: flow log, tables, questions, detections, alarms and dashboard. */
export class FlowLogAnalyticsExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const flowLogs = new FlowLogAnalytics(this, 'FlowLogs', {
      definitions: [{ id: 'vpc', scope: FlowLogScope.vpcId('vpc-0123456789abcdef0') }],
      watch: { notifications: { emails: ['security@example.com'] } },
    });
    flowLogs.grantRunQueries(new Role(this, 'Analyst', { assumedBy: new AccountRootPrincipal() }));
  }
}
