/** What has been found before, and what nobody has been told of yet. */
import type { ParameterValue } from '../analysis/literal';
import type { FindingState } from './finding';

export type Pending = 'new' | 'escalated';

export interface StoredFinding {
  readonly state: FindingState;
  readonly detection: string;
  /** Set until the sinks have taken it: nothing is lost if a run dies between remembering and telling. */
  readonly pending?: Pending | undefined;
  /** Unix milliseconds: who began to tell, when. 0: nobody is at it. */
  readonly pendingSince?: number | undefined;
  /** Sinks that have taken it, while others have not. */
  readonly toldBy?: readonly string[] | undefined;
  /** Counts the changes; 0 before the first. */
  readonly revision: number;
  /** Of the schedule that found it last, such as the length of its buckets. */
  readonly parameters?: Readonly<Record<string, ParameterValue>> | undefined;
  /** Unix seconds after which it may be forgotten. */
  readonly expires: number;
}

export interface FindingStore {
  findings(key: string): Promise<StoredFinding[]>;
  /** False if somebody else has changed it since it was read. */
  save(stored: StoredFinding): Promise<boolean>;
  /** Findings of a detection that were to be told before the time and have not been. */
  untold(detection: string, beforeMs: number): Promise<StoredFinding[]>;
  /** Takes it on; false if somebody else did. */
  claim(stored: StoredFinding, nowMs: number): Promise<boolean>;
  told(stored: StoredFinding): Promise<void>;
  /** Gives it back after a failure, for the next attempt, which leaves out the sinks that have taken it. */
  release(stored: StoredFinding, toldBy: readonly string[]): Promise<void>;
}
