import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Grant, type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct, type IConstruct } from 'constructs';
import type { Environment } from '../../lambda/run-analysis/env';
import { present } from './present';
import { assertNoProblems } from './problems';

/** What is sent, and how it reads. */
export interface MessageOptions {
  /** Bus that gets each finding as an event. @default - the account's default bus */
  readonly eventBus?: IEventBus;
  /** Each finding on the bus as an OCSF Detection Finding too. @default false */
  readonly ocsf?: boolean;
  /** Import findings into Security Hub of this account and Region, which must be enabled. @default false */
  readonly securityHub?: boolean;
  /** More findings than this in one run are one message. @default 20 */
  readonly digestAbove?: number;
  /** IANA name, such as `Europe/Berlin`, of a time zone to show in addition to UTC. @default - UTC only */
  readonly timeZone?: string;
}

export interface FindingNotificationsProps extends MessageOptions {
  /** Existing topic. @default - a new topic, encrypted with its own key */
  readonly topic?: ITopic;
  /** Each gets a mail to confirm. @default - none */
  readonly emails?: readonly string[];
  /** A second topic in the form that chat applications (Slack, Teams through Amazon Q Developer) take. @default false */
  readonly chat?: boolean;
  /** Of new topics. @default - a new key: CloudWatch alarms cannot publish to topics under the key of AWS */
  readonly encryptionKey?: IKey;
}

export interface FindingNotificationsAttributes extends MessageOptions {
  /** Topic of people; one with a key is imported with it. */
  readonly topic: ITopic;
  /** Topic of chat applications. @default - none */
  readonly chatTopic?: ITopic;
}

/** Destinations of findings and alarms. */
export interface IFindingNotifications extends IConstruct {
  /** Topic of people. */
  readonly topic: ITopic;
  /** Topic of chat applications. Undefined: there is none. */
  readonly chatTopic: ITopic | undefined;
  /** What is sent, and how it reads. */
  readonly messages: MessageOptions;
  /** Publishes findings: topics, their key, the bus, and Security Hub if it is enabled. */
  grantPublish(grantee: IGrantable): Grant;
}

abstract class NotificationsBase extends Construct implements IFindingNotifications {
  abstract readonly topic: ITopic;
  abstract readonly chatTopic: ITopic | undefined;
  abstract readonly messages: MessageOptions;

  grantPublish(grantee: IGrantable): Grant {
    const stack = Stack.of(this);
    const { partition, region, account } = stack;
    const { eventBus, securityHub } = this.messages;
    const busArn = eventBus?.eventBusArn ?? stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
    const grants = [
      this.topic.grantPublish(grantee),
      ...(this.chatTopic === undefined ? [] : [this.chatTopic.grantPublish(grantee)]),
      Grant.addToPrincipal({ grantee, actions: ['events:PutEvents'], resourceArns: [busArn] }),
      ...(securityHub === true
        ? [
            Grant.addToPrincipal({
              grantee,
              actions: ['securityhub:BatchImportFindings'],
              resourceArns: [`arn:${partition}:securityhub:${region}:${account}:product/${account}/default`],
            }),
          ]
        : []),
    ];
    return grants.reduce((all, grant) => all.combine(grant));
  }
}

class ImportedNotifications extends NotificationsBase {
  readonly topic: ITopic;
  readonly chatTopic: ITopic | undefined;
  readonly messages: MessageOptions;

  constructor(scope: Construct, id: string, { topic, chatTopic, ...messages }: FindingNotificationsAttributes) {
    super(scope, id);
    assertNoProblems(this, problemsOf(messages));
    this.topic = topic;
    this.chatTopic = chatTopic;
    this.messages = messages;
  }
}

/** Environment of a function that sends messages. */
export const messageEnvironment = ({ topic, chatTopic, messages }: IFindingNotifications): Partial<Environment> =>
  present({
    TOPIC_ARN: topic.topicArn,
    CHAT_TOPIC_ARN: chatTopic?.topicArn,
    EVENT_BUS: messages.eventBus?.eventBusName ?? 'default',
    OCSF: messages.ocsf === true ? ('true' as const) : undefined,
    SECURITY_HUB: messages.securityHub === true ? ('true' as const) : undefined,
    DIGEST_ABOVE: messages.digestAbove === undefined ? undefined : String(messages.digestAbove),
    TIME_ZONE: messages.timeZone,
  });

/** Destinations of findings and alarms: people, chat, machines. */
export class FindingNotifications extends NotificationsBase {
  /** Topics of another stack. */
  static fromAttributes(scope: Construct, id: string, attributes: FindingNotificationsAttributes): IFindingNotifications {
    return new ImportedNotifications(scope, id, attributes);
  }

  readonly topic: ITopic;
  readonly chatTopic: ITopic | undefined;
  readonly messages: MessageOptions;
  /** Of new topics. */
  readonly encryptionKey: IKey | undefined;

  constructor(scope: Construct, id: string, props: FindingNotificationsProps = {}) {
    super(scope, id);
    assertNoProblems(this, problemsOf(props));
    this.messages = props;
    const makes = props.topic === undefined || props.chat === true;
    // Nothing stays encrypted with it: it goes with the stack.
    this.encryptionKey = makes
      ? (props.encryptionKey ??
        new Key(this, 'Key', { description: 'Findings topic key', enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY }))
      : undefined;
    this.topic = props.topic ?? this.makeTopic('Topic', 'Findings and alarms of flow logs');
    this.chatTopic = props.chat === true ? this.makeTopic('ChatTopic', 'Findings of flow logs, for chat applications') : undefined;
    if (this.encryptionKey instanceof Key)
      this.encryptionKey.addToResourcePolicy(
        new PolicyStatement({
          sid: 'AlarmsPublish',
          principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          resources: ['*'],
          conditions: this.ours(),
        }),
      );
    for (const email of props.emails ?? []) this.topic.addSubscription(new EmailSubscription(email));
  }

  private makeTopic(id: string, displayName: string): ITopic {
    const topic = new Topic(this, id, {
      displayName,
      enforceSSL: true,
      ...(this.encryptionKey === undefined ? {} : { masterKey: this.encryptionKey }),
    });
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsPublish',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: this.ours(),
      }),
    );
    return topic;
  }

  private ours() {
    return { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
  }
}

function problemsOf({ emails, timeZone, digestAbove, topic, chat, encryptionKey }: FindingNotificationsProps): string[] {
  const problems: string[] = [];
  for (const email of emails ?? [])
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email))
      problems.push(`emails: got ${JSON.stringify(email)}, expected an address such as security@example.com`);
  if (timeZone !== undefined && !Intl.supportedValuesOf('timeZone').includes(timeZone) && timeZone !== 'UTC')
    problems.push(`timeZone: got ${JSON.stringify(timeZone)}, expected an IANA name such as Europe/Berlin`);
  if (digestAbove !== undefined && (!Number.isInteger(digestAbove) || digestAbove < 1))
    problems.push(`digestAbove: got ${digestAbove}, expected a whole number of at least 1`);
  if (encryptionKey !== undefined && topic !== undefined && chat !== true)
    problems.push('encryptionKey: got a value, but an existing topic is used, which has its own key. Remove it');
  return problems;
}
