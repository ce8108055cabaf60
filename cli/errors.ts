import { LinesError } from '../lib/lines-error';

/** The call's words are off: exit code 2. */
export class UsageError extends LinesError {
  override name = 'UsageError';
}

export const EXIT = { ok: 0, error: 1, usage: 2, findings: 3, nothing: 4, interrupted: 130 } as const;
