import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AnalyticsMonitoring, DeliveryCheck, FlowLogLake } from 'flow-log-analytics/constructs';
import { notifications, scheduled } from './parts/other-stack';

/** Alarms on the detections and the lake of another stack, without a dashboard. */
export class AnalyticsMonitoringExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    new AnalyticsMonitoring(this, 'Monitoring', {
      topic: notifications(this).topic,
      scheduled: scheduled(this),
      deliveryCheck: DeliveryCheck.fromStackName(this, 'Check', 'FlowLogs'),
      lake: FlowLogLake.fromStackName(this, 'Lake', 'FlowLogs'),
      alarms: { 'findings-suppressed': { threshold: 500 } },
      dashboard: false,
    });
  }
}
