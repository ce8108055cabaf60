import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FindingNotifications } from 'flow-log-analytics/constructs';

/** A topic for people and one for chat, whose messages show the time of Berlin. */
export class FindingNotificationsExample extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    new FindingNotifications(this, 'Notifications', {
      emails: ['security@example.com'],
      chat: true,
      digestAbove: 10,
      timeZone: 'Europe/Berlin',
    });
  }
}
