import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DETAIL_TYPES, EVENT_SOURCE } from '../names';
import { toOcsf } from '../ocsf';
import type { Notification, Sink, TellContext } from '../sink';

export interface EventBridgeSinkOptions {
  readonly busName: string;
  /** Also as OCSF Detection Finding. */
  readonly ocsf: boolean;
  readonly productVersion: string;
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html: ten entries a call. */
const ENTRIES = 10;

/** Every finding, for machines. */
export class EventBridgeSink implements Sink {
  readonly name = 'event-bridge';
  constructor(
    private readonly client: EventBridgeClient,
    private readonly options: EventBridgeSinkOptions,
  ) {}

  async tell(notifications: readonly Notification[], context: TellContext): Promise<void> {
    const entries = notifications.flatMap(({ finding, change }) => {
      const entry = (detailType: string, detail: object) => ({
        EventBusName: this.options.busName,
        Source: EVENT_SOURCE,
        DetailType: detailType,
        Detail: JSON.stringify(detail),
      });
      const { stack, engine, queryId, command } = context;
      const own = entry(DETAIL_TYPES.finding, { change, stack, engine, queryId, command, finding });
      if (!this.options.ocsf) return [own];
      const { account, region } = context;
      return [
        own,
        entry(
          DETAIL_TYPES.ocsf,
          toOcsf(finding, { productVersion: this.options.productVersion, account, region, update: change === 'escalated' }),
        ),
      ];
    });
    for (let i = 0; i < entries.length; i += ENTRIES) {
      const { FailedEntryCount, Entries = [] } = await this.client.send(new PutEventsCommand({ Entries: entries.slice(i, i + ENTRIES) }));
      if ((FailedEntryCount ?? 0) > 0) {
        const failed = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
        throw new Error(
          `event bus ${this.options.busName} rejected ${FailedEntryCount} of ${Entries.length} events: ${failed?.ErrorCode ?? ''} ${failed?.ErrorMessage ?? ''}`,
        );
      }
    }
  }
}
