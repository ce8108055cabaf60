/** What detections could not judge, and why: silence must not look like safety. */
import { groupedBy } from './grouped';

/** Those for which a detection did not run at all; for the others it ran, and a part is open. */
const DID_NOT_RUN = ['parameter', 'engine', 'scope', 'fields', 'not-scheduled'] as const;
export const WHY_NOT = [...DID_NOT_RUN, 'actions', 'warm-up', 'refused'] as const;

export interface NotJudged {
  readonly detection: string;
  readonly why: (typeof WHY_NOT)[number];
  /** A sentence without its full stop that names no detection: those with the same reason are listed together. */
  readonly reason: string;
  /** Hours of history that are lacking before anything is judged. */
  readonly lackingHours?: number;
}

export const didNotRun = ({ why }: NotJudged): boolean => DID_NOT_RUN.some((one) => one === why);

/** A line per reason. */
export const notJudgedLines = (all: readonly NotJudged[]): string[] =>
  [...groupedBy(all, ({ reason }) => reason)].map(
    ([reason, own]) => `Not judged: ${own.map(({ detection }) => detection).join(', ')}: ${reason}.`,
  );
