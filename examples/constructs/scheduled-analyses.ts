import { Duration, Size, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ScheduledAnalyses } from 'flow-log-analytics/constructs';
import { notifications, records, relations, workgroup } from './parts/other-stack';

/** Two detections on a schedule, and an alarm on what their queries scan. */
export class ScheduledAnalysesExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const view = records(this);
    const detections = new ScheduledAnalyses(this, 'Detections', {
      view,
      workgroup: workgroup(this),
      relations: relations(this, view.database),
      notifications: notifications(this),
      include: ['rejection-spike', 'vertical-scan'],
      options: [{ analysis: 'vertical-scan', every: Duration.minutes(30) }],
    });
    detections
      .metricScannedBytes({ period: Duration.days(1) })
      .createAlarm(this, 'Scanned', { threshold: Size.tebibytes(1).toBytes(), evaluationPeriods: 1 });
  }
}
