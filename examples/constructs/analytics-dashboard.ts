import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AnalyticsDashboard } from 'flow-log-analytics/constructs';
import { records, scheduled, workgroup } from './parts/other-stack';

/** A dashboard of the findings of another stack, with reports over its records. */
export class AnalyticsDashboardExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    new AnalyticsDashboard(this, 'Dashboard', {
      dashboardName: 'network',
      scheduled: scheduled(this),
      reports: { view: records(this), workgroup: workgroup(this) },
    });
  }
}
