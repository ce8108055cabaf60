import type { Finding } from '../finding/finding';
import type { NotJudged } from '../finding/not-judged';

/** Findings of the whole logs, which may take longer than the first picture. */
export interface FindingsState {
  readonly status: 'running' | 'done' | 'failed';
  readonly findings: readonly Finding[];
  readonly notJudged: readonly NotJudged[];
  readonly error?: string;
}

export type FindingsFeed = () => FindingsState;
