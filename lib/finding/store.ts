/** Stores earlier findings, and which of them were not sent yet. */
import type { ParameterValue } from '../analysis/literal';
import type { FindingState } from './finding';

export type Pending = 'new' | 'escalated';

export interface StoredFinding {
  readonly state: FindingState;
  readonly detection: string;
  /** Set until the sinks have taken it: nothing is lost if a run dies between remembering and telling. */
  readonly pending?: Pending | undefined;
  /** Unix milliseconds at which a run began to send it. 0: no run is sending it. */
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
  /** False if it was changed since it was read. */
  save(stored: StoredFinding): Promise<boolean>;
  /** Findings of a detection that should have been sent before the time and were not. */
  untold(detection: string, beforeMs: number): Promise<StoredFinding[]>;
  /** Claims it for sending; false if another run did. */
  claim(stored: StoredFinding, nowMs: number): Promise<boolean>;
  told(stored: StoredFinding): Promise<void>;
  /** Gives it back after a failure, for the next attempt, which leaves out the sinks that have taken it. */
  release(stored: StoredFinding, toldBy: readonly string[]): Promise<void>;
}
