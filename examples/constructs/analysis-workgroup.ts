import { Duration, Size, Stack, type StackProps } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { AnalysisWorkgroup } from 'flow-log-analytics/constructs';

/** A workgroup with a scan limit that keeps results in a bucket; a role may run questions in it. */
export class AnalysisWorkgroupExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const workgroup = new AnalysisWorkgroup(this, 'Workgroup', {
      workGroupName: 'network-questions',
      scanLimit: Size.gibibytes(20),
      resultsBucket: true,
      resultsExpireAfter: Duration.days(14),
    });
    workgroup.grantRunQueries(new Role(this, 'Analyst', { assumedBy: new AccountRootPrincipal() }));
  }
}
