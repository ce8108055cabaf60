/** A range of any length by calls of DescribeFlowLog: every record once, whatever breaks on the way. */

export interface Call {
  /** Half-open, Unix seconds. */
  readonly from: number;
  readonly to: number;
  readonly nextToken: string | undefined;
}

export type RawItem = Readonly<Record<string, unknown>>;

export interface CallAnswer {
  readonly items: readonly RawItem[];
  readonly nextToken: string | undefined;
}

/** A call that did not succeed, and whether it may if it is made again, or made shorter. */
export class CallError extends Error {
  override name = 'CallError';
  constructor(
    message: string,
    readonly kind: 'busy' | 'too-large' | 'token' | 'refused',
  ) {
    super(message);
  }
}

export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Keeps the answers until all are there. */
export interface Parts {
  /** Intervals that are complete already. */
  done(): Promise<readonly Interval[]>;
  /** Opens a place for the items of an interval; it counts once it is closed. */
  open(interval: Interval): Promise<{ add(items: readonly RawItem[]): Promise<void>; close(): Promise<void>; discard(): Promise<void> }>;
}

export interface FetchOptions extends Interval {
  readonly call: (call: Call) => Promise<CallAnswer>;
  readonly parts: Parts;
  /** Longest interval of a call. */
  readonly maxSeconds: number;
  readonly concurrency: number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { seconds: number; of: number; items: number; calls: number }) => void) | undefined;
}

/** Items that an interval should give: a few pages. */
const WANTED_ITEMS = 20_000;
const FIRST_SECONDS = 30;
const ATTEMPTS = 10;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 20_000;
const STILL_RUNNING_MS = 500;

/** What is left of an interval once others are taken out, oldest first. */
export function gapsOf({ from, to }: Interval, done: readonly Interval[]): Interval[] {
  const gaps: Interval[] = [];
  let at = from;
  for (const one of [...done].sort((a, b) => a.from - b.from)) {
    if (one.to <= at || one.from >= to) continue;
    if (one.from > at) gaps.push({ from: at, to: one.from });
    at = one.to;
  }
  if (at < to) gaps.push({ from: at, to });
  return gaps;
}

/**
 * Fetches every interval that is not there yet. How long a call's interval is follows from how much the last ones gave.
 * @throws CallError when a call is refused, or fails ten times in a row
 */
export async function fetchRange(options: FetchOptions): Promise<void> {
  const { maxSeconds, concurrency, signal } = options;
  const waiting = gapsOf(options, await options.parts.done());
  const of = options.to - options.from;
  const state = { seconds: of - waiting.reduce((sum, gap) => sum + gap.to - gap.from, 0), items: 0, calls: 0 };
  let size = Math.min(FIRST_SECONDS, maxSeconds);
  const take = (): Interval | undefined => {
    const gap = waiting.shift();
    if (gap === undefined || gap.to - gap.from <= size) return gap;
    waiting.unshift({ from: gap.from + size, to: gap.to });
    return { from: gap.from, to: gap.from + size };
  };
  const worker = async () => {
    for (let interval = take(); interval !== undefined; interval = take()) {
      signal?.throwIfAborted();
      try {
        const items = await fetchInterval(options, interval, state);
        const length = interval.to - interval.from;
        state.seconds += length;
        // Half way towards what would have given the wanted number: one busy minute must not make all calls tiny.
        const fitting = items === 0 ? size * 2 : (length * WANTED_ITEMS) / items;
        size = Math.max(1, Math.min(maxSeconds, Math.round((size + fitting) / 2)));
        options.onProgress?.({ ...state, of });
      } catch (error) {
        const length = interval.to - interval.from;
        if (!(error instanceof CallError) || error.kind !== 'too-large' || length < 2) throw error;
        const middle = interval.from + Math.floor(length / 2);
        size = Math.max(1, Math.floor(length / 2));
        waiting.unshift({ from: interval.from, to: middle }, { from: middle, to: interval.to });
      }
    }
  };
  await allSettled(Array.from({ length: concurrency }, worker));
}

/** All of them end before the first failure is thrown: no write happens after the caller has returned. */
async function allSettled(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function fetchInterval(options: FetchOptions, interval: Interval, state: { items: number; calls: number }): Promise<number> {
  for (;;) {
    const part = await options.parts.open(interval);
    let items = 0;
    let nextToken: string | undefined;
    try {
      do {
        const answer = await patiently(options, { ...interval, nextToken });
        state.calls++;
        await part.add(answer.items);
        items += answer.items.length;
        state.items += answer.items.length;
        if (answer.items.length === 0 && answer.nextToken !== undefined) await options.sleep(STILL_RUNNING_MS);
        nextToken = answer.nextToken;
      } while (nextToken !== undefined);
      await part.close();
      return items;
    } catch (error) {
      await part.discard();
      state.items -= items;
      // A token that is too old: the interval begins again.
      if (!(error instanceof CallError) || error.kind !== 'token') throw error;
    }
  }
}

async function patiently({ call, sleep, signal }: FetchOptions, what: Call): Promise<CallAnswer> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await call(what);
    } catch (error) {
      if (!(error instanceof CallError) || error.kind !== 'busy' || attempt === ATTEMPTS) throw error;
      await sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2));
    }
  }
}
