import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DailyReport } from 'flow-log-analytics/constructs';
import { notifications, records, scheduled, workgroup } from './parts/other-stack';

/** A report of each day for the findings of another stack, with named networks. */
export class DailyReportExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    new DailyReport(this, 'Report', {
      view: records(this),
      workgroup: workgroup(this),
      scheduled: scheduled(this),
      topic: notifications(this).topic,
      groups: [{ name: 'office', networks: ['203.0.113.0/24'] }],
    });
  }
}
