import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { OpenIncident } from '../join-incident';
import { bodyOf, chatMessageOf, digestOf, endOf, subjectOf } from '../message';
import type { Notification, Sink, TellContext } from '../sink';

export interface SnsSinkOptions {
  readonly topicArn: string;
  /** A topic that only a chat application reads. */
  readonly chatTopicArn?: string | undefined;
  /** More findings than this in one run become one message. */
  readonly digestAbove: number;
}

/** Messages for people. */
export class SnsSink implements Sink {
  readonly name = 'sns';
  constructor(
    private readonly client: SNSClient,
    private readonly options: SnsSinkOptions,
  ) {}

  async tell(all: readonly Notification[], context: TellContext): Promise<void> {
    // What only informs is for the event bus and the daily report.
    const worth = all.filter(({ finding }) => finding.severity !== 'info');
    const notifications = worth.filter(({ loud }) => loud);
    if (notifications.length > this.options.digestAbove) {
      const findings = worth.map(({ finding }) => finding);
      const { subject, body } = digestOf(findings, { ...context, change: 'new' });
      await this.publish(
        subject,
        body,
        { detection: context.analysis.id, severity: findings[0]?.severity ?? 'info', change: 'digest', id: context.queryId },
        context.runbookUrl,
      );
      return;
    }
    for (const { finding, change } of notifications)
      await this.publish(
        subjectOf(finding, change),
        bodyOf(finding, { ...context, change }),
        { detection: finding.detection, severity: finding.severity, change, id: finding.id },
        context.runbookUrl,
      );
  }

  async ended(incidents: readonly OpenIncident[], { stack, runbookUrl }: Pick<TellContext, 'stack' | 'runbookUrl'>): Promise<void> {
    for (const incident of incidents.filter(({ severity }) => severity !== 'info')) {
      const { subject, body } = endOf(incident, stack);
      const detection = incident.id.slice(0, incident.id.indexOf('/'));
      await this.publish(subject, body, { detection, severity: incident.severity, change: 'ended', id: incident.id }, runbookUrl);
    }
  }

  /** Attributes let a subscription filter by severity and detection. */
  private async publish(
    subject: string,
    body: string,
    attributes: Record<'detection' | 'severity' | 'change' | 'id', string>,
    runbookUrl: string,
  ) {
    await this.client.send(
      new PublishCommand({
        TopicArn: this.options.topicArn,
        Subject: subject,
        Message: body,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
        ),
      }),
    );
    if (this.options.chatTopicArn === undefined) return;
    const message = chatMessageOf(subject, body, attributes.id, attributes.detection, runbookUrl);
    await this.client.send(new PublishCommand({ TopicArn: this.options.chatTopicArn, Message: message }));
  }
}
