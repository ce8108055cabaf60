import type { Finding } from '../finding/finding';

/** Findings of the whole logs, which may take longer than the first picture. */
export interface FindingsState {
  readonly status: 'running' | 'done' | 'failed';
  readonly findings: readonly Finding[];
  /** Detections that could not run, and why. */
  readonly notes: readonly string[];
  readonly error?: string;
}

export type FindingsFeed = () => FindingsState;
