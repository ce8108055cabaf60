import type { Finding } from './finding';
import type { OpenIncident } from './join-incident';
import type { MessageContext } from './message';
import type { Pending } from './store';

/** Something to tell. */
export interface Notification {
  /** With the id of its incident. */
  readonly finding: Finding;
  readonly change: Pending;
  /** Whether people have to hear of it: its incident is new or got worse. Machines get every finding. */
  readonly loud: boolean;
}

export type TellContext = Omit<MessageContext, 'change'>;

/** Where findings go. @throws if any was not taken: all are then told again */
export interface Sink {
  readonly name: string;
  tell(notifications: readonly Notification[], context: TellContext): Promise<void>;
  /** Where people read: incidents to which nothing is added any more. */
  ended?(incidents: readonly OpenIncident[], context: Pick<TellContext, 'stack' | 'runbookUrl'>): Promise<void>;
}
