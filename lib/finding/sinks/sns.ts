import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { bodyOf, chatMessageOf, digestOf, subjectOf } from '../message';
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

  async tell(notifications: readonly Notification[], context: TellContext): Promise<void> {
    if (notifications.length > this.options.digestAbove) {
      const findings = notifications.map(({ finding }) => finding);
      const { subject, body } = digestOf(findings, { ...context, change: 'new' });
      await this.publish(
        subject,
        body,
        { detection: context.analysis.id, severity: findings[0]?.severity ?? 'info', change: 'digest', id: context.queryId },
        context,
      );
      return;
    }
    for (const { finding, change } of notifications)
      await this.publish(
        subjectOf(finding, change),
        bodyOf(finding, { ...context, change }),
        { detection: finding.detection, severity: finding.severity, change, id: finding.id },
        context,
      );
  }

  /** Attributes let a subscription filter by severity and detection. */
  private async publish(
    subject: string,
    body: string,
    attributes: Record<'detection' | 'severity' | 'change' | 'id', string>,
    context: TellContext,
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
    const message = chatMessageOf(subject, body, attributes.id, context.analysis.id, context.runbookUrl);
    await this.client.send(new PublishCommand({ TopicArn: this.options.chatTopicArn, Message: message }));
  }
}
