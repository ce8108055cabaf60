/** What a set of rules tells, whoever made it. */
export interface Told {
  /** The detection or rule. */
  readonly rule: string;
  readonly severity: 'info' | 'low' | 'medium' | 'high' | 'critical';
  /** Addresses and interfaces that it names. */
  readonly names: ReadonlySet<string>;
  /** Unix seconds: begin of its first bucket, end of its last. */
  readonly from: number;
  readonly until: number;
  /** End of its first bucket: the earliest time at which it can be told. */
  readonly tellable: number;
  /** What is told as one event has the same. */
  readonly event: string;
  readonly title: string;
}

const RANK = ['info', 'low', 'medium', 'high', 'critical'] as const;
export const atLeast = (told: Told, severity: Told['severity']) => RANK.indexOf(told.severity) >= RANK.indexOf(severity);
