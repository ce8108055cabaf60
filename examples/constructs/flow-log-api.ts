import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { FlowLogApi } from 'flow-log-analytics/constructs';
import { records, workgroup } from './parts/other-stack';

/** DescribeFlowLog over the records of another stack, for a role of the network team. */
export class FlowLogApiExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const api = new FlowLogApi(this, 'Api', {
      view: records(this),
      workgroup: workgroup(this),
      timeZone: 'Europe/Berlin',
      maxWindow: Duration.hours(1),
      accessLog: 'account-has-role',
    });
    api.grantDescribe(new Role(this, 'NetworkTeam', { assumedBy: new AccountRootPrincipal() }));
  }
}
