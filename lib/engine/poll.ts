import { setTimeout as pause } from 'node:timers/promises';

export interface PollOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the remote query is cancelled. */
  readonly deadlineMs: number;
  /** Cancels the remote query: on abort, and at the deadline. */
  readonly cancel: () => Promise<void>;
  readonly onTimeout: () => Error;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 3000;

/**
 * Polls until there is an answer, with growing delays. A query without a waiting caller is cancelled, so that it
 * neither costs nor takes a place.
 */
export async function poll<T>(check: () => Promise<T | undefined>, options: PollOptions): Promise<T> {
  const deadline = Date.now() + options.deadlineMs;
  let delay = FIRST_PAUSE_MS;
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      const answer = await check();
      if (answer !== undefined) return answer;
      if (Date.now() > deadline) throw options.onTimeout();
      await pause(delay, undefined, options.signal === undefined ? {} : { signal: options.signal });
      delay = Math.min(delay * 1.5, LONGEST_PAUSE_MS);
    }
  } catch (error) {
    await options.cancel().catch(() => undefined);
    options.signal?.throwIfAborted();
    throw error;
  }
}
