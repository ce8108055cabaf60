import type { Finding } from './finding';
import type { MessageContext } from './message';
import type { Pending } from './store';

/** Something to tell. */
export interface Notification {
  readonly finding: Finding;
  readonly change: Pending;
}

export type TellContext = Omit<MessageContext, 'change'>;

/** Where findings go. @throws if any was not taken: all are then told again */
export interface Sink {
  readonly name: string;
  tell(notifications: readonly Notification[], context: TellContext): Promise<void>;
}
