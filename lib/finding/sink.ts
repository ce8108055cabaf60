import type { Finding } from './finding';
import type { OpenIncident } from './join-incident';
import type { MessageContext } from './message';
import type { Pending } from './store';

/** A finding to send. */
export interface Notification {
  /** With the id of its incident. */
  readonly finding: Finding;
  readonly change: Pending;
  /** Whether people are notified: its incident is new or got worse. Machines get every finding. */
  readonly loud: boolean;
}

export type TellContext = Omit<MessageContext, 'change'>;

/** Destination of findings. @throws if any was not accepted: all are then sent again */
export interface Sink {
  readonly name: string;
  tell(notifications: readonly Notification[], context: TellContext): Promise<void>;
  /** Where people read: incidents to which nothing is added any more. */
  ended?(incidents: readonly OpenIncident[], context: Pick<TellContext, 'stack' | 'runbookUrl'>): Promise<void>;
}
